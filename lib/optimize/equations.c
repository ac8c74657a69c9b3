#include "optimize/equations.h"

#include <math.h>
#include <string.h>

#include "linalg/blas_threads.h"
#include "linalg/f64.h"

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

/* The estimate of the reciprocal condition of what was filled; 0 if it is not positive definite or means nothing. */
static double factorise(tl_equations *e, double norm)
{
    if (tl_parallel_cholesky_f64(e->squares->context->pool, e->n, e->factor, e->n) != 0)
        return 0;
    double reciprocal = tl_cholesky_condition_f64(e->n, e->factor, e->n, norm, e->work, e->counts);
    return reciprocal > tl_equations_rounding(e->n) ? reciprocal : 0;
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
    while (first < e->n && !(e->vector[first] > tl_equations_rounding(e->n) * e->vector[e->n - 1]))
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

/* Σ_k ‖S·v_k‖²/λ_k of S·(A + ρ·I)·S = Σ_k λ_k·v_k·v_kᵀ; a direction beyond the rank has ρ alone, however rounding left its λ_k. */
static double trace_by_eigenvalues(tl_equations *e, double rho)
{
    const int64_t n = e->n;
    double sum = 0;
    (void)fill(e, 0, rho);
    if (!decompose(e, true))
        return NAN;
    const int64_t first = first_of(e);
    for (int64_t k = first; k < n; k++)
        for (int64_t i = 0; i < n; i++)
            sum += pow(e->scale[i] * e->factor[k * n + i], 2) / e->vector[k];
    return sum + (double)first / rho;
}

static double trace(tl_equations *e, double rho)
{
    const int64_t n = e->n;
    double sum = 0;
    if (factorise(e, fill(e, 0, rho)) == 0)
        return trace_by_eigenvalues(e, rho);
    tl_cholesky_invert_f64(n, e->factor, n);
    for (int64_t i = 0; i < n; i++)
        sum += e->scale[i] * e->scale[i] * e->factor[i * n + i];
    return sum;
}

/* An eigenvalue of S·(A + ρ·I)·S is a singular value of the rows squared. */
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
        tl_equations_invert(e, e->factor, e->vector, first, n - first, tl_equations_rounding(n) * ratio);
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

bool tl_equations_solve(tl_equations *equations, double mu, double rho, double *delta)
{
    const int before = tl_blas_enter_for(equations->squares->context);
    bool found = solve(equations, mu, rho, delta);
    tl_blas_leave(before);
    for (int64_t i = 0; i < equations->n; i++)
        found &= isfinite(delta[i]);
    return found;
}

double tl_equations_trace(tl_equations *equations, double rho)
{
    const int before = tl_blas_enter_for(equations->squares->context);
    double found = trace(equations, rho);
    tl_blas_leave(before);
    return found;
}

bool tl_equations_certainty(tl_equations *equations, double rho, bool inverted, tl_certainty *certainty)
{
    const int before = tl_blas_enter_for(equations->squares->context);
    bool found = certainty_of(equations, rho, inverted, certainty);
    tl_blas_leave(before);
    return found;
}
