/* Phase B: the gradient of a tile of weights over the whole batch, and what is done with it. */
#include <math.h>
#include <string.h>

#include "base/real.h"
#include "engine/penalty.h"
#include "engine/split_operands.h"
#include "kernels/kernels.h"
#include "linalg/blas_product.h"

/* Numbers that are measured at once. */
#define LOOK 256

/* ∇W (+)= Σ over `pieces` tiles of samples from `first` on of Δ_lᵀ·A_{l−1}, each with `count` samples. */
static void add_gradient(const tl_pass *pass, const tl_weight_tile *tile, int64_t first, int64_t pieces,
                         int64_t count, real *gradient, int64_t ld)
{
    const TL(tl_kernels) *kernels = pass->workspace->kernels;
    const tl_level *out = &pass->workspace->levels[tile->layer], *in = out - 1;
    if (pass->workspace->pieces != NULL) {
        tl_multiply_gradient(pass, tile, first, pieces, count, (void *)gradient, ld);
        return;
    }
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

/* The gradient of rows × cols parameters from `offset` on. */
typedef struct piece {
    int64_t offset, rows, cols, ld;
    const real *gradient;
    int64_t ld_gradient;
} piece;

static void store(const tl_pass *pass, const piece *p)
{
    if (pass->gradient == NULL)
        return;
    real *to = (real *)pass->gradient + p->offset;
    for (int64_t i = 0; i < p->rows; i++)
        for (int64_t j = 0; j < p->cols; j++)
            to[i * p->ld + j] = pass->add ? to[i * p->ld + j] + p->gradient[i * p->ld_gradient + j]
                                          : p->gradient[i * p->ld_gradient + j];
}

/* Hands a piece to the update, or stores it. */
static void deliver(const tl_pass *pass, int worker, const piece *p)
{
    const tl_update *update = pass->update;
    if (!tl_pass_updates(pass)) {
        store(pass, p);
        return;
    }
    real *parameters = (real *)update->parameters + p->offset;
    if (!pass->rehearses)
        update->apply(update->rule, parameters, p->offset, p->rows, p->cols, p->ld, p->gradient,
                      p->ld_gradient);
    else if (!update->rehearse(update->rule, parameters, p->offset, p->rows, p->cols, p->ld, p->gradient,
                               p->ld_gradient))
        pass->workspace->extents[worker].overflow = true;
}

/* The same of a piece of a row, with the norms of what it is about. */
static void deliver_measured(const tl_pass *pass, int worker, const piece *p, tl_tile_norms *norms)
{
    const TL(tl_kernels) *kernels = pass->workspace->kernels;
    const real *now = (const real *)pass->network->parameters + p->offset;
    real before[LOOK];
    memcpy(before, now, (size_t)p->cols * sizeof *before);
    norms->gradient = hypot(norms->gradient, kernels->norm(p->cols, p->gradient));
    norms->parameters = hypot(norms->parameters, kernels->norm(p->cols, before));
    deliver(pass, worker, p);
    kernels->combine(p->cols, 1, now, -1, before, before);
    norms->change = hypot(norms->change, kernels->norm(p->cols, before));
}

static void deliver_rows(const tl_pass *pass, int worker, const piece *p, tl_tile_norms *norms)
{
    for (int64_t i = 0; i < p->rows; i++)
        for (int64_t j = 0; j < p->cols; j += LOOK) {
            const int64_t count = tl_smaller(LOOK, p->cols - j);
            deliver_measured(pass, worker,
                             &(piece){.offset = p->offset + i * p->ld + j,
                                      .rows = 1,
                                      .cols = count,
                                      .ld = count,
                                      .gradient = p->gradient + i * p->ld_gradient + j,
                                      .ld_gradient = count},
                             norms);
        }
}

/* What is frozen has a gradient of 0. */
static void skip(const tl_pass *pass, const piece *p, tl_tile_norms *norms)
{
    const TL(tl_kernels) *kernels = pass->workspace->kernels;
    const bool stores = pass->gradient != NULL && pass->keeps && !pass->add;
    for (int64_t i = 0; i < p->rows; i++) {
        if (stores)
            memset((real *)pass->gradient + p->offset + i * p->ld, 0, (size_t)p->cols * sizeof(real));
        if (norms != NULL)
            norms->parameters = hypot(
                norms->parameters,
                kernels->norm(p->cols, (const real *)pass->network->parameters + p->offset + i * p->ld));
    }
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

/* The rows and columns of a tile in a part, of which a part with a number a unit has one row: none in the tiles beside the
 * first. */
static piece piece_of(const tl_pass *pass, const tl_weight_tile *tile, const tl_part *part,
                      const real *gradient)
{
    if (part->kind == TALUS_PART_WEIGHTS)
        return (piece){.offset = part->offset + tile->row * part->cols + tile->col,
                       .rows = tile->rows,
                       .cols = tile->cols,
                       .ld = part->cols,
                       .gradient = gradient,
                       .ld_gradient = pass->workspace->plan.sizes.weight_cols};
    return (piece){.offset = part->offset + tile->row,
                   .rows = tile->col == 0 ? 1 : 0,
                   .cols = tile->rows,
                   .ld = tile->rows,
                   .gradient = gradient,
                   .ld_gradient = tile->rows};
}

static void compute(const tl_pass *pass, const tl_weight_tile *tile, const tl_part *part, real *gradient)
{
    const int64_t ld = pass->workspace->plan.sizes.weight_cols;
    if (part->kind != TALUS_PART_WEIGHTS) {
        unit_gradient(pass, tile, part->kind, gradient);
        return;
    }
    weight_gradient(pass, tile, gradient, ld);
    if (pass->penalises && pass->network->penalised)
        TL(tl_add_penalty_gradient)(pass, tile, gradient, ld);
}

static void run_part(const tl_pass *pass, int worker, const tl_weight_tile *tile, const tl_part *part,
                     tl_tile_norms *norms)
{
    real *gradient = (real *)pass->workspace->scratch + worker * pass->workspace->scratch_size;
    const piece p = piece_of(pass, tile, part, gradient);
    if (p.rows == 0)
        return;
    if (tl_pass_freezes(pass, part)) {
        skip(pass, &p, norms);
        return;
    }
    compute(pass, tile, part, gradient);
    if (norms == NULL)
        deliver(pass, worker, &p);
    else
        deliver_rows(pass, worker, &p, norms);
}

void TL(tl_run_weights)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    tl_products_begin(pass, worker);
    const tl_weight_tile *tile = &pass->workspace->weight_tiles[index];
    const tl_layer *layer = &pass->network->layers[tile->layer];
    tl_tile_norms *norms = pass->norms == NULL || pass->rehearses ? NULL : &pass->norms[index];
    if (norms != NULL)
        *norms = (tl_tile_norms){0};
    for (int i = 0; i < layer->part_count; i++)
        run_part(pass, worker, tile, &layer->parts[i], norms);
    tl_products_end(pass);
}
