/* Cholesky's factorisation over a pool. Tolerance: 30 units of ε times the norm and the length of the sums, the threshold of
 * LAPACK's own tests. */
#include "base/context.h"
#include "base/real.h"
#include "linalg/blas_threads.h"
#include "linalg/factor.h"
#include "linalg/parallel_cholesky.h"
#include "support.h"

void TL(add_parallel_factors)(Suite *suite);

/* One tile, its edges, and several with a rest; the last has tiles of 256. */
static const int64_t sizes[] = {1, 127, 128, 129, 257, 300, 2050};
#define SIZES ((int)(sizeof sizes / sizeof sizes[0]))
enum { GAP = 3 }; /* after each row */

/* A_ij = u_i·u_j + 4·[i = j] + [|i − j| = 1], which is positive definite: its lower triangle, and 7 above it. */
static real *positive(int64_t n)
{
    double *u = random_array((uint64_t)n, n);
    real *a = calloc((size_t)(n * (n + GAP)), sizeof *a);
    ck_assert_ptr_nonnull(a);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            a[i * (n + GAP) + j] = j > i ? 7 : (real)(u[i] * u[j] + (i == j ? 4 : 0) + (i - j == 1 ? 1 : 0));
    free(u);
    return a;
}

static int64_t factor(int threads, int64_t n, real *a)
{
    talus_context *context = context_with(threads, NULL);
    int before = tl_blas_enter();
    int64_t failed = TL(tl_parallel_cholesky)(context->pool, n, a, n + GAP);
    tl_blas_leave(before);
    talus_context_destroy(context);
    return failed;
}

/* max |L·Lᵀ − A| over a few rows and all of the diagonal. */
static double error_of(int64_t n, const real *l, const real *a)
{
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i % 37 == 0 || i == n - 1 ? 0 : i; j <= i; j++) {
            double sum = 0;
            for (int64_t k = 0; k <= j; k++)
                sum += (double)l[i * (n + GAP) + k] * (double)l[j * (n + GAP) + k];
            most = fmax(most, fabs(sum - (double)a[i * (n + GAP) + j]));
        }
    return most;
}

START_TEST(tiles_give_the_factor)
{
    const int64_t n = sizes[_i];
    real *a = positive(n), *l = positive(n), *again = positive(n);
    ck_assert_int_eq(factor(1, n, l), 0);
    ck_assert_double_le(error_of(n, l, a), 30 * (double)REAL_EPSILON * 5 * (double)n);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n + GAP; j++)
            ck_assert(l[i * (n + GAP) + j] == a[i * (n + GAP) + j]);
    for (int threads = 2; threads <= 4; threads++) {
        memcpy(again, a, (size_t)(n * (n + GAP)) * sizeof *a);
        ck_assert_int_eq(factor(threads, n, again), 0);
        ck_assert_mem_eq(again, l, (size_t)(n * (n + GAP)) * sizeof *a);
    }
    if (n <= 128) {
        int before = tl_blas_enter();
        ck_assert_int_eq(TL(tl_cholesky)(n, a, n + GAP), 0);
        tl_blas_leave(before);
        ck_assert_mem_eq(a, l, (size_t)(n * (n + GAP)) * sizeof *a);
    }
    free(a);
    free(l);
    free(again);
}
END_TEST

/* The leading k × k matrix that is not positive definite is named, whichever tile it ends in. */
START_TEST(the_first_bad_pivot_is_named)
{
    enum { SIZE = 300 };
    static const int64_t bad[] = {0, 100, 128, 200, 299};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        real *a = positive(SIZE);
        a[bad[i] * (SIZE + GAP) + bad[i]] = -1;
        ck_assert_int_eq(factor(2, SIZE, a), bad[i] + 1);
        free(a);
    }
}
END_TEST

void TL(add_parallel_factors)(Suite *suite)
{
    TCase *tiles = tcase_create(TL_PRECISION == 32 ? "over a pool f32" : "over a pool f64");
    tcase_set_timeout(tiles, 0);
    tcase_add_loop_test(tiles, tiles_give_the_factor, 0, SIZES);
    tcase_add_test(tiles, the_first_bad_pivot_is_named);
    suite_add_tcase(suite, tiles);
}
