/* The epochs that a trainer has completed. */
#include <string.h>

#include "base/options.h"
#include "train/trainer.h"

/* The costs of all ranges of an epoch: on training, then on validation. */
static size_t range_costs(const talus_trainer *trainer)
{
    return 2 * (size_t)trainer->network->range_count;
}

talus_status tl_history_grow(talus_trainer *trainer, int64_t room)
{
    talus_context *context = trainer->network->context;
    int64_t bytes;
    size_t of_epoch = sizeof(talus_epoch) + range_costs(trainer) * sizeof(double),
           epochs = (size_t)trainer->completed;
    talus_epoch *history = NULL;
    if (tl_multiply(room, (int64_t)of_epoch, &bytes))
        history = tl_allocate(context, (size_t)bytes);
    if (history == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "fit: the allocator returned no memory for a history of %lld epochs", (long long)room);
    double *ranges = (double *)(void *)(history + room);
    if (epochs > 0) {
        memcpy(history, trainer->history, epochs * sizeof *history);
        memcpy(ranges, trainer->range_history, epochs * range_costs(trainer) * sizeof *ranges);
    }
    tl_release(context, trainer->history);
    trainer->history = history;
    trainer->range_history = ranges;
    trainer->room = room;
    return TALUS_OK;
}

talus_status tl_history_reserve(talus_trainer *trainer)
{
    return trainer->completed < trainer->room
               ? TALUS_OK
               : tl_history_grow(trainer, trainer->room > 0 ? 2 * trainer->room : 64);
}

/* Its ranges are where they now lie. */
static void point_to_ranges(const talus_trainer *trainer, talus_epoch *epoch)
{
    epoch->ranges = trainer->network->range_count;
    epoch->range_costs = trainer->range_history + (size_t)(epoch->epoch - 1) * range_costs(trainer);
    epoch->range_validation_costs = epoch->range_costs + epoch->ranges;
}

talus_epoch tl_history_begin(talus_trainer *trainer, double **costs)
{
    talus_epoch epoch = {.epoch = trainer->completed + 1};
    point_to_ranges(trainer, &epoch);
    *costs = trainer->range_history + (epoch.range_costs - trainer->range_history);
    return epoch;
}

void tl_history_add(talus_trainer *trainer, const talus_epoch *epoch)
{
    trainer->history[trainer->completed++] = *epoch;
}

int64_t talus_trainer_epochs(const talus_trainer *trainer)
{
    return trainer == NULL ? 0 : trainer->completed;
}

talus_status talus_trainer_epoch_sized(const talus_trainer *trainer, int64_t number, talus_epoch *epoch,
                                       size_t size)
{
    if (trainer == NULL)
        return TALUS_ERROR_ARGUMENT;
    talus_context *context = trainer->network->context;
    if (epoch == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "epoch must not be NULL");
    talus_status status = tl_result_check(context, "epoch", size, TL_END_OF(talus_epoch, epoch));
    if (status != TALUS_OK)
        return status;
    if (number < 1 || number > trainer->completed)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "epoch: the history has %lld epochs, number must be 1 … %lld, got %lld",
                       (long long)trainer->completed, (long long)trainer->completed, (long long)number);
    talus_epoch found = trainer->history[number - 1];
    point_to_ranges(trainer, &found);
    tl_result_give(&found, sizeof found, epoch, size);
    return TALUS_OK;
}
