/* Cholesky's factorisation by all threads of a pool. Include it from templates, where `real` is defined. */
#ifndef TL_LINALG_PARALLEL_CHOLESKY_H
#define TL_LINALG_PARALLEL_CHOLESKY_H

#include "base/pool.h"
#include "base/real.h"

/* A = L·Lᵀ as tl_cholesky (factor.h), with the same result, between tl_blas_enter and tl_blas_leave. A is cut into tiles by n
 * alone, so that the bits do not depend on the threads; where there is only one tile, they are those of tl_cholesky. */
int64_t TL(tl_parallel_cholesky)(tl_pool *pool, int64_t n, real *a, int64_t lda);

#endif
