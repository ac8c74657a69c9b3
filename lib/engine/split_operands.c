#include "engine/split_operands.h"

#include "linalg/blas_threads.h"

int64_t tl_split_strips(int64_t outer)
{
    return tl_divide_up(outer, TL_PIECE_SIDE);
}

int64_t tl_split_strip(const tl_plan *plan, int64_t inner)
{
    return tl_divide_up(inner, TL_PIECE_INNER) * plan->pieces * TL_PIECE_TILE;
}

/* An operand in strips, from one of its rows or columns on, and from an inner number on. */
static uint16_t *at(const tl_plan *plan, uint16_t *operand, int64_t strip, int64_t outer, int64_t inner)
{
    return operand + outer / TL_PIECE_SIDE * strip + tl_split_strip(plan, inner);
}

/* The same of an operand that each tile of samples has. */
static uint16_t *of_tile(const tl_plan *plan, uint16_t *operand, int64_t tile, int64_t outer, int64_t inner)
{
    return operand + tile * tl_split_strips(outer) * tl_split_strip(plan, inner);
}

static float *rows_of(const tl_pass *pass, void *array, const tl_level *level, int64_t tile, int64_t row)
{
    return (float *)array + (tile * level->width + row) * pass->schedule->tiling.width;
}

void tl_products_begin(const tl_pass *pass, int worker)
{
    if (worker != 0)
        tl_blas_worker();
    if (pass->workspace->pieces != NULL && pass->workspace->pieces->begin != NULL)
        pass->workspace->pieces->begin();
}

void tl_products_end(const tl_pass *pass)
{
    if (pass->workspace->pieces != NULL && pass->workspace->pieces->end != NULL)
        pass->workspace->pieces->end();
}

/* Splitting ------------------------------------------------------------------------------------------------ */

/* Whether Δ_l goes on to the level below. */
static bool descends(const tl_pass *pass, int l)
{
    return l > pass->lowest || (pass->work & TL_INPUT_GRADIENT);
}

void tl_split_weights(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    const talus_workspace *workspace = pass->workspace;
    const tl_plan *plan = &workspace->plan;
    const tl_weight_tile *tile = &workspace->weight_tiles[index];
    const tl_layer *layer = &pass->network->layers[tile->layer];
    const tl_split_level *split = &workspace->levels[tile->layer].split;
    const int64_t offset = tl_layer_part(layer, TALUS_PART_WEIGHTS)->offset, ld = layer->inputs,
                  strip = tl_split_strip(plan, ld), strip_across = tl_split_strip(plan, layer->width);
    const float *w = (const float *)pass->network->parameters + offset + tile->row * ld + tile->col;
    (void)worker;
    if (pass->work & TL_FORWARD)
        workspace->pieces->split_left(plan->pieces, tile->rows, tile->cols, w, ld, 1,
                                      at(plan, split->weights, strip, tile->row, tile->col), strip);
    if ((pass->work & (TL_KEEP | TL_BACKWARD)) && descends(pass, tile->layer))
        workspace->pieces->split_left(plan->pieces, tile->cols, tile->rows, w, 1, ld,
                                      at(plan, split->across, strip_across, tile->col, tile->row),
                                      strip_across);
}

/* Rows of features × samples, of columns that are computed. */
static void split_rows(const tl_pass *pass, const tl_level *level, const float *from, int64_t tile,
                       int64_t row, int64_t rows)
{
    const talus_workspace *workspace = pass->workspace;
    const tl_plan *plan = &workspace->plan;
    const tl_tiling *tiling = &pass->schedule->tiling;
    const int64_t strip = tl_split_strip(plan, level->width);
    uint16_t *to = of_tile(plan, level->split.features, tile, tiling->width, level->width);
    workspace->pieces->split_right(plan->pieces, rows, tl_plan_columns(plan, tiling, tile), from,
                                   tiling->width, at(plan, to, strip, 0, row), strip);
}

void tl_split_outputs(const tl_pass *pass, int l, int64_t tile, int64_t row, int64_t rows)
{
    const talus_workspace *workspace = pass->workspace;
    const tl_plan *plan = &workspace->plan;
    const tl_tiling *tiling = &pass->schedule->tiling;
    const tl_level *level = &workspace->levels[l];
    const int64_t strip = tl_split_strip(plan, tiling->width);
    split_rows(pass, level, rows_of(pass, level->features, level, tile, row), tile, row, rows);
    if (!(pass->work & TL_KEEP))
        return;
    uint16_t *to = of_tile(plan, level->split.samples, tile, level->width, tiling->width);
    workspace->pieces->split_right(plan->pieces, tl_tile_samples(tiling, tile), rows,
                                   (const float *)level->samples + tile * tiling->width * level->ld + row,
                                   level->ld, at(plan, to, strip, row, 0), strip);
}

void tl_split_deltas(const tl_pass *pass, int l, int64_t tile, int64_t row, int64_t rows)
{
    const talus_workspace *workspace = pass->workspace;
    const tl_plan *plan = &workspace->plan;
    const tl_tiling *tiling = &pass->schedule->tiling;
    const tl_level *level = &workspace->levels[l];
    const float *deltas = rows_of(pass, level->deltas, level, tile, row);
    const int64_t strip = tl_split_strip(plan, tiling->width);
    if (descends(pass, l))
        split_rows(pass, level, deltas, tile, row, rows);
    if (!(pass->work & TL_BACKWARD))
        return;
    uint16_t *to = of_tile(plan, level->split.deltas, tile, level->width, tiling->width);
    workspace->pieces->split_left(plan->pieces, rows, tl_tile_samples(tiling, tile), deltas, tiling->width, 1,
                                  at(plan, to, strip, row, 0), strip);
}

/* Products ------------------------------------------------------------------------------------------------- */

/* Rows of an operand of weights, with all columns of a tile of a level. */
static void multiply(const tl_pass *pass, uint16_t *weights, const tl_level *from, int64_t tile, int64_t row,
                     int64_t rows, float *c)
{
    const tl_plan *plan = &pass->workspace->plan;
    const tl_tiling *tiling = &pass->schedule->tiling;
    const int64_t strip = tl_split_strip(plan, from->width);
    pass->workspace->pieces->product(&(tl_piece_product){
        .m = rows,
        .n = tl_plan_columns(plan, tiling, tile),
        .steps = tl_divide_up(from->width, TL_PIECE_INNER),
        .parts = 1,
        .pieces = plan->pieces,
        .left = at(plan, weights, strip, row, 0),
        .right = of_tile(plan, from->split.features, tile, tiling->width, from->width),
        .left_strip = strip,
        .right_strip = strip,
        .c = c,
        .ldc = tiling->width,
    });
}

void tl_multiply_forward(const tl_pass *pass, int l, int64_t tile, int64_t row, int64_t rows)
{
    const tl_level *to = &pass->workspace->levels[l];
    multiply(pass, to->split.weights, to - 1, tile, row, rows, rows_of(pass, to->features, to, tile, row));
}

void tl_multiply_backward(const tl_pass *pass, int l, int64_t tile, int64_t row, int64_t rows)
{
    const tl_level *to = &pass->workspace->levels[l], *from = to + 1;
    multiply(pass, from->split.across, from, tile, row, rows, rows_of(pass, to->deltas, to, tile, row));
}

void tl_multiply_gradient(const tl_pass *pass, const tl_weight_tile *tile, int64_t first, int64_t count,
                          int64_t samples, float *gradient, int64_t ld)
{
    const tl_plan *plan = &pass->workspace->plan;
    const tl_level *out = &pass->workspace->levels[tile->layer], *in = out - 1;
    const int64_t width = pass->schedule->tiling.width, strip = tl_split_strip(plan, width);
    pass->workspace->pieces->product(&(tl_piece_product){
        .m = tile->rows,
        .n = tile->cols,
        .steps = tl_divide_up(samples, TL_PIECE_INNER),
        .parts = count,
        .pieces = plan->pieces,
        .left = at(plan, of_tile(plan, out->split.deltas, first, out->width, width), strip, tile->row, 0),
        .right = at(plan, of_tile(plan, in->split.samples, first, in->width, width), strip, tile->col, 0),
        .left_strip = strip,
        .right_strip = strip,
        .left_part = tl_split_strips(out->width) * strip,
        .right_part = tl_split_strips(in->width) * strip,
        .add = first > 0,
        .c = gradient,
        .ldc = ld,
    });
}
