/* Phase B: the gradient of a tile of weights over the whole batch, and what is done with it. */
#include "base/real.h"
#include "engine/penalty.h"
#include "kernels/kernels.h"
#include "linalg/blas_product.h"
#include "linalg/blas_threads.h"

/* ∇W (+)= Σ over `pieces` tiles of samples from `first` on of Δ_lᵀ·A_{l−1}, each with `count` samples. */
static void add_gradient(const tl_pass *pass, const tl_weight_tile *tile, int64_t first, int64_t pieces,
                         int64_t count, real *gradient, int64_t ld)
{
    const TL(tl_kernels) *kernels = pass->workspace->kernels;
    const tl_level *out = &pass->workspace->levels[tile->layer], *in = out - 1;
    int64_t width = pass->schedule->tiling.width;
    TL(tl_operands)
    tiles = {
        .m = tile->rows,
        .n = tile->cols,
        .k = count,
        .pieces = pieces,
        .a = (const real *)out->deltas + (first * out->width + tile->row) * width,
        .row_step = width,
        .inner_step = 1,
        .a_piece = out->width * width,
        .b = (const real *)in->samples + first * width * in->ld + tile->col,
        .ldb = in->ld,
        .b_piece = width * in->ld,
        .sum = first > 0 ? TL_SUM_ADDED : TL_SUM_NEW,
        .c = gradient,
        .ldc = ld,
    };
    if (pass->workspace->plan.sizes.own_products) {
        kernels->product(&tiles);
        return;
    }
    for (int64_t t = 0; t < pieces; t++)
        TL(tl_product)
    (tiles.m, tiles.n, count, tiles.a + t * tiles.a_piece, width, tiles.b + t * tiles.b_piece, in->ld,
     first + t > 0, gradient, ld);
}

/* ∇W of a tile of weights, to a scratch whose rows may be written beyond the tile's columns. Several tiles of samples are
 * taken at once; the last may have fewer samples. */
static void weight_gradient(const tl_pass *pass, const tl_weight_tile *tile, real *gradient, int64_t ld)
{
    const tl_tiling *tiling = &pass->schedule->tiling;
    int64_t whole = tiling->samples / tiling->width;
    int64_t most = tl_sample_tiles(tiling);
    for (int64_t t = 0; t < whole; t += most)
        add_gradient(pass, tile, t, tl_smaller(most, whole - t), tiling->width, gradient, ld);
    if (whole < tiling->tiles)
        add_gradient(pass, tile, whole, 1, tl_tile_samples(tiling, whole), gradient, ld);
}

static void store_rows(const tl_pass *pass, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                       const real *gradient, int64_t ld_gradient)
{
    real *to = (real *)pass->gradient + offset;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            to[i * ld + j] = pass->add ? to[i * ld + j] + gradient[i * ld_gradient + j]
                                       : gradient[i * ld_gradient + j];
}

/* Hands the gradient of rows × cols parameters from `offset` on to the update, or stores it. */
static void deliver(const tl_pass *pass, int worker, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                    const real *gradient, int64_t ld_gradient)
{
    const tl_update *update = pass->update;
    if (update == NULL) {
        store_rows(pass, offset, rows, cols, ld, gradient, ld_gradient);
        return;
    }
    real *parameters = (real *)update->parameters + offset;
    if (!pass->rehearses)
        update->apply(update->rule, parameters, offset, rows, cols, ld, gradient, ld_gradient);
    else if (!update->rehearse(update->rule, parameters, offset, rows, cols, ld, gradient, ld_gradient))
        pass->workspace->extents[worker].overflow = true;
}

/* The gradient of a part with a number a unit, such as ∇b: Σ over tiles of samples of their sums. */
static void unit_gradient(const tl_pass *pass, const tl_weight_tile *tile, int kind, real *gradient)
{
    const tl_level *level = &pass->workspace->levels[tile->layer];
    const real *sums = (const real *)level->sums[kind] + tile->row;
    for (int64_t i = 0; i < tile->rows; i++)
        gradient[i] = sums[i];
    for (int64_t t = 1; t < pass->schedule->tiling.tiles; t++)
        for (int64_t i = 0; i < tile->rows; i++)
            gradient[i] += sums[t * level->width + i];
}

/* The rows and columns of a tile in a part, of which a part with a number a unit has one row. */
static void run_part(const tl_pass *pass, int worker, const tl_weight_tile *tile, const tl_part *part)
{
    int64_t ld = pass->workspace->plan.sizes.weight_cols;
    real *gradient = (real *)pass->workspace->scratch + worker * pass->workspace->scratch_size;
    if (pass->update != NULL && pass->update->is_frozen(pass->update->rule, part->offset))
        return;
    if (part->kind == TALUS_PART_WEIGHTS) {
        weight_gradient(pass, tile, gradient, ld);
        if (pass->penalises && pass->network->penalised)
            TL(tl_add_penalty_gradient)(pass, tile, gradient, ld);
        deliver(pass, worker, part->offset + tile->row * part->cols + tile->col, tile->rows, tile->cols,
                part->cols, gradient, ld);
    } else if (tile->col == 0) {
        unit_gradient(pass, tile, part->kind, gradient);
        deliver(pass, worker, part->offset + tile->row, 1, tile->rows, tile->rows, gradient, tile->rows);
    }
}

void TL(tl_run_weights)(void *job, int64_t index, int worker)
{
    if (worker != 0)
        tl_blas_worker();
    const tl_pass *pass = job;
    const tl_weight_tile *tile = &pass->workspace->weight_tiles[index];
    const tl_layer *layer = &pass->network->layers[tile->layer];
    for (int i = 0; i < layer->part_count; i++)
        run_part(pass, worker, tile, &layer->parts[i]);
}
