/* Phase B: the gradient of a tile of weights over the whole batch, and what is done with it. */
#include <string.h>

#include "base/real.h"
#include "engine/pass.h"
#include "kernels/kernels.h"
#include "linalg/blas_threads.h"
#include "linalg/product.h"

/* ∇W (+)= Σ over `pieces` tiles of samples from `first` on of Δ_lᵀ·A_{l−1}, each with `count` samples. */
static void add_gradient(const tl_pass *pass, const tl_weight_tile *tile, int64_t first, int64_t pieces,
                         int64_t count, real *gradient, int64_t ld)
{
    const TL(tl_kernels) *kernels = pass->workspace->kernels;
    const tl_level *in = &pass->workspace->levels[tile->layer], *out = in + 1;
    int64_t width = pass->cut.width;
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
        .add = first > 0,
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
    const tl_cut *cut = &pass->cut;
    int64_t whole = cut->samples / cut->width, most = tl_plan_sample_tiles(&pass->workspace->plan, cut);
    for (int64_t t = 0; t < whole; t += most)
        add_gradient(pass, tile, t, tl_smaller(most, whole - t), cut->width, gradient, ld);
    if (whole < cut->tiles)
        add_gradient(pass, tile, whole, 1, tl_cut_samples(cut, whole), gradient, ld);
}

static void copy_rows(int64_t rows, int64_t cols, const real *from, int64_t ld_from, real *to, int64_t ld_to)
{
    for (int64_t i = 0; i < rows; i++)
        memcpy(to + i * ld_to, from + i * ld_from, (size_t)cols * sizeof(real));
}

/* ∇b = Σ over tiles of samples, gathered in the sums of the first. */
static const real *bias_gradient(const tl_pass *pass, const tl_weight_tile *tile)
{
    const tl_level *level = &pass->workspace->levels[tile->layer + 1];
    real *sums = (real *)level->bias_sums + tile->row;
    for (int64_t t = 1; t < pass->cut.tiles; t++)
        for (int64_t i = 0; i < tile->rows; i++)
            sums[i] += sums[t * level->width + i];
    return sums;
}

static void update_tile(const tl_pass *pass, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                        const real *gradient, int64_t ld_gradient)
{
    real *parameters = (real *)pass->network->parameters + offset;
    pass->update->apply(pass->update->rule, parameters, offset, rows, cols, ld, gradient, ld_gradient);
}

void TL(tl_pass_weights)(void *job, int64_t index, int worker)
{
    if (worker != 0)
        tl_blas_worker();
    const tl_pass *pass = job;
    const talus_workspace *workspace = pass->workspace;
    const tl_weight_tile tile = workspace->weight_tiles[index];
    const tl_layer *layer = &pass->network->layers[tile.layer];
    int64_t weights = layer->weights + tile.row * layer->inputs + tile.col, biases = layer->biases + tile.row;
    int64_t ld = workspace->plan.sizes.weight_cols;
    real *gradient = (real *)workspace->scratch + worker * workspace->scratch_size;
    const real *sums = tile.col == 0 ? bias_gradient(pass, &tile) : NULL;
    weight_gradient(pass, &tile, gradient, ld);
    if (pass->update != NULL) {
        update_tile(pass, weights, tile.rows, tile.cols, layer->inputs, gradient, ld);
        if (sums != NULL)
            update_tile(pass, biases, 1, tile.rows, tile.rows, sums, tile.rows);
    } else {
        copy_rows(tile.rows, tile.cols, gradient, ld, (real *)pass->gradient + weights, layer->inputs);
        if (sums != NULL)
            copy_rows(1, tile.rows, sums, tile.rows, (real *)pass->gradient + biases, tile.rows);
    }
}
