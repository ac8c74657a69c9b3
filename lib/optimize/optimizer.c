#include "optimize/optimizer.h"

#include <float.h>
#include <math.h>

#include "base/call.h"
#include "kernels/choose.h"
#include "optimize/rule.h"

/* Takes the caller's spec of `size` bytes. */
static talus_status take(talus_context *context, const talus_optimizer_spec *from, size_t size, int precision,
                         int64_t count, talus_optimizer_spec *spec)
{
    int64_t bytes;
    if (from == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: spec must not be NULL");
    if (precision != TALUS_DTYPE_F32 && precision != TALUS_DTYPE_F64)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: precision must be one of f32, f64; got %d",
                       precision);
    if (count < 1 || !tl_multiply(count, TL_MOST_STATES * (int64_t)tl_dtype_size(precision), &bytes))
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "optimizer: count must be at least 1, and its vectors must fit in memory, got %lld",
                       (long long)count);
    talus_status status = tl_options_take(context, &tl_optimizer_table, NULL, spec, from, size);
    return status == TALUS_OK ? tl_check_optimizer(context, spec, precision) : status;
}

static talus_status create(talus_context *context, const talus_optimizer_spec *from, size_t size,
                           int precision, int64_t count, talus_optimizer **optimizer)
{
    if (optimizer == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: optimizer must not be NULL");
    talus_optimizer_spec spec;
    talus_status status = take(context, from, size, precision, count, &spec);
    if (status != TALUS_OK)
        return status;
    int states = tl_rule_of(spec.method)->states;
    size_t bytes = (size_t)count * tl_dtype_size(precision);
    talus_optimizer *made = tl_allocate(context, sizeof *made);
    if (made == NULL)
        goto fail;
    *made = (talus_optimizer){.context = context,
                              .spec = spec,
                              .precision = precision,
                              .count = count,
                              .kernels = tl_kernels_of(context->options.instruction_set, precision)};
    for (int i = 0; i < states; i++)
        if ((made->states[i] = tl_allocate(context, bytes)) == NULL)
            goto fail;
    *optimizer = made;
    return TALUS_OK;
fail:
    talus_optimizer_destroy(made);
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "optimizer: the allocator returned no memory for %d state vectors of %lld numbers", states,
                   (long long)count);
}

talus_status talus_optimizer_create_sized(talus_context *context, const talus_optimizer_spec *from,
                                          size_t size, int precision, int64_t count,
                                          talus_optimizer **optimizer)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, create(context, from, size, precision, count, optimizer))
                              : status;
}

void talus_optimizer_destroy(talus_optimizer *optimizer)
{
    if (optimizer == NULL)
        return;
    for (int i = 0; i < TL_MOST_STATES; i++)
        tl_release(optimizer->context, optimizer->states[i]);
    tl_release(optimizer->context, optimizer);
}

static talus_status set_rate(talus_optimizer *optimizer, double rate)
{
    talus_optimizer_spec spec = optimizer->spec;
    spec.rate = rate;
    talus_status status = tl_check_optimizer(optimizer->context, &spec, optimizer->precision);
    if (status == TALUS_OK)
        optimizer->spec = spec;
    return status;
}

talus_status talus_optimizer_set_rate(talus_optimizer *optimizer, double rate)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, optimizer->context);
    return status == TALUS_OK ? tl_call_end(&call, set_rate(optimizer, rate)) : status;
}

/* What depends on the precision. */
static const struct {
    double smallest, largest; /* normal numbers */
    double epsilon;
    void (*apply)(const talus_optimizer *optimizer, void *parameters, int64_t offset, int64_t rows,
                  int64_t cols, int64_t ld, const void *gradient, int64_t ld_gradient);
    bool (*rehearse)(const talus_optimizer *optimizer, const void *parameters, int64_t offset, int64_t rows,
                     int64_t cols, int64_t ld, const void *gradient, int64_t ld_gradient);
} facts[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {FLT_MIN, FLT_MAX, FLT_EPSILON, tl_optimizer_apply_f32, tl_optimizer_rehearse_f32},
    [TALUS_DTYPE_F64] = {DBL_MIN, DBL_MAX, DBL_EPSILON, tl_optimizer_apply_f64, tl_optimizer_rehearse_f64},
};

/* Coefficients must not vanish in the precision: an ε of 0 divides 0 by 0. */
void tl_optimizer_begin(talus_optimizer *optimizer)
{
    const double smallest = facts[optimizer->precision].smallest;
    double *c = optimizer->coefficients;
    for (int i = 0; i < TL_COEFFICIENTS; i++)
        c[i] = 0;
    tl_rule_of(optimizer->spec.method)->coefficients(&optimizer->spec, optimizer->steps + 1, c);
    for (int i = 0; i < TL_COEFFICIENTS; i++)
        if (c[i] != 0 && fabs(c[i]) < smallest)
            c[i] = copysign(smallest, c[i]);
    optimizer->scale = 1;
}

void tl_optimizer_end(talus_optimizer *optimizer)
{
    optimizer->steps++;
    optimizer->largest = optimizer->begun_largest;
}

bool tl_optimizer_wants_all(const talus_optimizer *optimizer)
{
    return optimizer->spec.clip_norm > 0;
}

bool tl_optimizer_searches(const talus_optimizer *optimizer)
{
    return tl_rule_of(optimizer->spec.method)->search != NULL;
}

/* What no element of the clipped gradient exceeds. */
static double clipped(const talus_optimizer *optimizer, double bound)
{
    const talus_optimizer_spec *spec = &optimizer->spec;
    double most = spec->clip_norm > 0 ? spec->clip_norm : spec->clip_value;
    return most > 0 && !(bound <= most) ? most : bound;
}

/* A change below half the last digit of the largest number takes no finite number to infinity. */
bool tl_optimizer_is_safe(void *rule, double bound)
{
    talus_optimizer *optimizer = rule;
    double most = facts[optimizer->precision].largest, digit = facts[optimizer->precision].epsilon / 4 * most;
    double g = clipped(optimizer, bound);
    optimizer->begun_largest = g <= optimizer->largest ? optimizer->largest : g;
    double change = tl_rule_of(optimizer->spec.method)
                        ->reach(optimizer->coefficients, optimizer->steps + 1, optimizer->begun_largest);
    double square = optimizer->begun_largest * optimizer->begun_largest;
    return bound <= most / 4 && change <= digit && square <= most / 4;
}

void tl_optimizer_apply(void *rule, void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                        const void *gradient, int64_t ld_gradient)
{
    const talus_optimizer *optimizer = rule;
    facts[optimizer->precision].apply(optimizer, parameters, offset, rows, cols, ld, gradient, ld_gradient);
}

bool tl_optimizer_rehearse(void *rule, const void *parameters, int64_t offset, int64_t rows, int64_t cols,
                           int64_t ld, const void *gradient, int64_t ld_gradient)
{
    const talus_optimizer *optimizer = rule;
    return facts[optimizer->precision].rehearse(optimizer, parameters, offset, rows, cols, ld, gradient,
                                                ld_gradient);
}
