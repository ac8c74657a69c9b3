#include "optimize/equations.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "linalg/blas_threads.h"
#include "linalg/f64.h"

/* Memory ------------------------------------------------------------------------------------------------------ */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t work_of(int64_t n, bool has_rows)
{
    int64_t least = larger(3 * n, tl_eigen_work_f64(n));
    if (!has_rows)
        return least;
    least = larger(least, tl_columns_orthogonal_work_f64(3 * n, n));
    least = larger(least, tl_columns_apply_work_f64(3 * n, n, 1));
    return larger(least, tl_singular_work_f64(n, n, true));
}

/* Numbers in all but the work space: A, factor and 5 vectors; R, the stack, and 6 vectors' worth beside them. */
static int64_t squares_of(bool has_rows)
{
    return has_rows ? 6 : 2;
}

static int64_t vectors_of(bool has_rows)
{
    return has_rows ? 11 : 5;
}

/* LAPACK counts 4·n² + 7·n numbers of work space in an int. */
enum { MOST_FACTORED = 23000 };

int64_t tl_equations_bytes(int64_t n, bool has_rows)
{
    if (n > MOST_FACTORED)
        return -1;
    const int64_t work = has_rows ? work_of(n, true) : 2 * n * n + 6 * n + 1;
    return (int64_t)sizeof(double) * (squares_of(has_rows) * n * n + vectors_of(has_rows) * n + work) +
           (int64_t)sizeof(int32_t) * larger(8 * n, 3 + 5 * n);
}

static double *take(double **rest, int64_t count)
{
    double *taken = *rest;
    *rest += count;
    return taken;
}

talus_status tl_squares_check_size(talus_context *context, const char *name, int64_t n, bool has_rows)
{
    const double numbers = (has_rows ? 10. : 4.) * (double)n * (double)n;
    if (n <= MOST_FACTORED)
        return TALUS_OK;
    return tl_fail(
        context, TALUS_ERROR_SHAPE,
        "%s: steps are factored for at most %d parameters, got %lld, which would take %.3g GB: set "
        "steps to conjugate_gradients",
        name, MOST_FACTORED, (long long)n, 8e-9 * numbers);
}

talus_status tl_equations_create(const tl_squares *squares, tl_equations *equations)
{
    const int64_t n = squares->n;
    const bool has_rows = squares->rows != NULL;
    talus_status status = tl_squares_check_size(squares->context, squares->name, n, has_rows);
    if (status != TALUS_OK)
        return status;
    *equations = (tl_equations){.squares = squares, .n = n};
    tl_equations *e = equations;
    e->work_count = work_of(n, has_rows);
    e->counts_count = larger(8 * n, tl_eigen_counts_f64(n));
    double *rest = tl_allocate(
        squares->context, sizeof *rest * (size_t)(squares_of(has_rows) * n * n + vectors_of(has_rows) * n));
    e->a = rest;
    e->work = tl_allocate(squares->context, (size_t)e->work_count * sizeof *e->work);
    e->counts = tl_allocate(squares->context, (size_t)e->counts_count * sizeof *e->counts);
    if (rest == NULL || e->work == NULL || e->counts == NULL) {
        tl_equations_destroy(e);
        return tl_fail(
            squares->context, TALUS_ERROR_MEMORY,
            "%s: the allocator returned no memory for the equations of %lld parameters, which take %.3g "
            "MB: steps by conjugate_gradients need none of it",
            squares->name, (long long)n, 1e-6 * (double)tl_equations_bytes(n, has_rows));
    }
    (void)take(&rest, n * n);
    e->factor = take(&rest, n * n);
    e->diagonal = take(&rest, n);
    e->d = take(&rest, n);
    e->slope = take(&rest, n);
    e->scale = take(&rest, n);
    e->vector = take(&rest, n);
    if (has_rows) {
        e->triangle = take(&rest, n * n);
        e->stack = take(&rest, 3 * n * n);
        e->lengths = take(&rest, n);
        e->image = take(&rest, n);
        e->right = take(&rest, 3 * n);
        e->tau = take(&rest, n);
    }
    return TALUS_OK;
}

void tl_equations_destroy(tl_equations *equations)
{
    if (equations->squares == NULL)
        return;
    tl_release(equations->squares->context, equations->a);
    tl_release(equations->squares->context, equations->work);
    tl_release(equations->squares->context, equations->counts);
    equations->a = equations->work = NULL;
    equations->counts = NULL;
}

/* The equations ------------------------------------------------------------------------------------------------- */

/* factor = S·(A + ρ·I + μ·D²)·S with a diagonal of 1, and S; a column of zeros stays one. The result is its 1-norm. */
static double fill(tl_equations *e, double mu, double rho)
{
    const int64_t n = e->n;
    double *sums = e->vector, most = 0;
    for (int64_t i = 0; i < n; i++) {
        double all = e->diagonal[i] + rho + mu * e->d[i] * e->d[i];
        e->scale[i] = all > 0 ? 1 / sqrt(all) : 1;
        sums[i] = all > 0 ? 1 : 0;
    }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < i; j++) {
            double value = e->a[i * n + j] * e->scale[i] * e->scale[j];
            e->factor[i * n + j] = value;
            sums[i] += fabs(value);
            sums[j] += fabs(value);
        }
        e->factor[i * n + i] = e->diagonal[i] + rho + mu * e->d[i] * e->d[i] > 0 ? 1 : 0;
    }
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, sums[i]);
    return most;
}

/* What of the condition is no more than rounding. */
static double rounding(int64_t n)
{
    return 10 * (double)n * DBL_EPSILON;
}

/* The estimate of the reciprocal condition of what was filled; 0 if it is not positive definite or means nothing. */
static double factorise(tl_equations *e, double norm)
{
    if (tl_parallel_cholesky_f64(e->squares->context->pool, e->n, e->factor, e->n) != 0)
        return 0;
    double reciprocal = tl_cholesky_condition_f64(e->n, e->factor, e->n, norm, e->work, e->counts);
    return reciprocal > rounding(e->n) ? reciprocal : 0;
}

/* Eigenvalues of what was filled, in `vector`, and vectors as rows of factor. */
static bool decompose(tl_equations *e, bool with_vectors)
{
    return tl_eigen_f64(e->n, e->factor, e->n, with_vectors, e->vector, e->work, e->work_count, e->counts,
                        e->counts_count);
}

/* The first of the ascending eigenvalues that is not 0 but for rounding. */
static int64_t first_of(const tl_equations *e)
{
    int64_t first = 0;
    while (first < e->n && !(e->vector[first] > rounding(e->n) * e->vector[e->n - 1]))
        first++;
    return first;
}

/* Δ = −S·V'ᵀ·Λ⁻¹·V'·S·s over the eigenvectors V' that are not beyond the rank. */
static bool solve_by_eigenvalues(tl_equations *e, double mu, double rho, double *delta)
{
    const int64_t n = e->n;
    (void)fill(e, mu, rho);
    if (!decompose(e, true))
        return false;
    memset(delta, 0, (size_t)n * sizeof *delta);
    for (int64_t k = first_of(e); k < n; k++) {
        const double *v = e->factor + k * n;
        double along = 0;
        for (int64_t i = 0; i < n; i++)
            along += v[i] * e->scale[i] * e->slope[i];
        for (int64_t i = 0; i < n; i++)
            delta[i] -= along / e->vector[k] * v[i];
    }
    for (int64_t i = 0; i < n; i++)
        delta[i] *= e->scale[i];
    return true;
}

/* What is enough for Cholesky: a step need not have all digits, but where the rows are there, QR gives more of them. */
static bool solve(tl_equations *e, double mu, double rho, double *delta)
{
    double reciprocal = factorise(e, fill(e, mu, rho));
    if (e->triangle != NULL && reciprocal < 1e-8)
        return tl_rows_solve(e, mu, rho, delta);
    if (reciprocal == 0)
        return solve_by_eigenvalues(e, mu, rho, delta);
    for (int64_t i = 0; i < e->n; i++)
        delta[i] = -e->scale[i] * e->slope[i];
    tl_cholesky_solve_f64(e->n, e->factor, e->n, 1, delta, e->n);
    for (int64_t i = 0; i < e->n; i++)
        delta[i] *= e->scale[i];
    return true;
}

/* A ----------------------------------------------------------------------------------------------------------- */

static double trace(tl_equations *e, double rho)
{
    const int64_t n = e->n;
    double sum = 0;
    if (factorise(e, fill(e, 0, rho)) > 0) {
        tl_cholesky_invert_f64(n, e->factor, n);
        for (int64_t i = 0; i < n; i++)
            sum += e->scale[i] * e->scale[i] * e->factor[i * n + i];
        return sum;
    }
    memcpy(e->factor, e->a, (size_t)(n * n) * sizeof *e->a);
    if (!decompose(e, false))
        return NAN;
    for (int64_t i = 0; i < n; i++)
        sum += 1 / (fmax(e->vector[i], 0) + rho);
    return sum;
}

static bool certainty_by_eigenvalues(tl_equations *e, double rho, bool inverted, tl_certainty *certainty)
{
    const int64_t n = e->n;
    (void)fill(e, 0, rho);
    if (!decompose(e, inverted))
        return false;
    const int64_t first = first_of(e);
    const double ratio = first < n ? e->vector[n - 1] / e->vector[first] : NAN;
    certainty->rank = n - first;
    certainty->condition = sqrt(ratio);
    if (inverted)
        tl_equations_invert(e, e->factor, e->vector, first, n - first, rounding(n) * ratio);
    return true;
}

static bool certainty_of(tl_equations *e, double rho, bool inverted, tl_certainty *certainty)
{
    const int64_t n = e->n;
    if (e->triangle != NULL)
        return tl_rows_certainty(e, rho, inverted, certainty);
    double reciprocal = factorise(e, fill(e, 0, rho));
    if (reciprocal == 0)
        return certainty_by_eigenvalues(e, rho, inverted, certainty);
    *certainty = (tl_certainty){n, sqrt(1 / reciprocal)};
    if (!inverted)
        return true;
    tl_cholesky_invert_f64(n, e->factor, n);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            e->factor[i * n + j] *= e->scale[i] * e->scale[j];
    return true;
}

/* With the BLAS ------------------------------------------------------------------------------------------------- */

static bool enter(const tl_equations *e, int *before)
{
    bool keeps = e->squares->context->options.keep_blas_threads && !tl_blas_is_for_one_thread();
    *before = keeps ? 0 : tl_blas_enter();
    return !keeps;
}

static void leave(bool entered, int before)
{
    if (entered)
        tl_blas_leave(before);
}

bool tl_equations_solve(tl_equations *equations, double mu, double rho, double *delta)
{
    int before;
    bool entered = enter(equations, &before), found = solve(equations, mu, rho, delta);
    leave(entered, before);
    for (int64_t i = 0; i < equations->n; i++)
        found &= isfinite(delta[i]);
    return found;
}

double tl_equations_trace(tl_equations *equations, double rho)
{
    int before;
    bool entered = enter(equations, &before);
    double found = trace(equations, rho);
    leave(entered, before);
    return found;
}

bool tl_equations_certainty(tl_equations *equations, double rho, bool inverted, tl_certainty *certainty)
{
    int before;
    bool entered = enter(equations, &before), found = certainty_of(equations, rho, inverted, certainty);
    leave(entered, before);
    return found;
}
