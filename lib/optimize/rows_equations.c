/* The equations of a step by QR of the rows of √W·J: no digits are lost by squaring them.
 *
 *     √W·J = Q·R·C        min over Δ of ‖R·C·Δ + Qᵀ·√W·r‖² + ρ·‖x + Δ‖² + μ·‖D·Δ‖² */
#include <math.h>
#include <string.h>

#include "linalg/f64.h"
#include "optimize/equations.h"

static void copy_triangle(int64_t n, const double *from, double *to)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            to[i * n + j] = j < i ? 0 : from[i * n + j];
}

static void reduce(tl_equations *e)
{
    const int64_t n = e->n;
    int64_t m;
    double *jacobian, *residuals;
    if (e->reduced)
        return;
    e->squares->rows(e->squares->user, &m, &jacobian, &residuals);
    for (int64_t j = 0; j < n; j++)
        e->lengths[j] = e->diagonal[j] > 0 ? sqrt(e->diagonal[j]) : 1;
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++)
            jacobian[i * n + j] /= e->lengths[j];
    tl_columns_factor_f64(m, n, jacobian, n, e->tau, e->work, e->work_count);
    tl_columns_apply_f64(m, n, 1, jacobian, n, e->tau, residuals, 1, e->work, e->work_count);
    copy_triangle(n, jacobian, e->triangle);
    memcpy(e->image, residuals, (size_t)n * sizeof *residuals);
    e->reduced = true;
}

/* stack = [R; √ρ·C⁻¹; √μ·D·C⁻¹] and right = [Qᵀ·√W·r; √ρ·x; 0], made triangular: the first n rows are what counts. */
static void stack_rows(tl_equations *e, double mu, double rho)
{
    const int64_t n = e->n;
    double *a = e->stack, *b = e->right;
    memset(a, 0, (size_t)(3 * n * n) * sizeof *a);
    memset(b, 0, (size_t)(3 * n) * sizeof *b);
    memcpy(a, e->triangle, (size_t)(n * n) * sizeof *a);
    memcpy(b, e->image, (size_t)n * sizeof *b);
    if (mu == 0 && rho == 0)
        return;
    for (int64_t j = 0; j < n; j++) {
        a[(n + j) * n + j] = sqrt(rho) / e->lengths[j];
        b[n + j] = sqrt(rho) * e->x[j];
        a[(2 * n + j) * n + j] = sqrt(mu) * e->d[j] / e->lengths[j];
    }
    tl_columns_factor_f64(3 * n, n, a, n, e->tau, e->work, e->work_count);
    tl_columns_apply_f64(3 * n, n, 1, a, n, e->tau, b, 1, e->work, e->work_count);
}

/* The singular values of the upper triangle of the stack, in `vector`, U in its second n × n and V in its third. */
static bool decompose(tl_equations *e)
{
    const int64_t n = e->n;
    copy_triangle(n, e->stack, e->stack);
    return tl_singular_f64(n, n, e->stack, n, e->vector, e->stack + n * n, n, e->stack + 2 * n * n, n,
                           e->work, e->work_count, e->counts);
}

static int64_t rank_of(const tl_equations *e)
{
    int64_t rank = 0;
    while (rank < e->n && e->vector[rank] > tl_equations_rounding(e->n) * e->vector[0])
        rank++;
    return rank;
}

/* C·Δ = −V'ᵀ·Σ⁻¹·U'ᵀ·b */
static bool solve_by_singular_values(tl_equations *e, double *delta)
{
    const int64_t n = e->n;
    if (!decompose(e))
        return false;
    const double *u = e->stack + n * n, *v = u + n * n;
    memset(delta, 0, (size_t)n * sizeof *delta);
    for (int64_t k = 0, rank = rank_of(e); k < rank; k++) {
        double along = 0;
        for (int64_t i = 0; i < n; i++)
            along += u[i * n + k] * e->right[i];
        for (int64_t i = 0; i < n; i++)
            delta[i] -= along / e->vector[k] * v[k * n + i];
    }
    return true;
}

/* Whether the diagonal of the triangle says that the columns are independent, but for rounding. */
static bool is_independent(const tl_equations *e)
{
    double least = INFINITY, most = 0;
    for (int64_t i = 0; i < e->n; i++) {
        least = fmin(least, fabs(e->stack[i * e->n + i]));
        most = fmax(most, fabs(e->stack[i * e->n + i]));
    }
    return least > tl_equations_rounding(e->n) * most;
}

bool tl_rows_solve(tl_equations *equations, double mu, double rho, double *delta)
{
    tl_equations *e = equations;
    const int64_t n = e->n;
    reduce(e);
    stack_rows(e, mu, rho);
    if (is_independent(e)) {
        for (int64_t i = n - 1; i >= 0; i--) {
            double sum = -e->right[i];
            for (int64_t j = i + 1; j < n; j++)
                sum -= e->stack[i * n + j] * delta[j];
            delta[i] = sum / e->stack[i * n + i];
        }
    } else if (!solve_by_singular_values(e, delta))
        return false;
    for (int64_t i = 0; i < n; i++)
        delta[i] /= e->lengths[i];
    return true;
}

/* The columns of the triangle brought to the length 1, with the rows of ρ below them; S is what does that to A. */
static void bring_to_length_one(tl_equations *e, double rho)
{
    const int64_t n = e->n;
    for (int64_t j = 0; j < n; j++) {
        const double all = e->diagonal[j] + rho;
        e->scale[j] = all > 0 ? 1 / sqrt(all) : 1;
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i; j < n; j++)
            e->stack[i * n + j] *= e->lengths[j] * e->scale[j];
}

bool tl_rows_certainty(tl_equations *equations, double rho, bool inverted, tl_certainty *certainty)
{
    tl_equations *e = equations;
    const int64_t n = e->n;
    reduce(e);
    stack_rows(e, 0, rho);
    bring_to_length_one(e, rho);
    if (!decompose(e))
        return false;
    const int64_t rank = certainty->rank = rank_of(e);
    certainty->condition = rank > 0 ? e->vector[0] / e->vector[rank - 1] : NAN;
    for (int64_t k = 0; k < n; k++)
        e->vector[k] *= e->vector[k];
    if (inverted)
        tl_equations_invert(e, e->stack + 2 * n * n, e->vector, 0, rank,
                            tl_equations_rounding(n) * certainty->condition);
    return true;
}
