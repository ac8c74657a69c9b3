#include <cblas.h>
#include <lapacke.h>

#include "linalg/factor.h"

/* By columns the memory of L is the upper triangular Lᵀ, with A = (Lᵀ)ᵀ·Lᵀ. */
#define LOWER 'U'

void TL(tl_gram)(int64_t m, int64_t n, const real *a, int64_t lda, real beta, real *c, int64_t ldc)
{
    TL_BLAS(syrk)
    (CblasRowMajor, CblasLower, CblasTrans, (int)n, (int)m, 1, a, (int)lda, beta, c, (int)ldc);
}

int64_t TL(tl_cholesky)(int64_t n, real *a, int64_t lda)
{
    return TL_LAPACK(potrf_work)(LAPACK_COL_MAJOR, LOWER, (int)n, a, (int)lda);
}

void TL(tl_cholesky_solve)(int64_t n, const real *l, int64_t ldl, int64_t count, real *b, int64_t ldb)
{
    TL_LAPACK(potrs_work)(LAPACK_COL_MAJOR, LOWER, (int)n, (int)count, l, (int)ldl, b, (int)ldb);
}

void TL(tl_lower_solve)(int64_t n, const real *l, int64_t ldl, bool transposed, int64_t count, real *b,
                        int64_t ldb)
{
    TL_BLAS(trsm)
    (CblasRowMajor, CblasRight, CblasLower, transposed ? CblasNoTrans : CblasTrans, CblasNonUnit, (int)count,
     (int)n, 1, l, (int)ldl, b, (int)ldb);
}

void TL(tl_cholesky_invert)(int64_t n, real *l, int64_t ldl)
{
    TL_LAPACK(potri_work)(LAPACK_COL_MAJOR, LOWER, (int)n, l, (int)ldl);
}

double TL(tl_cholesky_condition)(int64_t n, const real *l, int64_t ldl, double norm, real *work,
                                 int32_t *counts)
{
    real reciprocal = 0;
    TL_LAPACK(pocon_work)
    (LAPACK_COL_MAJOR, LOWER, (int)n, l, (int)ldl, (real)norm, &reciprocal, work, counts);
    return (double)reciprocal;
}
