/* What is said of a search, on the way and at the end. */
#include <math.h>

#include "base/call.h"
#include "base/clock.h"
#include "optimize/squares_search.h"

enum { HISTORY_COST, HISTORY_GRADIENT, HISTORY_STEP, HISTORY_DAMPING, HISTORY_PARAMETERS };

void tl_search_record(tl_squares_search *s)
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

void tl_search_report(tl_squares_search *s)
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
        tl_search_end(s, TALUS_OUTCOME_STOPPED);
}

/* The caller's matrices: σ² times the inverse, or NaN where it is not known. */
static void give(const tl_squares_search *s, double variance)
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

/* Whether all variances are numbers: where columns are very short they overflow. */
static bool are_finite(const tl_equations *equations, int64_t n, double variance)
{
    bool finite = true;
    for (int64_t i = 0; i < n; i++)
        finite &= isfinite(variance * equations->factor[i * n + i]);
    return finite;
}

/* The rank of J, and σ² = 2·cost/(m − rank); of Bayesian regularisation 1/β. */
void tl_search_settle(tl_squares_search *s)
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
    r->errors_known = found && r->degrees_of_freedom > 0 &&
                      !(inverted && !are_finite(&s->equations, s->n, variance));
    give(s, variance);
    r->seconds = tl_now() - s->start;
}
