#include "optimize/gauss_newton.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "optimize/squares_search.h"

/* Memory ------------------------------------------------------------------------------------------------------- */

enum { VECTORS = 4, ITERATIVE_VECTORS = 11 };

int64_t tl_squares_bytes(int64_t n, bool iterative)
{
    int64_t vectors, factors = iterative ? 0 : tl_equations_bytes(n, false);
    bool fits = tl_multiply(n, (iterative ? ITERATIVE_VECTORS : VECTORS) * (int64_t)sizeof(double), &vectors);
    return !fits || factors < 0 || factors > INT64_MAX - vectors ? -1 : factors + vectors;
}

static talus_status prepare(tl_squares_search *s)
{
    const int64_t n = s->n;
    s->memory = tl_allocate(s->squares->context,
                            (size_t)(n * (s->iterative ? ITERATIVE_VECTORS : VECTORS)) * sizeof *s->memory);
    if (s->memory == NULL)
        return tl_fail(s->squares->context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for vectors of %lld numbers", s->squares->name,
                       (long long)n);
    double *at[ITERATIVE_VECTORS];
    for (int k = 0; k < (s->iterative ? ITERATIVE_VECTORS : VECTORS); k++)
        at[k] = s->memory + k * n;
    s->x = at[0], s->trial = at[1], s->delta = at[2], s->g = at[3];
    if (!s->iterative)
        return tl_equations_create(s->squares, &s->equations);
    s->equations = (tl_equations){.n = n, .diagonal = at[4], .d = at[5], .slope = at[6]};
    s->cg = (tl_cg){.squares = s->squares, .n = n, .d = at[5], .diagonal = at[4], .slope = at[6]};
    s->cg.r = at[7], s->cg.z = at[8], s->cg.p = at[9], s->cg.q = at[10];
    return TALUS_OK;
}

static void clear(tl_squares_search *s)
{
    tl_equations_destroy(&s->equations);
    tl_release(s->squares->context, s->memory);
}

/* The course ----------------------------------------------------------------------------------------------------- */

void tl_search_end(tl_squares_search *s, int outcome)
{
    if (!s->ended)
        s->result.outcome = outcome;
    s->ended = true;
}

talus_status tl_search_heard(tl_squares_search *s, talus_status status)
{
    if (status != TALUS_STATUS_NONE)
        return status;
    tl_search_end(s, TALUS_OUTCOME_STOPPED);
    return TALUS_OK;
}

talus_status tl_search_evaluate(tl_squares_search *s, const double *x, double *cost)
{
    const talus_least_squares_options *o = s->options;
    if (o->evaluations > 0 && s->result.evaluations >= o->evaluations)
        tl_search_end(s, TALUS_OUTCOME_LIMIT);
    if (o->seconds > 0 && s->result.evaluations > 0 && tl_now() - s->start >= o->seconds)
        tl_search_end(s, TALUS_OUTCOME_TIME);
    if (s->ended)
        return TALUS_OK;
    s->result.evaluations++;
    talus_status status = tl_search_heard(s, s->squares->evaluate(s->squares->user, x, cost));
    if (s->ended)
        *cost = NAN;
    return status;
}

/* Steps in a row that are below rounding and do not lower the least gradient: with so many it has stalled. */
enum { MOST_IDLE = 3 };

/* Whether it is where it was to go. */
static void judge_point(tl_squares_search *s)
{
    const talus_least_squares_options *o = s->options;
    if (o->gradient_tolerance > 0 && s->gradient <= o->gradient_tolerance)
        tl_search_end(s, TALUS_OUTCOME_CONVERGED);
    if (s->cost <= o->target)
        tl_search_end(s, TALUS_OUTCOME_TARGET);
}

/* Whether the last iteration, which began at this cost, still brought something. Where the cost has no digits left the gradient tells;
 * it may rise on its way down. */
static void judge_progress(tl_squares_search *s, double before)
{
    const talus_least_squares_options *o = s->options;
    if (o->cost_tolerance > 0 && fabs(before - s->cost) <= o->cost_tolerance * before)
        tl_search_end(s, TALUS_OUTCOME_STALLED);
    if (o->step_tolerance > 0 && s->moved <= o->step_tolerance)
        tl_search_end(s, TALUS_OUTCOME_STALLED);
    s->idle = s->below_rounding && s->gradient >= s->least ? s->idle + 1 : 0;
    s->least = s->below_rounding ? fmin(s->least, s->gradient) : s->gradient;
    if (s->idle == MOST_IDLE)
        tl_search_end(s, TALUS_OUTCOME_STALLED);
    if (s->result.iterations >= o->iterations)
        tl_search_end(s, TALUS_OUTCOME_LIMIT);
}

static talus_status iterate(tl_squares_search *s)
{
    const double before = s->cost;
    bool taken = false, finite = true;
    while (!taken) {
        talus_status status = tl_search_step(s, &taken);
        if (status != TALUS_OK || s->ended || (!taken && !tl_search_harden(s)))
            return status;
    }
    const double size = tl_search_size(s, s->x), length = tl_search_size(s, s->delta);
    s->moved = length == 0 ? 0 : length / size;
    s->result.iterations++;
    talus_status status = tl_search_arrive(s, false, &finite);
    if (!finite)
        tl_search_end(s, TALUS_OUTCOME_DIVERGED);
    if (status != TALUS_OK || s->ended)
        return status;
    tl_search_record(s);
    tl_search_report(s);
    judge_point(s);
    judge_progress(s, before);
    return TALUS_OK;
}

static talus_status begin(tl_squares_search *s)
{
    bool finite = false;
    s->cost = NAN;
    s->gamma = (double)s->n;
    s->mu = s->options->damping;
    s->growth = 2;
    talus_status status = tl_search_evaluate(s, s->x, &s->cost);
    if (status == TALUS_OK && !s->ended && !isfinite(s->cost))
        return tl_fail(s->squares->context, TALUS_ERROR_DATA,
                       "%s: the residuals must be finite at the start, got a cost of %g", s->squares->name,
                       s->cost);
    if (status == TALUS_OK && !s->ended)
        status = tl_search_arrive(s, true, &finite);
    if (status == TALUS_OK && !s->ended && !finite)
        return tl_fail(s->squares->context, TALUS_ERROR_DATA,
                       "%s: the Jacobian must be finite at the start, got numbers that are not",
                       s->squares->name);
    s->first_gradient = s->least = s->gradient;
    if (status != TALUS_OK || s->ended)
        return status;
    tl_search_record(s);
    judge_point(s);
    return TALUS_OK;
}

/* The call ----------------------------------------------------------------------------------------------------------- */

static talus_status check(const tl_squares *squares, const talus_least_squares_options *o)
{
    const bool iterative = squares->normal == NULL;
    if (o->damping == 0 && squares->m < squares->n && !o->bayesian)
        return tl_fail(
            squares->context, TALUS_ERROR_ARGUMENT,
            "%s: damping must be above 0 where residuals are fewer than parameters, got 0 with %lld "
            "residuals and %lld parameters",
            squares->name, (long long)squares->m, (long long)squares->n);
    const char *lacking = !iterative                   ? NULL
                          : o->bayesian                ? "bayesian"
                          : o->covariance != NULL      ? "covariance"
                          : o->standard_errors != NULL ? "standard_errors"
                                                       : NULL;
    if (lacking != NULL)
        return tl_fail(
            squares->context, TALUS_ERROR_ARGUMENT,
            "%s: %s must be left at its default with steps by conjugate_gradients, which factor nothing",
            squares->name, lacking);
    return TALUS_OK;
}

talus_status tl_squares_minimize(const tl_squares *squares, const tl_squares_options *options, double *x,
                                 talus_least_squares_result *result)
{
    tl_squares_search s = {
        .squares = squares, .options = &options->options, .n = squares->n, .start = tl_now()};
    s.iterative = squares->normal == NULL;
    s.gradient = NAN;
    talus_status status = check(squares, s.options);
    if (status == TALUS_OK)
        status = prepare(&s);
    if (status == TALUS_OK) {
        memcpy(s.x, x, (size_t)s.n * sizeof *x);
        status = begin(&s);
    }
    while (status == TALUS_OK && !s.ended)
        status = iterate(&s);
    if (status == TALUS_OK) {
        tl_search_settle(&s);
        memcpy(x, s.x, (size_t)s.n * sizeof *x);
        *result = s.result;
    }
    clear(&s);
    return status;
}
