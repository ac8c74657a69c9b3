/* The stages of a normalised layer, between its product and its activation. */
#include "engine/tile.h"

static TL(tl_normalize_args) normalize_args(const TL(tl_tile) * tile, int l, int64_t cols)
{
    const tl_layer *layer = &tile->pass->network->layers[l];
    const tl_level *level = &tile->levels[l];
    int64_t sums = tile->index * level->width;
    return (TL(tl_normalize_args)){
        .rows = layer->width,
        .cols = cols,
        .ld = tile->width,
        .epsilon = layer->epsilon,
        .scale = tl_part_values(tile, l, TALUS_PART_NORM_SCALES),
        .a = tl_part_of(tile, level->features, level, 0),
        .normalized = tl_part_of(tile, level->normalized, level, 0),
        .inverse = (real *)level->inverse + tile->index * tile->width,
        .delta = tl_part_of(tile, level->deltas, level, 0),
        .scale_sums = (real *)level->sums[TALUS_PART_NORM_SCALES] + sums,
        .sums = (real *)level->sums[TALUS_PART_BIASES] + sums,
    };
}

void TL(tl_normalize)(const TL(tl_tile) * tile, int l)
{
    TL(tl_normalize_args) args = normalize_args(tile, l, tile->columns);
    args.squares = &tile->extent->activations;
    if (!(tile->pass->work & (TL_KEEP | TL_BACKWARD)))
        args.normalized = NULL;
    tile->kernels->normalize(&args);
    TL(tl_activate)(tile, l, tl_part_values(tile, l, TALUS_PART_NORM_SHIFTS), 0, args.rows);
}

void TL(tl_normalize_backward)(const TL(tl_tile) * tile, int l)
{
    TL(tl_normalize_args) args = normalize_args(tile, l, tile->samples);
    args.squares = &tile->extent->deltas;
    tile->kernels->normalize_backward(&args);
}
