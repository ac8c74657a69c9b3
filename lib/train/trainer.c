#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include "base/call.h"
#include "diagnose/non_finite.h"
#include "engine/arguments.h"
#include "optimize/flat_vector.h"
#include "optimize/rate_schedule.h"
#include "train/resume.h"
#include "train/watch.h"

static talus_status create(talus_network *network, const talus_optimizer_spec *optimizer, size_t size,
                           int64_t max_batch, talus_trainer **trainer)
{
    talus_context *context = network->context;
    if (trainer == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "trainer: trainer must not be NULL");
    talus_status status = tl_check_slopes(context, network, "trainer");
    if (status != TALUS_OK)
        return status;
    talus_optimizer_spec adam;
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    talus_trainer *made = tl_allocate(context, sizeof *made);
    if (made == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "trainer: the allocator returned no memory");
    made->network = network;
    made->dropout_factor = 1;
    made->range_losses = tl_allocate(context, TL_RANGES_ROWS * tl_ranges_bytes(made));
    for (int i = 0; i < TL_FIT_SCHEDULES; i++)
        made->plateaus[i] = tl_plateau_begin();
    if (made->range_losses == NULL)
        status = tl_fail(context, TALUS_ERROR_MEMORY,
                         "trainer: the allocator returned no memory for the losses of %d ranges",
                         network->range_count);
    if (status == TALUS_OK)
        status = talus_optimizer_create_sized(context, optimizer == NULL ? &adam : optimizer,
                                              optimizer == NULL ? sizeof adam : size, network->precision,
                                              network->parameter_count, &made->optimizer);
    if (status == TALUS_OK)
        status = tl_trainer_create_factors(made);
    if (status == TALUS_OK)
        status = tl_trainer_create_matrices(made);
    if (status == TALUS_OK)
        status = tl_workspace_create(context, network, max_batch, "trainer", &made->workspace);
    if (status == TALUS_OK && tl_optimizer_has_average(made->optimizer))
        status = tl_trainer_reserve_average(made, "trainer");
    if (status == TALUS_OK && tl_optimizer_wants_all(made->optimizer))
        status = tl_trainer_reserve_gradient(made, "trainer");
    if (status == TALUS_OK && tl_optimizer_searches(made->optimizer))
        status = tl_minimizer_create(made->optimizer, network->parameters, "trainer", &made->minimizer);
    if (status != TALUS_OK) {
        talus_trainer_destroy(made);
        return status;
    }
    made->update = (tl_update){.is_safe = tl_optimizer_is_safe,
                               .is_frozen = tl_optimizer_is_frozen,
                               .rehearse = tl_optimizer_searches(made->optimizer) ? tl_search_rehearse
                                                                                  : tl_optimizer_rehearse,
                               .apply = tl_optimizer_apply,
                               .rule = made->optimizer,
                               .parameters = network->parameters};
    *trainer = made;
    return TALUS_OK;
}

talus_status talus_trainer_create_sized(talus_network *network, const talus_optimizer_spec *optimizer,
                                        size_t size, int64_t max_batch, talus_trainer **trainer)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, network == NULL ? NULL : network->context);
    return status == TALUS_OK ? tl_call_end(&call, create(network, optimizer, size, max_batch, trainer))
                              : status;
}

void talus_trainer_destroy(talus_trainer *trainer)
{
    if (trainer == NULL)
        return;
    talus_workspace_destroy(trainer->workspace);
    tl_minimizer_destroy(trainer->minimizer);
    talus_optimizer_destroy(trainer->optimizer);
    tl_release(trainer->network->context, trainer->layer_factors);
    tl_release(trainer->network->context, trainer->gradient);
    tl_release(trainer->network->context, trainer->moments);
    tl_release(trainer->network->context, trainer->watch.before);
    tl_release(trainer->network->context, trainer->range_losses);
    tl_checkup_release(&trainer->watch.checkup, trainer->network->context);
    tl_release(trainer->network->context, trainer->average);
    tl_release(trainer->network->context, trainer->average_statistics);
    tl_release(trainer->network->context, trainer->history);
    tl_resumed_destroy(trainer->resumed, trainer->network->context);
    tl_release(trainer->network->context, trainer);
}

talus_status tl_trainer_reserve_gradient(talus_trainer *trainer, const char *call)
{
    const talus_network *network = trainer->network;
    if (trainer->gradient == NULL)
        trainer->gradient = tl_allocate(network->context,
                                        (size_t)network->parameter_count * tl_dtype_size(network->precision));
    if (trainer->gradient != NULL)
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "%s: the allocator returned no memory for a gradient of %lld numbers", call,
                   (long long)network->parameter_count);
}

static void prepare(const talus_trainer *trainer, tl_pass *pass)
{
    pass->work = TL_FORWARD | TL_KEEP | TL_LOSS | TL_BACKWARD | TL_WEIGHTS;
    pass->trains = true;
    pass->penalises = !pass->add; /* once a step */
    pass->follows = trainer->minimizer == NULL;
    pass->seed = (uint64_t)trainer->network->seed;
    pass->dropout_factor = trainer->dropout_factor;
    pass->step = trainer->optimizer->steps;
    pass->range_losses = tl_trainer_ranges(trainer, TL_RANGES_STEP);
    if (!pass->add)
        memset(pass->range_losses, 0, tl_ranges_bytes(trainer));
    pass->update = &trainer->update; /* which knows what is frozen */
    pass->keeps = true;
    pass->to_the_end = trainer->watch.looks;
}

/* Each part of the gradient changes its parameters while it is in the cache. */
static talus_status run_fused(talus_trainer *trainer, tl_pass *pass, tl_totals *totals)
{
    prepare(trainer, pass);
    pass->keeps = false;
    pass->norms = trainer->watch.looks ? trainer->watch.checkup.norms : NULL;
    trainer->gradient_norm = NAN;
    tl_optimizer_begin(trainer->optimizer);
    talus_status status = tl_pass_run(pass, totals);
    if (status != TALUS_OK || !isfinite(totals->loss))
        return status;
    tl_optimizer_end(trainer->optimizer);
    tl_pass_move_statistics(pass, trainer->network);
    return status;
}

talus_status tl_trainer_gradient(talus_trainer *trainer, tl_pass *pass, tl_totals *totals)
{
    prepare(trainer, pass);
    pass->gradient = trainer->gradient;
    talus_status status = tl_pass_run(pass, totals);
    if (status == TALUS_OK && isfinite(totals->loss))
        tl_trainer_sum_moments(trainer, pass);
    return status;
}

talus_status tl_trainer_repeat(talus_trainer *trainer, tl_pass *pass)
{
    prepare(trainer, pass);
    pass->work &= ~(unsigned)TL_WEIGHTS;
    pass->range_losses = NULL;
    return tl_pass_run(pass, NULL);
}

static void measure(talus_trainer *trainer, const void *gradient)
{
    const talus_optimizer *optimizer = trainer->optimizer;
    const tl_vectors space = {optimizer->context, optimizer->precision, optimizer->count, optimizer->kernels};
    trainer->gradient_norm = trainer->measures ? tl_vector_norm(&space, gradient) : NAN;
}

bool tl_trainer_update(talus_trainer *trainer, tl_pass *pass, double cost)
{
    measure(trainer, trainer->gradient);
    trainer->optimizer->cost = cost;
    bool made = tl_optimizer_run(trainer->optimizer, trainer->network->parameters, trainer->gradient);
    if (!made)
        return false;
    tl_pass_constrain(pass);
    tl_pass_move_statistics(pass, trainer->network);
    return true;
}

/* The whole gradient comes first. */
static talus_status run_stored(talus_trainer *trainer, tl_pass *pass, tl_totals *totals)
{
    talus_status status = tl_trainer_gradient(trainer, pass, totals);
    if (status == TALUS_OK && isfinite(totals->loss) && !tl_trainer_update(trainer, pass, tl_cost(totals)))
        totals->loss = INFINITY;
    return status;
}

static talus_status run_search(talus_trainer *trainer, tl_pass *pass, tl_totals *totals)
{
    prepare(trainer, pass);
    talus_status status = tl_trainer_search(trainer, pass, totals);
    if (status != TALUS_OK)
        return status;
    measure(trainer, trainer->minimizer->gradient);
    if (isfinite(totals->loss) && !trainer->stalled)
        tl_pass_move_statistics(pass, trainer->network);
    return status;
}

/* What a step has stored: its gradient; NULL if the update took it piece by piece. */
static const void *stored_gradient(const talus_trainer *trainer, bool stores)
{
    if (trainer->minimizer != NULL)
        return trainer->minimizer->gradient;
    return stores ? trainer->gradient : NULL;
}

talus_status tl_trainer_run(talus_trainer *trainer, tl_pass *pass, tl_totals *totals)
{
    bool searches = trainer->minimizer != NULL,
         stores = searches || trainer->measures || tl_optimizer_wants_all(trainer->optimizer);
    tl_watch_begin(trainer, stores);
    talus_status status = (searches ? run_search : stores ? run_stored : run_fused)(trainer, pass, totals);
    if (status != TALUS_OK)
        return status;
    talus_non_finite found;
    bool made = isfinite(totals->loss);
    if (!made)
        tl_find_non_finite(pass, &trainer->update, searches || !stores ? NULL : trainer->gradient, &found);
    tl_watch_add(trainer, pass);
    tl_watch_end(trainer, pass, stored_gradient(trainer, stores), made ? NULL : &found);
    return TALUS_OK;
}

talus_status tl_trainer_check_idle(const talus_trainer *trainer, const char *call)
{
    if (!trainer->fits)
        return TALUS_OK;
    return tl_fail(trainer->network->context, TALUS_ERROR_STATE,
                   "%s: the trainer must not be in a fit, as it is in a callback", call);
}

static talus_status step(talus_trainer *trainer, const talus_batch *batch, size_t size, double *cost)
{
    tl_pass pass;
    talus_status status = tl_trainer_check_idle(trainer, "step");
    if (status == TALUS_OK && tl_trainer_waits(trainer))
        status = tl_fail(trainer->network->context, TALUS_ERROR_STATE,
                         "step: the fit that the trainer was resumed with must go on first");
    if (status == TALUS_OK)
        status = tl_pass_begin(trainer->network, trainer->workspace, &pass);
    if (status == TALUS_OK)
        status = tl_pass_batch(&pass, batch, size);
    if (status != TALUS_OK)
        return status;
    tl_totals totals;
    bool shown = tl_trainer_hide_average(trainer);
    status = tl_trainer_run(trainer, &pass, &totals);
    if (shown && (status != TALUS_OK || !isfinite(totals.loss)))
        tl_trainer_show_average(trainer);
    if (status == TALUS_OK && cost != NULL)
        *cost = tl_cost(&totals);
    return status;
}

talus_status talus_trainer_step_sized(talus_trainer *trainer, const talus_batch *batch, size_t size,
                                      double *cost)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, trainer == NULL ? NULL : trainer->network->context);
    return status == TALUS_OK ? tl_call_end(&call, step(trainer, batch, size, cost)) : status;
}

talus_status talus_trainer_set_rate(talus_trainer *trainer, double rate)
{
    return trainer == NULL ? TALUS_ERROR_ARGUMENT : talus_optimizer_set_rate(trainer->optimizer, rate);
}

double talus_trainer_rate(const talus_trainer *trainer)
{
    return trainer == NULL ? NAN : trainer->optimizer->spec.rate;
}

int64_t talus_trainer_steps(const talus_trainer *trainer)
{
    return trainer == NULL ? 0 : trainer->optimizer->steps;
}

static talus_status set_dropout_factor(talus_trainer *trainer, double factor)
{
    const talus_network *network = trainer->network;
    if (!(isfinite(factor) && factor >= 0))
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "trainer: the factor of dropout must be a finite number of at least 0, got %g",
                       factor);
    for (int l = 0; l <= network->layer_count; l++)
        if (network->layers[l].dropout * factor >= 1)
            return tl_fail(
                network->context, TALUS_ERROR_ARGUMENT,
                "trainer: the factor of dropout must leave the share of layer %d, %g, below 1, got %g", l,
                network->layers[l].dropout, factor);
    trainer->dropout_factor = factor;
    return TALUS_OK;
}

talus_status talus_trainer_set_dropout_factor(talus_trainer *trainer, double factor)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, trainer == NULL ? NULL : trainer->network->context);
    return status == TALUS_OK ? tl_call_end(&call, set_dropout_factor(trainer, factor)) : status;
}
