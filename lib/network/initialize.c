#include "network/initialize.h"

#include <math.h>

#include "linalg/blas_threads.h"

static const struct {
    void (*draw)(const tl_part *part, const tl_draw *draw, void *parameters);
    void (*fill)(const tl_part *part, double value, void *parameters);
    size_t (*orthogonal_room)(const tl_part *part);
    void (*orthogonalize)(const tl_part *part, double gain, void *parameters, void *room);
} in[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {tl_draw_part_f32, tl_fill_part_f32, tl_orthogonal_room_f32, tl_orthogonalize_f32},
    [TALUS_DTYPE_F64] = {tl_draw_part_f64, tl_fill_part_f64, tl_orthogonal_room_f64, tl_orthogonalize_f64},
};

/* The variance v of the weights, as the header gives it for each initialiser. */
static double variance(const tl_layer *layer)
{
    double fan_in = (double)layer->inputs, fan_out = (double)layer->width;
    double square = layer->alpha * layer->alpha;
    const double gains[] = {[TL_HE_PLAIN] = 1, [TL_HE_LEAKY] = 1 + square, [TL_HE_FACTOR] = square};
    switch (tl_initializer_kind_of(layer->initializer)->variance) {
    case TL_VARIANCE_GLOROT:
        return 2 / (fan_in + fan_out);
    case TL_VARIANCE_LECUN:
        return 1 / fan_in;
    default:
        return 2 / (gains[layer->kind->he_gain] * fan_in);
    }
}

static double first_value(const tl_layer *layer, const tl_part *part)
{
    const tl_part_kind *kind = tl_part_kind_of(part->kind);
    return kind->starts_at_alpha ? layer->alpha : kind->first;
}

static bool is_orthogonal(const tl_layer *layer)
{
    return tl_initializer_kind_of(layer->initializer)->orthogonal;
}

static void orthogonalize(const talus_network *network, const tl_layer *layer, void *room)
{
    int before = tl_blas_enter_for(network->context);
    in[network->precision].orthogonalize(tl_layer_part(layer, TALUS_PART_WEIGHTS), layer->gain,
                                         network->parameters, room);
    tl_blas_leave(before);
}

static void initialize_layer(talus_network *network, int l, uint64_t seed, void *room)
{
    const tl_layer *layer = &network->layers[l];
    const bool orthogonal = is_orthogonal(layer);
    const tl_draw draw = {.normal = tl_initializer_kind_of(layer->initializer)->normal,
                          .deviation = orthogonal ? 1 : layer->gain * sqrt(variance(layer)),
                          .seed = seed,
                          .item = (uint32_t)l};
    for (int i = 0; i < layer->part_count; i++) {
        const tl_part *part = &layer->parts[i];
        if (part->kind == TALUS_PART_WEIGHTS)
            in[network->precision].draw(part, &draw, network->parameters);
        else
            in[network->precision].fill(part, first_value(layer, part), network->parameters);
    }
    if (orthogonal)
        orthogonalize(network, layer, room);
}

/* For the layer that needs most; 0 if none needs any. */
static size_t room_of(const talus_network *network)
{
    size_t most = 0;
    for (int l = 1; l <= network->layer_count; l++) {
        const tl_layer *layer = &network->layers[l];
        size_t room = is_orthogonal(layer)
                          ? in[network->precision].orthogonal_room(tl_layer_part(layer, TALUS_PART_WEIGHTS))
                          : 0;
        most = room > most ? room : most;
    }
    return most;
}

talus_status tl_initialize(talus_network *network, int64_t seed)
{
    const size_t bytes = room_of(network);
    void *room = bytes == 0 ? NULL : tl_allocate_unfilled(network->context, bytes);
    if (bytes > 0 && room == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "network: the allocator returned no memory for orthogonal weights");
    network->seed = seed;
    tl_statistics_reset(network);
    for (int l = 1; l <= network->layer_count; l++)
        initialize_layer(network, l, (uint64_t)seed, room);
    tl_release(network->context, room);
    return TALUS_OK;
}
