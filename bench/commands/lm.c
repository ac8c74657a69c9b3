/* talus-bench lm: iterations of Levenberg and Marquardt's method beside a large product of matrices. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talus/dataset.h>
#include <talus/levenberg_marquardt.h>

#include "cases/names.h"
#include "cases/setup.h"
#include "commands/command.h"
#include "limits/blas.h"
#include "measure/rounds.h"
#include "report/machine.h"
#include "report/report.h"
#include "trial/trial_report.h"

enum { ORDER = 2048, ITERATIONS = 2 }; /* of the product; of one fit */

/* A network, data for it, and two matrices. */
typedef struct trial {
    bench_setup setup;
    talus_context *context;
    talus_network *network;
    talus_dataset *data;
    void *x, *y, *start, *a, *b, *c;
    int64_t parameters;
    talus_levenberg_marquardt_result result; /* of the last fit */
} trial;

static size_t bytes_of(const trial *t)
{
    return (size_t)t->parameters * (t->setup.precision == TALUS_DTYPE_F64 ? sizeof(double) : sizeof(float));
}

static int64_t outputs_of(const trial *t)
{
    return t->setup.shape.d[t->setup.shape.L];
}

static bool create(trial *t)
{
    const bench_shape *shape = &t->setup.shape;
    const int64_t n = t->setup.n, outputs = outputs_of(t);
    uint64_t state = t->setup.seed;
    talus_matrix theta;
    if (!bench_setup_network(&t->setup, &t->context, &t->network))
        return false;
    t->x = bench_random_matrix(TALUS_DTYPE_F64, n * shape->d[0], 1, &state);
    t->y = bench_random_matrix(TALUS_DTYPE_F64, n * outputs, 1, &state);
    t->a = bench_random_matrix(TALUS_DTYPE_F64, ORDER * ORDER, 1, &state);
    t->b = bench_random_matrix(TALUS_DTYPE_F64, ORDER * ORDER, 1, &state);
    t->c = bench_random_matrix(TALUS_DTYPE_F64, ORDER * ORDER, 1, &state);
    if (!t->x || !t->y || !t->a || !t->b || !t->c || talus_network_parameters(t->network, &theta) != TALUS_OK)
        return false;
    t->parameters = theta.cols;
    t->start = malloc(bytes_of(t));
    if (!t->start)
        return false;
    memcpy(t->start, theta.data, bytes_of(t));
    const talus_matrix x = talus_matrix_view(t->x, TALUS_DTYPE_F64, n, shape->d[0]),
                       y = talus_matrix_view(t->y, TALUS_DTYPE_F64, n, outputs);
    return talus_dataset_from_matrices(t->context, &x, &y, &t->data) == TALUS_OK;
}

static void destroy(trial *t)
{
    talus_dataset_destroy(t->data);
    talus_network_destroy(t->network);
    talus_context_destroy(t->context);
    free(t->x);
    free(t->y);
    free(t->start);
    free(t->a);
    free(t->b);
    free(t->c);
}

/* From the same parameters, so that each fit takes the same steps. */
static double measure_fit(void *context, int64_t repetitions)
{
    trial *t = context;
    talus_least_squares_options method;
    talus_levenberg_marquardt_options options;
    talus_matrix theta;
    talus_least_squares_options_defaults(&method);
    talus_levenberg_marquardt_options_defaults(&options);
    method.iterations = ITERATIONS;
    method.steps = TALUS_STEP_FACTORED;
    options.method = &method;
    const double start = bench_now();
    for (int64_t i = 0; i < repetitions; i++) {
        if (talus_network_parameters(t->network, &theta) != TALUS_OK)
            return -1;
        memcpy(theta.data, t->start, bytes_of(t));
        if (talus_levenberg_marquardt(t->network, t->data, NULL, &options, &t->result) != TALUS_OK) {
            fprintf(stderr, "talus-bench lm: %s\n", talus_error_message(t->context));
            return -1;
        }
    }
    return bench_now() - start;
}

static double measure_product(void *context, int64_t repetitions)
{
    trial *t = context;
    const int before = bench_blas_threads(t->setup.threads);
    const double start = bench_now();
    for (int64_t i = 0; i < repetitions; i++)
        bench_blas_product(TALUS_DTYPE_F64, false, false, ORDER, ORDER, ORDER, t->a, ORDER, t->b, ORDER,
                           false, t->c, ORDER);
    const double seconds = bench_now() - start;
    bench_blas_threads(before);
    return seconds;
}

/* m·P² for JᵀJ at the start and after each iteration, P³/3 for the factors of each step that was tried, and passes: 2·n·P
 * forward for each cost, and (2 + 2·d_L)·n·P forward and back for each Jacobian. */
static double flops_of(const trial *t)
{
    const double p = (double)t->parameters, n = (double)t->setup.n, d = (double)outputs_of(t),
                 points = (double)t->result.iterations + 1, tries = (double)t->result.evaluations - 1;
    return points * n * d * p * p + tries * p * p * p / 3 + (tries + 1) * 2 * n * p +
           points * (2 + 2 * d) * n * p;
}

static void report_trial(const trial *t, const bench_timing timings[2], bench_report *r)
{
    const double fit = 1e-9 * flops_of(t) / timings[0].seconds.median,
                 product = 2e-9 * ORDER * ORDER * ORDER / timings[1].seconds.median;
    bench_report_net(r, &t->setup.shape);
    bench_report_number(r, "samples", "samples", 8, 0, (double)t->setup.n);
    bench_report_text(r, "precision", "prec", -4, talus_dtype_name(t->setup.precision));
    bench_report_number(r, "parameters", "P", 6, 0, (double)t->parameters);
    bench_report_number(r, "threads", "threads", 7, 0, t->setup.threads);
    bench_report_number(r, "iterations", "iterations", 10, 0, (double)t->result.iterations);
    bench_report_number(r, "evaluations", "evaluations", 11, 0, (double)t->result.evaluations);
    bench_report_number(r, "seconds", "seconds", 8, 3, timings[0].seconds.median);
    bench_report_number(r, "lm_gflops", "LM", 7, 1, fit);
    bench_report_number(r, "dgemm_gflops", "dgemm", 7, 1, product);
    bench_report_number(r, "ratio", "ratio", 6, 3, fit / product);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, timings[0].switched);
    bench_report_machine(r);
    bench_report_end(r);
}

static bool run_trial(const bench_options *options, int index, bench_report *report)
{
    trial t = {.setup = bench_setup_at(options, index)};
    bench_timing timings[2];
    const bench_case cases[2] = {{.measure = measure_fit, .context = &t},
                                 {.measure = measure_product, .context = &t}};
    t.setup.squared = true;
    const bool good = create(&t) && bench_rounds(cases, 2, options->rounds, options->seed, timings);
    if (good)
        report_trial(&t, timings, report);
    destroy(&t);
    return good;
}

static void prepare(bench_options *options)
{
    options->nets[0] = (bench_shape){.L = 3, .d = {10, 50, 50, 1}};
    options->batches[0] = 10000;
    options->activations[0] = TALUS_TANH;
    options->precisions[0] = TALUS_DTYPE_F64;
    options->net_count = options->batch_count = options->activation_count = options->precision_count = 1;
    options->rounds = 5;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bool good = true;
    bench_print_machine(&report);
    for (int i = 0; i < bench_setup_count(options) && good; i++)
        good = run_trial(options, i, &report);
    return good ? BENCH_DONE : BENCH_FAILED;
}

const bench_command bench_command_lm = {
    "lm",
    "iterations of Levenberg and Marquardt's method beside a large dgemm",
    "A fit of two iterations to random targets, counted as m*P^2 for each JTJ, P^3/3 for each factorisation "
    "and "
    "the\n"
    "passes, and in the same rounds a dgemm of order 2048 with as many threads of BLAS; the ratio of their "
    "rates.\n"
    "--batch is the number of samples.\n",
    BENCH_NET | BENCH_BATCH | BENCH_ACTIVATION | BENCH_PRECISION_LIST | BENCH_THREADS | BENCH_ROUNDS |
        BENCH_SEED,
    prepare,
    run};
