/* What is computed once at each point. */
#include "optimize/squares_search.h"

#include <float.h>
#include <math.h>

static double square(int64_t n, const double *x)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

double tl_search_objective(const tl_squares_search *s, double cost, const double *x)
{
    return s->rho == 0 ? cost : cost + s->rho / 2 * square(s->n, x);
}

/* A and g at x. False if they are not finite. */
static talus_status linearise(tl_squares_search *s, bool *finite)
{
    tl_equations *e = &s->equations;
    const tl_squares *q = s->squares;
    const int64_t n = s->n;
    double sum = 0;
    s->gradient = NAN;
    talus_status status = s->iterative ? q->gradient(q->user, s->x, e->diagonal, s->g)
                                       : q->normal(q->user, s->x, e->a, s->g);
    status = tl_search_heard(s, status);
    *finite = true;
    if (status != TALUS_OK || s->ended)
        return status;
    e->x = s->cg.x = s->x;
    e->reduced = false;
    for (int64_t i = 0; i < n; i++) {
        if (!s->iterative)
            e->diagonal[i] = e->a[i * n + i];
        sum += 0 * s->g[i] + 0 * e->diagonal[i];
        for (int64_t j = 0; j < i && !s->iterative; j++)
            sum += 0 * e->a[i * n + j];
    }
    *finite = sum == 0;
    return TALUS_OK;
}

/* D as described at talus_damping, but above 0 for columns of zeros too. */
static void scale(tl_squares_search *s, bool first)
{
    double *d = s->equations.d, most = 0;
    for (int64_t i = 0; i < s->n; i++)
        most = fmax(most, sqrt(s->equations.diagonal[i]));
    for (int64_t i = 0; i < s->n; i++) {
        const double length = sqrt(s->equations.diagonal[i]), before = first ? 0 : d[i];
        const double choices[] = {[TALUS_DAMPING_DIAGONAL] = fmax(before, length),
                                  [TALUS_DAMPING_IDENTITY] = first ? most : before,
                                  [TALUS_DAMPING_CURRENT] = length};
        d[i] = choices[s->options->scaling];
        if (d[i] == 0)
            d[i] = most > 0 ? most * DBL_EPSILON : 1;
    }
}

/* α, β and γ at x (MacKay 1992; Foresee and Hagan 1997). At the start nothing is known of γ but that it is less
 * than n and than m. */
static void weigh(tl_squares_search *s)
{
    const double n = (double)s->n, m = (double)s->squares->m, size = square(s->n, s->x);
    if (!s->options->bayesian)
        return;
    double gamma = s->rho > 0 ? n - s->rho * tl_equations_trace(&s->equations, s->rho) : n * m / (n + m);
    if (!(gamma > 0) || !(m - gamma > 0) || size == 0)
        return;
    s->gamma = gamma;
    s->alpha = gamma / size;
    s->beta = (m - gamma) / fmax(2 * s->cost, DBL_MIN);
    s->rho = s->alpha / s->beta;
}

/* s, and the greatest cosine of an angle between the residuals and a column. */
static void measure(tl_squares_search *s)
{
    tl_equations *e = &s->equations;
    const double size = sqrt(2 * tl_search_objective(s, s->cost, s->x));
    s->gradient = 0;
    for (int64_t i = 0; i < s->n; i++) {
        e->slope[i] = s->g[i] + s->rho * s->x[i];
        const double length = sqrt(e->diagonal[i] + s->rho) * size;
        if (length > 0)
            s->gradient = fmax(s->gradient, fabs(e->slope[i]) / length);
    }
}

talus_status tl_search_arrive(tl_squares_search *s, bool first, bool *finite)
{
    talus_status status = linearise(s, finite);
    if (status != TALUS_OK || s->ended || !*finite)
        return status;
    scale(s, first);
    weigh(s);
    measure(s);
    return TALUS_OK;
}
