#include <math.h>
#include <time.h>

#include "train/batches.h"
#include "train/fit_options.h"
#include "train/trainer.h"

/* What a fit works with. */
typedef struct fit_run {
    talus_network *network;
    const talus_dataset *training, *validation;
    talus_fit_options options;
    size_t optimizer_size; /* of the spec that they point to */
    talus_trainer *trainer;
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

static talus_status check_options(talus_context *context, const talus_fit_options *options)
{
    talus_status status = tl_options_check(context, &tl_fit_table, NULL, options);
    if (status != TALUS_OK)
        return status;
    if (options->history == NULL && options->history_capacity > 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "fit: history must point to history_capacity epochs, which is %lld, got NULL",
                       (long long)options->history_capacity);
    return TALUS_OK;
}

static talus_status check_data(const fit_run *fit)
{
    talus_context *context = fit->network->context;
    talus_status status = tl_check_dataset(context, fit->network, "training", fit->training);
    if (status == TALUS_OK && fit->validation != NULL)
        status = tl_check_dataset(context, fit->network, "validation", fit->validation);
    return status;
}

/* Allocates everything, then reads all data once: after this nothing can go wrong. */
static talus_status prepare(fit_run *fit)
{
    talus_context *context = fit->network->context;
    int64_t samples = fit->training->samples;
    int64_t batch = fit->options.batch < samples ? fit->options.batch : samples;
    fit->options.batch = batch;
    talus_status status = talus_trainer_create_sized(fit->network, fit->options.optimizer,
                                                     fit->optimizer_size, batch, &fit->trainer);
    if (status == TALUS_OK && fit->options.shuffle) {
        fit->rows = tl_allocate(context, (size_t)samples * sizeof *fit->rows);
        if (fit->rows == NULL)
            status = tl_fail(context, TALUS_ERROR_MEMORY,
                             "fit: the allocator returned no memory for the order of %lld samples",
                             (long long)samples);
    }
    if (status == TALUS_OK)
        status = tl_check_readable(fit->trainer->workspace, fit->training);
    if (status == TALUS_OK && fit->validation != NULL)
        status = tl_check_readable(fit->trainer->workspace, fit->validation);
    return status;
}

static void report_progress(const fit_run *fit, int64_t epoch, int64_t done, double loss)
{
    if (fit->options.on_progress == NULL)
        return;
    talus_progress progress = {
        .epoch = epoch,
        .epochs = fit->options.epochs,
        .sample = done,
        .samples = fit->training->samples,
        .cost = loss / (double)done,
        .seconds = now() - fit->start,
    };
    fit->options.on_progress(&progress, fit->options.user);
}

/* All steps of an epoch; *cost is the mean loss over its samples, not finite if the last step's was not. */
static talus_status run_steps(fit_run *fit, int64_t epoch, double *cost)
{
    int64_t samples = fit->training->samples, batch = fit->options.batch;
    tl_pass pass = {.network = fit->network, .workspace = fit->trainer->workspace};
    double loss = 0;
    for (int64_t first = 0; first < samples && isfinite(loss); first += batch) {
        int64_t count = samples - first < batch ? samples - first : batch;
        tl_totals totals;
        tl_batch_of(fit->training, fit->rows, first, count, &pass);
        talus_status status = tl_trainer_run(fit->trainer, &pass, &totals);
        if (status == TALUS_ERROR_DATA) /* changed since it was checked: the message is to name the sample */
            (void)tl_check_readable(fit->trainer->workspace, fit->training);
        if (status != TALUS_OK)
            return status;
        loss += totals.loss;
        fit->result.steps += isfinite(totals.loss) ? 1 : 0;
        report_progress(fit, epoch, first + count, loss);
    }
    *cost = loss / (double)samples;
    return TALUS_OK;
}

static talus_status validate(const fit_run *fit, talus_epoch *epoch)
{
    epoch->validation_cost = epoch->validation_accuracy = NAN;
    if (fit->validation == NULL)
        return TALUS_OK;
    talus_metrics metrics;
    talus_status status = talus_evaluate(fit->network, fit->trainer->workspace, fit->validation, &metrics);
    if (status == TALUS_OK) {
        epoch->validation_cost = metrics.cost;
        epoch->validation_accuracy = metrics.accuracy;
    }
    return status;
}

/* Keeps the epoch in the result and the history, and asks the callback; true to go on. */
static bool record(fit_run *fit, const talus_epoch *epoch)
{
    fit->result.epochs = epoch->epoch;
    fit->result.cost = epoch->cost;
    fit->result.validation_cost = epoch->validation_cost;
    fit->result.validation_accuracy = epoch->validation_accuracy;
    if (epoch->epoch <= fit->options.history_capacity)
        fit->options.history[epoch->epoch - 1] = *epoch;
    if (fit->options.on_epoch != NULL && fit->options.on_epoch(epoch, fit->options.user) != 0)
        fit->result.outcome = TALUS_OUTCOME_STOPPED;
    return fit->result.outcome == TALUS_OUTCOME_COMPLETED;
}

static talus_status run_epoch(fit_run *fit, int64_t number, bool *go_on)
{
    talus_epoch epoch = {.epoch = number};
    double start = now();
    if (fit->rows != NULL)
        tl_draw_order(fit->training, (uint64_t)fit->options.seed, number, fit->rows);
    talus_status status = run_steps(fit, number, &epoch.cost);
    epoch.seconds = now() - start;
    epoch.samples_per_second = (double)fit->training->samples / epoch.seconds;
    if (status == TALUS_OK && !isfinite(epoch.cost)) {
        fit->result.outcome = TALUS_OUTCOME_DIVERGED;
        *go_on = false;
        return TALUS_OK;
    }
    if (status == TALUS_OK)
        status = validate(fit, &epoch);
    if (status == TALUS_OK)
        *go_on = record(fit, &epoch);
    return status;
}

/* Takes the caller's options, and checks everything that needs no memory. */
static talus_status take(fit_run *fit, const talus_fit_options *options, size_t options_size,
                         const talus_fit_result *result, size_t result_size)
{
    talus_context *context = fit->network->context;
    talus_status status = tl_options_take(context, &tl_fit_table, NULL, &fit->options, options, options_size);
    if (status == TALUS_OK && result != NULL)
        status = tl_result_check(context, "result of fit", result_size, TL_END_OF(talus_fit_result, seconds));
    if (status == TALUS_OK)
        status = check_options(context, &fit->options);
    return status == TALUS_OK ? check_data(fit) : status;
}

talus_status talus_fit_sized(talus_network *network, const talus_dataset *training,
                             const talus_dataset *validation, const talus_fit_options *options,
                             size_t options_size, size_t optimizer_size, talus_fit_result *result,
                             size_t result_size)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    fit_run fit = {
        .network = network,
        .training = training,
        .validation = validation,
        .optimizer_size = optimizer_size,
        .start = now(),
        .result = {.cost = NAN, .validation_cost = NAN, .validation_accuracy = NAN},
    };
    talus_status status = take(&fit, options, options_size, result, result_size);
    if (status == TALUS_OK)
        status = prepare(&fit);
    bool go_on = true;
    for (int64_t epoch = 1; status == TALUS_OK && go_on && epoch <= fit.options.epochs; epoch++)
        status = run_epoch(&fit, epoch, &go_on);
    talus_trainer_destroy(fit.trainer);
    tl_release(network->context, fit.rows);
    fit.result.seconds = now() - fit.start;
    if (status == TALUS_OK && result != NULL)
        tl_result_give(&fit.result, sizeof fit.result, result, result_size);
    return status;
}
