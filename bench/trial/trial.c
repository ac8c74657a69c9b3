#include "trial/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure/numbers.h"
#include "naive/trainer.h"
#include "verify/against_naive.h"

/* Measuring ---------------------------------------------------------------------------------------------- */

static void step(void *context)
{
    bench_trial *t = context;
    double cost;
    if (talus_trainer_step(t->trainer, &t->batch.view, &cost) || !isfinite(cost))
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
    return bench_repeat(t->setup.precision == TALUS_DTYPE_F32 ? bench_naive_step_f32 : bench_naive_step_f64,
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
    if (t->setup.precision == TALUS_DTYPE_F32)
        bench_naive_trainer_destroy_f32(t->naive);
    else
        bench_naive_trainer_destroy_f64(t->naive);
    *t = (bench_trial){.setup = t->setup};
}

/* θ_0 in double; NULL if there is no memory. */
static double *parameters_of(talus_network *network)
{
    talus_matrix theta;
    if (talus_network_parameters(network, &theta))
        return NULL;
    double *copy = calloc((size_t)theta.cols, sizeof *copy);
    if (copy)
        bench_numbers_to_double(theta.data, theta.dtype, theta.cols, copy);
    return copy;
}

static bool open_naive(bench_trial *t)
{
    naive_network net = bench_setup_naive(&t->setup);
    double *theta = parameters_of(t->network);
    bench_naive_start start = {&net,       &t->optimizer,     t->setup.n,       theta,
                               t->batch.X, t->batch.Y.values, t->batch.Y.labels};
    if (theta)
        t->naive = t->setup.precision == TALUS_DTYPE_F32 ? bench_naive_trainer_create_f32(&start)
                                                         : bench_naive_trainer_create_f64(&start);
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
