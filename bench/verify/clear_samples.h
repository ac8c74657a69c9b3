/* Samples for comparisons. */
#ifndef BENCH_CLEAR_SAMPLES_H
#define BENCH_CLEAR_SAMPLES_H

#include "cases/batch.h"

/* Draws the samples of a batch anew. Where f has a kink at 0, a sample is drawn again until every z of hidden units
 * at the parameters θ is so far from it that rounding cannot decide on which side it is. single: a naive pass for
 * one sample. False, after a sentence on stderr, if no sample keeps clear. */
bool bench_draw_clear(const bench_setup *setup, naive_pass *single, const double *theta, bench_batch *batch,
                      uint64_t *state);

/* Whether f has such a kink. */
bool bench_has_kink(int f);

/* ε of the setup's precision, and the longest sum that a step forms: the largest of n and all d_l. */
double bench_epsilon(const bench_setup *setup);
double bench_longest_sum(const bench_setup *setup);

#endif
