#ifndef TL_OPTIMIZE_GAUSS_NEWTON_CG_H
#define TL_OPTIMIZE_GAUSS_NEWTON_CG_H

#include "optimize/gauss_newton.h"

/* (A + μ·D²)·Δ = −s at the point x, with A known by its products. All vectors have n numbers. */
typedef struct tl_cg {
    const tl_squares *squares;
    int64_t n;
    const double *x, *d, *diagonal, *slope; /* D, the diagonal of A, s */
    double *r, *z, *p, *q;                  /* for what is computed */
} tl_cg;

/* Δ after at most so many products, or when √(rᵀ·M⁻¹·r) is at most this part of what it was at first. The only errors are those
 * of the products. */
talus_status tl_cg_solve(const tl_cg *cg, double mu, double part, int64_t most, double *delta);

#endif
