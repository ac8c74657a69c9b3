#include "train/levenberg_marquardt.h"

#include <math.h>
#include <string.h>

#include "base/call.h"
#include "train/batches.h"
#include "train/network_squares.h"
#include "train/report.h"

/* A fit under way. */
typedef struct fit {
    talus_network *network;
    talus_context *context; /* the network's */
    const talus_dataset *training, *validation;
    talus_levenberg_marquardt_options options;
    tl_squares_options method;
    int (*on_step)(const talus_least_squares_step *, void *user); /* the caller's */
    void *user;
    tl_network_squares squares;
    bool has_memory; /* for blocks, which are to be ended */
    bool iterative;  /* steps are found by conjugate gradients */
    double *theta;   /* the parameters */
    tl_feed feed;    /* of the validation set */
    double *best;    /* parameters, by validation cost; and this, and C: */
    double best_validation, best_cost;
    int64_t waited;         /* iterations since */
    talus_status judgement; /* of the validation set: an error ends the fit */
} fit;

/* What the caller gives ---------------------------------------------------------------------------------- */

static talus_status check_method(const fit *f)
{
    const talus_least_squares_options *o = &f->method.options;
    if (o->weights != NULL)
        return tl_fail(
            f->context, TALUS_ERROR_ARGUMENT,
            "levenberg_marquardt: weights must be NULL, since samples have theirs in the data set");
    if (o->differences != TALUS_DIFFERENCES_CENTRAL)
        return tl_fail(
            f->context, TALUS_ERROR_ARGUMENT,
            "levenberg_marquardt: differences must be at the default, since none are taken, got %s",
            talus_differences_name(o->differences));
    if (f->options.patience > 0 && f->validation == NULL)
        return tl_fail(f->context, TALUS_ERROR_ARGUMENT,
                       "levenberg_marquardt: patience must be 0 without a validation set, got %lld",
                       (long long)f->options.patience);
    if (f->options.patience > 0 && (o->covariance != NULL || o->standard_errors != NULL))
        return tl_fail(
            f->context, TALUS_ERROR_ARGUMENT,
            "levenberg_marquardt: covariance and standard_errors must be NULL with patience, since "
            "the parameters that are kept need not be those of a minimum");
    return TALUS_OK;
}

static talus_status take(fit *f, const talus_levenberg_marquardt_options *options, size_t options_size,
                         size_t method_size, const talus_levenberg_marquardt_result *result,
                         size_t result_size)
{
    const tl_options *table = &tl_levenberg_marquardt_table;
    talus_status status = tl_options_take(f->context, table, NULL, &f->options, options, options_size);
    if (status == TALUS_OK && result != NULL)
        status = tl_result_check(f->context, "result of levenberg_marquardt", result_size,
                                 TL_END_OF(talus_levenberg_marquardt_result, seconds));
    if (status == TALUS_OK)
        status = tl_options_check(f->context, table, NULL, &f->options);
    if (status == TALUS_OK)
        status = tl_squares_take(f->context, table->name, f->network->parameter_count, f->options.method,
                                 method_size, &f->method);
    if (status == TALUS_OK)
        status = check_method(f);
    if (status == TALUS_OK)
        status = tl_levenberg_marquardt_check(f->network);
    if (status == TALUS_OK)
        status = tl_check_dataset(f->context, f->network, "training", f->training);
    if (status == TALUS_OK && f->validation != NULL)
        status = tl_check_dataset(f->context, f->network, "validation", f->validation);
    return status;
}

/* Memory ----------------------------------------------------------------------------------------------------- */

/* Takes what one way of finding steps needs, if the memory is enough; *needed: bytes that the least of it would take in all, or
 * −1. */
static talus_status try_way(fit *f, bool iterative, int64_t *needed)
{
    enum { LEAST_ROWS = 256 }; /* of J, for products that are fast; less only by conjugate gradients */
    const int64_t n = f->network->parameter_count, of_method = tl_squares_bytes(n, iterative),
                  vectors = 3 * n * (int64_t)sizeof(double),
                  few = tl_smaller(tl_divide_up(LEAST_ROWS, tl_network_outputs(f->network)),
                                   f->training->samples);
    *needed = -1;
    if (of_method < 0 || of_method > INT64_MAX / 2)
        return TALUS_OK;
    f->squares = (tl_network_squares){
        .network = f->network, .dataset = f->training, .beside = of_method + vectors};
    talus_status status = tl_network_squares_begin(&f->squares, f->options.memory, iterative ? 1 : few,
                                                   iterative);
    *needed = f->squares.needed;
    f->has_memory = status == TALUS_OK && *needed >= 0 && *needed <= f->options.memory;
    if (!f->has_memory)
        tl_network_squares_end(&f->squares);
    return status;
}

static talus_status refuse_memory(const fit *f, int64_t needed)
{
    const int64_t n = f->network->parameter_count;
    if (f->method.options.steps == TALUS_STEP_FACTORED)
        return tl_fail(
            f->context, TALUS_ERROR_SHAPE,
            "levenberg_marquardt: JTJ of %lld parameters needs at least %.3g bytes with what belongs to it, "
            "got memory for %lld; take the steps conjugate_gradients or auto, or a method of talus_fit",
            (long long)n, needed < 0 ? INFINITY : (double)needed, (long long)f->options.memory);
    return tl_fail(
        f->context, TALUS_ERROR_SHAPE,
        "levenberg_marquardt: conjugate gradients need at least %.3g bytes for %lld parameters, got "
        "memory for %lld; take a method of talus_fit",
        needed < 0 ? INFINITY : (double)needed, (long long)n, (long long)f->options.memory);
}

/* Decides how steps are found, and takes the memory for it. */
static talus_status choose_way(fit *f)
{
    const int asked = f->method.options.steps;
    const int64_t limit = f->options.parameter_limit;
    const bool over = limit > 0 && f->network->parameter_count > limit;
    int64_t needed = -1;
    talus_status status = TALUS_OK;
    if (asked == TALUS_STEP_FACTORED || (asked == TALUS_STEP_AUTO && !over))
        status = try_way(f, false, &needed);
    f->iterative = asked != TALUS_STEP_FACTORED && !f->has_memory;
    if (status == TALUS_OK && f->iterative)
        status = try_way(f, true, &needed);
    if (status == TALUS_OK && !f->has_memory)
        status = refuse_memory(f, needed);
    f->method.options.steps = f->iterative ? TALUS_STEP_CONJUGATE_GRADIENTS : TALUS_STEP_FACTORED;
    return status;
}

static talus_status reserve(fit *f)
{
    const size_t bytes = (size_t)f->network->parameter_count * sizeof(double);
    f->theta = tl_allocate(f->context, bytes);
    f->best = tl_allocate(f->context, bytes);
    if (f->theta == NULL || f->best == NULL)
        return tl_fail(f->context, TALUS_ERROR_MEMORY,
                       "levenberg_marquardt: the allocator returned no memory for %lld parameters",
                       (long long)f->network->parameter_count);
    if (f->validation == NULL)
        return TALUS_OK;
    return tl_feed_open(&f->feed, f->context, f->validation, TL_FEED_ALL, f->squares.reach);
}

static void clear(fit *f)
{
    if (f->has_memory)
        tl_network_squares_end(&f->squares);
    if (f->feed.context != NULL)
        tl_feed_close(&f->feed);
    tl_release(f->context, f->theta);
    tl_release(f->context, f->best);
}

/* The course -------------------------------------------------------------------------------------------------- */

/* The mean loss of the validation set with parameters. */
static talus_status judge(fit *f, const double *theta, double *cost)
{
    talus_metrics found;
    tl_parameters_set(f->network, theta);
    talus_status status = tl_evaluate(f->network, f->squares.workspace, &f->feed, NULL, NULL, &found);
    if (status == TALUS_OK)
        *cost = found.cost;
    return status;
}

/* Judges the parameters of an iteration; whether the fit goes on. */
static bool watch(fit *f, const double *theta, double cost)
{
    double validation = NAN;
    f->judgement = judge(f, theta, &validation);
    f->waited++;
    if (f->judgement != TALUS_OK)
        return false;
    if (validation < f->best_validation) {
        f->best_validation = validation, f->best_cost = cost, f->waited = 0;
        memcpy(f->best, theta, (size_t)f->network->parameter_count * sizeof *theta);
    }
    return f->waited < f->options.patience;
}

static int after_step(const talus_least_squares_step *step, void *user)
{
    fit *f = user;
    if (f->options.patience > 0 && !watch(f, step->x->data, step->cost))
        return 1;
    return f->on_step == NULL ? 0 : f->on_step(step, f->user);
}

/* From the units of C to those of residuals; and what the method does not know of. */
static talus_levenberg_marquardt_result translate(const fit *f, const talus_least_squares_result *of)
{
    const bool exhausted = f->options.patience > 0 && f->waited >= f->options.patience;
    const double weight = f->squares.weight;
    return (talus_levenberg_marquardt_result){
        .outcome = exhausted ? TALUS_OUTCOME_STALLED : of->outcome,
        .errors_known = of->errors_known,
        .iterations = of->iterations,
        .evaluations = of->evaluations,
        .steps = f->method.options.steps,
        .residuals = f->squares.residual_count,
        .rank = of->rank,
        .cost = of->cost,
        .validation_cost = NAN,
        .gradient = of->gradient,
        .damping = of->damping,
        .condition = of->condition,
        .degrees_of_freedom = of->degrees_of_freedom,
        .deviation = of->deviation * sqrt(weight),
        .effective_parameters = of->effective_parameters,
        .weight_precision = of->weight_precision,
        .noise_precision = f->method.options.bayesian ? of->noise_precision / weight : of->noise_precision,
        .seconds = of->seconds,
    };
}

/* The network gets the parameters that are kept, and its validation cost is found. */
static talus_status conclude(fit *f, talus_levenberg_marquardt_result *result)
{
    const double *theta = f->theta;
    if (f->judgement != TALUS_OK)
        return f->judgement;
    if (f->options.patience > 0 && isfinite(f->best_validation))
        theta = f->best, result->cost = f->best_cost;
    talus_status status = f->validation == NULL ? TALUS_OK : judge(f, theta, &result->validation_cost);
    if (status == TALUS_OK)
        tl_parameters_set(f->network, theta);
    return status;
}

static talus_status minimize(fit *f, talus_levenberg_marquardt_result *result)
{
    const tl_squares squares = {.context = f->context,
                                .name = tl_levenberg_marquardt_table.name,
                                .n = f->network->parameter_count,
                                .m = f->squares.residual_count,
                                .rounding = f->network->precision == TALUS_DTYPE_F32 ? 1e-6 : 0,
                                .user = &f->squares,
                                .evaluate = tl_network_squares_evaluate,
                                .normal = f->iterative ? NULL : tl_network_squares_normal,
                                .gradient = tl_network_squares_gradient,
                                .product = tl_network_squares_product};
    talus_least_squares_result found = {0};
    f->on_step = f->method.options.on_step, f->user = f->method.options.user;
    f->method.options.on_step = after_step, f->method.options.user = f;
    f->best_validation = INFINITY;
    if (f->options.patience > 0) {
        double cost = NAN;
        talus_status status = tl_network_squares_evaluate(&f->squares, f->theta, &cost);
        if (status != TALUS_OK)
            return status;
        (void)watch(f, f->theta, cost);
        f->waited = 0;
    }
    talus_status status = f->judgement;
    if (status == TALUS_OK)
        status = tl_squares_minimize(&squares, &f->method, f->theta, &found);
    if (status != TALUS_OK)
        return status;
    *result = translate(f, &found);
    return conclude(f, result);
}

/* An error leaves the network as it was: theta is that until a result is known. */
static talus_status run(fit *f, talus_levenberg_marquardt_result *result)
{
    talus_status status = choose_way(f);
    if (status == TALUS_OK)
        status = reserve(f);
    if (status != TALUS_OK)
        return status;
    const size_t bytes = tl_network_state_bytes(f->network);
    void *state = tl_allocate(f->context, bytes);
    if (state == NULL)
        return tl_fail(f->context, TALUS_ERROR_MEMORY,
                       "levenberg_marquardt: the allocator returned no memory for a copy of the network");
    tl_network_state_save(f->network, state);
    tl_parameters_get(f->network, f->theta);
    status = minimize(f, result);
    if (status != TALUS_OK)
        tl_network_state_restore(f->network, state);
    tl_release(f->context, state);
    return status;
}

static talus_status fit_network(fit *f, const talus_levenberg_marquardt_options *options, size_t options_size,
                                size_t method_size, talus_levenberg_marquardt_result *result,
                                size_t result_size)
{
    talus_levenberg_marquardt_result found = {0};
    talus_status status = take(f, options, options_size, method_size, result, result_size);
    if (status != TALUS_OK)
        return status;
    status = run(f, &found);
    clear(f);
    if (status == TALUS_OK && result != NULL)
        tl_result_give(&found, sizeof found, result, result_size);
    return status;
}

talus_status talus_levenberg_marquardt_sized(talus_network *network, const talus_dataset *training,
                                             const talus_dataset *validation,
                                             const talus_levenberg_marquardt_options *options,
                                             size_t options_size, size_t method_size,
                                             talus_levenberg_marquardt_result *result, size_t result_size)
{
    tl_call call;
    talus_context *context = network == NULL ? NULL : network->context;
    fit f = {.network = network, .context = context, .training = training, .validation = validation};
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK
               ? tl_call_end(&call, fit_network(&f, options, options_size, method_size, result, result_size))
               : status;
}
