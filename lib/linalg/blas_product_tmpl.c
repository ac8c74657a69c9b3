#include <cblas.h>
#include <stdbool.h>

#include "linalg/blas_product.h"

/* A product with one column of width ldb = 1 is a matrix-vector product: level 2 reads A once, and faster. */
static bool is_vector(int64_t n, int64_t ldb, int64_t ldc)
{
    return n == 1 && ldb == 1 && ldc == 1;
}

void TL(tl_product)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b, int64_t ldb,
                    real beta, real *c, int64_t ldc)
{
    if (is_vector(n, ldb, ldc))
        TL_BLAS(gemv)(CblasRowMajor, CblasNoTrans, (int)m, (int)k, 1, a, (int)lda, b, 1, beta, c, 1);
    else
        TL_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, beta, c,
     (int)ldc);
}

void TL(tl_product_transposed)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
                               int64_t ldb, real beta, real *c, int64_t ldc)
{
    if (is_vector(n, ldb, ldc))
        TL_BLAS(gemv)(CblasRowMajor, CblasTrans, (int)k, (int)m, 1, a, (int)lda, b, 1, beta, c, 1);
    else
        TL_BLAS(gemm)
    (CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, beta, c,
     (int)ldc);
}

void TL(tl_subtract_outer)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
                           int64_t ldb, real *c, int64_t ldc)
{
    TL_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, -1, a, (int)lda, b, (int)ldb, 1, c,
     (int)ldc);
}

void TL(tl_subtract_square)(int64_t m, int64_t k, const real *a, int64_t lda, real *c, int64_t ldc)
{
    TL_BLAS(syrk)
    (CblasRowMajor, CblasLower, CblasNoTrans, (int)m, (int)k, -1, a, (int)lda, 1, c, (int)ldc);
}

void TL(tl_product_by_transposed)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *b,
                                  int64_t ldb, real beta, real *c, int64_t ldc)
{
    TL_BLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)n, (int)k, 1, a, (int)lda, b, (int)ldb, beta, c,
     (int)ldc);
}
