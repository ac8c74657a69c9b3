/* The best epoch of a fit. */
#include "train/fit.h"

talus_status tl_fit_reserve_best(tl_fit *fit)
{
    const talus_network *network = fit->trainer->network;
    if (fit->options.patience == 0 || !fit->options.restore_best)
        return TALUS_OK;
    size_t bytes = tl_network_state_bytes(network);
    fit->best.state = tl_allocate(network->context, bytes);
    if (fit->best.state != NULL)
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "fit: the allocator returned no memory for the best epoch, %zu bytes", bytes);
}

/* Whether the average is what the network becomes. */
static bool keeps_average(const tl_fit *fit)
{
    return fit->options.keep_average || tl_optimizer_has_average(fit->trainer->optimizer);
}

static void keep(tl_fit *fit, const talus_epoch *epoch, double value)
{
    tl_best *best = &fit->best;
    best->epoch = fit->result.best_epoch = epoch->epoch;
    best->value = value;
    fit->result.best_value = epoch->watched;
    if (best->state == NULL)
        return;
    if (keeps_average(fit))
        tl_fit_exchange_average(fit);
    tl_network_state_save(fit->trainer->network, best->state);
    if (keeps_average(fit))
        tl_fit_exchange_average(fit);
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
        trainer->under_way = (tl_epoch_state){0};
    } else if (keeps_average(fit)) {
        tl_fit_exchange_average(fit);
    }
    if (restores || fit->options.keep_average)
        trainer->averaged = 0;
}
