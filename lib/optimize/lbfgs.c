/* L-BFGS: p = −H·∇f, where H is what the last m pairs s = x_{k+1} − x_k, y = ∇f_{k+1} − ∇f_k make of γ·I by BFGS updates.
 * Nocedal and Wright 2006, algorithms 7.4 and 7.5; Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7; Liu and Nocedal 1989,
 * doi:10.1007/BF01589116. Both gradients of a pair are those of one function, also where batches change between the
 * iterations, as Schraudolph, Yu and Günter 2007 do. */
#include <float.h>
#include <math.h>

#include "optimize/minimizer.h"

static int64_t vectors(const talus_optimizer_spec *spec)
{
    return 2 * spec->history;
}

static int64_t numbers(const talus_optimizer_spec *spec)
{
    return 2 * spec->history + 1;
}

static void *s_of(const tl_minimizer *m, int64_t pair)
{
    return (char *)m->learnt_vectors + (size_t)(2 * pair) * m->stride;
}

static void *y_of(const tl_minimizer *m, int64_t pair)
{
    return (char *)m->learnt_vectors + (size_t)(2 * pair + 1) * m->stride;
}

/* The pair that is `age` older than the newest. */
static int64_t pair_of(const tl_minimizer *m, int64_t age)
{
    int64_t history = m->optimizer->spec.history;
    return (m->newest - age + history) % history;
}

/* Of each pair ρ = 1/(yᵀ·s) and, within a direction, a; at the end γ = yᵀ·s/yᵀ·y of the newest. */
static double *rho_of(const tl_minimizer *m, int64_t pair)
{
    return &m->learnt_numbers[2 * pair];
}

static double *a_of(const tl_minimizer *m, int64_t pair)
{
    return &m->learnt_numbers[2 * pair + 1];
}

static double *gamma_of(const tl_minimizer *m)
{
    return &m->learnt_numbers[2 * m->optimizer->spec.history];
}

/* p ← −∇f; from the newest pair to the oldest a = ρ·sᵀp, p ← p − a·y; p ← γ·p; and back p ← p + (a − ρ·yᵀp)·s */
static void direct(tl_minimizer *m)
{
    void *p = m->direction;
    tl_vector_combine(&m->space, -1, m->gradient, 0, m->gradient, p);
    for (int64_t age = 0; age < m->learnt; age++) {
        int64_t pair = pair_of(m, age);
        *a_of(m, pair) = *rho_of(m, pair) * tl_vector_dot(&m->space, s_of(m, pair), p);
        tl_vector_axpy(&m->space, -*a_of(m, pair), y_of(m, pair), p);
    }
    tl_vector_combine(&m->space, *gamma_of(m), p, 0, p, p);
    for (int64_t age = m->learnt - 1; age >= 0; age--) {
        int64_t pair = pair_of(m, age);
        double b = *rho_of(m, pair) * tl_vector_dot(&m->space, y_of(m, pair), p);
        tl_vector_axpy(&m->space, *a_of(m, pair) - b, s_of(m, pair), p);
    }
}

static double first(const tl_minimizer *m, double slope)
{
    (void)m, (void)slope;
    return 1;
}

/* The next pair; it is left out, and its place stays free, if rounding hides that yᵀ·s > 0. */
static void learn(tl_minimizer *m, double step)
{
    const double digit = m->space.precision == TALUS_DTYPE_F32 ? (double)FLT_EPSILON : DBL_EPSILON;
    int64_t pair = pair_of(m, -1), history = m->optimizer->spec.history;
    void *s = s_of(m, pair), *y = y_of(m, pair);
    (void)step;
    if (m->learnt == history)
        m->learnt--; /* the oldest gives its place */
    tl_vector_combine(&m->space, 1, m->x, -1, m->last_x, s);
    tl_vector_combine(&m->space, 1, m->gradient, -1, m->last_gradient, y);
    double ys = tl_vector_dot(&m->space, y, s), yy = tl_vector_dot(&m->space, y, y);
    if (!(ys > digit * tl_vector_norm(&m->space, s) * sqrt(yy)) || !isfinite(1 / ys) || !isfinite(ys / yy))
        return;
    *rho_of(m, pair) = 1 / ys;
    *gamma_of(m) = ys / yy;
    m->newest = pair;
    m->learnt++;
}

const tl_search tl_lbfgs = {
    .curvature = 0.9,
    .vectors = vectors,
    .numbers = numbers,
    .direct = direct,
    .first = first,
    .learn = learn,
};
