/* The steps of a normalised layer. */
#include <math.h>

#include "diagnose/tangent_tile.h"
#include "kernels/curvature.h"

/* 1 over the numbers that are normalised together; 0 with running statistics, which are constants. */
static double share_of(const TL(tl_tangent_tile) * t, const tl_layer *layer)
{
    if (!layer->norm->of_batch)
        return 1 / (double)layer->width;
    return t->hessian->pass->work & TL_STATISTICS ? 1 / (double)t->hessian->pass->samples : 0;
}

static TL(tl_normalize_tangent) normalization_of(const TL(tl_tangent_tile) * t, int l)
{
    const tl_layer *layer = &t->network->layers[l];
    const tl_tangent_level *level = &t->hessian->levels[l];
    const bool of_batch = layer->norm->of_batch;
    return (TL(tl_normalize_tangent)){
        .rows = layer->width,
        .cols = t->samples,
        .ld = t->width,
        .row_step = of_batch ? 1 : 0,
        .col_step = of_batch ? 0 : 1,
        .groups = level->groups + (of_batch ? 0 : t->place * t->width),
        .share = share_of(t, layer),
        .normalized = tl_kept(t, t->hessian->pass->workspace->levels[l].normalized, layer->width),
        .normalized_dot = tl_placed(t, level->normalized_dot, layer->width),
        .scale = tl_part_in(t, t->theta, l, TALUS_PART_NORM_SCALES),
        .scale_dot = tl_part_in(t, t->v, l, TALUS_PART_NORM_SCALES),
        .shift = tl_part_in(t, t->theta, l, TALUS_PART_NORM_SHIFTS),
        .shift_dot = tl_part_in(t, t->v, l, TALUS_PART_NORM_SHIFTS),
        .z = tl_placed(t, level->z, layer->width),
        .z_dot = tl_placed(t, level->z_dot, layer->width),
        .delta = tl_delta(t, l),
        .delta_dot = tl_delta_dot(t, l)};
}

/* Sums of 0 for the groups that begin with this tile. */
static void begin_groups(const TL(tl_tangent_tile) * t, int l, tl_normalize_sums *groups)
{
    const tl_layer *layer = &t->network->layers[l];
    const tl_level *level = &t->hessian->pass->workspace->levels[l];
    if (!layer->norm->of_batch)
        for (int64_t j = 0; j < t->samples; j++)
            groups[j] = (tl_normalize_sums){
                .inverse = (double)((const real *)level->inverse)[t->index * t->width + j]};
    else if (t->index == 0)
        for (int64_t i = 0; i < layer->width; i++)
            groups[i] = (tl_normalize_sums){.inverse = 1 /
                                                       sqrt(level->statistics.variances[i] + layer->epsilon)};
}

void TL(tl_tangent_sum_forward)(const TL(tl_tangent_tile) * t, int l)
{
    TL(tl_normalize_tangent) x = normalization_of(t, l);
    begin_groups(t, l, x.groups);
    TL(tl_normalize_add_tangents)(&x);
}

void TL(tl_tangent_normalize)(const TL(tl_tangent_tile) * t, int l)
{
    TL(tl_normalize_tangent) x = normalization_of(t, l);
    TL(tl_normalize_forward_tangent)(&x);
}

/* With the shares of γ, Σ_j d/dt (∂C/∂(γ·ẑ + β)·ẑ), and of β. */
void TL(tl_tangent_sum_backward)(const TL(tl_tangent_tile) * t, int l)
{
    TL(tl_normalize_tangent) x = normalization_of(t, l);
    TL(tl_tangent_add_sums)(t, l, TALUS_PART_NORM_SCALES, x.delta_dot, x.normalized);
    TL(tl_tangent_add_sums)(t, l, TALUS_PART_NORM_SCALES, x.delta, x.normalized_dot);
    TL(tl_tangent_add_sums)(t, l, TALUS_PART_NORM_SHIFTS, x.delta_dot, NULL);
    TL(tl_normalize_add_gradients)(&x);
}

void TL(tl_tangent_normalize_backward)(const TL(tl_tangent_tile) * t, int l)
{
    TL(tl_normalize_tangent) x = normalization_of(t, l);
    TL(tl_normalize_backward_tangent)(&x);
}
