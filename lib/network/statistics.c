/* What training keeps of layers beside their parameters: running statistics, and where power iterations stand. */
#include <math.h>

#include "network/network.h"

bool tl_layer_has_direction(const tl_layer *layer)
{
    return layer->spectral_norm > 0 || layer->spectral_penalty > 0;
}

bool tl_layer_has_statistics(const tl_layer *layer)
{
    return layer->norm->of_batch || tl_layer_has_direction(layer);
}

bool tl_network_has_batch_statistics(const talus_network *network)
{
    bool has = false;
    for (int l = 1; l <= network->layer_count; l++)
        has |= network->layers[l].norm->of_batch;
    return has;
}

static int64_t count_of(const tl_layer *layer)
{
    return (layer->norm->of_batch ? 2 * layer->width : 0) +
           (tl_layer_has_direction(layer) ? layer->inputs : 0);
}

talus_status tl_statistics_make(talus_network *network)
{
    int64_t count = 0;
    for (int l = 1; l <= network->layer_count; l++)
        count += count_of(&network->layers[l]);
    if (count == 0)
        return TALUS_OK;
    network->statistics = tl_allocate(network->context, (size_t)count * sizeof(double));
    if (network->statistics == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "network: the allocator returned no memory for its running statistics");
    network->statistic_count = count;
    double *at = network->statistics;
    for (int l = 1; l <= network->layer_count; l++) {
        tl_layer *layer = &network->layers[l];
        layer->means = layer->norm->of_batch ? at : NULL;
        layer->variances = layer->norm->of_batch ? at + layer->width : NULL;
        layer->direction = tl_layer_has_direction(layer) ? at + count_of(layer) - layer->inputs : NULL;
        at += count_of(layer);
    }
    return TALUS_OK;
}

void tl_statistics_reset(talus_network *network)
{
    for (int64_t i = 0; i < network->statistic_count; i++)
        network->statistics[i] = 0;
    for (int l = 1; l <= network->layer_count; l++)
        for (int64_t k = 0; network->layers[l].norm->of_batch && k < network->layers[l].width; k++)
            network->layers[l].variances[k] = 1;
}

/* A variance that overflows, as that of huge numbers in f64 may, leaves those of its unit as they are. */
void tl_statistics_move(const tl_layer *layer, const double *means, const double *squares, int64_t n)
{
    const double m = layer->momentum;
    for (int64_t k = 0; k < layer->width; k++) {
        double mean = (1 - m) * layer->means[k] + m * means[k];
        double variance = (1 - m) * layer->variances[k] + m * (squares[k] / (double)(n - 1));
        if (!isfinite(mean) || !isfinite(variance))
            continue;
        layer->means[k] = mean;
        layer->variances[k] = variance;
    }
}

talus_status talus_network_statistics(const talus_network *network, int layer, talus_matrix *means,
                                      talus_matrix *variances)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (layer < 1 || layer > network->layer_count)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "layer must be 1 … %d, got %d",
                       network->layer_count, layer);
    const tl_layer *found = &network->layers[layer];
    if (!found->norm->of_batch)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "layer %d has no running statistics: its normalization is %s, not batch", layer,
                       found->norm->name);
    if (means != NULL)
        *means = talus_matrix_view(found->means, TALUS_DTYPE_F64, 1, found->width);
    if (variances != NULL)
        *variances = talus_matrix_view(found->variances, TALUS_DTYPE_F64, 1, found->width);
    return TALUS_OK;
}
