/* From one point to the next, as far as the linear model can be trusted. */
#include "optimize/squares_search.h"

#include <float.h>
#include <math.h>

double tl_search_size(const tl_squares_search *s, const double *y)
{
    double most = 0;
    for (int64_t i = 0; i < s->n; i++)
        most = fmax(most, sqrt(s->equations.diagonal[i]) * fabs(y[i]));
    return most;
}

/* Δ for the present μ; false: there is none. */
static talus_status solve(tl_squares_search *s, bool *found)
{
    *found = true;
    if (s->iterative) {
        double part = fmin(0.1, sqrt(s->gradient / s->first_gradient));
        return tl_search_heard(s, tl_cg_solve(&s->cg, s->mu, part, 2 * s->n, s->delta));
    }
    *found = tl_equations_solve(&s->equations, s->mu, s->rho, s->delta);
    return TALUS_OK;
}

/* What the linear model expects of a step: −½·sᵀ·Δ + ½·μ·‖D·Δ‖². */
static double expected(const tl_squares_search *s)
{
    double sum = 0;
    for (int64_t i = 0; i < s->n; i++) {
        const double length = s->equations.d[i] * s->delta[i];
        sum += s->mu * length * length - s->equations.slope[i] * s->delta[i];
    }
    return sum / 2;
}

/* Nielsen 1999: μ falls smoothly where the model is good, and grows faster and faster where it is not. */
static void soften(tl_squares_search *s, double ratio)
{
    const double base = 2 * fmin(ratio, 1) - 1;
    s->mu = fmax(s->mu * fmax(1. / 3, 1 - base * base * base), DBL_EPSILON * DBL_EPSILON);
    s->growth = 2;
}

bool tl_search_harden(tl_squares_search *s)
{
    if (s->options->damping == 0 || s->mu * s->growth > s->options->damping_limit) {
        tl_search_end(s, TALUS_OUTCOME_STALLED);
        return false;
    }
    s->mu *= s->growth;
    s->growth *= 2;
    return true;
}

talus_status tl_search_step(tl_squares_search *s, bool *taken)
{
    const double rounding = s->squares->rounding > 0 ? s->squares->rounding : 1e-12;
    double cost = NAN;
    *taken = false;
    talus_status status = solve(s, taken);
    if (status != TALUS_OK || s->ended || !*taken)
        return status;
    *taken = false;
    for (int64_t i = 0; i < s->n; i++)
        s->trial[i] = s->x[i] + s->delta[i];
    status = tl_search_evaluate(s, s->trial, &cost);
    if (status != TALUS_OK || s->ended)
        return status;
    const double before = tl_search_objective(s, s->cost, s->x),
                 fallen = before - tl_search_objective(s, cost, s->trial);
    const double hoped = expected(s);
    s->below_rounding = hoped <= rounding * before && fabs(fallen) <= rounding * before;
    *taken = fallen > 0 || s->below_rounding;
    if (!*taken)
        return TALUS_OK;
    double *old = s->x;
    s->x = s->trial, s->trial = old;
    s->cost = cost;
    s->result.damping = s->mu;
    if (s->options->damping > 0)
        soften(s, s->below_rounding ? 1 : fallen / hoped);
    return TALUS_OK;
}
