#include <math.h>
#include <time.h>

#include "train/batches.h"
#include "train/trainer.h"

void talus_fit_options_defaults(talus_fit_options *options)
{
    if (options == NULL)
        return;
    *options = (talus_fit_options){.batch = 128, .epochs = 10, .shuffle = 1};
    talus_optimizer_defaults(&options->optimizer, TALUS_ADAM);
}

/* What a fit works with. */
typedef struct fit_run {
    talus_network *network;
    const talus_dataset *training, *validation;
    talus_fit_options options;
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
    if (options->batch < 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "fit: batch is %lld; at least 1 is wanted",
                       (long long)options->batch);
    if (options->epochs < 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "fit: epochs is %lld; at least 1 is wanted",
                       (long long)options->epochs);
    if (options->history_capacity < 0 || (options->history == NULL && options->history_capacity > 0))
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "fit: history_capacity is %lld with history %s; an array of that size is wanted",
                       (long long)options->history_capacity, options->history == NULL ? "NULL" : "given");
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
    talus_status status = talus_trainer_create(fit->network, &fit->options.optimizer, batch, &fit->trainer);
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
    fit->result.last = *epoch;
    fit->result.epochs = epoch->epoch;
    if (epoch->epoch <= fit->options.history_capacity)
        fit->options.history[epoch->epoch - 1] = *epoch;
    if (fit->options.on_epoch != NULL && fit->options.on_epoch(epoch, fit->options.user) != 0)
        fit->result.outcome = TALUS_FIT_STOPPED;
    return fit->result.outcome == TALUS_FIT_COMPLETED;
}

static talus_status run_epoch(fit_run *fit, int64_t number, bool *go_on)
{
    talus_epoch epoch = {.epoch = number};
    double start = now();
    if (fit->rows != NULL)
        tl_draw_order(fit->training, fit->options.seed, number, fit->rows);
    talus_status status = run_steps(fit, number, &epoch.cost);
    epoch.seconds = now() - start;
    epoch.samples_per_second = (double)fit->training->samples / epoch.seconds;
    if (status == TALUS_OK && !isfinite(epoch.cost)) {
        fit->result.outcome = TALUS_FIT_DIVERGED;
        *go_on = false;
        return TALUS_OK;
    }
    if (status == TALUS_OK)
        status = validate(fit, &epoch);
    if (status == TALUS_OK)
        *go_on = record(fit, &epoch);
    return status;
}

talus_status talus_fit(talus_network *network, const talus_dataset *training, const talus_dataset *validation,
                       const talus_fit_options *options, talus_fit_result *result)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    fit_run fit = {.network = network, .training = training, .validation = validation, .start = now()};
    talus_fit_options_defaults(&fit.options);
    if (options != NULL)
        fit.options = *options;
    talus_status status = check_options(network->context, &fit.options);
    if (status == TALUS_OK)
        status = check_data(&fit);
    if (status == TALUS_OK)
        status = prepare(&fit);
    bool go_on = true;
    for (int64_t epoch = 1; status == TALUS_OK && go_on && epoch <= fit.options.epochs; epoch++)
        status = run_epoch(&fit, epoch, &go_on);
    talus_trainer_destroy(fit.trainer);
    tl_release(network->context, fit.rows);
    fit.result.seconds = now() - fit.start;
    if (status == TALUS_OK && result != NULL)
        *result = fit.result;
    return status;
}
