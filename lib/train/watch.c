#include "train/watch.h"

#include "base/call.h"
#include "base/options.h"
#include "optimize/flat_vector.h"

static tl_vectors parameters_of(const talus_trainer *trainer)
{
    const talus_network *network = trainer->network;
    return (tl_vectors){network->context, network->precision, network->parameter_count,
                        trainer->workspace->kernels};
}

void tl_watch_begin(talus_trainer *trainer, bool stores)
{
    tl_watch *watch = &trainer->watch;
    watch->looks = watch->every > 0 && trainer->optimizer->steps % watch->every == 0;
    if (!watch->looks)
        return;
    tl_checkup_begin(&watch->checkup, trainer->network);
    if (stores) {
        tl_vectors space = parameters_of(trainer);
        tl_vector_copy(&space, trainer->network->parameters, watch->before);
    }
}

void tl_watch_add(talus_trainer *trainer, const tl_pass *pass)
{
    if (trainer->watch.looks)
        tl_checkup_add(&trainer->watch.checkup, pass);
}

/* An update that was not made has measured nothing. */
static void measure_gradient(const tl_pass *pass)
{
    tl_pass again = *pass;
    again.work = TL_WEIGHTS;
    again.keeps = true;
    again.range_losses = NULL;
    (void)tl_pass_run(&again, NULL);
}

void tl_watch_end(talus_trainer *trainer, const tl_pass *pass, const void *gradient,
                  const talus_non_finite *found)
{
    tl_watch *watch = &trainer->watch;
    talus_non_finite here = found == NULL ? (talus_non_finite){.part = -1, .row = -1, .col = -1} : *found;
    here.step = trainer->optimizer->steps + (found == NULL ? 0 : 1);
    if (found != NULL)
        watch->non_finite = here;
    if (!watch->looks)
        return;
    if (gradient == NULL && found != NULL)
        measure_gradient(pass);
    if (gradient == NULL)
        tl_checkup_take_norms(&watch->checkup, pass);
    else
        tl_checkup_take_vectors(&watch->checkup, pass, gradient, watch->before);
    tl_checkup_end(&watch->checkup, pass, &here);
    watch->taken = true;
}

/* The calls ------------------------------------------------------------------------------------------------ */

talus_status tl_watch_reserve(talus_trainer *trainer, const char *call)
{
    tl_watch *watch = &trainer->watch;
    const talus_network *network = trainer->network;
    if (watch->before == NULL)
        watch->before = tl_allocate(network->context,
                                    (size_t)network->parameter_count * tl_dtype_size(network->precision));
    if (watch->before != NULL && tl_checkup_reserve(&watch->checkup, trainer->workspace))
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "%s: the allocator returned no memory for the health of %lld parameters", call,
                   (long long)network->parameter_count);
}

static talus_status watch_health(talus_trainer *trainer, int64_t every)
{
    if (every < 0)
        return tl_fail(trainer->network->context, TALUS_ERROR_ARGUMENT,
                       "watch_health: every must be at least 0, got %lld", (long long)every);
    talus_status status = every == 0 ? TALUS_OK : tl_watch_reserve(trainer, "watch_health");
    if (status == TALUS_OK)
        trainer->watch.every = every;
    return status;
}

talus_status talus_trainer_watch_health(talus_trainer *trainer, int64_t every)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, trainer == NULL ? NULL : trainer->network->context);
    return status == TALUS_OK ? tl_call_end(&call, watch_health(trainer, every)) : status;
}

talus_status talus_trainer_health_sized(const talus_trainer *trainer, int layer, talus_health *health,
                                        size_t size)
{
    if (trainer == NULL)
        return TALUS_ERROR_ARGUMENT;
    talus_context *context = trainer->network->context;
    if (health == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "health must not be NULL");
    talus_status status = tl_result_check(context, "health", size, TL_END_OF(talus_health, col));
    if (status != TALUS_OK)
        return status;
    if (layer < 1 || layer > trainer->network->layer_count)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "health: layer must be 1 … %d, got %d",
                       trainer->network->layer_count, layer);
    if (!trainer->watch.taken)
        return tl_fail(context, TALUS_ERROR_STATE,
                       "health: a step must have been looked at: call talus_trainer_watch_health before");
    tl_result_give(&trainer->watch.checkup.healths[layer - 1], sizeof *health, health, size);
    return TALUS_OK;
}

talus_status talus_trainer_non_finite_sized(const talus_trainer *trainer, talus_non_finite *found,
                                            size_t size)
{
    if (trainer == NULL)
        return TALUS_ERROR_ARGUMENT;
    talus_context *context = trainer->network->context;
    if (found == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "found must not be NULL");
    talus_status status = tl_result_check(context, "non_finite", size, TL_END_OF(talus_non_finite, col));
    if (status == TALUS_OK)
        tl_result_give(&trainer->watch.non_finite, sizeof *found, found, size);
    return status;
}
