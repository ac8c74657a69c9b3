/* What the tests of losses share: weights and targets of samples, and calls of the kernels. Template header. */
#ifndef TESTS_LOSSES_TMPL_H
#define TESTS_LOSSES_TMPL_H

#include "kernels_tmpl.h"

/* Weights of the samples of a tile: all 1, or uneven, some of them 0. A batch has several tiles, so that scales are not
 * weights over the tile's own sum. */
typedef struct sample_weights {
    double weights[MOST];
    real scales[MOST];
} sample_weights;

static inline sample_weights weights_of(bool uneven)
{
    sample_weights made;
    for (int j = 0; j < MOST; j++) {
        made.weights[j] = uneven ? (j * 7 + 3) % 5 * 0.75 : 1;
        made.scales[j] = (real)(made.weights[j] * 0.125);
    }
    return made;
}

static inline double run(int loss, int64_t rows, int64_t cols, int64_t ld, real *a, const real *y,
                         real *delta, const sample_weights *by)
{
    return kernels->losses[loss].run(&(TL(tl_loss_args)){.rows = rows,
                                                         .cols = cols,
                                                         .ld = ld,
                                                         .a = a,
                                                         .y = y,
                                                         .delta = delta,
                                                         .weights = by->weights,
                                                         .scales = by->scales,
                                                         .parameter = (real)loss_parameter_for(loss)});
}

static inline tl_decisions decide(int loss, int64_t rows, int64_t cols, int64_t ld, real *a, const real *y,
                                  const sample_weights *by)
{
    return kernels->losses[loss].decide(&(TL(tl_loss_args)){
        .rows = rows, .cols = cols, .ld = ld, .a = a, .y = y, .weights = by->weights, .scales = by->scales});
}

/* Targets that a loss takes, within −1 … 1. */
static inline void fill_targets(tile *y, uint64_t seed, int loss)
{
    const tl_loss_kind *kind = tl_loss_kind_of(loss);
    fill_between(y, seed, fmax(kind->least, -1), fmin(kind->most, 1));
}

/* Whether a loss takes so many outputs. */
static inline bool takes(int loss, int64_t rows)
{
    return rows % tl_loss_kind_of(loss)->outputs == 0;
}

#endif
