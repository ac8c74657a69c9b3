#include "optimize/optimizer.h"

#include <math.h>

#include "base/call.h"
#include "kernels/choose.h"

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
    talus_status status = tl_take_optimizer(context, from, size, spec);
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
    const tl_form *form = tl_form_of(&spec);
    size_t bytes = (size_t)count * tl_dtype_size(precision);
    talus_optimizer *made = tl_allocate(context, sizeof *made);
    if (made == NULL)
        goto fail;
    *made = (talus_optimizer){.context = context,
                              .spec = spec,
                              .precision = precision,
                              .count = count,
                              .kernels = tl_kernels_of(context->options.instruction_set, precision),
                              .form = form,
                              .done = {.factor = 1},
                              .cost = NAN};
    if (!tl_factors_make(context, &(tl_factor_range){0, 1, 1}, 1, &made->factors))
        goto fail;
    for (int i = 0; i < form->states; i++)
        if ((made->states[i] = tl_allocate(context, bytes)) == NULL)
            goto fail;
    *optimizer = made;
    return TALUS_OK;
fail:
    talus_optimizer_destroy(made);
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "optimizer: the allocator returned no memory for %d state vectors of %lld numbers",
                   form->states, (long long)count);
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
    tl_factors_release(optimizer->context, &optimizer->factors);
    tl_matrices_release(optimizer->context, &optimizer->matrices);
    tl_release(optimizer->context, optimizer);
}
