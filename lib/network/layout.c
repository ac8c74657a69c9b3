/* Where the parts of the layers stand in the flat vector. */
#include "network/network.h"

/* Appends a part to a layer and to the flat vector, whose length so far is *end; false if no memory could hold it. */
static bool append_part(tl_layer *layer, int kind, int64_t rows, int64_t cols, int64_t *end)
{
    int64_t count, bytes;
    if (!tl_multiply(rows, cols, &count) || count > PTRDIFF_MAX - *end ||
        !tl_multiply(*end + count, (int64_t)sizeof(double), &bytes))
        return false;
    layer->parts[layer->part_count++] = (tl_part){kind, *end, rows, cols};
    *end += count;
    return true;
}

/* Appends all parts of a layer. */
static bool append_parts(tl_layer *layer, int64_t *end)
{
    const bool has[TALUS_PART_COUNT] = {
        [TALUS_PART_BIASES] = !layer->without_biases,
        [TALUS_PART_NORM_SCALES] = layer->norm->normalizes,
        [TALUS_PART_NORM_SHIFTS] = layer->norm->normalizes,
        [TALUS_PART_SLOPES] = layer->kind->learns_slopes,
    };
    bool fits = append_part(layer, TALUS_PART_WEIGHTS, layer->width, layer->inputs, end);
    for (int kind = 0; fits && kind < TALUS_PART_COUNT; kind++)
        fits = !has[kind] || append_part(layer, kind, 1, layer->width, end);
    return fits;
}

/* Gives each layer its place in the flat vector: W_1, b_1, …, W_2, b_2, … */
static talus_status lay_out(talus_network *network)
{
    int64_t end = 0;
    for (int l = 1; l <= network->layer_count; l++) {
        tl_layer *layer = &network->layers[l];
        if (!append_parts(layer, &end))
            return tl_fail(network->context, TALUS_ERROR_SHAPE,
                           "layer %d: with its %lld × %lld weights the parameters exceed any memory", l,
                           (long long)layer->width, (long long)layer->inputs);
    }
    network->parameter_count = end;
    return TALUS_OK;
}

static talus_status allocate_parameters(talus_network *network)
{
    size_t bytes = (size_t)network->parameter_count * tl_dtype_size(network->precision);
    network->parameters = tl_allocate(network->context, bytes);
    if (network->parameters == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "network: the allocator returned no memory for its %lld parameters",
                       (long long)network->parameter_count);
    return TALUS_OK;
}

talus_status tl_network_lay_out(talus_network *network)
{
    talus_status status = lay_out(network);
    return status == TALUS_OK ? allocate_parameters(network) : status;
}
