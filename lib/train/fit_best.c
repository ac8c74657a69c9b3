/* The best epoch of a fit. */
#include "train/fit.h"

talus_status tl_fit_reserve_best(tl_fit *fit)
{
    const talus_network *network = fit->trainer->network;
    if (fit->options.patience == 0 || !fit->options.restore_best || fit->best.state != NULL)
        return TALUS_OK;
    size_t bytes = tl_network_state_bytes(network);
    fit->best.state = tl_allocate(network->context, bytes);
    if (fit->best.state != NULL)
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "fit: the allocator returned no memory for the best epoch, %zu bytes", bytes);
}

static void keep(tl_fit *fit, const talus_epoch *epoch, double value)
{
    tl_best *best = &fit->best;
    best->epoch = fit->result.best_epoch = epoch->epoch;
    best->value = value;
    fit->result.best_value = epoch->watched;
    if (best->state != NULL)
        tl_network_state_save(fit->trainer->network, best->state);
}

/* A value that is NaN or infinite is no best one. */
void tl_fit_judge(tl_fit *fit, const talus_epoch *epoch)
{
    double value = tl_fit_watched(fit, epoch);
    tl_best *best = &fit->best;
    best->since++;
    if (value < best->value)
        keep(fit, epoch, value);
    if (value < best->improved - fit->options.least_change) {
        best->improved = value;
        best->since = 0;
    }
}

void tl_fit_settle(tl_fit *fit)
{
    talus_trainer *trainer = fit->trainer;
    bool restores = fit->best.state != NULL && fit->best.epoch > 0;
    if (restores) {
        tl_network_state_restore(trainer->network, fit->best.state);
        tl_trainer_restart_average(trainer);
        trainer->under_way = (tl_epoch_state){0};
    } else {
        tl_fit_exchange_result(fit);
    }
    if (restores || fit->options.keep_average)
        trainer->averaged = 0;
}
