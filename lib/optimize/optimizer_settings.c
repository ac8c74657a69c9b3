/* What may change between the steps of an optimiser, and what it tells. */
#include <math.h>

#include "base/call.h"
#include "optimize/optimizer.h"

/* Takes a spec in the place of the one at hand, if it may be. */
static talus_status change_spec(talus_optimizer *optimizer, const talus_optimizer_spec *spec)
{
    talus_status status = tl_check_optimizer(optimizer->context, spec, optimizer->precision);
    if (status == TALUS_OK)
        optimizer->spec = *spec;
    return status;
}

talus_status talus_optimizer_set_rate(talus_optimizer *optimizer, double rate)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_optimizer_spec spec = optimizer->spec;
    talus_status status = tl_call_begin(&call, optimizer->context);
    spec.rate = rate;
    return status == TALUS_OK ? tl_call_end(&call, change_spec(optimizer, &spec)) : status;
}

talus_status talus_optimizer_set_weight_decay(talus_optimizer *optimizer, double weight_decay)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_optimizer_spec spec = optimizer->spec;
    talus_status status = tl_call_begin(&call, optimizer->context);
    spec.weight_decay = weight_decay;
    return status == TALUS_OK ? tl_call_end(&call, change_spec(optimizer, &spec)) : status;
}

double talus_optimizer_rate(const talus_optimizer *optimizer)
{
    return optimizer == NULL ? NAN : optimizer->spec.rate;
}

double talus_optimizer_weight_decay(const talus_optimizer *optimizer)
{
    return optimizer == NULL ? NAN : optimizer->spec.weight_decay;
}

int64_t talus_optimizer_steps(const talus_optimizer *optimizer)
{
    return optimizer == NULL ? 0 : optimizer->steps;
}

static talus_status set_cost(talus_optimizer *optimizer, double cost)
{
    const tl_rule *rule = tl_rule_of(optimizer->spec.method);
    if (!rule->needs_cost)
        return tl_fail(optimizer->context, TALUS_ERROR_ARGUMENT, "set_cost: %s has no use for the cost",
                       rule->name);
    if (!isfinite(cost))
        return tl_fail(optimizer->context, TALUS_ERROR_ARGUMENT,
                       "set_cost: cost must be a finite number, got %g", cost);
    optimizer->cost = cost;
    return TALUS_OK;
}

talus_status talus_optimizer_set_cost(talus_optimizer *optimizer, double cost)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, optimizer->context);
    return status == TALUS_OK ? tl_call_end(&call, set_cost(optimizer, cost)) : status;
}

static talus_status check_factor(talus_context *context, const char *call, const char *name, double factor)
{
    if (isfinite(factor) && factor >= 0)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s must be a finite number of at least 0, got %g",
                   call, name, factor);
}

talus_status tl_check_factors(const talus_optimizer *optimizer, const char *call, double rate, double decay)
{
    if (tl_optimizer_searches(optimizer))
        return tl_fail(optimizer->context, TALUS_ERROR_ARGUMENT, "%s: %s has no rate for a factor", call,
                       tl_rule_of(optimizer->spec.method)->name);
    talus_status status = check_factor(optimizer->context, call, "rate", rate);
    return status == TALUS_OK ? check_factor(optimizer->context, call, "decay", decay) : status;
}

bool tl_optimizer_set_ranges(talus_optimizer *optimizer, const tl_factor_range *ranges, int64_t count)
{
    tl_factors made;
    if (!tl_factors_make(optimizer->context, ranges, count, &made))
        return false;
    tl_factors_release(optimizer->context, &optimizer->factors);
    optimizer->factors = made;
    return true;
}

static talus_status check_range(const talus_optimizer *optimizer, int64_t first, int64_t count)
{
    if (first < 0 || first >= optimizer->count)
        return tl_fail(optimizer->context, TALUS_ERROR_ARGUMENT,
                       "set_factors: first must be 0 … %lld, got %lld", (long long)optimizer->count - 1,
                       (long long)first);
    if (count < 1 || count > optimizer->count - first)
        return tl_fail(optimizer->context, TALUS_ERROR_ARGUMENT,
                       "set_factors: count must be 1 … %lld, got %lld", (long long)(optimizer->count - first),
                       (long long)count);
    return TALUS_OK;
}

static talus_status set_factors(talus_optimizer *optimizer, int64_t first, int64_t count, double rate,
                                double decay)
{
    talus_context *context = optimizer->context;
    talus_status status = tl_check_factors(optimizer, "set_factors", rate, decay);
    if (status == TALUS_OK)
        status = check_range(optimizer, first, count);
    if (status != TALUS_OK)
        return status;
    tl_factors changed;
    if (!tl_factors_change(context, &optimizer->factors, optimizer->count, first, count, rate, decay,
                           &changed))
        return tl_fail(context, TALUS_ERROR_MEMORY, "set_factors: the allocator returned no memory");
    tl_factors_release(context, &optimizer->factors);
    optimizer->factors = changed;
    return TALUS_OK;
}

talus_status talus_optimizer_set_factors(talus_optimizer *optimizer, int64_t first, int64_t count,
                                         double rate, double decay)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, optimizer->context);
    return status == TALUS_OK ? tl_call_end(&call, set_factors(optimizer, first, count, rate, decay))
                              : status;
}
