#include <talus/minimize.h>

#include <math.h>

#include "base/call.h"
#include "base/clock.h"
#include "optimize/minimize_options.h"
#include "optimize/minimizer.h"

/* A minimisation under way. */
typedef struct run {
    talus_context *context;
    talus_function f;
    void *user;
    talus_matrix x, gradient, history; /* history: data NULL if it is not wanted */
    talus_minimize_options options;
    talus_optimizer *optimizer;
    tl_minimizer *minimizer;
    void *best; /* the point with the least value, of: */
    double best_value, best_norm;
    double start;
    bool ended; /* with result.outcome */
    talus_minimize_result result;
} run;

enum { HISTORY_VALUE, HISTORY_NORM, HISTORY_STEP, HISTORY_COLUMNS };

/* What the caller gives ---------------------------------------------------------------------------------- */

static talus_status check_x(run *r, const talus_matrix *x)
{
    talus_status status = tl_check_matrix(r->context, "x", x, TL_DTYPES_REAL, &r->x);
    if (status == TALUS_OK && r->x.rows != 1)
        status = tl_fail(r->context, TALUS_ERROR_SHAPE, "x must be one row, got %lld × %lld",
                         (long long)r->x.rows, (long long)r->x.cols);
    return status;
}

static talus_status check_history(run *r)
{
    if (r->options.history == NULL)
        return TALUS_OK;
    talus_status status = tl_check_matrix(r->context, "history", r->options.history,
                                          TL_DTYPE(TALUS_DTYPE_F64), &r->history);
    if (status == TALUS_OK && r->history.cols != HISTORY_COLUMNS)
        status = tl_fail(r->context, TALUS_ERROR_SHAPE, "history must have %d columns, got %lld",
                         HISTORY_COLUMNS, (long long)r->history.cols);
    return status;
}

static talus_status take(run *r, const talus_matrix *x, const talus_minimize_options *options,
                         size_t options_size, const talus_minimize_result *result, size_t result_size)
{
    if (r->f == NULL)
        return tl_fail(r->context, TALUS_ERROR_ARGUMENT, "minimize: f must not be NULL");
    talus_status status = tl_options_take(r->context, &tl_minimize_table, NULL, &r->options, options,
                                          options_size);
    if (status == TALUS_OK && result != NULL)
        status = tl_result_check(r->context, "result of minimize", result_size,
                                 TL_END_OF(talus_minimize_result, seconds));
    if (status == TALUS_OK)
        status = tl_options_check(r->context, &tl_minimize_table, NULL, &r->options);
    if (status == TALUS_OK)
        status = check_x(r, x);
    return status == TALUS_OK ? check_history(r) : status;
}

/* Allocates everything. */
static talus_status prepare(run *r, size_t optimizer_size)
{
    talus_optimizer_spec lbfgs;
    const talus_optimizer_spec *spec = r->options.optimizer;
    talus_optimizer_defaults(&lbfgs, TALUS_LBFGS);
    talus_status status = talus_optimizer_create_sized(r->context, spec == NULL ? &lbfgs : spec,
                                                       spec == NULL ? sizeof lbfgs : optimizer_size,
                                                       r->x.dtype, r->x.cols, &r->optimizer);
    if (status == TALUS_OK)
        status = tl_minimizer_create(r->optimizer, r->x.data, "minimize", &r->minimizer);
    if (status != TALUS_OK)
        return status;
    r->gradient = talus_matrix_view(r->minimizer->gradient, r->x.dtype, 1, r->x.cols);
    r->best = tl_allocate(r->context, (size_t)r->x.cols * tl_dtype_size(r->x.dtype));
    if (r->best == NULL)
        return tl_fail(r->context, TALUS_ERROR_MEMORY,
                       "minimize: the allocator returned no memory for a vector of %lld numbers",
                       (long long)r->x.cols);
    double largest = tl_vector_largest(&r->minimizer->space, r->x.data);
    if (!isfinite(largest))
        return tl_fail(r->context, TALUS_ERROR_DATA, "x must be finite, got %g among its numbers", largest);
    return TALUS_OK;
}

static void clear(run *r)
{
    tl_release(r->context, r->best);
    tl_minimizer_destroy(r->minimizer);
    talus_optimizer_destroy(r->optimizer);
}

/* The course --------------------------------------------------------------------------------------------- */

/* Ends it, unless it has ended; always false. */
static bool end(run *r, int outcome)
{
    if (!r->ended)
        r->result.outcome = outcome;
    r->ended = true;
    return false;
}

static bool evaluate(void *user, double *value, void *gradient)
{
    run *r = user;
    (void)gradient; /* is what r->gradient looks at */
    if (r->options.evaluations > 0 && r->result.evaluations >= r->options.evaluations)
        return end(r, TALUS_OUTCOME_LIMIT);
    if (r->options.seconds > 0 && r->result.evaluations > 0 && tl_now() - r->start >= r->options.seconds)
        return end(r, TALUS_OUTCOME_TIME);
    r->result.evaluations++;
    *value = NAN;
    tl_call *call = tl_callback_begin(r->context, TL_CALLBACK_OPEN);
    int stop = r->f(&r->x, value, &r->gradient, r->user);
    tl_callback_end(call);
    return stop == 0 || end(r, TALUS_OUTCOME_STOPPED);
}

/* A row of the history. */
static void record(run *r, double step)
{
    if (r->history.data == NULL || r->result.iterations >= r->history.rows)
        return;
    double *row = (double *)r->history.data + r->result.iterations * r->history.stride;
    row[HISTORY_VALUE] = r->minimizer->value;
    row[HISTORY_NORM] = r->minimizer->norm;
    row[HISTORY_STEP] = step;
}

static void keep_best(run *r)
{
    if (!(r->minimizer->value < r->best_value))
        return;
    r->best_value = r->minimizer->value;
    r->best_norm = r->minimizer->norm;
    tl_vector_copy(&r->minimizer->space, r->minimizer->x, r->best);
}

static void report(run *r)
{
    if (r->options.on_step == NULL)
        return;
    talus_minimize_step step = {
        .iteration = r->result.iterations,
        .evaluations = r->result.evaluations,
        .value = r->minimizer->value,
        .gradient_norm = r->minimizer->norm,
        .step = r->minimizer->moved,
        .seconds = tl_now() - r->start,
        .x = &r->x,
    };
    tl_call *call = tl_callback_begin(r->context, TL_CALLBACK_OPEN);
    int stop = r->options.on_step(&step, r->options.user);
    tl_callback_end(call);
    if (stop != 0)
        end(r, TALUS_OUTCOME_STOPPED);
}

/* Whether it is where it was to go. */
static void judge_point(run *r)
{
    const talus_minimize_options *o = &r->options;
    if (o->gradient_tolerance > 0 && r->minimizer->norm <= o->gradient_tolerance)
        end(r, TALUS_OUTCOME_CONVERGED);
    if (r->minimizer->value <= o->target)
        end(r, TALUS_OUTCOME_TARGET);
}

/* Whether the last iteration, which began at f = `before`, still brought something. */
static void judge_progress(run *r, double before)
{
    const talus_minimize_options *o = &r->options;
    double value = r->minimizer->value, size = fmax(fabs(value), fabs(before));
    if (o->value_tolerance > 0 && fabs(value - before) <= o->value_tolerance * size)
        end(r, TALUS_OUTCOME_STALLED);
    if (o->step_tolerance > 0 && r->minimizer->moved <= o->step_tolerance)
        end(r, TALUS_OUTCOME_STALLED);
    if (r->result.iterations >= o->iterations)
        end(r, TALUS_OUTCOME_LIMIT);
}

static void iterate(run *r, const tl_objective *objective)
{
    const double before = r->minimizer->value;
    tl_iteration how = tl_minimizer_iterate(r->minimizer, objective);
    if (how == TL_ITERATION_STALLED)
        end(r, TALUS_OUTCOME_STALLED);
    if (how == TL_ITERATION_DIVERGED)
        end(r, TALUS_OUTCOME_DIVERGED);
    if (how == TL_ITERATION_LEFT) /* has ended it */
        keep_best(r);
    if (how != TL_ITERATION_MOVED)
        return;
    r->result.iterations++;
    record(r, r->minimizer->moved);
    keep_best(r);
    report(r);
    judge_point(r);
    judge_progress(r, before);
}

static void run_iterations(run *r)
{
    const tl_objective objective = {evaluate, r};
    r->best_value = INFINITY;
    if (!tl_minimizer_evaluate(r->minimizer, &objective))
        return;
    record(r, 0);
    if (!isfinite(r->minimizer->value)) {
        end(r, TALUS_OUTCOME_DIVERGED);
        return;
    }
    keep_best(r);
    judge_point(r);
    while (!r->ended)
        iterate(r, &objective);
}

/* The point that the caller gets, and what is known of it: the converged one, or the best if there is any. */
static void settle(run *r)
{
    const tl_minimizer *m = r->minimizer;
    bool converged = r->result.outcome == TALUS_OUTCOME_CONVERGED, found = r->best_value < INFINITY;
    if (found && !converged)
        tl_vector_copy(&m->space, r->best, m->x);
    r->result.value = converged ? m->value : found ? r->best_value : NAN;
    r->result.gradient_norm = converged ? m->norm : found ? r->best_norm : NAN;
    r->result.seconds = tl_now() - r->start;
}

/* The call ----------------------------------------------------------------------------------------------- */

static talus_status minimize(run *r, const talus_matrix *x, const talus_minimize_options *options,
                             size_t options_size, size_t optimizer_size, talus_minimize_result *result,
                             size_t result_size)
{
    r->start = tl_now();
    talus_status status = take(r, x, options, options_size, result, result_size);
    if (status == TALUS_OK)
        status = prepare(r, optimizer_size);
    if (status == TALUS_OK) {
        tl_float_mode mode = tl_float_enter();
        run_iterations(r);
        settle(r);
        tl_float_leave(mode);
        if (result != NULL)
            tl_result_give(&r->result, sizeof r->result, result, result_size);
    }
    clear(r);
    return status;
}

talus_status talus_minimize_sized(talus_context *context, talus_function f, void *user, const talus_matrix *x,
                                  const talus_minimize_options *options, size_t options_size,
                                  size_t optimizer_size, talus_minimize_result *result, size_t result_size)
{
    tl_call call;
    run r = {.context = context, .f = f, .user = user};
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, minimize(&r, x, options, options_size, optimizer_size,
                                                            result, result_size))
                              : status;
}
