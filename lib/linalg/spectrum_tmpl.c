#include <lapacke.h>

#include "linalg/factor.h"
#include "linalg/work.h"

/* By columns the memory of a lower triangle is the upper one. */
#define LOWER 'U'

int64_t TL(tl_eigen_work)(int64_t n)
{
    real answer = 1, unused = 0;
    int32_t counts = 1;
    TL_LAPACK(syevd_work)
    (LAPACK_COL_MAJOR, 'V', LOWER, (int)n, &unused, (int)n, &unused, &answer, -1, &counts, -1);
    return TL(tl_work_of)(answer);
}

/* As LAPACK documents it. */
int64_t TL(tl_eigen_counts)(int64_t n)
{
    return 3 + 5 * n;
}

bool TL(tl_eigen)(int64_t n, real *a, int64_t lda, bool with_vectors, real *values, real *work, int64_t count,
                  int32_t *counts, int64_t count_of_counts)
{
    return TL_LAPACK(syevd_work)(LAPACK_COL_MAJOR, with_vectors ? 'V' : 'N', LOWER, (int)n, a, (int)lda,
                                 values, work, (int)count, counts, (int)count_of_counts) == 0;
}

/* By columns A is Aᵀ = Vᵀ·diag(values)·Uᵀ, so what LAPACK calls U is V here, and the reverse. */
int64_t TL(tl_singular_work)(int64_t m, int64_t n, bool with_vectors)
{
    real answer = 1, unused = 0;
    int32_t counts = 0;
    int k = (int)(m < n ? m : n);
    TL_LAPACK(gesdd_work)
    (LAPACK_COL_MAJOR, with_vectors ? 'S' : 'N', (int)n, (int)m, &unused, (int)n, &unused, &unused, (int)n,
     &unused, k, &answer, -1, &counts);
    return TL(tl_work_of)(answer);
}

bool TL(tl_singular)(int64_t m, int64_t n, real *a, int64_t lda, real *values, real *u, int64_t ldu, real *v,
                     int64_t ldv, real *work, int64_t count, int32_t *counts)
{
    return TL_LAPACK(gesdd_work)(LAPACK_COL_MAJOR, u != NULL ? 'S' : 'N', (int)n, (int)m, a, (int)lda, values,
                                 v, (int)ldv, u, (int)ldu, work, (int)count, counts) == 0;
}
