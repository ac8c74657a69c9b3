/* What keeps a comparison sharp: samples and coefficients for which rounding decides nothing. */
#ifndef BENCH_SHARP_H
#define BENCH_SHARP_H

#include "cases/batch.h"

/* Draws the samples of a batch anew. Where f has a kink at 0, a sample is drawn again until every z of hidden units
 * at the parameters θ is so far from it that rounding cannot decide on which side it is. single: a naive pass for
 * one sample. False, after a sentence on stderr, if no sample keeps clear. */
bool bench_draw_clear(const bench_setup *setup, naive_pass *single, const double *theta, bench_batch *batch,
                      uint64_t *state);

/* Whether f has such a kink. */
bool bench_has_kink(int f);

/* The setup's optimiser for parameters and a first gradient of `count` numbers: η is such that the first updates move
 * θ by an eighth of its largest element, as rounding θ would otherwise hide errors of the gradient; ε of Adam is the
 * largest element of the gradient, as its first step is η·g/(|g| + ε), which for a small ε is ±η by the sign of g,
 * and rounding decides that sign where g is 0 but for rounding; and so on for the others. */
talus_optimizer_spec bench_sharp_optimizer(const bench_setup *setup, const double *theta,
                                           const double *gradient, int64_t count);

/* For methods whose steps are ±η or ±Δ_i: marks the parameters where the sign in the next step is of a number so small beside
 * the largest that rounding may decide it. Those of other methods are never marked. */
void bench_find_doubtful(const bench_setup *setup, const naive_optimizer *optimizer, const double *gradient,
                         int64_t count, bool *doubtful);

/* The longest sum that a step forms: the largest of n and all d_l. */
double bench_longest_sum(const bench_setup *setup);

#endif
