/* The average of the iterates of a method that has one: the network is evaluated there, and steps start elsewhere. */
#include <string.h>

#include "base/call.h"
#include "train/trainer.h"

static size_t parameter_bytes(const talus_network *network)
{
    return (size_t)network->parameter_count * tl_dtype_size(network->precision);
}

talus_status tl_trainer_reserve_average(talus_trainer *trainer, const char *call)
{
    const talus_network *network = trainer->network;
    if (trainer->average == NULL)
        trainer->average = tl_allocate(network->context, parameter_bytes(network));
    if (trainer->average != NULL)
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "%s: the allocator returned no memory for an average of %lld parameters", call,
                   (long long)network->parameter_count);
}

static void exchange(char *a, char *b, size_t bytes)
{
    char piece[4096];
    for (size_t at = 0, length; at < bytes; at += length) {
        length = bytes - at < sizeof piece ? bytes - at : sizeof piece;
        memcpy(piece, a + at, length);
        memcpy(a + at, b + at, length);
        memcpy(b + at, piece, length);
    }
}

void tl_trainer_exchange_average(talus_trainer *trainer)
{
    const talus_network *network = trainer->network;
    exchange(network->parameters, trainer->average, parameter_bytes(network));
    if (trainer->average_statistics != NULL)
        exchange((char *)network->statistics, (char *)trainer->average_statistics,
                 (size_t)network->statistic_count * sizeof *network->statistics);
}

/* x weighs y by 1/β₁ and z by 1 − 1/β₁, which is below 0: it may lie outside of the ball that y is kept in. */
static void constrain(talus_trainer *trainer)
{
    talus_workspace *workspace = trainer->workspace;
    tl_pass pass = {.network = trainer->network, .workspace = workspace, .update = &trainer->update};
    if (!trainer->network->constrained)
        return;
    pass.schedule = tl_workspace_schedule(workspace, workspace->plan.max_batch);
    tl_pass_constrain(&pass);
}

void tl_trainer_show_average(talus_trainer *trainer)
{
    if (trainer->shows_average || !tl_optimizer_has_average(trainer->optimizer))
        return;
    tl_optimizer_average(trainer->optimizer, trainer->network->parameters, trainer->average);
    tl_trainer_exchange_average(trainer);
    constrain(trainer);
    trainer->shows_average = true;
}

bool tl_trainer_hide_average(talus_trainer *trainer)
{
    bool shown = trainer->shows_average;
    if (shown)
        tl_trainer_exchange_average(trainer);
    trainer->shows_average = false;
    return shown;
}

void tl_trainer_restart_average(talus_trainer *trainer)
{
    const talus_network *network = trainer->network;
    if (!tl_optimizer_has_average(trainer->optimizer))
        return;
    tl_optimizer_restart_average(trainer->optimizer);
    memcpy(trainer->average, network->parameters, parameter_bytes(network));
    trainer->shows_average = true;
}

/* The calls ------------------------------------------------------------------------------------------------ */

static talus_status set_averaged(talus_trainer *trainer, int averaged)
{
    talus_context *context = trainer->network->context;
    talus_status status = tl_trainer_check_idle(trainer, "set_averaged");
    if (status != TALUS_OK)
        return status;
    if (averaged != 0 && averaged != 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "set_averaged: averaged must be 0 or 1, got %d",
                       averaged);
    if (!tl_optimizer_has_average(trainer->optimizer))
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "set_averaged: the method must have an average of its own, got %s",
                       talus_method_name(trainer->optimizer->spec.method));
    if (averaged)
        tl_trainer_show_average(trainer);
    else
        (void)tl_trainer_hide_average(trainer);
    return TALUS_OK;
}

talus_status talus_trainer_set_averaged(talus_trainer *trainer, int averaged)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, trainer == NULL ? NULL : trainer->network->context);
    return status == TALUS_OK ? tl_call_end(&call, set_averaged(trainer, averaged)) : status;
}

int talus_trainer_averaged(const talus_trainer *trainer)
{
    return trainer != NULL && trainer->shows_average;
}
