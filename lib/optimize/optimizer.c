#include "optimize/optimizer.h"

#include "base/float_mode.h"
#include "kernels/choose.h"
#include "optimize/rule.h"

static talus_status check_create(talus_context *context, const talus_optimizer_spec *spec, int precision,
                                 int64_t count)
{
    int64_t bytes;
    if (precision != TALUS_F32 && precision != TALUS_F64)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "optimizer: precision %d is neither TALUS_F32 nor TALUS_F64", precision);
    if (count < 1 || !tl_multiply(count, 2 * (int64_t)tl_dtype_size(precision), &bytes))
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "optimizer: its vectors have %lld numbers; at least 1, and no "
                       "more than fit in memory, are wanted",
                       (long long)count);
    return tl_check_optimizer(context, spec);
}

talus_status talus_optimizer_create(talus_context *context, const talus_optimizer_spec *spec, int precision,
                                    int64_t count, talus_optimizer **optimizer)
{
    if (context == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (optimizer == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: the pointer that is to receive it is NULL");
    talus_status status = check_create(context, spec, precision, count);
    if (status != TALUS_OK)
        return status;
    int states = tl_rule_of(spec->method)->states;
    size_t bytes = (size_t)count * tl_dtype_size(precision);
    talus_optimizer *made = tl_allocate(context, sizeof *made);
    if (made == NULL)
        goto fail;
    *made = (talus_optimizer){.context = context,
                              .spec = *spec,
                              .precision = precision,
                              .count = count,
                              .kernels = tl_kernels_of(context->options.instruction_set, precision)};
    if (states >= 1 && (made->first = tl_allocate(context, bytes)) == NULL)
        goto fail;
    if (states >= 2 && (made->second = tl_allocate(context, bytes)) == NULL)
        goto fail;
    *optimizer = made;
    return TALUS_OK;
fail:
    talus_optimizer_destroy(made);
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "optimizer: the allocator returned no memory for %d state vectors of %lld numbers", states,
                   (long long)count);
}

void talus_optimizer_destroy(talus_optimizer *optimizer)
{
    if (optimizer == NULL)
        return;
    tl_release(optimizer->context, optimizer->first);
    tl_release(optimizer->context, optimizer->second);
    tl_release(optimizer->context, optimizer);
}

talus_status talus_optimizer_set_rate(talus_optimizer *optimizer, double rate)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    talus_status status = tl_check_rate(optimizer->context, rate);
    if (status == TALUS_OK)
        optimizer->spec.rate = rate;
    return status;
}

void tl_optimizer_begin(talus_optimizer *optimizer)
{
    double c[TL_COEFFICIENTS] = {0};
    tl_float_mode mode = tl_float_enter();
    tl_rule_of(optimizer->spec.method)->coefficients(&optimizer->spec, optimizer->steps + 1, c);
    for (int i = 0; i < TL_COEFFICIENTS; i++) {
        if (optimizer->precision == TALUS_F64)
            optimizer->coefficients.f64[i] = c[i];
        else
            optimizer->coefficients.f32[i] = (float)c[i];
    }
    tl_float_leave(mode);
}

void tl_optimizer_end(talus_optimizer *optimizer)
{
    optimizer->steps++;
}

void tl_optimizer_apply(void *rule, void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                        const void *gradient, int64_t ld_gradient)
{
    talus_optimizer *optimizer = rule;
    if (optimizer->precision == TALUS_F64)
        tl_optimizer_apply_f64(optimizer, parameters, offset, rows, cols, ld, gradient, ld_gradient);
    else
        tl_optimizer_apply_f32(optimizer, parameters, offset, rows, cols, ld, gradient, ld_gradient);
}

static talus_status check_vector(const talus_optimizer *optimizer, const char *name,
                                 const talus_matrix *vector)
{
    talus_matrix checked;
    talus_status status = tl_check_matrix(optimizer->context, name, vector, TL_DTYPE(optimizer->precision),
                                          &checked);
    if (status == TALUS_OK && (checked.rows != 1 || checked.cols != optimizer->count))
        status = tl_fail(optimizer->context, TALUS_ERROR_SHAPE, "%s is %lld × %lld; 1 × %lld is wanted", name,
                         (long long)checked.rows, (long long)checked.cols, (long long)optimizer->count);
    return status;
}

talus_status talus_optimizer_step(talus_optimizer *optimizer, const talus_matrix *parameters,
                                  const talus_matrix *gradient)
{
    if (optimizer == NULL)
        return TALUS_ERROR_ARGUMENT;
    talus_status status = check_vector(optimizer, "parameters", parameters);
    if (status == TALUS_OK)
        status = check_vector(optimizer, "gradient", gradient);
    if (status != TALUS_OK)
        return status;
    int64_t count = optimizer->count;
    tl_float_mode mode = tl_float_enter();
    tl_optimizer_begin(optimizer);
    tl_optimizer_apply(optimizer, parameters->data, 0, 1, count, count, gradient->data, count);
    tl_optimizer_end(optimizer);
    tl_float_leave(mode);
    return TALUS_OK;
}
