#include <lapacke.h>

#include "linalg/factor.h"
#include "linalg/work.h"

/* By columns the memory of A is Aᵀ: QR of its columns is that of A's rows, and LQ of its rows that of A's columns. */

int64_t TL(tl_rows_orthogonal_work)(int64_t m, int64_t n)
{
    real factor = 1, form = 1, unused = 0;
    TL_LAPACK(geqrf_work)(LAPACK_COL_MAJOR, (int)n, (int)m, &unused, (int)n, &unused, &factor, -1);
    TL_LAPACK(orgqr_work)
    (LAPACK_COL_MAJOR, (int)n, (int)m, (int)m, &unused, (int)n, &unused, &form, -1);
    return TL(tl_work_of)(factor > form ? factor : form);
}

void TL(tl_rows_factor)(int64_t m, int64_t n, real *a, int64_t lda, real *tau, real *work, int64_t count)
{
    TL_LAPACK(geqrf_work)(LAPACK_COL_MAJOR, (int)n, (int)m, a, (int)lda, tau, work, (int)count);
}

void TL(tl_rows_form)(int64_t m, int64_t n, real *a, int64_t lda, const real *tau, real *work, int64_t count)
{
    TL_LAPACK(orgqr_work)(LAPACK_COL_MAJOR, (int)n, (int)m, (int)m, a, (int)lda, tau, work, (int)count);
}

int64_t TL(tl_columns_orthogonal_work)(int64_t m, int64_t n)
{
    real factor = 1, form = 1, unused = 0;
    TL_LAPACK(gelqf_work)(LAPACK_COL_MAJOR, (int)n, (int)m, &unused, (int)n, &unused, &factor, -1);
    TL_LAPACK(orglq_work)
    (LAPACK_COL_MAJOR, (int)n, (int)m, (int)n, &unused, (int)n, &unused, &form, -1);
    return TL(tl_work_of)(factor > form ? factor : form);
}

void TL(tl_columns_factor)(int64_t m, int64_t n, real *a, int64_t lda, real *tau, real *work, int64_t count)
{
    TL_LAPACK(gelqf_work)(LAPACK_COL_MAJOR, (int)n, (int)m, a, (int)lda, tau, work, (int)count);
}

void TL(tl_columns_form)(int64_t m, int64_t n, real *a, int64_t lda, const real *tau, real *work,
                         int64_t count)
{
    TL_LAPACK(orglq_work)(LAPACK_COL_MAJOR, (int)n, (int)m, (int)n, a, (int)lda, tau, work, (int)count);
}

/* B ← Qᵀ·B by rows is Bᵀ ← Bᵀ·Q by columns; and with Aᵀ = L·Q̃ by columns, Q̃ = Qᵀ. */
int64_t TL(tl_columns_apply_work)(int64_t m, int64_t n, int64_t k)
{
    real answer = 1, unused = 0;
    TL_LAPACK(ormlq_work)
    (LAPACK_COL_MAJOR, 'R', 'T', (int)k, (int)m, (int)n, &unused, (int)n, &unused, &unused, (int)k, &answer,
     -1);
    return TL(tl_work_of)(answer);
}

void TL(tl_columns_apply)(int64_t m, int64_t n, int64_t k, const real *a, int64_t lda, const real *tau,
                          real *b, int64_t ldb, real *work, int64_t count)
{
    TL_LAPACK(ormlq_work)
    (LAPACK_COL_MAJOR, 'R', 'T', (int)k, (int)m, (int)n, a, (int)lda, tau, b, (int)ldb, work, (int)count);
}
