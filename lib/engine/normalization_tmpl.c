/* The stages of a normalised layer, between its product and its activation. */
#include "engine/tile.h"

static TL(tl_normalize_args)
    normalize_args(const TL(tl_tile) * tile, int l, int64_t row, int64_t rows, int64_t cols)
{
    const tl_layer *layer = &tile->pass->network->layers[l];
    const tl_level *level = &tile->levels[l];
    const tl_batch_statistics *statistics = &level->statistics;
    int64_t sums = tile->index * level->width + row;
    TL(tl_normalize_args)
    args = {
        .rows = rows,
        .cols = cols,
        .ld = tile->width,
        .epsilon = layer->epsilon,
        .scale = tl_part_values(tile, l, TALUS_PART_NORM_SCALES) + row,
        .a = tl_part_of(tile, level->features, level, row),
        .normalized = tl_part_of(tile, level->normalized, level, row),
        .inverse = (real *)level->inverse + tile->index * tile->width,
        .delta = tl_part_of(tile, level->deltas, level, row),
        .scale_sums = (real *)level->sums[TALUS_PART_NORM_SCALES] + sums,
        .sums = (real *)level->sums[TALUS_PART_BIASES] + sums,
    };
    if (layer->norm->of_batch) {
        args.means = statistics->means + row;
        args.variances = statistics->variances + row;
        args.straight = statistics->straight + row;
        args.along = statistics->along + row;
    }
    return args;
}

void TL(tl_normalize)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                      int64_t rows)
{
    const tl_layer *layer = &tiles->pass->network->layers[stage->layer];
    const real *shifts = tl_part_values(tiles, stage->layer, TALUS_PART_NORM_SHIFTS) + row;
    bool keeps = tiles->pass->work & (TL_KEEP | TL_BACKWARD);
    for (const TL(tl_tile) *tile = tiles; tile < tiles + count; tile++) {
        TL(tl_normalize_args) args = normalize_args(tile, stage->layer, row, rows, tile->columns);
        args.squares = &tile->extent->activations;
        args.normalized = keeps ? args.normalized : NULL;
        (layer->norm->of_batch ? tile->kernels->normalize_rows : tile->kernels->normalize_columns)(&args);
        TL(tl_activate)(tile, stage->layer, shifts, row, rows);
    }
}

void TL(tl_normalize_backward)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                               int64_t rows)
{
    const tl_layer *layer = &tiles->pass->network->layers[stage->layer];
    for (const TL(tl_tile) *tile = tiles; tile < tiles + count; tile++) {
        TL(tl_normalize_args) args = normalize_args(tile, stage->layer, row, rows, tile->samples);
        args.squares = &tile->extent->deltas;
        (layer->norm->of_batch ? tile->kernels->normalize_rows_backward
                               : tile->kernels->normalize_columns_backward)(&args);
    }
    TL(tl_finish_deltas)(tiles, count, stage->layer, row, rows);
}

void TL(tl_collect_moments)(const TL(tl_tile) * tile, int l, int64_t row, int64_t rows)
{
    const tl_level *level = &tile->levels[l];
    int64_t at = tile->index * level->width + row;
    if (tile->pass->work & TL_STATISTICS)
        tile->kernels->moments(rows, tile->samples, tl_part_of(tile, level->features, level, row),
                               tile->width, level->statistics.tile_means + at,
                               level->statistics.tile_squares + at);
}

void TL(tl_collect_sums)(const TL(tl_tile) * tile, int l, int64_t row, int64_t rows)
{
    const tl_level *level = &tile->levels[l];
    tile->kernels->dot_rows(rows, tile->samples, tl_part_of(tile, level->deltas, level, row),
                            tl_part_of(tile, level->normalized, level, row), tile->width,
                            (real *)level->sums[TALUS_PART_NORM_SCALES] + tile->index * level->width + row);
}
