/* talus-bench solve: the exact solution of a last layer, beside a large product of the BLAS. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <talus/solve.h>

#include "cases/names.h"
#include "commands/command.h"
#include "limits/blas.h"
#include "measure/numbers.h"
#include "measure/rounds.h"
#include "measure/timer.h"
#include "report/machine.h"
#include "report/report.h"

/* A square product, in one call on all threads of the BLAS. */
typedef struct product {
    int precision, threads;
    int64_t size;
    void *a, *b, *c;
} product;

/* A last layer with d inputs and k outputs; layer 1, if there are d₀ inputs, has d units. */
typedef struct solution {
    int precision, threads;
    int64_t n, d0, d, k; /* d0 is 0 for a network of one layer */
    float *x, *y;
    talus_context *context;
    talus_network *network;
    talus_dataset *data;
    talus_solve_result result;
} solution;

enum { PRODUCTS = 2, SHAPES = 2, SOLUTIONS = 2 * SHAPES, CASES = PRODUCTS + SOLUTIONS };

typedef struct workplace {
    product products[PRODUCTS]; /* by precision */
    solution solutions[SOLUTIONS];
    bench_case cases[CASES];
    bench_timing timings[CASES];
} workplace;

/* Products ------------------------------------------------------------------------------------------------- */

static bool open_product(product *p)
{
    uint64_t state = 1;
    p->a = bench_random_matrix(p->precision, p->size * p->size, 1, &state);
    p->b = bench_random_matrix(p->precision, p->size * p->size, 1, &state);
    p->c = bench_random_matrix(p->precision, p->size * p->size, 1, &state);
    return p->a && p->b && p->c;
}

static double measure_product(void *context, int64_t repetitions)
{
    product *p = context;
    int before = bench_blas_threads(p->threads);
    double start = bench_now();
    for (int64_t i = 0; i < repetitions; i++)
        bench_blas_product(p->precision, false, false, p->size, p->size, p->size, p->a, p->size, p->b,
                           p->size, false, p->c, p->size);
    double seconds = bench_now() - start;
    bench_blas_threads(before);
    return seconds;
}

static double product_flops(const product *p)
{
    return 2 * pow((double)p->size, 3);
}

/* Solutions ------------------------------------------------------------------------------------------------ */

static bool open_network(solution *s)
{
    talus_layer layers[] = {talus_dense(s->d, TALUS_TANH), talus_dense(s->k, TALUS_IDENTITY)};
    const int first = s->d0 == 0;
    talus_network_spec spec = talus_dense_network(first ? s->d : s->d0, layers + first, 2 - first,
                                                  TALUS_SQUARED_ERROR);
    talus_context_options options;
    spec.precision = s->precision;
    talus_context_options_defaults(&options);
    options.threads = s->threads;
    return !talus_context_create(&options, &s->context) &&
           !talus_network_create(s->context, &spec, &s->network);
}

static bool open_solution(solution *s)
{
    uint64_t state = 2;
    const int64_t inputs = s->d0 == 0 ? s->d : s->d0;
    s->x = bench_random_matrix(TALUS_DTYPE_F32, s->n * inputs, 1, &state);
    s->y = bench_random_matrix(TALUS_DTYPE_F32, s->n * s->k, 1, &state);
    if (!s->x || !s->y || !open_network(s))
        return false;
    talus_matrix x = talus_matrix_view(s->x, TALUS_DTYPE_F32, s->n, inputs),
                 y = talus_matrix_view(s->y, TALUS_DTYPE_F32, s->n, s->k);
    return !talus_dataset_from_matrices(s->context, &x, &y, &s->data);
}

static void close_solution(solution *s)
{
    talus_dataset_destroy(s->data);
    talus_network_destroy(s->network);
    talus_context_destroy(s->context);
    free(s->x);
    free(s->y);
}

static double measure_solution(void *context, int64_t repetitions)
{
    solution *s = context;
    double start = bench_now();
    for (int64_t i = 0; i < repetitions; i++)
        if (talus_solve_readout(s->network, s->data, NULL, &s->result)) {
            fprintf(stderr, "talus-bench: %s\n", talus_error_message(s->context));
            return -1;
        }
    return bench_now() - start;
}

/* What is computed in f64: the lower triangle of HᵀH, YᵀH and its factor; and in each refinement the residuals and what they have in
 * common with H. */
static double solving_flops(const solution *s)
{
    const double n = (double)s->n, d = (double)s->d, k = (double)s->k;
    return n * d * (d + 1) + 2 * n * d * k + d * d * d / 3 + s->result.refinements * 4 * n * d * k;
}

/* And in the network's precision: a pass through the layer below for each pass over the data. */
static double forward_flops(const solution *s)
{
    return 2.0 * (double)s->n * (double)s->d0 * (double)s->d * (1 + s->result.refinements);
}

/* The command ---------------------------------------------------------------------------------------------- */

static bool open_all(workplace *w, int threads, const bench_options *options)
{
    bool good = true;
    const int64_t n = options->quick ? 600 : 60000, size = options->quick ? 64 : 2048;
    for (int p = 0; p < PRODUCTS; p++) {
        w->products[p] = (product){.precision = p, .threads = threads, .size = size};
        good = open_product(&w->products[p]) && good;
        w->cases[p] = (bench_case){.name = "product", .measure = measure_product, .context = &w->products[p]};
    }
    for (int i = 0; i < SOLUTIONS; i++) {
        solution *s = &w->solutions[i];
        *s = (solution){
            .precision = i / SHAPES, .threads = threads, .n = n, .d0 = i % SHAPES * 784, .d = 256, .k = 10};
        good = good && open_solution(s);
        w->cases[PRODUCTS + i] = (bench_case){.name = "solve", .measure = measure_solution, .context = s};
    }
    return good;
}

static void close_all(workplace *w)
{
    for (int p = 0; p < PRODUCTS; p++) {
        free(w->products[p].a);
        free(w->products[p].b);
        free(w->products[p].c);
    }
    for (int i = 0; i < SOLUTIONS; i++)
        close_solution(&w->solutions[i]);
}

static void report_row(bench_report *r, const workplace *w, int index)
{
    char of[BENCH_FIELD_BYTES];
    const bool is_product = index < PRODUCTS;
    const product *p = is_product ? &w->products[index] : &w->products[0];
    const solution *s = is_product ? NULL : &w->solutions[index - PRODUCTS];
    const double seconds = w->timings[index].seconds.median;
    double flops = is_product ? product_flops(p) : solving_flops(s) + forward_flops(s), share = NAN;
    if (is_product)
        snprintf(of, sizeof of, "product %lld x %lld x %lld", (long long)p->size, (long long)p->size,
                 (long long)p->size);
    else
        snprintf(of, sizeof of, "solve %lld x %lld, %lld outputs%s", (long long)s->n, (long long)s->d,
                 (long long)s->k, s->d0 > 0 ? ", over 784" : "");
    if (!is_product) { /* the time that products at their rate would take */
        double of_f64 = w->timings[TALUS_DTYPE_F64].seconds.median /
                        product_flops(&w->products[TALUS_DTYPE_F64]),
               of_own = w->timings[s->precision].seconds.median / product_flops(&w->products[s->precision]);
        share = (solving_flops(s) * of_f64 + forward_flops(s) * of_own) / seconds;
    }
    bench_report_text(r, "of", "of", -34, of);
    bench_report_text(r, "precision", "precision", 9,
                      talus_dtype_name(is_product ? p->precision : s->precision));
    bench_report_number(r, "threads", "threads", 7, 0, is_product ? p->threads : s->threads);
    bench_report_number(r, "ms", "ms", 9, 2, 1e3 * seconds);
    bench_report_number(r, "gflops", "GFLOP/s", 8, 1, 1e-9 * flops / seconds);
    bench_report_number(r, "share", "of product", 10, 2, share);
    bench_report_number(r, "refinements", "refinements", 11, 0,
                        is_product ? NAN : (double)s->result.refinements);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, w->timings[index].switched);
    if (r->json)
        bench_report_machine(r);
    bench_report_end(r);
}

static bool run_threads(const bench_options *options, int threads, bench_report *report)
{
    workplace *w = calloc(1, sizeof *w);
    bool good = w && open_all(w, threads, options) &&
                bench_rounds(w->cases, CASES, options->rounds, options->seed, w->timings);
    for (int i = 0; i < CASES && good; i++)
        report_row(report, w, i);
    if (w)
        close_all(w);
    free(w);
    if (!good)
        fprintf(stderr, "talus-bench: the measurements on %d threads could not be made\n", threads);
    return good;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bench_print_machine(&report);
    for (int i = 0; i < options->thread_count; i++)
        if (!run_threads(options, options->threads[i], &report))
            return BENCH_FAILED;
    return BENCH_DONE;
}

static void prepare(bench_options *options)
{
    bench_options_whole_machine(options);
    options->rounds = 7;
}

const bench_command bench_command_solve = {
    "solve",
    "the exact solution of a last layer, beside a large product of the BLAS",
    "Times, in interleaved rounds: a product of 2048 x 2048 matrices in one call of the BLAS on as many "
    "threads, "
    "in f32 and\n"
    "f64; and the solution of 10 outputs for 60 000 samples, of 256 inputs, and of 256 hidden units above "
    "784 "
    "inputs. What\n"
    "solves is computed in f64 whatever the network's precision is, and the layer below in that. The share "
    "of "
    "the product\n"
    "is the time that products of as many floating-point operations would take, over that of the solution. "
    "By "
    "default on\n"
    "one thread and on one for each processor. 7 rounds.\n",
    BENCH_THREADS | BENCH_ROUNDS | BENCH_SEED | BENCH_QUICK,
    prepare,
    run};
