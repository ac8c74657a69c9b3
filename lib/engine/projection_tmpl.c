/* Inputs through the projection of the network, and gradients back. */
#include <math.h>

#include "engine/tile.h"

/* C = op(T)·B, of rows of op(T) that are `inner` long. */
static void multiply(const TL(tl_tile) * tile, TL(tl_weight_rows) rows, const real *b, real *c)
{
    const tl_plan *plan = &tile->pass->workspace->plan;
    const int64_t inner = rows.inner;
    const int64_t step = tile->width == 1 ? inner : tl_plan_piece(inner, plan->sizes.inner);
    for (int64_t p = 0; p < inner; p += step) {
        TL(tl_weight_rows) piece = TL(tl_piece_of)(&rows, p, step);
        TL(tl_multiply)(tile, &piece, b + p * tile->width, p > 0, c);
    }
}

bool TL(tl_project)(const TL(tl_tile) * tile, real *features)
{
    const tl_level *raw = &tile->pass->workspace->raw;
    const tl_projection *projection = &tile->pass->network->input_projection;
    real *rows = (real *)raw->samples + tile->index * tile->width * raw->ld;
    real *from = tl_part_of(tile, raw->features, raw, 0);
    double squares = 0, unfinite = 0, unused = 0;
    if (!tile->kernels->gather(&tile->pass->inputs, tile->first, tile->samples, rows, raw->ld, &unused))
        return false;
    tile->kernels->transpose(tile->samples, raw->width, rows, raw->ld, from, tile->width);
    TL(tl_clear_rest)(tile, from, raw->width);
    multiply(tile,
             (TL(tl_weight_rows)){projection->factors, raw->width, projection->features, raw->width, false},
             from, features);
    for (int64_t i = 0; i < projection->features; i++) {
        const real *row = features + i * tile->width;
        squares += tile->kernels->dot(tile->samples, 1, row, row);
        for (int64_t j = 0; j < tile->samples; j++)
            unfinite += 0 * (double)row[j];
    }
    tile->extent->activations += squares;
    return unfinite == 0;
}

/* ∂C/∂(s(x) − m) = Tᵀ·(∂C/∂x′) */
void TL(tl_project_back)(const TL(tl_tile) * tile, const real *deltas)
{
    const tl_level *raw = &tile->pass->workspace->raw;
    const tl_projection *projection = &tile->pass->network->input_projection;
    multiply(tile,
             (TL(tl_weight_rows)){projection->factors, raw->width, raw->width, projection->features, true},
             deltas, tl_part_of(tile, raw->features, raw, 0));
}
