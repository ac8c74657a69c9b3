/* A step of a fit: on one batch, or on the sum of several. */
#include <math.h>

#include "base/call.h"
#include "base/clock.h"
#include "diagnose/non_finite.h"
#include "train/batches.h"
#include "train/fit.h"
#include "train/watch.h"

static tl_pass begin(const tl_fit *fit)
{
    return (tl_pass){.network = fit->trainer->network, .workspace = fit->trainer->workspace};
}

/* A batch of the step under way: the one after `done` of its samples. */
static talus_status read_after(const tl_fit *fit, const tl_pass *step, int64_t first, int64_t done,
                               tl_pass *pass)
{
    int64_t left = step->samples - done, batch = fit->options.batch;
    *pass = begin(fit);
    pass->add = done > 0, pass->mean_over = step->weight, pass->step_sample = done;
    return tl_pass_read(&fit->feed, fit->rows, first + done, left < batch ? left : batch, pass);
}

/* What is not finite in a step that was not made: in its first batch in which something is not, or in their sum. */
static talus_status find_in_batches(const tl_fit *fit, const tl_pass *step, int64_t first,
                                    talus_non_finite *found)
{
    talus_trainer *trainer = fit->trainer;
    tl_pass pass;
    *found = (talus_non_finite){.found = 0};
    for (int64_t done = 0; !found->found && done < step->samples; done += pass.samples) {
        talus_status status = read_after(fit, step, first, done, &pass);
        if (status != TALUS_OK)
            return status;
        (void)tl_trainer_repeat(trainer, &pass);
        tl_find_non_finite(&pass, NULL, NULL, found);
    }
    if (!found->found)
        tl_find_non_finite(&pass, &trainer->update, trainer->gradient, found);
    if (!found->found)
        *found = (talus_non_finite){.found = 1,
                                    .layer = trainer->network->layer_count,
                                    .operand = TALUS_OPERAND_LOSS,
                                    .part = -1,
                                    .row = -1,
                                    .col = -1};
    return TALUS_OK;
}

/* ∇C of several batches is the sum of what each adds to the mean over all of them. */
static talus_status run_batches(const tl_fit *fit, int64_t first, int64_t samples, tl_totals *totals)
{
    talus_trainer *trainer = fit->trainer;
    tl_pass step = begin(fit), pass = {.samples = 0};
    tl_pass_at(fit->training, fit->rows, first, samples, &step);
    talus_status status = tl_pass_weigh(&step);
    *totals = (tl_totals){.weight = step.weight};
    tl_watch_begin(trainer, true);
    for (int64_t done = 0; status == TALUS_OK && isfinite(totals->loss) && done < samples;
         done += pass.samples) {
        tl_totals of_batch = {0};
        status = read_after(fit, &step, first, done, &pass);
        if (status == TALUS_OK)
            status = tl_trainer_gradient(trainer, &pass, &of_batch);
        totals->loss += of_batch.loss;
        totals->penalty += of_batch.penalty; /* which the first has */
        if (status == TALUS_OK)
            tl_watch_add(trainer, &pass);
    }
    if (status != TALUS_OK)
        return status;
    if (isfinite(totals->loss) && !tl_trainer_update(trainer, &pass, tl_cost(totals)))
        totals->loss = INFINITY;
    talus_non_finite found;
    bool made = isfinite(totals->loss);
    if (!made)
        status = find_in_batches(fit, &step, first, &found);
    if (status == TALUS_OK)
        tl_watch_end(trainer, &pass, trainer->gradient, made ? NULL : &found);
    return status;
}

/* A step on one batch. */
static talus_status run_batch(const tl_fit *fit, int64_t first, int64_t samples, tl_totals *totals)
{
    tl_pass pass = begin(fit);
    talus_status status = tl_pass_read(&fit->feed, fit->rows, first, samples, &pass);
    return status == TALUS_OK ? tl_trainer_run(fit->trainer, &pass, totals) : status;
}

/* The samples of the next step. */
static int64_t samples_of(const tl_fit *fit)
{
    const tl_epoch_state *epoch = &fit->trainer->under_way;
    int64_t left = epoch->samples - epoch->done, batch = fit->options.batch,
            batches = fit->options.accumulate;
    return left / batch < batches ? left : batch * batches;
}

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
        .cost = epoch->loss / epoch->weight,
        .seconds = tl_now() - fit->start,
        .rate = talus_trainer_rate(fit->trainer),
        .steps = talus_trainer_steps(fit->trainer),
        .trainer = fit->trainer,
        .gradient_norm = fit->trainer->gradient_norm,
        .health_step = fit->trainer->watch.taken ? fit->trainer->watch.checkup.healths[0].step : 0,
    };
    tl_call *call = tl_callback_begin(fit->trainer->network->context, TL_CALLBACK_OPEN);
    if (fit->options.on_progress(&progress, fit->options.user) != 0)
        tl_fit_end(fit, TALUS_OUTCOME_STOPPED);
    tl_callback_end(call);
}

static void count_step(tl_fit *fit, int64_t samples, const tl_totals *totals)
{
    tl_epoch_state *epoch = &fit->trainer->under_way;
    double norm = fit->trainer->gradient_norm;
    epoch->loss += totals->loss;
    epoch->weight += totals->weight;
    epoch->done += samples;
    for (int r = 0; r < fit->trainer->network->range_count; r++)
        tl_trainer_ranges(fit->trainer, TL_RANGES_EPOCH)[r] += tl_trainer_ranges(fit->trainer,
                                                                                 TL_RANGES_STEP)[r];
    epoch->moves |= !fit->trainer->stalled;
    if (norm > epoch->largest_norm || isnan(norm))
        epoch->largest_norm = norm; /* which stays NaN */
    fit->result.steps++;
}

talus_status tl_fit_step(tl_fit *fit)
{
    int64_t first = fit->trainer->under_way.done, samples = samples_of(fit);
    tl_totals totals;
    fit->trainer->repeats = fit->one_cost && fit->result.steps > 0;
    talus_status status = tl_fit_schedule_step(fit);
    if (status != TALUS_OK)
        return status;
    status = samples <= fit->options.batch ? run_batch(fit, first, samples, &totals)
                                           : run_batches(fit, first, samples, &totals);
    if (status == TALUS_ERROR_DATA) /* changed since it was checked: the message is to name the sample */
        (void)tl_check_readable(fit->trainer->workspace, &fit->feed);
    if (status != TALUS_OK)
        return status;
    if (!isfinite(totals.loss)) {
        tl_fit_diverge(fit);
        return TALUS_OK;
    }
    tl_fit_average_step(fit);
    count_step(fit, samples, &totals);
    report_progress(fit);
    return TALUS_OK;
}
