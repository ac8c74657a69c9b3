/* Derivatives along many directions at once: how the steps of a layer carry ẋ = d/dt x and ẍ = d²/dt² x at a point that is
 * fixed. Each step is linear in ẋ, and its matrix is symmetric, so that the same steps serve the way back. Include it from
 * templates. */
#ifndef TL_KERNELS_DIRECTIONS_H
#define TL_KERNELS_DIRECTIONS_H

#include <stdint.h>

#include "base/real.h"

/* Rows are units. Column k·samples + j is ẋ of sample j along direction k; after these come `seconds` times the samples
 * with ẍ of each direction, if they are as many, or with the sum over all of them, if it is one. */
typedef struct TL(tl_directions) {
    int64_t rows, samples, count, seconds;
    int64_t ld; /* of arrays that are of the point: unit × sample */
    real *x;    /* rows × (count + seconds)·samples, which lie one after the other */
} TL(tl_directions);

static inline int64_t TL(tl_directions_columns)(const TL(tl_directions) * x)
{
    return (x->count + x->seconds) * x->samples;
}

/* Row i times a constant. */
void TL(tl_directions_scale)(const TL(tl_directions) * x, const double *factors);

/* Of one unit, with f′ and f″: ẋ ← f′ ⊙ ẋ,  ẍ ← f′ ⊙ ẍ + f″ ⊙ ẋ² */
void TL(tl_directions_bend)(const TL(tl_directions) * x, const real *slope, const real *curve);

/* Softmax a of the rows: with u = ẋ − aᵀẋ and q = ẍ + u², ẋ ← a ⊙ u,  ẍ ← a ⊙ (q − aᵀq). sums has room for a number a
 * column. */
void TL(tl_directions_softmax)(const TL(tl_directions) * x, const real *a, double *sums);

/* Normalisation over the rows to x̂ with r = 1/√(σ² + ε) of each sample: with c = ẋ − mean ẋ and p = mean(x̂ ⊙ ẋ),
 *     ẋ ← r·(c − x̂·p)
 *     ẍ ← r·(ẍ − mean ẍ − x̂·mean(x̂ ⊙ ẍ)) + r²·(x̂·(3p² − mean c²) − 2p·c)
 * since ṙ = −r²·p and r̈ = r·(3r²p² − r²·mean c² − r·mean(x̂ ⊙ ẍ)). sums has room for three numbers a column. */
void TL(tl_directions_normalize)(const TL(tl_directions) * x, const real *normalized, const real *inverse,
                                 double *sums);

#endif
