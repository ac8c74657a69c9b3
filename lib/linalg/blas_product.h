/* linalg: the only floor that knows CBLAS and LAPACKE. It is thin: a product of row-major matrices.
 * Include it from templates, where `real` is defined. */
#ifndef TL_LINALG_BLAS_PRODUCT_H
#define TL_LINALG_BLAS_PRODUCT_H

#include <stdint.h>

#include "base/real.h"

/* C (m × n) = A·B + β·C, with A m × k, B k × n, all row-major with leading dimensions; β is 0 or 1.
 * With β = 0 the former content of C does not matter. Sizes are at least 1 and fit an int32_t. */
void TL(tl_product)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b, int64_t ldb,
                    real beta, real *c, int64_t ldc);

/* The same for C = Aᵀ·B + β·C, with A stored as k × m. */
void TL(tl_product_transposed)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
                               int64_t ldb, real beta, real *c, int64_t ldc);

/* C −= A·Bᵀ, with A m × k, B n × k; and the lower triangle, i ≥ j, of C (m × m) −= A·Aᵀ. */
void TL(tl_subtract_outer)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
                           int64_t ldb, real *c, int64_t ldc);
void TL(tl_subtract_square)(int64_t m, int64_t k, const real *a, int64_t lda, real *c, int64_t ldc);

/* The same for C = A·Bᵀ + β·C, with B stored as n × k. */
void TL(tl_product_by_transposed)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
                                  int64_t ldb, real beta, real *c, int64_t ldc);

#endif
