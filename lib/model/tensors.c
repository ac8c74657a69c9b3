#include "model/tensors.h"

#include <math.h>
#include <stdio.h>

int tl_tensor_count(const talus_network *network)
{
    int count = 0;
    for (int l = 1; l <= network->layer_count; l++)
        count += network->layers[l].part_count;
    return count + (network->input_projection.columns > 0);
}

/* T, in double whatever the network's precision is. */
static tl_tensor_source projection_of(const talus_network *network)
{
    const tl_projection *projection = &network->input_projection;
    return (tl_tensor_source){.name = TL_PROJECTION_TENSOR,
                              .precision = TALUS_DTYPE_F64,
                              .dimensions = 2,
                              .shape = {projection->features, projection->columns},
                              .elements = projection->matrix};
}

static const char *suffix(int part)
{
    static const char *const suffixes[] = {
        [TALUS_PART_WEIGHTS] = "weight",          [TALUS_PART_BIASES] = "bias",
        [TALUS_PART_NORM_SCALES] = "norm.weight", [TALUS_PART_NORM_SHIFTS] = "norm.bias",
        [TALUS_PART_SLOPES] = "slopes",
    };
    _Static_assert(sizeof suffixes / sizeof *suffixes == TALUS_PART_COUNT, "every part has a name in files");
    return suffixes[part];
}

tl_tensor_source tl_tensor_at(const talus_network *network, int i)
{
    int l = 1;
    for (; l <= network->layer_count && i >= network->layers[l].part_count; l++)
        i -= network->layers[l].part_count;
    if (l > network->layer_count)
        return projection_of(network);
    const tl_part *part = &network->layers[l].parts[i];
    const size_t offset = (size_t)part->offset * tl_dtype_size(network->precision);
    tl_tensor_source tensor = {.precision = network->precision,
                               .dimensions = part->kind == TALUS_PART_WEIGHTS ? 2 : 1,
                               .shape = {part->rows, part->cols},
                               .elements = (const char *)network->parameters + offset};
    if (tensor.dimensions == 1)
        tensor.shape[0] = part->rows * part->cols;
    (void)snprintf(tensor.name, sizeof tensor.name, "layers.%d.%s", l - 1, suffix(part->kind));
    return tensor;
}

static double parameter(const talus_network *network, int64_t i)
{
    return network->precision == TALUS_DTYPE_F64 ? ((const double *)network->parameters)[i]
                                                 : (double)((const float *)network->parameters)[i];
}

talus_status tl_check_parameters(const talus_network *network, const char *call)
{
    for (int64_t i = 0; i < network->parameter_count; i++) {
        int layer;
        if (isfinite(parameter(network, i)))
            continue;
        const tl_part *part = tl_network_part_at(network, i, &layer);
        return tl_fail(network->context, TALUS_ERROR_DATA,
                       "%s: the parameters must be finite, got %g in the %s of layer %d", call,
                       parameter(network, i), tl_part_kind_of(part->kind)->name, layer);
    }
    return TALUS_OK;
}
