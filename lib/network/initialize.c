#include "network/initialize.h"

#include <math.h>

/* The variance v of the weights, as the header gives it for each initialiser. */
static double variance(const tl_layer *layer)
{
    double fan_in = (double)layer->inputs, fan_out = (double)layer->width;
    double square = layer->alpha * layer->alpha;
    const double gains[] = {[TL_HE_PLAIN] = 1, [TL_HE_LEAKY] = 1 + square, [TL_HE_FACTOR] = square};
    switch (layer->initializer) {
    case TALUS_INIT_GLOROT_UNIFORM:
    case TALUS_INIT_GLOROT_NORMAL:
        return 2 / (fan_in + fan_out);
    case TALUS_INIT_LECUN_UNIFORM:
    case TALUS_INIT_LECUN_NORMAL:
        return 1 / fan_in;
    default:
        return 2 / (gains[layer->kind->he_gain] * fan_in);
    }
}

static bool is_normal(int initializer)
{
    return initializer == TALUS_INIT_HE_NORMAL || initializer == TALUS_INIT_GLOROT_NORMAL ||
           initializer == TALUS_INIT_LECUN_NORMAL;
}

static double first_value(const tl_layer *layer, const tl_part *part)
{
    const tl_part_kind *kind = tl_part_kind_of(part->kind);
    return kind->starts_at_alpha ? layer->alpha : kind->first;
}

void tl_initialize_layer(talus_network *network, int l, uint64_t seed)
{
    static const struct {
        void (*draw)(const tl_part *part, const tl_draw *draw, void *parameters);
        void (*fill)(const tl_part *part, double value, void *parameters);
    } in[TL_PRECISIONS] = {
        [TALUS_DTYPE_F32] = {tl_draw_part_f32, tl_fill_part_f32},
        [TALUS_DTYPE_F64] = {tl_draw_part_f64, tl_fill_part_f64},
    };
    const tl_layer *layer = &network->layers[l];
    for (int i = 0; i < layer->part_count; i++) {
        const tl_part *part = &layer->parts[i];
        if (part->kind == TALUS_PART_WEIGHTS)
            in[network->precision].draw(part,
                                        &(tl_draw){.normal = is_normal(layer->initializer),
                                                   .deviation = sqrt(variance(layer)),
                                                   .seed = seed,
                                                   .item = (uint32_t)l},
                                        network->parameters);
        else
            in[network->precision].fill(part, first_value(layer, part), network->parameters);
    }
}
