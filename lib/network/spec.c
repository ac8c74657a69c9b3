/* What a spec may say. */
#include <math.h>

#include "network/network.h"

/* What does not apply is refused, never ignored. */
static talus_status check_alpha(talus_context *context, int number, const talus_layer *layer)
{
    const tl_activation_kind *kind = tl_activation_kind_of(layer->activation);
    if (layer->alpha == 0)
        return TALUS_OK;
    if (kind->parameter.name == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d: %s has no alpha, which must be 0, got %g",
                       number, kind->name, layer->alpha);
    if (isfinite(layer->alpha) && layer->alpha > kind->parameter.least)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT,
                   "layer %d: alpha must be a finite number above 0 (or 0 for the default, %g), got %g",
                   number, kind->parameter.standard, layer->alpha);
}

static talus_status check_layer(talus_context *context, const talus_network_spec *spec, int number)
{
    const talus_layer *layer = &spec->layers[number - 1];
    if (layer->width < 1 || layer->width > INT32_MAX)
        return tl_fail(context, TALUS_ERROR_SHAPE, "layer %d: its width must be 1 … %d, got %lld", number,
                       INT32_MAX, (long long)layer->width);
    if (tl_activation_kind_of(layer->activation) == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d: activation %d is unknown", number,
                       layer->activation);
    if (layer->initializer < 0 || layer->initializer >= TALUS_INITIALIZER_COUNT)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d: initializer %d is unknown", number,
                       layer->initializer);
    return check_alpha(context, number, layer);
}

static talus_status check_loss(talus_context *context, const talus_network_spec *spec)
{
    const tl_loss_kind *loss = tl_loss_kind_of(spec->loss);
    if (loss == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "loss %d is unknown", spec->loss);
    int activation = spec->layers[spec->layer_count - 1].activation;
    if (loss->fused >= 0 && loss->fused != activation)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s needs %s in the last layer, which has %s",
                       loss->name, talus_activation_name(loss->fused), talus_activation_name(activation));
    return TALUS_OK;
}

talus_status tl_check_spec(talus_context *context, const talus_network_spec *spec)
{
    if (spec == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "the spec of the network is NULL");
    if (spec->layer_count < 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "layer_count must be at least 1, got %d",
                       spec->layer_count);
    if (spec->layers == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layers must point to %d layers, got NULL",
                       spec->layer_count);
    if (spec->inputs < 1 || spec->inputs > INT32_MAX)
        return tl_fail(context, TALUS_ERROR_SHAPE, "inputs must be 1 … %d, got %lld", INT32_MAX,
                       (long long)spec->inputs);
    if (spec->precision != TALUS_F32 && spec->precision != TALUS_F64)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "precision must be TALUS_F32 or TALUS_F64, got %d",
                       spec->precision);
    talus_status status = TALUS_OK;
    for (int number = 1; status == TALUS_OK && number <= spec->layer_count; number++)
        status = check_layer(context, spec, number);
    return status == TALUS_OK ? check_loss(context, spec) : status;
}
