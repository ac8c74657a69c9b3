#include <math.h>

#include "base/call.h"
#include "base/clock.h"
#include "optimize/rule.h"
#include "train/batches.h"
#include "train/fit.h"
#include "train/fit_options.h"
#include "train/resume.h"
#include "train/watch.h"

/* Before the first step ------------------------------------------------------------------------------------ */

/* By default, methods that search along lines take all samples at once. */
static int64_t default_batch(const tl_fit *fit)
{
    enum { USUAL = 128 };
    const talus_optimizer_spec *spec = fit->options.optimizer;
    if (fit->trainer != NULL)
        spec = &fit->trainer->optimizer->spec;
    const tl_rule *rule = spec == NULL ? NULL : tl_rule_of(spec->method);
    return rule != NULL && rule->search != NULL ? TALUS_FULL_BATCH : USUAL;
}

/* Takes the caller's options, checks them and the data, and divides the training set. */
static talus_status take(const talus_network *network, tl_fit *fit, const talus_fit_options *options,
                         size_t options_size, const talus_fit_result *result, size_t result_size)
{
    talus_context *context = network->context;
    talus_status status = tl_options_take(context, &tl_fit_table, NULL, &fit->options, options, options_size);
    if (status == TALUS_OK && result != NULL)
        status = tl_result_check(context, "result of fit", result_size, TL_END_OF(talus_fit_result, seconds));
    if (status == TALUS_OK)
        status = tl_fit_options_check(context, &fit->options);
    if (status == TALUS_OK)
        status = tl_check_dataset(context, network, "training", fit->training);
    if (status == TALUS_OK && fit->validation != NULL)
        status = tl_check_dataset(context, network, "validation", fit->validation);
    if (status == TALUS_OK)
        status = tl_fit_split(fit, context);
    if (status == TALUS_OK)
        status = tl_fit_check_metric(fit, network);
    if (status == TALUS_OK && fit->options.batch == 0)
        fit->options.batch = default_batch(fit);
    if (status == TALUS_OK && fit->options.batch > fit->training->samples)
        fit->options.batch = fit->training->samples;
    return status;
}

static talus_status check_trainer(const tl_fit *fit)
{
    talus_context *context = fit->trainer->network->context;
    int64_t most = fit->trainer->workspace->plan.max_batch;
    if (fit->options.optimizer != NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "fit: optimizer must be NULL, since the trainer has an optimiser");
    if (fit->options.batch > most)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "fit: batch must be at most %lld, the trainer's max_batch, got %lld", (long long)most,
                       (long long)fit->options.batch);
    return TALUS_OK;
}

/* A method that searches along lines has no rate, and evaluates one batch several times. */
static talus_status check_search(const tl_fit *fit)
{
    const talus_trainer *trainer = fit->trainer;
    const char *method = talus_method_name(trainer->optimizer->spec.method);
    if (trainer->minimizer == NULL)
        return TALUS_OK;
    if (fit->options.accumulate > 1)
        return tl_fail(trainer->network->context, TALUS_ERROR_ARGUMENT,
                       "fit: accumulate must be 1 with %s, which searches along lines, got %d", method,
                       fit->options.accumulate);
    if (fit->options.retries > 0)
        return tl_fail(trainer->network->context, TALUS_ERROR_ARGUMENT,
                       "fit: retries must be 0 with %s, which has no rate, got %lld", method,
                       (long long)fit->options.retries);
    return TALUS_OK;
}

static talus_status reserve_gradient(const tl_fit *fit)
{
    bool stores = fit->options.accumulate > 1 || fit->options.least_gradient_norm > 0;
    return stores ? tl_trainer_reserve_gradient(fit->trainer, "fit") : TALUS_OK;
}

static talus_status open_feeds(tl_fit *fit)
{
    talus_workspace *workspace = fit->trainer->workspace;
    talus_status status = tl_feed_open(&fit->feed, workspace->context, fit->training, TL_FEED_ALL,
                                       fit->options.batch);
    if (status == TALUS_OK && fit->validation != NULL)
        status = tl_feed_open(&fit->validation_feed, workspace->context, fit->validation, TL_FEED_ALL,
                              workspace->plan.max_batch);
    return status;
}

/* Allocates what the steps need, then reads all data in memory once. */
static talus_status prepare(tl_fit *fit)
{
    talus_workspace *workspace = fit->trainer->workspace;
    int64_t samples = fit->training->samples;
    talus_status status = check_search(fit);
    if (status == TALUS_OK)
        status = tl_fit_take_schedules(fit);
    fit->one_cost = fit->trainer->minimizer != NULL && fit->options.batch == samples &&
                    !tl_network_draws(fit->trainer->network);
    if (status == TALUS_OK && fit->options.shuffle && !fit->one_cost) {
        fit->rows = tl_allocate(workspace->context, (size_t)samples * sizeof *fit->rows);
        if (fit->rows == NULL)
            return tl_fail(workspace->context, TALUS_ERROR_MEMORY,
                           "fit: the allocator returned no memory for the order of %lld samples",
                           (long long)samples);
    }
    if (status == TALUS_OK)
        status = tl_fit_reserve_best(fit);
    if (status == TALUS_OK)
        status = tl_fit_reserve_average(fit);
    if (status == TALUS_OK)
        status = tl_fit_reserve_guard(fit);
    if (status == TALUS_OK)
        status = tl_fit_reserve_losses(fit);
    if (status == TALUS_OK)
        status = reserve_gradient(fit);
    if (status == TALUS_OK && fit->options.health_every > 0)
        status = tl_watch_reserve(fit->trainer, "fit");
    if (status == TALUS_OK)
        status = tl_fit_reserve_readout(fit);
    if (status == TALUS_OK)
        status = open_feeds(fit);
    if (status == TALUS_OK)
        status = tl_check_readable(workspace, &fit->feed);
    if (status == TALUS_OK && fit->validation != NULL)
        status = tl_check_readable(workspace, &fit->validation_feed);
    return status;
}

static void report_end(const tl_fit *fit)
{
    if (fit->options.on_end == NULL)
        return;
    tl_call *call = tl_callback_begin(fit->trainer->network->context, TL_CALLBACK_OPEN);
    fit->options.on_end(&fit->result, fit->options.user);
    tl_callback_end(call);
}

/* Runs the fit, and gives the caller how it ended. */
static talus_status run_epochs(tl_fit *fit, talus_fit_result *result, size_t result_size)
{
    talus_trainer *trainer = fit->trainer;
    bool resumes = tl_trainer_waits(trainer);
    if (!resumes)
        fit->began = trainer->completed;
    int64_t room = INT64_MAX - fit->began, watched = trainer->watch.every;
    fit->last = fit->began + (fit->options.epochs < room ? fit->options.epochs : room);
    talus_status status = prepare(fit);
    bool begins = status == TALUS_OK;
    if (begins) {
        tl_fit_begins_resumed(trainer);
        (void)tl_trainer_hide_average(trainer);
    }
    trainer->fits = true;
    trainer->measures = fit->options.least_gradient_norm > 0;
    if (begins && fit->options.health_every > 0)
        trainer->watch.every = fit->options.health_every;
    if (begins && !resumes && fit->options.checkpoint != NULL)
        status = tl_fit_save(fit);
    while (status == TALUS_OK && trainer->completed < fit->last && tl_fit_goes_on(fit)) {
        status = tl_fit_epoch(fit);
        if (status == TALUS_OK)
            status = tl_fit_save_epoch(fit);
    }
    if (status == TALUS_OK)
        status = tl_fit_save_end(fit);
    tl_fit_end_schedules(fit);
    if (status == TALUS_OK) {
        tl_fit_settle(fit);
        status = tl_fit_solve_readout(fit);
    } else if (begins) {
        tl_trainer_show_average(trainer);
    }
    fit->result.seconds = tl_now() - fit->start;
    if (status == TALUS_OK)
        report_end(fit);
    if (begins && fit->options.health_every > 0)
        trainer->watch.every = watched;
    trainer->fits = trainer->measures = trainer->repeats = false;
    if (status == TALUS_OK && result != NULL)
        tl_result_give(&fit->result, sizeof fit->result, result, result_size);
    return status;
}

/* The calls ------------------------------------------------------------------------------------------------ */

static tl_fit fit_of(const talus_dataset *training, const talus_dataset *validation)
{
    return (tl_fit){
        .training = training,
        .validation = validation,
        .start = tl_now(),
        .best = {.value = INFINITY, .improved = INFINITY},
        .guard = {.least_cost = INFINITY},
        .result = {.cost = NAN,
                   .validation_cost = NAN,
                   .validation_accuracy = NAN,
                   .best_value = NAN,
                   .diverged_layer = -1,
                   .diverged_operand = -1},
    };
}

static talus_status fit_trainer(talus_trainer *trainer, const talus_dataset *training,
                                const talus_dataset *validation, const talus_fit_options *options,
                                size_t options_size, talus_fit_result *result, size_t result_size)
{
    tl_fit fit = fit_of(training, validation);
    fit.trainer = trainer;
    talus_status status = tl_trainer_check_idle(trainer, "fit");
    bool resumes = tl_trainer_waits(trainer);
    if (resumes && options == NULL)
        options = &trainer->resumed->head.options, options_size = sizeof *options;
    if (status == TALUS_OK)
        status = take(trainer->network, &fit, options, options_size, result, result_size);
    if (status == TALUS_OK && resumes)
        status = tl_fit_resume(&fit);
    if (status == TALUS_OK)
        status = check_trainer(&fit);
    if (status == TALUS_OK)
        status = run_epochs(&fit, result, result_size);
    tl_fit_release(&fit, trainer->network->context);
    return status;
}

talus_status talus_trainer_fit_sized(talus_trainer *trainer, const talus_dataset *training,
                                     const talus_dataset *validation, const talus_fit_options *options,
                                     size_t options_size, talus_fit_result *result, size_t result_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, trainer == NULL ? NULL : trainer->network->context);
    return status == TALUS_OK ? tl_call_end(&call, fit_trainer(trainer, training, validation, options,
                                                               options_size, result, result_size))
                              : status;
}

static talus_status fit_network(talus_network *network, const talus_dataset *training,
                                const talus_dataset *validation, const talus_fit_options *options,
                                size_t options_size, size_t optimizer_size, talus_fit_result *result,
                                size_t result_size)
{
    tl_fit fit = fit_of(training, validation);
    talus_status status = take(network, &fit, options, options_size, result, result_size);
    if (status == TALUS_OK)
        status = talus_trainer_create_sized(network, fit.options.optimizer, optimizer_size, fit.options.batch,
                                            &fit.trainer);
    if (status == TALUS_OK)
        status = run_epochs(&fit, result, result_size);
    tl_fit_release(&fit, network->context);
    talus_trainer_destroy(fit.trainer);
    return status;
}

talus_status talus_fit_sized(talus_network *network, const talus_dataset *training,
                             const talus_dataset *validation, const talus_fit_options *options,
                             size_t options_size, size_t optimizer_size, talus_fit_result *result,
                             size_t result_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, network == NULL ? NULL : network->context);
    return status == TALUS_OK
               ? tl_call_end(&call, fit_network(network, training, validation, options, options_size,
                                                optimizer_size, result, result_size))
               : status;
}
