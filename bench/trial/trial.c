#include "trial/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases/names.h"
#include "naive/trainer.h"
#include "report/machine.h"
#include "verify/against_naive.h"

/* Measuring ---------------------------------------------------------------------------------------------- */

static void step(void *context)
{
    bench_trial *t = context;
    double cost;
    if (talus_trainer_step(t->trainer, &t->batch.inputs, &t->batch.targets, &cost) || !isfinite(cost))
        t->failed = true;
}

double bench_trial_measure(void *context, int64_t repetitions)
{
    bench_trial *t = context;
    double seconds = bench_repeat(step, t, repetitions);
    return t->failed ? -1 : seconds;
}

static double measure_naive(void *context, int64_t repetitions)
{
    const bench_trial *t = context;
    return bench_repeat(t->setup.precision == TALUS_F32 ? bench_naive_step_f32 : bench_naive_step_f64,
                        t->naive, repetitions);
}

/* Opening and closing ------------------------------------------------------------------------------------ */

void bench_trial_close(bench_trial *t)
{
    talus_trainer_destroy(t->trainer);
    talus_network_destroy(t->network);
    talus_context_destroy(t->context);
    bench_batch_destroy(&t->batch);
    bench_step_products_destroy(&t->gemms);
    if (t->setup.precision == TALUS_F32)
        bench_naive_step_destroy_f32(t->naive);
    else
        bench_naive_step_destroy_f64(t->naive);
    *t = (bench_trial){.setup = t->setup};
}

/* θ_0 in double; NULL if there is no memory. */
static double *parameters_of(talus_network *network)
{
    talus_matrix theta;
    if (talus_network_parameters(network, &theta))
        return NULL;
    double *copy = calloc((size_t)theta.cols, sizeof *copy);
    for (int64_t i = 0; i < theta.cols && copy; i++)
        copy[i] = theta.dtype == TALUS_F32 ? (double)((const float *)theta.data)[i]
                                           : ((const double *)theta.data)[i];
    return copy;
}

static bool open_naive(bench_trial *t)
{
    naive_network net = bench_setup_naive(&t->setup);
    double *theta = parameters_of(t->network);
    bench_naive_start start = {&net,       &t->optimizer,     t->setup.n,       theta,
                               t->batch.X, t->batch.Y.values, t->batch.Y.labels};
    if (theta)
        t->naive = t->setup.precision == TALUS_F32 ? bench_naive_step_create_f32(&start)
                                                   : bench_naive_step_create_f64(&start);
    free(theta);
    if (!t->naive)
        fprintf(stderr, "talus-bench: no memory for the naive step\n");
    return t->naive != NULL;
}

bool bench_trial_open(bench_trial *t)
{
    uint64_t state = t->setup.seed;
    talus_optimizer_defaults(&t->optimizer, t->setup.method);
    t->optimizer.rate = BENCH_RATE;
    t->peak = (bench_fma_peak){bench_fma_kernel_best(t->setup.precision), t->setup.threads};
    if (!bench_batch_create(&t->setup, &t->batch))
        return false;
    for (int64_t i = 0; i < t->setup.n; i++)
        bench_batch_draw(&t->setup, &t->batch, i, &state);
    if (!bench_setup_network(&t->setup, &t->context, &t->network))
        return false;
    if (!talus_trainer_create(t->network, &t->optimizer, t->setup.n, &t->trainer))
        return true;
    fprintf(stderr, "talus-bench: %s\n", talus_error_message(t->context));
    return false;
}

bool bench_trial_open_verified(bench_trial *t)
{
    double error;
    bool good = bench_verify(&t->setup, &error) && bench_trial_open(t);
    t->verified_error = error;
    return good;
}

bool bench_trial_run(bench_trial *t, int rounds, int naive_rounds, bench_timing *timings)
{
    const bench_case cases[BENCH_CASES] = {
        [BENCH_STEP] = {.name = "step", .measure = bench_trial_measure, .context = t},
        [BENCH_GEMMS] = {.name = "gemms", .measure = bench_step_products_measure, .context = &t->gemms},
        [BENCH_PEAK] = {.name = "peak", .measure = bench_fma_peak_measure, .context = &t->peak},
        [BENCH_NAIVE] = {.name = "naive", .measure = measure_naive, .context = t, .rounds = naive_rounds}};
    if (!bench_trial_open_verified(t) || !bench_step_products_create(&t->setup, &t->gemms) ||
        (naive_rounds > 0 && !open_naive(t)))
        return false;
    if (bench_rounds(cases, naive_rounds > 0 ? BENCH_CASES : BENCH_NAIVE, rounds, t->setup.seed, timings))
        return true;
    fprintf(stderr, "talus-bench: a measurement failed: %s\n", talus_error_message(t->context));
    return false;
}

/* Results ------------------------------------------------------------------------------------------------ */

double bench_trial_gflops(const bench_trial *t, const bench_timing *timings)
{
    return 1e-9 * bench_shape_flops(&t->setup.shape, t->setup.n) / timings[BENCH_STEP].seconds.median;
}

double bench_trial_peak(const bench_trial *t, const bench_timing *timings)
{
    return 1e-9 * bench_fma_peak_flops(&t->peak) / timings[BENCH_PEAK].seconds.median;
}

void bench_report_net(bench_report *r, const bench_shape *shape)
{
    char net[BENCH_FIELD_BYTES];
    bench_shape_print(shape, false, net, sizeof net);
    bench_report_text(r, "net", NULL, 0, net);
    bench_shape_print(shape, true, net, sizeof net);
    bench_report_text(r, NULL, "net", -20, net);
}

void bench_report_setup(bench_report *r, const bench_setup *s)
{
    bench_report_net(r, &s->shape);
    bench_report_number(r, "batch", "batch", 5, 0, (double)s->n);
    bench_report_text(r, "activation", "activation", -10, talus_activation_name(s->activation));
    bench_report_text(r, "optimizer", "optimizer", -9, bench_optimizer_name(s->method));
    bench_report_text(r, "precision", "prec", -4, bench_precision_name(s->precision));
    bench_report_number(r, "threads", "threads", 7, 0, s->threads);
}

static void report_times(bench_report *r, const bench_trial *t, const bench_timing *timings)
{
    const bench_timing *step = &timings[BENCH_STEP], *gemms = &timings[BENCH_GEMMS],
                       *naive = &timings[BENCH_NAIVE];
    double seconds = step->seconds.median, naive_seconds = naive->rounds ? naive->seconds.median : NAN;
    double gflops = bench_trial_gflops(t, timings), peak = bench_trial_peak(t, timings);
    bench_report_number(r, "step_ms", "step ms", 9, 4, 1e3 * seconds);
    bench_report_number(r, "step_ms_q1", "q1", 9, 4, 1e3 * step->seconds.q1);
    bench_report_number(r, "step_ms_q3", "q3", 9, 4, 1e3 * step->seconds.q3);
    bench_report_number(r, "gflops", "GFLOP/s", 7, 1, gflops);
    bench_report_number(r, "peak_gflops", "peak", 6, 1, peak);
    bench_report_number(r, "peak_fraction", "of peak", 7, 3, gflops / peak);
    bench_report_number(r, "gemm_ms", "gemm ms", 9, 4, 1e3 * gemms->seconds.median);
    bench_report_number(r, "gemm_ratio", "step/gemm", 9, 3, seconds / gemms->seconds.median);
    bench_report_number(r, "naive_ms", NULL, 0, 4, 1e3 * naive_seconds);
    bench_report_number(r, "naive_ratio", "naive/step", 10, 1, naive_seconds / seconds);
}

void bench_report_trial(bench_report *r, const bench_trial *t, const bench_timing *timings)
{
    bench_report_setup(r, &t->setup);
    report_times(r, t, timings);
    bench_report_small(r, "verified_error", "error", 7, t->verified_error);
    bench_report_machine(r);
    bench_report_number(r, "step_cpu_ms", "cpu ms", 9, 4, 1e3 * timings[BENCH_STEP].cpu_seconds);
    bench_report_number(r, "gemm_cpu_ms", NULL, 0, 4, 1e3 * timings[BENCH_GEMMS].cpu_seconds);
    bench_report_number(r, "rounds", NULL, 0, 0, timings[BENCH_STEP].rounds);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, timings[BENCH_STEP].switched);
    bench_report_end(r);
}
