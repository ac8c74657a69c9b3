/* Steps and averages of the caller's own vectors. */
#include <math.h>

#include "base/call.h"
#include "optimize/optimizer.h"

static talus_status check_vector(const talus_optimizer *optimizer, const char *name,
                                 const talus_matrix *vector)
{
    talus_matrix checked;
    talus_status status = tl_check_matrix(optimizer->context, name, vector, TL_DTYPE(optimizer->precision),
                                          &checked);
    if (status == TALUS_OK && (checked.rows != 1 || checked.cols != optimizer->count))
        status = tl_fail(optimizer->context, TALUS_ERROR_SHAPE, "%s must be 1 × %lld, got %lld × %lld", name,
                         (long long)optimizer->count, (long long)checked.rows, (long long)checked.cols);
    return status;
}

static bool overlap(const talus_optimizer *optimizer, const void *a, const void *b)
{
    uintptr_t first = (uintptr_t)a, second = (uintptr_t)b;
    uintptr_t bytes = (uintptr_t)optimizer->count * tl_dtype_size(optimizer->precision);
    return first < second + bytes && second < first + bytes;
}

static talus_status refuse_step(const talus_optimizer *optimizer, const void *gradient)
{
    double most = tl_optimizer_largest(optimizer, gradient);
    if (!isfinite(most))
        return tl_fail(optimizer->context, TALUS_ERROR_DATA,
                       "gradient must be finite, got %g among its numbers", most);
    return tl_fail(optimizer->context, TALUS_ERROR_DATA,
                   "the step would leave parameters or the optimizer's state infinite: it was not made");
}

static talus_status check_and_step(talus_optimizer *optimizer, const talus_matrix *parameters,
                                   const talus_matrix *gradient)
{
    if (tl_optimizer_searches(optimizer))
        return tl_fail(
            optimizer->context, TALUS_ERROR_ARGUMENT,
            "optimizer: %s evaluates the function several times a step: use talus_minimize, or a trainer",
            tl_rule_of(optimizer->spec.method)->name);
    talus_status status = check_vector(optimizer, "parameters", parameters);
    if (status == TALUS_OK)
        status = check_vector(optimizer, "gradient", gradient);
    if (status == TALUS_OK && overlap(optimizer, parameters->data, gradient->data))
        status = tl_fail(optimizer->context, TALUS_ERROR_ARGUMENT,
                         "parameters and gradient must be two vectors, got one or an overlap");
    if (status == TALUS_OK && tl_rule_of(optimizer->spec.method)->needs_cost && isnan(optimizer->cost))
        status = tl_fail(
            optimizer->context, TALUS_ERROR_STATE,
            "%s needs the cost at the parameters: talus_optimizer_set_cost comes before each step",
            tl_rule_of(optimizer->spec.method)->name);
    if (status == TALUS_OK && !tl_optimizer_run(optimizer, parameters->data, gradient->data))
        status = refuse_step(optimizer, gradient->data);
    return status;
}

talus_status talus_optimizer_step(talus_optimizer *optimizer, const talus_matrix *parameters,
                                  const talus_matrix *gradient)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, optimizer->context);
    return status == TALUS_OK ? tl_call_end(&call, check_and_step(optimizer, parameters, gradient)) : status;
}

/* x, of vectors that may be one, but not overlap otherwise. */
static talus_status check_and_average(const talus_optimizer *optimizer, const talus_matrix *parameters,
                                      const talus_matrix *average)
{
    talus_status status = check_vector(optimizer, "parameters", parameters);
    if (status == TALUS_OK)
        status = check_vector(optimizer, "average", average);
    if (status == TALUS_OK && parameters->data != average->data &&
        overlap(optimizer, parameters->data, average->data))
        status = tl_fail(optimizer->context, TALUS_ERROR_ARGUMENT,
                         "parameters and average must be one vector or two, got an overlap");
    if (status == TALUS_OK)
        tl_optimizer_average(optimizer, parameters->data, average->data);
    return status;
}

talus_status talus_optimizer_average(const talus_optimizer *optimizer, const talus_matrix *parameters,
                                     const talus_matrix *average)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, optimizer->context);
    return status == TALUS_OK ? tl_call_end(&call, check_and_average(optimizer, parameters, average))
                              : status;
}
