#include "optimize/gauss_newton.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "optimize/equations.h"
#include "optimize/gauss_newton_cg.h"

/* A search under way. What it minimises is the cost + ρ/2·‖x‖², with ρ = α/β of Bayesian regularisation, else 0. */
typedef struct search {
    const tl_squares *squares;
    const talus_least_squares_options *options;
    int64_t n;
    bool iterative;
    tl_equations equations; /* of the iterative way, only what is lent to it: D, s, the diagonal */
    tl_cg cg;
    double *memory;               /* the vectors below, and those of the iterative way */
    double *x, *trial, *delta;    /* Δ */
    double *g;                    /* Jᵀ·W·r */
    double mu, growth;            /* by which the next rejection multiplies μ */
    double rho, alpha, beta;      /* of Bayesian regularisation */
    double gamma;                 /* effective parameters */
    double cost, gradient, moved; /* at x, and how far the last step went */
    double first_gradient;
    double start;        /* in time */
    bool below_rounding; /* the last step was expected to lower the cost by no more than its rounding */
    bool ended;          /* with result.outcome */
    talus_least_squares_result result;
} search;

enum { HISTORY_COST, HISTORY_GRADIENT, HISTORY_STEP, HISTORY_DAMPING, HISTORY_PARAMETERS };

/* Memory ------------------------------------------------------------------------------------------------------- */

enum { VECTORS = 4, ITERATIVE_VECTORS = 11 };

int64_t tl_squares_bytes(int64_t n, bool iterative)
{
    int64_t vectors, factors = iterative ? 0 : tl_equations_bytes(n, false);
    bool fits = tl_multiply(n, (iterative ? ITERATIVE_VECTORS : VECTORS) * (int64_t)sizeof(double), &vectors);
    return !fits || factors < 0 || factors > INT64_MAX - vectors ? -1 : factors + vectors;
}

static talus_status prepare(search *s)
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

static void clear(search *s)
{
    tl_equations_destroy(&s->equations);
    tl_release(s->squares->context, s->memory);
}

/* The course ----------------------------------------------------------------------------------------------------- */

/* Ends it, unless it has ended. */
static void end(search *s, int outcome)
{
    if (!s->ended)
        s->result.outcome = outcome;
    s->ended = true;
}

/* What a function of the squares has returned: the caller may have wished to stop. */
static talus_status heard(search *s, talus_status status)
{
    if (status != TALUS_STATUS_NONE)
        return status;
    end(s, TALUS_OUTCOME_STOPPED);
    return TALUS_OK;
}

static talus_status evaluate(search *s, const double *x, double *cost)
{
    const talus_least_squares_options *o = s->options;
    if (o->evaluations > 0 && s->result.evaluations >= o->evaluations)
        end(s, TALUS_OUTCOME_LIMIT);
    if (o->seconds > 0 && s->result.evaluations > 0 && tl_now() - s->start >= o->seconds)
        end(s, TALUS_OUTCOME_TIME);
    if (s->ended)
        return TALUS_OK;
    s->result.evaluations++;
    return heard(s, s->squares->evaluate(s->squares->user, x, cost));
}

static double square(int64_t n, const double *x)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

static double objective(const search *s, double cost, const double *x)
{
    return s->rho == 0 ? cost : cost + s->rho / 2 * square(s->n, x);
}

/* A and g at x. False if they are not finite. */
static talus_status linearise(search *s, bool *finite)
{
    tl_equations *e = &s->equations;
    const tl_squares *q = s->squares;
    const int64_t n = s->n;
    double sum = 0;
    s->gradient = NAN;
    talus_status status = s->iterative ? q->gradient(q->user, s->x, e->diagonal, s->g)
                                       : q->normal(q->user, s->x, e->a, s->g);
    status = heard(s, status);
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

/* D (More 1978, section 6); columns of zeros so far have a length of 1. Of the identity it is the greatest length at first. */
static void scale(search *s, bool first)
{
    double *d = s->equations.d, most = 0;
    for (int64_t i = 0; i < s->n; i++)
        most = fmax(most, sqrt(s->equations.diagonal[i]));
    for (int64_t i = 0; i < s->n; i++) {
        double length = sqrt(s->equations.diagonal[i]);
        if (s->options->scaling == TALUS_DAMPING_DIAGONAL)
            d[i] = first ? length : fmax(d[i], length);
        else if (first)
            d[i] = most;
    }
    for (int64_t i = 0; i < s->n; i++)
        if (d[i] == 0)
            d[i] = most > 0 ? most * DBL_EPSILON : 1;
}

/* α, β and γ at x (Foresee and Hagan 1997; MacKay 1992, equations 4.8 to 4.10). At the start nothing is known of γ: it is less
 * than n and than m. */
static void weigh(search *s)
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
static void measure(search *s)
{
    tl_equations *e = &s->equations;
    const double size = sqrt(2 * objective(s, s->cost, s->x));
    s->gradient = 0;
    for (int64_t i = 0; i < s->n; i++) {
        e->slope[i] = s->g[i] + s->rho * s->x[i];
        const double length = sqrt(e->diagonal[i] + s->rho) * size;
        if (length > 0)
            s->gradient = fmax(s->gradient, fabs(e->slope[i]) / length);
    }
}

static talus_status arrive(search *s, bool first, bool *finite)
{
    talus_status status = linearise(s, finite);
    if (status != TALUS_OK || s->ended || !*finite)
        return status;
    scale(s, first);
    weigh(s);
    measure(s);
    return TALUS_OK;
}

/* A row of the history. */
static void record(search *s)
{
    const talus_matrix *history = s->options->history;
    if (history == NULL || s->result.iterations >= history->rows)
        return;
    double *row = (double *)history->data + s->result.iterations * history->stride;
    row[HISTORY_COST] = s->cost;
    row[HISTORY_GRADIENT] = s->gradient;
    row[HISTORY_STEP] = s->moved;
    row[HISTORY_DAMPING] = s->result.damping;
    row[HISTORY_PARAMETERS] = s->gamma;
}

static void report(search *s)
{
    const talus_matrix x = talus_matrix_view(s->x, TALUS_DTYPE_F64, 1, s->n);
    const talus_least_squares_step step = {
        .iteration = s->result.iterations,
        .evaluations = s->result.evaluations,
        .cost = s->cost,
        .gradient = s->gradient,
        .step = s->moved,
        .damping = s->result.damping,
        .effective_parameters = s->gamma,
        .seconds = tl_now() - s->start,
        .x = &x,
    };
    if (s->options->on_step == NULL)
        return;
    tl_call *call = tl_callback_begin(s->squares->context, TL_CALLBACK_OPEN);
    int stop = s->options->on_step(&step, s->options->user);
    tl_callback_end(call);
    if (stop != 0)
        end(s, TALUS_OUTCOME_STOPPED);
}

/* Whether it is where it was to go. */
static void judge_point(search *s)
{
    const talus_least_squares_options *o = s->options;
    if (o->gradient_tolerance > 0 && s->gradient <= o->gradient_tolerance)
        end(s, TALUS_OUTCOME_CONVERGED);
    if (s->cost <= o->target)
        end(s, TALUS_OUTCOME_TARGET);
}

/* Whether the last iteration, which began at these, still brought something. */
static void judge_progress(search *s, double before, double gradient)
{
    const talus_least_squares_options *o = s->options;
    if (o->cost_tolerance > 0 && fabs(before - s->cost) <= o->cost_tolerance * before)
        end(s, TALUS_OUTCOME_STALLED);
    if (o->step_tolerance > 0 && s->moved <= o->step_tolerance)
        end(s, TALUS_OUTCOME_STALLED);
    if (s->below_rounding && s->gradient >= gradient)
        end(s, TALUS_OUTCOME_STALLED);
    if (s->result.iterations >= o->iterations)
        end(s, TALUS_OUTCOME_LIMIT);
}

/* Steps ----------------------------------------------------------------------------------------------------------- */

/* max_i ‖√W·J_i‖·|y_i| */
static double size_of(const search *s, const double *y)
{
    double most = 0;
    for (int64_t i = 0; i < s->n; i++)
        most = fmax(most, sqrt(s->equations.diagonal[i]) * fabs(y[i]));
    return most;
}

/* Δ for the present μ; false: there is none. */
static talus_status solve(search *s, bool *found)
{
    *found = true;
    if (s->iterative) {
        double part = fmin(0.1, sqrt(s->gradient / s->first_gradient));
        return heard(s, tl_cg_solve(&s->cg, s->mu, part, 2 * s->n, s->delta));
    }
    *found = tl_equations_solve(&s->equations, s->mu, s->rho, s->delta);
    return TALUS_OK;
}

/* What the linear model expects of a step: −½·sᵀ·Δ + ½·μ·‖D·Δ‖². */
static double expected(const search *s)
{
    double sum = 0;
    for (int64_t i = 0; i < s->n; i++) {
        const double length = s->equations.d[i] * s->delta[i];
        sum += s->mu * length * length - s->equations.slope[i] * s->delta[i];
    }
    return sum / 2;
}

/* Nielsen 1999: μ falls smoothly where the model is good, and grows faster and faster where it is not. */
static void soften(search *s, double ratio)
{
    const double base = 2 * fmin(ratio, 1) - 1;
    s->mu = fmax(s->mu * fmax(1. / 3, 1 - base * base * base), DBL_EPSILON * DBL_EPSILON);
    s->growth = 2;
}

/* False: it has ended. */
static bool harden(search *s)
{
    if (s->options->damping == 0 || s->mu * s->growth > s->options->damping_limit) {
        end(s, TALUS_OUTCOME_STALLED);
        return false;
    }
    s->mu *= s->growth;
    s->growth *= 2;
    return true;
}

/* Tries one step; *taken: x and the cost are those of the new point. Where the cost has no digits left that could tell, the
 * step is taken for what the gradient says of it. */
static talus_status try_step(search *s, bool *taken)
{
    const double rounding = 1e-12;
    double cost = NAN;
    *taken = false;
    talus_status status = solve(s, taken);
    if (status != TALUS_OK || s->ended || !*taken)
        return status;
    *taken = false;
    for (int64_t i = 0; i < s->n; i++)
        s->trial[i] = s->x[i] + s->delta[i];
    status = evaluate(s, s->trial, &cost);
    if (status != TALUS_OK || s->ended)
        return status;
    const double before = objective(s, s->cost, s->x), fallen = before - objective(s, cost, s->trial);
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

static talus_status iterate(search *s)
{
    const double before = s->cost, gradient = s->gradient;
    bool taken = false, finite = true;
    while (!taken) {
        talus_status status = try_step(s, &taken);
        if (status != TALUS_OK || s->ended || (!taken && !harden(s)))
            return status;
    }
    const double size = size_of(s, s->x), length = size_of(s, s->delta);
    s->moved = length == 0 ? 0 : length / size;
    s->result.iterations++;
    talus_status status = arrive(s, false, &finite);
    if (!finite)
        end(s, TALUS_OUTCOME_DIVERGED);
    if (status != TALUS_OK || s->ended)
        return status;
    record(s);
    report(s);
    judge_point(s);
    judge_progress(s, before, gradient);
    return TALUS_OK;
}

static talus_status begin(search *s)
{
    bool finite = false;
    s->cost = NAN;
    s->gamma = (double)s->n;
    s->mu = s->options->damping;
    s->growth = 2;
    talus_status status = evaluate(s, s->x, &s->cost);
    if (status == TALUS_OK && !s->ended && !isfinite(s->cost))
        return tl_fail(s->squares->context, TALUS_ERROR_DATA,
                       "%s: the residuals must be finite at the start, got a cost of %g", s->squares->name,
                       s->cost);
    if (status == TALUS_OK && !s->ended)
        status = arrive(s, true, &finite);
    if (status == TALUS_OK && !s->ended && !finite)
        return tl_fail(s->squares->context, TALUS_ERROR_DATA,
                       "%s: the Jacobian must be finite at the start, got numbers that are not",
                       s->squares->name);
    s->first_gradient = s->gradient;
    if (status != TALUS_OK || s->ended)
        return status;
    record(s);
    judge_point(s);
    return TALUS_OK;
}

/* What is known at the end ------------------------------------------------------------------------------------------ */

/* The caller's matrices: σ² times the inverse, or NaN where it is not known. */
static void give(const search *s, double variance)
{
    const talus_matrix *covariance = s->options->covariance, *errors = s->options->standard_errors;
    const double *inverse = s->equations.factor;
    const bool known = s->result.errors_known;
    for (int64_t i = 0; i < s->n; i++) {
        if (errors != NULL)
            ((double *)errors->data)[i] = known ? sqrt(variance * inverse[i * s->n + i]) : NAN;
        for (int64_t j = 0; covariance != NULL && j <= i; j++) {
            double *data = covariance->data;
            data[i * covariance->stride + j] = data[j * covariance->stride + i] =
                known ? variance * inverse[i * s->n + j] : NAN;
        }
    }
}

/* The rank of J, and σ² = 2·cost/(m − rank); of Bayesian regularisation 1/β. */
static void settle(search *s)
{
    const talus_least_squares_options *o = s->options;
    talus_least_squares_result *r = &s->result;
    tl_certainty certainty = {-1, NAN};
    const bool inverted = o->covariance != NULL || o->standard_errors != NULL;
    const bool at_hand = !s->iterative && isfinite(s->gradient) && r->outcome != TALUS_OUTCOME_DIVERGED;
    const bool found = at_hand && tl_equations_certainty(&s->equations, s->rho, inverted, &certainty);
    const double rank = found ? (double)certainty.rank : (double)s->n;
    r->cost = s->cost;
    r->gradient = s->gradient;
    r->rank = found ? certainty.rank : -1;
    r->condition = certainty.condition;
    r->effective_parameters = o->bayesian ? s->gamma : found ? rank : NAN;
    r->weight_precision = s->alpha;
    r->noise_precision = o->bayesian ? s->beta : 1;
    r->degrees_of_freedom = fmax((double)s->squares->m - (o->bayesian ? s->gamma : rank), 0);
    const double variance = r->degrees_of_freedom > 0 ? 2 * s->cost / r->degrees_of_freedom : NAN;
    r->deviation = sqrt(variance);
    r->errors_known = found && r->degrees_of_freedom > 0;
    give(s, variance);
    r->seconds = tl_now() - s->start;
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
    search s = {.squares = squares, .options = &options->options, .n = squares->n, .start = tl_now()};
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
        settle(&s);
        memcpy(x, s.x, (size_t)s.n * sizeof *x);
        *result = s.result;
    }
    clear(&s);
    return status;
}
