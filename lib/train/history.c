/* The epochs that a trainer has completed. */
#include <string.h>

#include "base/options.h"
#include "train/trainer.h"

talus_status tl_history_reserve(talus_trainer *trainer)
{
    talus_context *context = trainer->network->context;
    if (trainer->completed < trainer->room)
        return TALUS_OK;
    int64_t room = trainer->room > 0 ? 2 * trainer->room : 64, bytes;
    talus_epoch *history = NULL;
    if (tl_multiply(room, sizeof *history, &bytes))
        history = tl_allocate(context, (size_t)bytes);
    if (history == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "fit: the allocator returned no memory for a history of %lld epochs", (long long)room);
    if (trainer->completed > 0)
        memcpy(history, trainer->history, (size_t)trainer->completed * sizeof *history);
    tl_release(context, trainer->history);
    trainer->history = history;
    trainer->room = room;
    return TALUS_OK;
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
    tl_result_give(&trainer->history[number - 1], sizeof *epoch, epoch, size);
    return TALUS_OK;
}
