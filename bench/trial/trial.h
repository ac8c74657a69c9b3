/* What one setup is measured with: the step of the library, and beside it the bare products, the peak and the
 * naive step. Commands use as much of it as they need. */
#ifndef BENCH_TRIAL_H
#define BENCH_TRIAL_H

#include <talus/talus.h>

#include "cases/batch.h"
#include "limits/fma_peak.h"
#include "limits/step_products.h"
#include "measure/rounds.h"

/* So small that the parameters stay where they are: every step does the same work. Training on one batch for
 * thousands of steps would end in gradients that are denormal numbers, which are slow. */
#define BENCH_RATE 1e-9

/* The cases of a trial, in this order. */
enum { BENCH_STEP, BENCH_GEMMS, BENCH_PEAK, BENCH_NAIVE, BENCH_CASES };

typedef struct bench_trial {
    bench_setup setup;
    talus_optimizer_spec optimizer;
    double verified_error;
    bench_batch batch;
    talus_context *context;
    talus_network *network;
    talus_trainer *trainer;
    bool failed; /* a step was */
    void *naive;
    bench_step_products gemms;
    bench_fma_peak peak;
} bench_trial;

/* Gives the trial, whose setup is set, its batch and a trainer of the setup's method at BENCH_RATE. On failure a
 * sentence on stderr; what was made is freed by bench_trial_close. */
bool bench_trial_open(bench_trial *trial);
bool bench_trial_open_verified(bench_trial *trial); /* and checks it against the naive loops before */
void bench_trial_close(bench_trial *trial);

/* Steps of the trainer, for bench_rounds. */
double bench_trial_measure(void *trial, int64_t repetitions);

/* Verifies, opens, and measures in common rounds; the naive step in naive_rounds of them, 0: never. */
bool bench_trial_run(bench_trial *trial, int rounds, int naive_rounds, bench_timing *timings);

#endif
