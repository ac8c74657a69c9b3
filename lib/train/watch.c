#include "train/watch.h"

#include <math.h>
#include <string.h>

#include "base/call.h"
#include "base/options.h"
#include "diagnose/health.h"
#include "diagnose/non_finite.h"

bool tl_watch_looks(const talus_trainer *trainer)
{
    return trainer->watch.every > 0 && trainer->optimizer->steps % trainer->watch.every == 0;
}

void tl_watch_begin(talus_trainer *trainer, bool looks)
{
    const talus_network *network = trainer->network;
    if (looks)
        memcpy(trainer->watch.before, network->parameters,
               (size_t)network->parameter_count * tl_dtype_size(network->precision));
}

void tl_watch_end(talus_trainer *trainer, const tl_pass *pass, double loss, bool looks)
{
    tl_watch *watch = &trainer->watch;
    talus_non_finite found = {.part = -1, .row = -1, .col = -1};
    bool made = isfinite(loss); /* and so all is finite */
    if (!made)
        tl_find_non_finite(pass, &trainer->update, &found);
    found.step = trainer->optimizer->steps + (made ? 0 : 1);
    if (!made)
        watch->non_finite = found;
    if (!looks)
        return;
    const void *gradient = trainer->minimizer != NULL ? trainer->minimizer->gradient : trainer->gradient;
    tl_health_take(pass, gradient, watch->before, &found, watch->healths);
    watch->taken = true;
}

/* The calls ------------------------------------------------------------------------------------------------ */

/* Memory for what a look needs. */
static talus_status reserve(talus_trainer *trainer)
{
    tl_watch *watch = &trainer->watch;
    const talus_network *network = trainer->network;
    talus_status status = tl_trainer_reserve_gradient(trainer, "watch_health");
    if (status != TALUS_OK)
        return status;
    if (watch->before == NULL)
        watch->before = tl_allocate(network->context,
                                    (size_t)network->parameter_count * tl_dtype_size(network->precision));
    if (watch->healths == NULL)
        watch->healths = tl_allocate(network->context, (size_t)network->layer_count * sizeof *watch->healths);
    if (watch->before != NULL && watch->healths != NULL)
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "watch_health: the allocator returned no memory for %lld parameters",
                   (long long)network->parameter_count);
}

static talus_status watch_health(talus_trainer *trainer, int64_t every)
{
    if (every < 0)
        return tl_fail(trainer->network->context, TALUS_ERROR_ARGUMENT,
                       "watch_health: every must be at least 0, got %lld", (long long)every);
    talus_status status = every == 0 ? TALUS_OK : reserve(trainer);
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
    tl_result_give(&trainer->watch.healths[layer - 1], sizeof *health, health, size);
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
