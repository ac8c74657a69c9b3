/* What a fit goes back to when it diverges: the beginning of the epoch with the least cost. All of its steps are known to be
 * possible from there, and what blew up came later. */
#include <math.h>
#include <string.h>

#include "train/fit.h"

static size_t average_bytes(const talus_trainer *trainer)
{
    const talus_network *network = trainer->network;
    return trainer->average == NULL ? 0
                                    : (size_t)network->parameter_count * tl_dtype_size(network->precision);
}

static size_t statistics_bytes(const talus_trainer *trainer)
{
    return trainer->average_statistics == NULL ? 0
                                               : (size_t)trainer->network->statistic_count * sizeof(double);
}

/* The statistics of the average, then itself. */
static void save_average(const talus_trainer *trainer, char *state)
{
    if (statistics_bytes(trainer) > 0)
        memcpy(state, trainer->average_statistics, statistics_bytes(trainer));
    if (average_bytes(trainer) > 0)
        memcpy(state + statistics_bytes(trainer), trainer->average, average_bytes(trainer));
}

static void restore_average(talus_trainer *trainer, const char *state)
{
    if (statistics_bytes(trainer) > 0)
        memcpy(trainer->average_statistics, state, statistics_bytes(trainer));
    if (average_bytes(trainer) > 0)
        memcpy(trainer->average, state + statistics_bytes(trainer), average_bytes(trainer));
}

static bool reserve(const tl_fit *fit, tl_retreat *retreat)
{
    const talus_trainer *trainer = fit->trainer;
    talus_context *context = trainer->network->context;
    retreat->network = tl_allocate(context, tl_network_state_bytes(trainer->network));
    retreat->optimizer = tl_allocate(context, tl_optimizer_state_bytes(trainer->optimizer));
    retreat->average = tl_allocate(context, statistics_bytes(trainer) + average_bytes(trainer));
    retreat->range_losses = tl_allocate(context, tl_ranges_bytes(trainer));
    if (fit->best.state != NULL)
        retreat->best.state = tl_allocate(context, tl_network_state_bytes(trainer->network));
    return retreat->network != NULL && retreat->optimizer != NULL && retreat->average != NULL &&
           retreat->range_losses != NULL && (fit->best.state == NULL || retreat->best.state != NULL);
}

talus_status tl_fit_reserve_guard(tl_fit *fit)
{
    tl_guard *guard = &fit->guard;
    if (fit->options.retries == 0 || guard->begun.network != NULL ||
        (reserve(fit, &guard->begun) && reserve(fit, &guard->best)))
        return TALUS_OK;
    return tl_fail(fit->trainer->network->context, TALUS_ERROR_MEMORY,
                   "fit: the allocator returned no memory for the states that retries go back to");
}

static void release(talus_context *context, const tl_retreat *retreat)
{
    tl_release(context, retreat->network);
    tl_release(context, retreat->optimizer);
    tl_release(context, retreat->average);
    tl_release(context, retreat->range_losses);
    tl_release(context, retreat->best.state);
}

void tl_fit_release_guard(tl_fit *fit, talus_context *context)
{
    release(context, &fit->guard.begun);
    release(context, &fit->guard.best);
}

/* Each has its own memory for the state. */
static void copy_best(const tl_fit *fit, const tl_best *from, tl_best *to)
{
    void *state = to->state;
    if (state != NULL && from->epoch > 0)
        memcpy(state, from->state, tl_network_state_bytes(fit->trainer->network));
    *to = *from;
    to->state = state;
}

void tl_fit_epoch_begins(tl_fit *fit)
{
    const talus_trainer *trainer = fit->trainer;
    tl_retreat *retreat = &fit->guard.begun;
    if (fit->options.retries == 0)
        return;
    tl_network_state_save(trainer->network, retreat->network);
    tl_optimizer_state_save(trainer->optimizer, retreat->optimizer);
    save_average(trainer, retreat->average);
    retreat->averaged = trainer->averaged;
    memcpy(retreat->plateaus, trainer->plateaus, sizeof retreat->plateaus);
    retreat->completed = trainer->completed;
    retreat->under_way = trainer->under_way;
    memcpy(retreat->range_losses, tl_trainer_ranges(trainer, TL_RANGES_EPOCH), tl_ranges_bytes(trainer));
    retreat->result = fit->result;
    copy_best(fit, &fit->best, &retreat->best);
}

void tl_fit_epoch_ends(tl_fit *fit, double cost)
{
    tl_guard *guard = &fit->guard;
    if (!(cost < guard->least_cost))
        return;
    tl_retreat begun = guard->begun;
    guard->begun = guard->best;
    guard->best = begun;
    guard->least_cost = cost;
}

static void go_back(tl_fit *fit, const tl_retreat *retreat)
{
    talus_trainer *trainer = fit->trainer;
    tl_network_state_restore(trainer->network, retreat->network);
    tl_optimizer_state_restore(trainer->optimizer, retreat->optimizer);
    restore_average(trainer, retreat->average);
    trainer->averaged = retreat->averaged;
    memcpy(trainer->plateaus, retreat->plateaus, sizeof retreat->plateaus);
    trainer->completed = retreat->completed;
    trainer->under_way = retreat->under_way;
    memcpy(tl_trainer_ranges(trainer, TL_RANGES_EPOCH), retreat->range_losses, tl_ranges_bytes(trainer));
    fit->result = retreat->result;
    copy_best(fit, &retreat->best, &fit->best);
}

void tl_fit_diverge(tl_fit *fit)
{
    talus_trainer *trainer = fit->trainer;
    const tl_guard *guard = &fit->guard;
    int64_t step = talus_trainer_steps(trainer) + 1, retries = fit->result.retries;
    tl_fit_end_schedules(fit);
    if (retries == fit->options.retries ||
        talus_trainer_set_rate(trainer, talus_trainer_rate(trainer) / 2) != TALUS_OK) {
        tl_fit_end(fit, TALUS_OUTCOME_DIVERGED);
    } else {
        go_back(fit, guard->least_cost < INFINITY ? &guard->best : &guard->begun);
        fit->result.retries = retries + 1;
    }
    fit->result.diverged_step = step;
    fit->result.diverged_layer = trainer->watch.non_finite.layer;
    fit->result.diverged_operand = trainer->watch.non_finite.operand;
}
