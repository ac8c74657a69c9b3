/* A step on stored vectors: the parameters and the whole gradient. */
#include <math.h>

#include "base/call.h"
#include "base/float_mode.h"
#include "optimize/flat_vector.h"
#include "optimize/optimizer.h"
#include "optimize/rule.h"

/* Part by part. */
typedef struct stored_step {
    talus_optimizer *optimizer;
    char *parameters;
    const char *gradient;
} stored_step;

static double apply_part(void *job, int64_t first, int64_t count)
{
    const stored_step *step = job;
    int64_t at = first * (int64_t)tl_dtype_size(step->optimizer->precision);
    tl_optimizer_apply(step->optimizer, step->parameters + at, first, 1, count, count, step->gradient + at,
                       count);
    return 0;
}

/* 1 for a part that would not stay finite */
static double rehearse_part(void *job, int64_t first, int64_t count)
{
    const stored_step *step = job;
    int64_t at = first * (int64_t)tl_dtype_size(step->optimizer->precision);
    return tl_optimizer_rehearse(step->optimizer, step->parameters + at, first, 1, count, count,
                                 step->gradient + at, count)
               ? 0
               : 1;
}

static bool stays_finite(const tl_vectors *space, stored_step *step)
{
    double overflows[TL_MOST_PARTS], sum = 0;
    int parts = tl_vector_run(space, rehearse_part, step, overflows);
    for (int i = 0; i < parts; i++)
        sum += overflows[i];
    return sum == 0;
}

static tl_vectors space_of(const talus_optimizer *optimizer)
{
    return (tl_vectors){optimizer->context, optimizer->precision, optimizer->count, optimizer->kernels};
}

/* g ← g·min(1, c/‖g‖). Gives ‖g‖, or max |g_i| where that is all that is asked: a bound of every |g_i|. */
static double measure(const tl_vectors *space, const void *gradient, talus_optimizer *optimizer)
{
    double most = optimizer->spec.clip_norm;
    if (most == 0)
        return tl_vector_largest(space, gradient);
    double norm = tl_vector_norm(space, gradient);
    if (norm > most)
        optimizer->scale = most / norm;
    return norm;
}

static bool run_step(const tl_vectors *space, stored_step *step)
{
    talus_optimizer *optimizer = step->optimizer;
    double unused[TL_MOST_PARTS];
    tl_optimizer_begin(optimizer);
    double bound = measure(space, step->gradient, optimizer);
    if (!isfinite(bound) || !(tl_optimizer_is_safe(optimizer, bound) || stays_finite(space, step)))
        return false;
    tl_vector_run(space, apply_part, step, unused);
    tl_optimizer_end(optimizer);
    return true;
}

bool tl_optimizer_run(talus_optimizer *optimizer, void *parameters, const void *gradient)
{
    tl_vectors space = space_of(optimizer);
    stored_step step = {optimizer, parameters, gradient};
    tl_float_mode mode = tl_float_enter();
    bool made = run_step(&space, &step);
    tl_float_leave(mode);
    return made;
}

/* For the caller's own vectors ----------------------------------------------------------------------------- */

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
    tl_vectors space = space_of(optimizer);
    double largest = tl_vector_largest(&space, gradient);
    if (!isfinite(largest))
        return tl_fail(optimizer->context, TALUS_ERROR_DATA,
                       "gradient must be finite, got %g among its numbers", largest);
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
