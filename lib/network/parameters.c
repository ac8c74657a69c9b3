/* Views of the flat vector. */
#include "network/network.h"

talus_status talus_network_parameters(talus_network *network, talus_matrix *parameters)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (parameters == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "parameters must not be NULL");
    *parameters = talus_matrix_view(network->parameters, network->precision, 1, network->parameter_count);
    return TALUS_OK;
}

talus_status tl_check_flat(talus_context *context, const talus_network *network, const char *name,
                           const talus_matrix *flat, talus_matrix *checked)
{
    talus_status status = tl_check_matrix(context, name, flat, TL_DTYPE(network->precision), checked);
    if (status != TALUS_OK)
        return status;
    if (checked->rows != 1 || checked->cols != network->parameter_count)
        return tl_fail(
            context, TALUS_ERROR_SHAPE, "%s must be 1 × %lld, a number for each parameter, got %lld × %lld",
            name, (long long)network->parameter_count, (long long)checked->rows, (long long)checked->cols);
    return TALUS_OK;
}

talus_status talus_network_part(const talus_network *network, const talus_matrix *flat, int layer, int part,
                                talus_matrix *view)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    talus_context *context = network->context;
    if (view == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "the view of a part must not be NULL");
    if (layer < 1 || layer > network->layer_count)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer must be 1 … %d, got %d", network->layer_count,
                       layer);
    const tl_part *found = tl_layer_part(&network->layers[layer], part);
    if (tl_part_kind_of(part) == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "part must be one of weights, biases, norm_scales, norm_shifts, slopes; got %d", part);
    if (found == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d has no %s", layer,
                       tl_part_kind_of(part)->name);
    talus_matrix whole = talus_matrix_view(network->parameters, network->precision, 1,
                                           network->parameter_count);
    if (flat != NULL) {
        talus_status status = tl_check_flat(context, network, "flat", flat, &whole);
        if (status != TALUS_OK)
            return status;
    }
    size_t offset = (size_t)found->offset * tl_dtype_size(network->precision);
    *view = talus_matrix_view((char *)whole.data + offset, network->precision, found->rows, found->cols);
    return TALUS_OK;
}

talus_status talus_network_weights(const talus_network *network, const talus_matrix *flat, int layer,
                                   talus_matrix *weights)
{
    return talus_network_part(network, flat, layer, TALUS_PART_WEIGHTS, weights);
}

talus_status talus_network_biases(const talus_network *network, const talus_matrix *flat, int layer,
                                  talus_matrix *biases)
{
    return talus_network_part(network, flat, layer, TALUS_PART_BIASES, biases);
}
