/* The steps of an epoch. */
#include <math.h>

#include "base/call.h"
#include "train/batches.h"
#include "train/fit.h"

static void report_progress(tl_fit *fit)
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
        .seconds = tl_fit_now() - fit->start,
        .rate = talus_trainer_rate(fit->trainer),
        .steps = talus_trainer_steps(fit->trainer),
        .trainer = fit->trainer,
    };
    tl_call *call = tl_callback_begin(fit->trainer->network->context, TL_CALLBACK_OPEN);
    if (fit->options.on_progress(&progress, fit->options.user) != 0)
        tl_fit_end(fit, TALUS_OUTCOME_STOPPED);
    tl_callback_end(call);
}

/* One step of the epoch under way. */
static talus_status run_step(tl_fit *fit)
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
        fit->result.diverged_step = talus_trainer_steps(fit->trainer) + 1;
        tl_fit_end(fit, TALUS_OUTCOME_DIVERGED);
        return TALUS_OK;
    }
    epoch->loss += totals.loss;
    epoch->done += pass.samples;
    fit->result.steps++;
    report_progress(fit);
    return TALUS_OK;
}

static talus_status run_steps(tl_fit *fit)
{
    tl_epoch_state *epoch = &fit->trainer->under_way;
    talus_status status = TALUS_OK;
    double start = tl_fit_now();
    while (status == TALUS_OK && epoch->done < epoch->samples && tl_fit_goes_on(fit))
        status = run_step(fit);
    epoch->seconds += tl_fit_now() - start;
    return status;
}

/* Keeps the epoch in the history and the result, judges it, and tells the callback. */
static void record(tl_fit *fit, const talus_epoch *epoch)
{
    tl_history_add(fit->trainer, epoch);
    fit->trainer->under_way = (tl_epoch_state){0};
    fit->result.epochs++;
    fit->result.cost = epoch->cost;
    fit->result.validation_cost = epoch->validation_cost;
    fit->result.validation_accuracy = epoch->validation_accuracy;
    tl_fit_judge(fit, epoch->epoch, tl_fit_watched(fit, epoch));
    tl_fit_check_epoch(fit, tl_fit_watched(fit, epoch));
    if (fit->options.on_epoch == NULL)
        return;
    tl_call *call = tl_callback_begin(fit->trainer->network->context, TL_CALLBACK_OPEN);
    if (fit->options.on_epoch(epoch, fit->options.user) != 0)
        tl_fit_end(fit, TALUS_OUTCOME_STOPPED);
    tl_callback_end(call);
}

talus_status tl_fit_epoch(tl_fit *fit)
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
        .rate = talus_trainer_rate(fit->trainer),
        .steps = talus_trainer_steps(fit->trainer),
    };
    status = tl_fit_validate(fit, &epoch);
    if (status == TALUS_OK)
        record(fit, &epoch);
    return status;
}
