/* Factorisations put together again. Tolerance: residuals are at most 30 units of ε times the norm and the length of the sums,
 * the threshold of LAPACK's own tests. */
#include <math.h>
#include <stdlib.h>

#include "base/real.h"
#include "linalg/factor.h"
#include "support.h"

void TL(add_factors)(Suite *suite);

enum { THRESHOLD = 30 };
static const int64_t sizes[] = {1, 2, 3, 5, 17, 64, 100};
#define SIZES ((int)(sizeof sizes / sizeof sizes[0]))

static real *zeros(int64_t count)
{
    real *array = calloc((size_t)count, sizeof *array);
    ck_assert_ptr_nonnull(array);
    return array;
}

static real *reals(uint64_t seed, int64_t count)
{
    double *exact = random_array(seed, count);
    real *array = zeros(count);
    for (int64_t i = 0; i < count; i++)
        array[i] = (real)exact[i];
    free(exact);
    return array;
}

static real *copy_of(const real *a, int64_t count)
{
    real *copy = zeros(count);
    memcpy(copy, a, (size_t)count * sizeof *a);
    return copy;
}

static int32_t *numbers(int64_t count)
{
    int32_t *array = malloc((size_t)count * sizeof *array);
    ck_assert_ptr_nonnull(array);
    return array;
}

static double largest_in(const real *a, int64_t rows, int64_t cols, int64_t ld)
{
    double most = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            most = fmax(most, fabs((double)a[i * ld + j]));
    return most;
}

static void assert_small(double error, double norm, int64_t length)
{
    ck_assert_msg(error <= THRESHOLD * (double)REAL_EPSILON * norm * (double)length,
                  "%g of %g with length %lld", error, norm, (long long)length);
}

/* Rows that are orthonormal; with ld as the distance of rows. */
static void assert_orthonormal_rows(const real *q, int64_t rows, int64_t cols, int64_t ld)
{
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j <= i; j++) {
            double sum = 0;
            for (int64_t p = 0; p < cols; p++)
                sum += (double)q[i * ld + p] * (double)q[j * ld + p];
            assert_small(fabs(sum - (i == j)), 1, cols);
        }
}

/* A symmetric positive definite matrix, M·Mᵀ + n·1, of which what is above the diagonal is NaN. */
static real *definite(int64_t n, int64_t ld)
{
    real *a = zeros(n * ld), *m = reals(7, n * n);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < ld; j++)
            a[i * ld + j] = (real)NAN;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++) {
            double sum = i == j ? (double)n : 0;
            for (int64_t p = 0; p < n; p++)
                sum += (double)m[i * n + p] * (double)m[j * n + p];
            a[i * ld + j] = (real)sum;
        }
    free(m);
    return a;
}

static double symmetric(const real *a, int64_t ld, int64_t i, int64_t j)
{
    return (double)(i >= j ? a[i * ld + j] : a[j * ld + i]);
}

/* max |A·x − b| over rows x of X and b of B, and what it is judged by. */
static void assert_solves(const real *a, int64_t n, int64_t lda, const real *x, const real *b, int64_t count,
                          int64_t ldb)
{
    double norm = 0;
    for (int64_t i = 0; i < n; i++)
        norm = fmax(norm, fabs((double)a[i * lda + i]));
    for (int64_t r = 0; r < count; r++)
        for (int64_t i = 0; i < n; i++) {
            double sum = -(double)b[r * ldb + i];
            for (int64_t j = 0; j < n; j++)
                sum += symmetric(a, lda, i, j) * (double)x[r * ldb + j];
            assert_small(fabs(sum), norm * largest_in(x, count, n, ldb), n);
        }
}

static void check_cholesky(int64_t n)
{
    enum { COUNT = 3 };
    const int64_t ld = n + 2, ldb = n + 1;
    real *a = definite(n, ld), *l = copy_of(a, n * ld), *b = reals(8, COUNT * ldb),
         *x = copy_of(b, COUNT * ldb), *y = copy_of(b, COUNT * ldb);
    ck_assert_int_eq(TL(tl_cholesky)(n, l, ld), 0);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j <= i; j++) {
            double sum = 0;
            for (int64_t p = 0; p <= j; p++)
                sum += (double)l[i * ld + p] * (double)l[j * ld + p];
            assert_small(fabs(sum - (double)a[i * ld + j]), (double)a[i * ld + i], n);
        }
        for (int64_t j = i + 1; j < ld; j++)
            ck_assert(isnan(l[i * ld + j]));
    }
    TL(tl_cholesky_solve)(n, l, ld, COUNT, x, ldb);
    assert_solves(a, n, ld, x, b, COUNT, ldb);
    TL(tl_lower_solve)(n, l, ld, false, COUNT, y, ldb);
    TL(tl_lower_solve)(n, l, ld, true, COUNT, y, ldb);
    assert_solves(a, n, ld, y, b, COUNT, ldb);

    double norm = 0;
    for (int64_t i = 0; i < n; i++) {
        double sum = 0;
        for (int64_t j = 0; j < n; j++)
            sum += fabs(symmetric(a, ld, i, j));
        norm = fmax(norm, sum);
    }
    real *work = zeros(3 * n);
    int32_t *counts = numbers(n);
    double condition = TL(tl_cholesky_condition)(n, l, ld, norm, work, counts);
    TL(tl_cholesky_invert)(n, l, ld);
    double inverse_norm = 0;
    for (int64_t i = 0; i < n; i++) {
        double row = 0, unit = 0;
        for (int64_t j = 0; j < n; j++) {
            row += fabs(symmetric(l, ld, i, j));
            unit += symmetric(a, ld, i, j) * symmetric(l, ld, j, 0);
        }
        inverse_norm = fmax(inverse_norm, row);
        assert_small(fabs(unit - (i == 0)), norm * largest_in(l, 1, 1, ld), n);
    }
    /* An estimate of ‖A⁻¹‖ from below, hardly ever by more than a factor of 3 (Higham 1988). */
    ck_assert(condition >= 0.99 / (norm * inverse_norm) && condition <= 3 / (norm * inverse_norm));
    free(a), free(l), free(b), free(x), free(y), free(work), free(counts);
}

START_TEST(cholesky)
{
    for (int i = 0; i < SIZES; i++)
        check_cholesky(sizes[i]);
    real indefinite[] = {4, 0, 0, 2, 5, 0, 2, 4, 1}; /* the leading 2 × 2 is definite: 4·5 > 2·2 */
    ck_assert_int_eq(TL(tl_cholesky)(3, indefinite, 3), 3);
}
END_TEST

START_TEST(gram)
{
    const int64_t m = 23, n = 9, lda = 11, ldc = 10;
    real *a = reals(1, m * lda), *c = reals(2, n * ldc), *was = copy_of(c, n * ldc);
    TL(tl_gram)(m, n, a, lda, 1, c, ldc);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < ldc; j++) {
            double sum = (double)was[i * ldc + j];
            for (int64_t p = 0; p < m && j <= i; p++)
                sum += (double)a[p * lda + i] * (double)a[p * lda + j];
            assert_small(fabs(sum - (double)c[i * ldc + j]), 1, m);
        }
    free(a), free(c), free(was);
}
END_TEST

/* The rows of A (m × n, m ≤ n): A = Rᵀ·Qᵀ. */
static void check_rows(int64_t m, int64_t n)
{
    const int64_t ld = n + 3, count = TL(tl_rows_orthogonal_work)(m, n);
    real *a = reals(3, m * ld), *q = copy_of(a, m * ld), *tau = zeros(m), *work = zeros(count);
    TL(tl_rows_factor)(m, n, q, ld, tau, work, count);
    real *r = copy_of(q, m * ld);
    TL(tl_rows_form)(m, n, q, ld, tau, work, count);
    assert_orthonormal_rows(q, m, n, ld);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t p = 0; p <= i; p++)
                sum += (double)r[i * ld + p] * (double)q[p * ld + j];
            assert_small(fabs(sum - (double)a[i * ld + j]), 1, n);
        }
    free(a), free(q), free(r), free(tau), free(work);
}

/* The columns of A (m × n, m ≥ n): A = Q·R, and Qᵀ·A = R. */
static void check_columns(int64_t m, int64_t n)
{
    const int64_t ld = n + 3;
    int64_t count = TL(tl_columns_orthogonal_work)(m, n), more = TL(tl_columns_apply_work)(m, n, n);
    count = count > more ? count : more;
    real *a = reals(4, m * ld), *q = copy_of(a, m * ld), *tau = zeros(n), *work = zeros(count),
         *b = copy_of(a, m * ld);
    TL(tl_columns_factor)(m, n, q, ld, tau, work, count);
    real *r = copy_of(q, m * ld);
    TL(tl_columns_apply)(m, n, n, q, ld, tau, b, ld, work, count);
    TL(tl_columns_form)(m, n, q, ld, tau, work, count);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t p = 0; p <= j; p++)
                sum += (double)q[i * ld + p] * (double)r[p * ld + j];
            assert_small(fabs(sum - (double)a[i * ld + j]), 1, m);
            assert_small(fabs((double)b[i * ld + j] - (i <= j ? (double)r[i * ld + j] : 0)), 1, m);
        }
    real *by_rows = zeros(n * m);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            by_rows[j * m + i] = q[i * ld + j];
    assert_orthonormal_rows(by_rows, n, m, m);
    free(a), free(q), free(r), free(b), free(by_rows), free(tau), free(work);
}

START_TEST(orthogonal)
{
    for (int i = 0; i < SIZES; i++)
        for (int j = i; j < SIZES; j++) {
            check_rows(sizes[i], sizes[j]);
            check_columns(sizes[j], sizes[i]);
        }
}
END_TEST

/* The second difference: 2 on the diagonal and −1 beside it has the eigenvalues 2 − 2·cos(πk/(n + 1)), k = 1 … n. */
static double difference_value(int64_t k, int64_t n)
{
    return 2 - 2 * cos(acos(-1.0) * (double)k / (double)(n + 1));
}

static real *differences(int64_t n, int64_t ld)
{
    real *a = zeros(n * ld);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            a[i * ld + j] = j == i ? 2 : j == i - 1 ? -1 : j > i ? (real)NAN : 0;
    return a;
}

static void check_eigen(int64_t n)
{
    const int64_t ld = n + 1, count = TL(tl_eigen_work)(n), counts = TL(tl_eigen_counts)(n);
    real *a = differences(n, ld), *bare = copy_of(a, n * ld), *values = zeros(n), *again = zeros(n),
         *work = zeros(count);
    int32_t *places = numbers(counts);
    ck_assert(TL(tl_eigen)(n, a, ld, true, values, work, count, places, counts));
    ck_assert(TL(tl_eigen)(n, bare, ld, false, again, work, count, places, counts));
    assert_orthonormal_rows(a, n, n, ld);
    for (int64_t k = 0; k < n; k++) {
        assert_small(fabs((double)values[k] - difference_value(k + 1, n)), 4, n);
        assert_small(fabs((double)again[k] - difference_value(k + 1, n)), 4, n);
        const real *v = a + k * ld;
        for (int64_t i = 0; i < n; i++) {
            double product = 2 * (double)v[i] - (i > 0 ? (double)v[i - 1] : 0) -
                             (i < n - 1 ? (double)v[i + 1] : 0);
            assert_small(fabs(product - (double)values[k] * (double)v[i]), 4, n);
        }
    }
    free(a), free(bare), free(values), free(again), free(work), free(places);
}

START_TEST(eigen)
{
    for (int i = 0; i < SIZES; i++)
        check_eigen(sizes[i]);
}
END_TEST

static void check_singular(int64_t m, int64_t n)
{
    const int64_t ld = n + 1, k = m < n ? m : n, ldu = k + 2, ldv = n + 3;
    const int64_t count = TL(tl_singular_work)(m, n, true), less = TL(tl_singular_work)(m, n, false);
    real *a = reals(6, m * ld), *whole = copy_of(a, m * ld), *bare = copy_of(a, m * ld), *values = zeros(k),
         *again = zeros(k), *u = zeros(m * ldu), *v = zeros(k * ldv),
         *work = zeros(count > less ? count : less);
    int32_t *counts = numbers(8 * k);
    ck_assert(TL(tl_singular)(m, n, a, ld, values, u, ldu, v, ldv, work, count, counts));
    ck_assert(TL(tl_singular)(m, n, bare, ld, again, NULL, 1, NULL, 1, work, less, counts));
    assert_orthonormal_rows(v, k, n, ldv);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double sum = 0;
            for (int64_t p = 0; p < k; p++)
                sum += (double)u[i * ldu + p] * (double)values[p] * (double)v[p * ldv + j];
            assert_small(fabs(sum - (double)whole[i * ld + j]), (double)values[0], m > n ? m : n);
        }
    for (int64_t p = 0; p < k; p++) {
        assert_small(fabs((double)values[p] - (double)again[p]), (double)values[0], m > n ? m : n);
        ck_assert(values[p] >= 0 && (p == 0 || values[p] <= values[p - 1]));
    }
    free(a), free(whole), free(bare), free(values), free(again), free(u), free(v), free(work), free(counts);
}

START_TEST(singular)
{
    for (int i = 0; i < SIZES; i++)
        for (int j = 0; j < SIZES; j++)
            check_singular(sizes[i], sizes[j]);
}
END_TEST

void TL(add_factors)(Suite *suite)
{
    add_case(suite, TL_PRECISION == 32 ? "factor f32" : "factor f64", cholesky, gram, orthogonal, eigen,
             singular);
}
