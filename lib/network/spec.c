/* What a spec may say. */
#include <math.h>

#include "network/network.h"

static talus_status check_alpha(talus_context *context, int number, const talus_layer *layer)
{
    if (isfinite(layer->alpha) && layer->alpha >= 0)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT,
                   "layer %d: alpha is %g; a finite number above 0 is wanted (0 means the default)", number,
                   layer->alpha);
}

static talus_status check_layer(talus_context *context, const talus_network_spec *spec, int number)
{
    const talus_layer *layer = &spec->layers[number - 1];
    if (layer->width < 1 || layer->width > INT32_MAX)
        return tl_fail(context, TALUS_ERROR_SHAPE, "layer %d: its width is %lld; 1 … %d is wanted", number,
                       (long long)layer->width, INT32_MAX);
    if (layer->activation < 0 || layer->activation >= TALUS_ACTIVATION_COUNT)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d: activation %d is unknown", number,
                       layer->activation);
    if (layer->initializer < 0 || layer->initializer >= TALUS_INITIALIZER_COUNT)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d: initializer %d is unknown", number,
                       layer->initializer);
    if (layer->activation == TALUS_SOFTMAX && number < spec->layer_count)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d of %d: softmax is for the last layer only",
                       number, spec->layer_count);
    return check_alpha(context, number, layer);
}

/* The activation that the fused form of a loss needs; any for the squared error. */
static bool loss_fits(int loss, int activation)
{
    switch (loss) {
    case TALUS_BINARY_CROSS_ENTROPY:
        return activation == TALUS_SIGMOID;
    case TALUS_CROSS_ENTROPY:
        return activation == TALUS_SOFTMAX;
    default:
        return true;
    }
}

static talus_status check_loss(talus_context *context, const talus_network_spec *spec)
{
    if (spec->loss < 0 || spec->loss >= TALUS_LOSS_COUNT)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "loss %d is unknown", spec->loss);
    int activation = spec->layers[spec->layer_count - 1].activation;
    if (!loss_fits(spec->loss, activation))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s needs %s in the last layer, which has %s",
                       talus_loss_name(spec->loss), spec->loss == TALUS_CROSS_ENTROPY ? "softmax" : "sigmoid",
                       talus_activation_name(activation));
    return TALUS_OK;
}

talus_status tl_check_spec(talus_context *context, const talus_network_spec *spec)
{
    if (spec == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "the spec of the network is NULL");
    if (spec->layer_count < 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "layer_count is %d; at least 1 is wanted",
                       spec->layer_count);
    if (spec->layers == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layers is NULL; %d layers are wanted",
                       spec->layer_count);
    if (spec->inputs < 1 || spec->inputs > INT32_MAX)
        return tl_fail(context, TALUS_ERROR_SHAPE, "inputs is %lld; 1 … %d is wanted",
                       (long long)spec->inputs, INT32_MAX);
    if (spec->precision != TALUS_F32 && spec->precision != TALUS_F64)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "precision %d is neither TALUS_F32 nor TALUS_F64",
                       spec->precision);
    talus_status status = TALUS_OK;
    for (int number = 1; status == TALUS_OK && number <= spec->layer_count; number++)
        status = check_layer(context, spec, number);
    return status == TALUS_OK ? check_loss(context, spec) : status;
}
