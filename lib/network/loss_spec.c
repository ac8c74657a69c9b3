/* What a spec says of the loss. */
#include <math.h>

#include "base/text.h"
#include "network/network.h"

static talus_status check_last(talus_context *context, const tl_loss_kind *loss, const talus_layer *last)
{
    if (loss->fused >= 0 && loss->fused != last->activation)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "network: the last activation must be %s for %s, got %s",
                       tl_name(&tl_activation_names, loss->fused), loss->name,
                       tl_name(&tl_activation_names, last->activation));
    if (last->width % loss->outputs != 0)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "network: the last width must be a multiple of %d for %s, got %lld", loss->outputs,
                       loss->name, (long long)last->width);
    return TALUS_OK;
}

static talus_status check_output_weights(talus_context *context, const talus_network_spec *spec,
                                         int64_t targets)
{
    const double *weights = spec->output_weights;
    if (spec->output_weight_count != (weights == NULL ? 0 : targets))
        return tl_fail(context, TALUS_ERROR_SHAPE, "network: output_weight_count must be %lld, %s, got %d",
                       (long long)(weights == NULL ? 0 : targets),
                       weights == NULL ? "as output_weights is NULL" : "the number of targets",
                       spec->output_weight_count);
    for (int64_t k = 0; k < spec->output_weight_count; k++)
        if (!(isfinite(weights[k]) && weights[k] >= 0))
            return tl_fail(context, TALUS_ERROR_ARGUMENT,
                           "network: output_weights[%lld] must be a finite number of at least 0, got %g",
                           (long long)k, weights[k]);
    return TALUS_OK;
}

/* Outputs that a loss is fused with are probabilities. */
static talus_status check_smoothing(talus_context *context, const tl_loss_kind *loss, double smoothing)
{
    if (smoothing == 0 || loss->fused >= 0)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "network: label_smoothing must be 0 with %s, got %g",
                   loss->name, smoothing);
}

talus_status tl_check_loss(talus_context *context, const talus_network_spec *spec, const talus_layer *last)
{
    const tl_loss_kind *loss = tl_loss_kind_of(spec->loss);
    talus_status status = check_last(context, loss, last);
    if (status == TALUS_OK)
        status = tl_check_parameter(context, "network", loss->name, &loss->parameter, "loss_parameter",
                                    spec->loss_parameter);
    if (status == TALUS_OK)
        status = check_output_weights(context, spec, last->width / loss->outputs);
    return status == TALUS_OK ? check_smoothing(context, loss, spec->label_smoothing) : status;
}

static talus_status copy_output_weights(talus_network *network, const double *weights, int64_t count)
{
    int64_t bytes;
    double *copy = NULL;
    if (tl_multiply(count, 2 * (int64_t)sizeof *copy, &bytes))
        copy = tl_allocate(network->context, (size_t)bytes);
    if (copy == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "network: the allocator returned no memory for %lld output_weights", (long long)count);
    network->output_weights = copy;
    network->output_factors = copy + count;
    for (int64_t k = 0; k < count; k++) {
        copy[k] = weights[k];
        if (network->precision == TALUS_DTYPE_F64)
            ((double *)network->output_factors)[k] = weights[k];
        else
            ((float *)network->output_factors)[k] = (float)weights[k];
    }
    return TALUS_OK;
}

talus_status tl_take_loss(talus_network *network, const talus_network_spec *spec)
{
    const tl_loss_kind *kind = tl_loss_kind_of(spec->loss);
    network->loss = spec->loss;
    network->loss_kind = kind;
    network->loss_parameter = spec->loss_parameter == 0 ? kind->parameter.standard : spec->loss_parameter;
    network->label_smoothing = spec->label_smoothing;
    network->missing_targets = spec->missing_targets != 0;
    if (spec->output_weights == NULL)
        return TALUS_OK;
    return copy_output_weights(network, spec->output_weights, spec->output_weight_count);
}

void tl_release_loss(talus_network *network)
{
    tl_release(network->context, network->output_weights);
}
