/* The steps of an epoch. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "train/batches.h"
#include "train/fit.h"

/* The steps of epoch `number`, unless the fit goes back to one before it. */
static talus_status run_steps(tl_fit *fit, int64_t number)
{
    const talus_trainer *trainer = fit->trainer;
    tl_epoch_state *epoch = &fit->trainer->under_way;
    talus_status status = TALUS_OK;
    double start = tl_now();
    while (status == TALUS_OK && trainer->completed + 1 == number && epoch->done < epoch->samples &&
           tl_fit_goes_on(fit)) {
        if (tl_fit_is_due(fit)) {
            epoch->seconds += tl_now() - start;
            status = tl_fit_save(fit);
            start = tl_now();
        }
        if (status == TALUS_OK)
            status = tl_fit_step(fit);
    }
    epoch->seconds += tl_now() - start;
    return status;
}

static void report_epoch(tl_fit *fit, const talus_epoch *epoch)
{
    if (fit->options.on_epoch == NULL)
        return;
    tl_call *call = tl_callback_begin(fit->trainer->network->context, TL_CALLBACK_OPEN);
    if (fit->options.on_epoch(epoch, fit->options.user) != 0)
        tl_fit_end(fit, TALUS_OUTCOME_STOPPED);
    tl_callback_end(call);
}

/* Keeps an epoch in the history and the result, judges it, and tells the callback, where the network is what it would be if
 * the fit ended. */
static void record(tl_fit *fit, const talus_epoch *epoch)
{
    if (!fit->trainer->under_way.moves)
        tl_fit_end(fit, TALUS_OUTCOME_STALLED);
    tl_history_add(fit->trainer, epoch);
    tl_fit_epoch_ends(fit, epoch->cost);
    fit->trainer->under_way = (tl_epoch_state){0};
    fit->result.epochs++;
    fit->result.cost = epoch->cost;
    fit->result.validation_cost = epoch->validation_cost;
    fit->result.validation_accuracy = epoch->validation_accuracy;
    tl_fit_exchange_result(fit);
    tl_fit_judge(fit, epoch);
    tl_fit_tell_schedules(fit, epoch->watched);
    tl_fit_check_epoch(fit, epoch);
    report_epoch(fit, epoch);
    tl_fit_exchange_result(fit);
}

/* The mean loss of each range over the epoch. */
static void share_cost(const talus_trainer *trainer, double *costs)
{
    const double *losses = tl_trainer_ranges(trainer, TL_RANGES_EPOCH);
    for (int r = 0; r < trainer->network->range_count; r++)
        costs[r] = losses[r] / trainer->under_way.weight;
}

/* The epoch whose steps are done. */
static talus_status end_epoch(tl_fit *fit)
{
    const talus_trainer *trainer = fit->trainer;
    const tl_epoch_state *under_way = &trainer->under_way;
    double *range_costs;
    talus_epoch epoch = tl_history_begin(fit->trainer, &range_costs);
    epoch.cost = under_way->loss / under_way->weight;
    epoch.seconds = under_way->seconds;
    epoch.samples_per_second = (double)under_way->samples / under_way->seconds;
    epoch.rate = talus_trainer_rate(trainer);
    epoch.steps = talus_trainer_steps(trainer);
    epoch.gradient_norm = under_way->largest_norm;
    share_cost(trainer, range_costs);
    talus_status status = tl_fit_validate(fit, &epoch, range_costs + epoch.ranges);
    if (status == TALUS_OK)
        record(fit, &epoch);
    return status;
}

talus_status tl_fit_epoch(tl_fit *fit)
{
    tl_epoch_state *under_way = &fit->trainer->under_way;
    int64_t samples = fit->training->samples, number = fit->trainer->completed + 1;
    talus_status status = tl_history_reserve(fit->trainer);
    if (status != TALUS_OK)
        return status;
    if (under_way->samples != samples) {
        *under_way = (tl_epoch_state){.samples = samples};
        memset(tl_trainer_ranges(fit->trainer, TL_RANGES_EPOCH), 0, tl_ranges_bytes(fit->trainer));
    }
    if (fit->rows != NULL && fit->options.shuffle_chunk > 0)
        tl_draw_chunked_order(fit->training, (uint64_t)fit->options.seed, number,
                              (tl_chunks){fit->options.shuffle_chunk, fit->options.shuffle_window},
                              fit->rows);
    else if (fit->rows != NULL)
        tl_draw_order(fit->training, (uint64_t)fit->options.seed, number, fit->rows);
    if (fit->begun_epoch != number)
        tl_fit_epoch_begins(fit);
    fit->begun_epoch = number;
    status = run_steps(fit, number);
    return status == TALUS_OK && under_way->done == samples ? end_epoch(fit) : status;
}
