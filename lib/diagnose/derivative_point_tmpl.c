/* What is known of the points of a tile: f′ and f″. */
#include <math.h>

#include "diagnose/derivative_block.h"
#include "kernels/curvature.h"
#include "linalg/blas_product.h"

static void add_shifts(const TL(tl_block) * b, int l, int kind, int64_t samples, real *z)
{
    const real *shifts = tl_block_part(b, b->network->parameters, l, kind);
    for (int64_t i = 0; shifts != NULL && i < b->network->layers[l].width; i++)
        for (int64_t j = i * b->width; j < i * b->width + samples; j++)
            z[j] += shifts[i];
}

/* What f_l is taken of: γ ⊙ ẑ + β, or W_l·A_{l−1} + b_l */
static void make_z(const TL(tl_block) * b, int l, int64_t samples, real *z)
{
    const tl_layer *layer = &b->network->layers[l];
    const tl_level *levels = b->d->pass->workspace->levels;
    const void *theta = b->network->parameters;
    if (layer->norm->normalizes) {
        const real *normalized = tl_block_points(b, levels[l].normalized, layer->width, 0),
                   *scales = tl_block_part(b, theta, l, TALUS_PART_NORM_SCALES);
        for (int64_t i = 0; i < layer->width; i++)
            for (int64_t j = i * b->width; j < i * b->width + samples; j++)
                z[j] = scales[i] * normalized[j];
        add_shifts(b, l, TALUS_PART_NORM_SHIFTS, samples, z);
        return;
    }
    TL(tl_product)
    (layer->width, samples, layer->inputs, tl_block_part(b, theta, l, TALUS_PART_WEIGHTS), layer->inputs,
     tl_block_points(b, levels[l - 1].features, layer->inputs, 0), b->width, 0, z, b->width);
    add_shifts(b, l, TALUS_PART_BIASES, samples, z);
}

/* f_l′ and f_l″ in the place of that, of kinds of one unit. */
static void prepare_layer(const TL(tl_block) * b, int l, int64_t samples)
{
    const tl_layer *layer = &b->network->layers[l];
    const tl_derivative_level *level = &b->d->levels[l];
    real *slope = tl_block_points(b, level->slope, layer->width, 0),
         *curve = level->curve == NULL ? NULL : tl_block_points(b, level->curve, layer->width, 0);
    make_z(b, l, samples, slope);
    for (int r = 0; r < tl_layer_ranges(b->network, l); r++) {
        const tl_range range = tl_layer_range(b->network, l, r);
        const int64_t at = range.first * b->width;
        if (!tl_activation_kind_of(range.activation)->whole_layer)
            TL(tl_activation_slopes)
        (range.activation, range.outputs, samples, b->width, range.alpha,
         tl_block_part(b, b->network->parameters, l, TALUS_PART_SLOPES), slope + at,
         curve == NULL ? NULL : curve + at);
    }
}

/* Of what is read from a raw input: c′·s and c″·s², with the scale s and the clipping c. */
static void prepare_inputs(const TL(tl_block) * b, int64_t samples)
{
    const int64_t inputs = tl_network_columns(b->network);
    const talus_workspace *workspace = b->d->pass->workspace;
    const double clip = b->network->input_clip, *mean = b->network->input_projection.mean;
    const tl_derivative_level *known = &b->d->levels[0];
    const tl_level *level = mean == NULL ? &workspace->levels[0] : &workspace->raw;
    const real *read = tl_block_points(b, level->features, inputs, 0);
    real *slope = tl_block_points(b, known->slope, inputs, 0),
         *curve = known->curve == NULL ? NULL : tl_block_points(b, known->curve, inputs, 0);
    for (int64_t i = 0; i < inputs; i++) {
        const tl_scaling *scaling = &b->network->input_scaling;
        const double scale = tl_block_scale(scaling, scaling->scale, i), center = mean == NULL ? 0 : mean[i];
        for (int64_t j = i * b->width; j < i * b->width + samples; j++) {
            const double x = (double)read[j] + center;
            slope[j] = (real)(scale * (clip > 0 ? tl_clip_slope(x, clip) : 1));
            if (curve != NULL)
                curve[j] = (real)(clip > 0 ? scale * scale * tl_clip_curve(x, clip) : 0);
        }
    }
}

/* γ, or γ·r with running statistics */
static void prepare_factors(const TL(tl_block) * b, int l)
{
    const tl_layer *layer = &b->network->layers[l];
    const real *scales = tl_block_part(b, b->network->parameters, l, TALUS_PART_NORM_SCALES);
    for (int64_t i = 0; b->d->levels[l].factors != NULL && i < layer->width; i++)
        b->d->levels[l].factors[i] = (double)scales[i] /
                                     (layer->norm->of_batch ? sqrt(layer->variances[i] + layer->epsilon) : 1);
}

void TL(tl_derivatives_prepare)(void *derivatives, int64_t tile, int worker)
{
    const tl_derivatives *d = derivatives;
    const tl_tiling *tiling = &d->pass->schedule->tiling;
    const TL(tl_block) b = {.d = d, .network = d->pass->network, .tile = tile, .width = tiling->width};
    (void)worker;
    prepare_inputs(&b, tl_tile_samples(tiling, tile));
    for (int l = 1; l <= b.network->layer_count; l++) {
        prepare_layer(&b, l, tl_tile_samples(tiling, tile));
        if (tile == 0)
            prepare_factors(&b, l);
    }
}
