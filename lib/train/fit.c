#include <math.h>
#include <time.h>

#include "base/call.h"
#include "train/batches.h"
#include "train/fit_options.h"
#include "train/trainer.h"

/* What a fit works with. */
typedef struct fit_run {
    talus_trainer *trainer;
    const talus_dataset *training, *validation;
    talus_fit_options options;
    int64_t last;  /* epoch of the fit */
    int64_t *rows; /* the order of the samples; NULL: as they stand */
    double start;
    talus_fit_result result;
} fit_run;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Before the first step ------------------------------------------------------------------------------------ */

/* Takes the caller's options, and checks everything that needs no memory. */
static talus_status take(const talus_network *network, fit_run *fit, const talus_fit_options *options,
                         size_t options_size, const talus_fit_result *result, size_t result_size)
{
    talus_context *context = network->context;
    talus_status status = tl_options_take(context, &tl_fit_table, NULL, &fit->options, options, options_size);
    if (status == TALUS_OK && result != NULL)
        status = tl_result_check(context, "result of fit", result_size, TL_END_OF(talus_fit_result, seconds));
    if (status == TALUS_OK)
        status = tl_options_check(context, &tl_fit_table, NULL, &fit->options);
    if (status == TALUS_OK)
        status = tl_check_dataset(context, network, "training", fit->training);
    if (status == TALUS_OK && fit->validation != NULL)
        status = tl_check_dataset(context, network, "validation", fit->validation);
    if (status == TALUS_OK && fit->options.batch > fit->training->samples)
        fit->options.batch = fit->training->samples;
    return status;
}

static talus_status check_trainer(const fit_run *fit)
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

/* Allocates what the steps need, then reads all data once. */
static talus_status prepare(fit_run *fit)
{
    talus_workspace *workspace = fit->trainer->workspace;
    int64_t samples = fit->training->samples;
    if (fit->options.shuffle) {
        fit->rows = tl_allocate(workspace->context, (size_t)samples * sizeof *fit->rows);
        if (fit->rows == NULL)
            return tl_fail(workspace->context, TALUS_ERROR_MEMORY,
                           "fit: the allocator returned no memory for the order of %lld samples",
                           (long long)samples);
    }
    talus_status status = tl_check_readable(workspace, fit->training);
    if (status == TALUS_OK && fit->validation != NULL)
        status = tl_check_readable(workspace, fit->validation);
    return status;
}

/* The epochs ----------------------------------------------------------------------------------------------- */

static void report_progress(fit_run *fit)
{
    const tl_epoch_state *epoch = &fit->trainer->under_way;
    if (fit->options.on_progress == NULL)
        return;
    talus_progress progress = {
        .epoch = fit->trainer->completed + 1,
        .epochs = fit->last,
        .sample = epoch->done,
        .samples = epoch->samples,
        .cost = epoch->loss / (double)epoch->done,
        .seconds = now() - fit->start,
    };
    tl_call *call = tl_callback_begin(fit->trainer->network->context, TL_CALLBACK_OPEN);
    if (fit->options.on_progress(&progress, fit->options.user) != 0)
        fit->result.outcome = TALUS_OUTCOME_STOPPED;
    tl_callback_end(call);
}

/* One step of the epoch under way. */
static talus_status run_step(fit_run *fit)
{
    tl_epoch_state *epoch = &fit->trainer->under_way;
    talus_workspace *workspace = fit->trainer->workspace;
    int64_t left = epoch->samples - epoch->done;
    tl_pass pass = {.network = fit->trainer->network, .workspace = workspace};
    tl_totals totals;
    tl_batch_of(fit->training, fit->rows, epoch->done, left < fit->options.batch ? left : fit->options.batch,
                &pass);
    talus_status status = tl_trainer_run(fit->trainer, &pass, &totals);
    if (status == TALUS_ERROR_DATA) /* changed since it was checked: the message is to name the sample */
        (void)tl_check_readable(workspace, fit->training);
    if (status != TALUS_OK)
        return status;
    if (!isfinite(totals.loss)) {
        fit->result.outcome = TALUS_OUTCOME_DIVERGED;
        return TALUS_OK;
    }
    epoch->loss += totals.loss;
    epoch->done += pass.samples;
    fit->result.steps++;
    report_progress(fit);
    return TALUS_OK;
}

static talus_status run_steps(fit_run *fit)
{
    tl_epoch_state *epoch = &fit->trainer->under_way;
    talus_status status = TALUS_OK;
    double start = now();
    while (status == TALUS_OK && fit->result.outcome == TALUS_OUTCOME_COMPLETED &&
           epoch->done < epoch->samples)
        status = run_step(fit);
    epoch->seconds += now() - start;
    return status;
}

static talus_status validate(const fit_run *fit, talus_epoch *epoch)
{
    epoch->validation_cost = epoch->validation_accuracy = NAN;
    if (fit->validation == NULL)
        return TALUS_OK;
    talus_metrics metrics;
    talus_status status = talus_evaluate(fit->trainer->network, fit->trainer->workspace, fit->validation,
                                         &metrics);
    if (status == TALUS_OK) {
        epoch->validation_cost = metrics.cost;
        epoch->validation_accuracy = metrics.accuracy;
    }
    return status;
}

/* Keeps the epoch in the history and the result, and tells the callback. */
static void record(fit_run *fit, const talus_epoch *epoch)
{
    tl_history_add(fit->trainer, epoch);
    fit->trainer->under_way = (tl_epoch_state){0};
    fit->result.epochs++;
    fit->result.cost = epoch->cost;
    fit->result.validation_cost = epoch->validation_cost;
    fit->result.validation_accuracy = epoch->validation_accuracy;
    if (fit->options.on_epoch == NULL)
        return;
    tl_call *call = tl_callback_begin(fit->trainer->network->context, TL_CALLBACK_OPEN);
    if (fit->options.on_epoch(epoch, fit->options.user) != 0)
        fit->result.outcome = TALUS_OUTCOME_STOPPED;
    tl_callback_end(call);
}

/* The next epoch, or what is left of the one under way. */
static talus_status run_epoch(fit_run *fit)
{
    tl_epoch_state *under_way = &fit->trainer->under_way;
    int64_t samples = fit->training->samples, number = fit->trainer->completed + 1;
    talus_status status = tl_history_reserve(fit->trainer);
    if (status != TALUS_OK)
        return status;
    if (under_way->samples != samples)
        *under_way = (tl_epoch_state){.samples = samples};
    if (fit->rows != NULL)
        tl_draw_order(fit->training, (uint64_t)fit->options.seed, number, fit->rows);
    status = run_steps(fit);
    if (status != TALUS_OK || under_way->done < samples)
        return status;
    talus_epoch epoch = {
        .epoch = number,
        .cost = under_way->loss / (double)samples,
        .seconds = under_way->seconds,
        .samples_per_second = (double)samples / under_way->seconds,
    };
    status = validate(fit, &epoch);
    if (status == TALUS_OK)
        record(fit, &epoch);
    return status;
}

/* Runs the fit, and gives the caller how it ended. */
static talus_status run_epochs(fit_run *fit, talus_fit_result *result, size_t result_size)
{
    talus_trainer *trainer = fit->trainer;
    int64_t room = INT64_MAX - trainer->completed;
    fit->last = trainer->completed + (fit->options.epochs < room ? fit->options.epochs : room);
    talus_status status = prepare(fit);
    trainer->fits = true;
    while (status == TALUS_OK && fit->result.outcome == TALUS_OUTCOME_COMPLETED &&
           trainer->completed < fit->last)
        status = run_epoch(fit);
    trainer->fits = false;
    tl_release(trainer->network->context, fit->rows);
    fit->result.seconds = now() - fit->start;
    if (status == TALUS_OK && result != NULL)
        tl_result_give(&fit->result, sizeof fit->result, result, result_size);
    return status;
}

/* The calls ------------------------------------------------------------------------------------------------ */

static fit_run fit_of(const talus_dataset *training, const talus_dataset *validation)
{
    return (fit_run){
        .training = training,
        .validation = validation,
        .start = now(),
        .result = {.cost = NAN, .validation_cost = NAN, .validation_accuracy = NAN},
    };
}

static talus_status fit_trainer(talus_trainer *trainer, const talus_dataset *training,
                                const talus_dataset *validation, const talus_fit_options *options,
                                size_t options_size, talus_fit_result *result, size_t result_size)
{
    fit_run fit = fit_of(training, validation);
    fit.trainer = trainer;
    talus_status status = tl_trainer_check_idle(trainer, "fit");
    if (status == TALUS_OK)
        status = take(trainer->network, &fit, options, options_size, result, result_size);
    if (status == TALUS_OK)
        status = check_trainer(&fit);
    return status == TALUS_OK ? run_epochs(&fit, result, result_size) : status;
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
    fit_run fit = fit_of(training, validation);
    talus_status status = take(network, &fit, options, options_size, result, result_size);
    if (status == TALUS_OK)
        status = talus_trainer_create_sized(network, fit.options.optimizer, optimizer_size, fit.options.batch,
                                            &fit.trainer);
    if (status == TALUS_OK)
        status = run_epochs(&fit, result, result_size);
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
