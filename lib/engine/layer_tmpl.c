/* The stages of a layer: products, activations and their derivatives. */
#include "engine/split_operands.h"
#include "engine/tile.h"
#include "linalg/blas_product.h"

void TL(tl_multiply)(const TL(tl_tile) * tile, const TL(tl_weight_rows) * w, const real *b, bool continued,
                     real *c)
{
    const int64_t width = tile->width;
    const TL(tl_kernels) *kernels = tile->kernels;
    if (!tile->pass->workspace->plan.sizes.own_products) {
        (w->across ? TL(tl_product_transposed) : TL(tl_product))(
            w->rows, tile->columns, w->inner, w->w, w->ld, b, width, continued ? 1 : 0, c, width);
        return;
    }
    (width == 1 ? kernels->product_with_vector : kernels->product)(&(TL(tl_operands)){
        .m = w->rows,
        .n = tile->columns,
        .k = w->inner,
        .pieces = 1,
        .a = w->w,
        .row_step = w->across ? 1 : w->ld,
        .inner_step = w->across ? w->ld : 1,
        .b = b,
        .ldb = width,
        .sum = continued ? TL_SUM_CONTINUED : TL_SUM_NEW,
        .c = c,
        .ldc = width,
    });
}

TL(tl_weight_rows) TL(tl_piece_of)(const TL(tl_weight_rows) * w, int64_t p, int64_t step)
{
    TL(tl_weight_rows) piece = *w;
    piece.w += p * (w->across ? w->ld : 1);
    piece.inner = tl_smaller(step, w->inner - p);
    return piece;
}

/* The same rows of Wᵀ, one after the other in the scratch of the worker. */
static TL(tl_weight_rows) pack(const TL(tl_tile) * tile, const TL(tl_weight_rows) * across)
{
    TL(tl_weight_rows) packed = *across;
    packed.w = tile->scratch;
    packed.ld = across->inner + tile->kernels->lanes; /* not a power of 2, whose rows collide in the cache */
    packed.across = false;
    tile->kernels->transpose(across->inner, across->rows, across->w, across->ld, tile->scratch, packed.ld);
    return packed;
}

/* Rows of a layer in several tiles, which take their turn with each piece of the inner index. */
static void multiply_slab(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage,
                          const TL(tl_weight_rows) * w, const tl_level *from, void *from_array,
                          const tl_level *to, void *to_array, int64_t row)
{
    for (int64_t p = 0; p < w->inner; p += stage->step) {
        TL(tl_weight_rows) piece = TL(tl_piece_of)(w, p, stage->step);
        if (stage->packs)
            piece = pack(tiles, &piece);
        for (const TL(tl_tile) *tile = tiles; tile < tiles + count; tile++)
            TL(tl_multiply)
        (tile, &piece, tl_part_of(tile, from_array, from, p), p > 0, tl_part_of(tile, to_array, to, row));
    }
}

/* Rows of A_l that are final: by samples, for phase B, and split for products of pieces. */
static void finish_rows(const TL(tl_tile) * tile, int l, const real *features, int64_t row, int64_t rows)
{
    const tl_level *level = &tile->levels[l];
    if ((tile->pass->work & TL_KEEP) && level->samples != NULL)
        tile->kernels->transpose(rows, tile->samples, features, tile->width, tl_rows_of(tile, level) + row,
                                 level->ld);
    if (tile->pass->workspace->pieces != NULL && l < tile->pass->network->layer_count)
        tl_split_outputs(tile->pass, l, tile->index, row, rows);
}

static TL(tl_activation_args)
    activation_args(const TL(tl_tile) * tile, int l, int64_t row, int64_t rows, int64_t cols)
{
    const tl_level *level = &tile->levels[l];
    const real *alphas = tl_part_values(tile, l, TALUS_PART_SLOPES);
    bool keeps = tile->pass->work & (TL_KEEP | TL_BACKWARD);
    return (TL(tl_activation_args)){
        .rows = rows,
        .cols = cols,
        .ld = tile->width,
        .alpha = (real)tl_network_alpha(tile->pass->network, l, row),
        .alphas = alphas == NULL ? NULL : alphas + row,
        .a = tl_part_of(tile, level->features, level, row),
        .squares = &tile->extent->activations,
        .slope = keeps && level->slopes != NULL ? tl_part_of(tile, level->slopes, level, row) : NULL,
        .negatives = keeps && level->negatives != NULL ? tl_part_of(tile, level->negatives, level, row)
                                                       : NULL,
    };
}

/* Dropout of rows of A_l, and with the same mask of the slopes and of min(Z_l, 0): f_l′ of kinds that compute it from A_l
 * is computed before that changes. */
static void drop_rows(const TL(tl_tile) * tile, int l, int64_t row, const TL(tl_activation_args) * made)
{
    if (!tl_drops(tile->pass, l))
        return;
    const tl_level *level = &tile->levels[l];
    const tl_layer *layer = &tile->pass->network->layers[l];
    real *slopes = tl_part_of(tile, level->slopes, level, row);
    if (!layer->kind->slope_from_z) {
        TL(tl_activation_args) args = *made;
        double unused = 0;
        args.delta = slopes;
        args.sums = (real *)level->sums[TALUS_PART_BIASES] + tile->index * level->width +
                    row; /* which are made later */
        args.squares = &unused;
        for (int64_t i = 0; i < made->rows; i++)
            for (int64_t j = 0; j < made->cols; j++)
                slopes[i * made->ld + j] = 1;
        tile->kernels->activations[layer->activation].backward(&args);
    }
    TL(tl_drop)(tile, l, row, made->rows, made->a, slopes);
    if (made->negatives != NULL)
        TL(tl_drop)(tile, l, row, made->rows, made->negatives, NULL);
}

/* Rows of f(Z_l + b·1ᵀ) in the place of Z_l. */
static TL(tl_activation_args) run_activation(const TL(tl_tile) * tile, int l, int activation,
                                             const real *biases, int64_t row, int64_t rows)
{
    TL(tl_activation_args) args = activation_args(tile, l, row, rows, tile->columns);
    args.bias = biases;
    tile->kernels->activations[activation].forward(&args);
    return args;
}

/* A loss that is fused with the last activation wants what it is taken of, and an activation of whole layers comes
 * later. */
void TL(tl_activate)(const TL(tl_tile) * tile, int l, const real *biases, int64_t row, int64_t rows)
{
    const talus_network *network = tile->pass->network;
    const tl_layer *layer = &network->layers[l];
    bool fused = l == network->layer_count && (tile->pass->work & TL_LOSS) && tl_network_is_fused(network);
    bool later = fused || layer->kind->whole_layer;
    int activation = later ? TALUS_IDENTITY : layer->activation;
    TL(tl_activation_args) made = run_activation(tile, l, activation, biases, row, rows);
    if (layer->kind->whole_layer)
        return;
    drop_rows(tile, l, row, &made);
    finish_rows(tile, l, made.a, row, rows);
}

void TL(tl_forward)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                    int64_t rows)
{
    const tl_layer *layer = &tiles->pass->network->layers[stage->layer];
    const tl_level *from = &tiles->levels[stage->layer - 1], *to = &tiles->levels[stage->layer];
    const real *weights = tiles->parameters + tl_layer_part(layer, TALUS_PART_WEIGHTS)->offset;
    const real *biases = tl_part_values(tiles, stage->layer, TALUS_PART_BIASES);
    biases = biases == NULL ? NULL : biases + row;
    TL(tl_weight_rows) w = {weights + row * layer->inputs, layer->inputs, rows, layer->inputs, false};
    if (tiles->pass->workspace->pieces == NULL)
        multiply_slab(tiles, count, stage, &w, from, from->features, to, to->features, row);
    else
        for (int64_t t = 0; t < count; t++)
            tl_multiply_forward(tiles->pass, stage->layer, tiles[t].index, row, rows);
    for (const TL(tl_tile) *tile = tiles; tile < tiles + count; tile++) {
        if (layer->norm->of_batch)
            TL(tl_collect_moments)(tile, stage->layer, row, rows);
        else if (layer->norm->normalizes)
            (void)run_activation(tile, stage->layer, TALUS_IDENTITY, biases, row, rows);
        else
            TL(tl_activate)(tile, stage->layer, biases, row, rows);
    }
}

void TL(tl_whole_forward)(const TL(tl_tile) * tile, int l)
{
    const tl_layer *layer = &tile->pass->network->layers[l];
    TL(tl_activation_args) made = run_activation(tile, l, layer->activation, NULL, 0, layer->width);
    finish_rows(tile, l, made.a, 0, layer->width);
}

void TL(tl_activate_range)(const TL(tl_tile) * tile, const tl_range *range)
{
    (void)run_activation(tile, tile->pass->network->layer_count, range->activation, NULL, range->first,
                         range->outputs);
}

/* ∂C/∂α_i = Σ_j Δ_ij·min(z_ij, 0) of a layer that learns slopes, for Δ = ∂C/∂A_l, whose size bounds it. */
static void collect_slopes(const TL(tl_tile) * tile, const tl_level *level, int64_t row, int64_t rows)
{
    const real *deltas = tl_part_of(tile, level->deltas, level, row);
    tile->kernels->dot_rows(rows, tile->samples, deltas, tl_part_of(tile, level->negatives, level, row),
                            tile->width,
                            (real *)level->sums[TALUS_PART_SLOPES] + tile->index * level->width + row);
    for (int64_t i = 0; i < rows; i++) {
        const real *delta = deltas + i * tile->width;
        tile->extent->deltas += tile->kernels->dot(tile->samples, 1, delta, delta);
    }
}

void TL(tl_differentiate)(const TL(tl_tile) * tile, int l, int activation, int64_t row, int64_t rows)
{
    const tl_level *level = &tile->levels[l];
    const tl_normalization_kind *norm = tile->pass->network->layers[l].norm;
    real *sums = level->sums[norm->normalizes ? TALUS_PART_NORM_SHIFTS : TALUS_PART_BIASES];
    TL(tl_activation_args) args = activation_args(tile, l, row, rows, tile->samples);
    args.delta = tl_part_of(tile, level->deltas, level, row);
    args.squares = &tile->extent->deltas;
    args.sums = sums + tile->index * level->width + row;
    if (level->negatives != NULL)
        collect_slopes(tile, level, row, rows);
    bool kept = tl_drops(tile->pass, l);
    (kept ? tile->kernels->kept_backward : tile->kernels->activations[activation].backward)(&args);
    if (norm->of_batch)
        TL(tl_collect_sums)(tile, l, row, rows);
}

void TL(tl_descend)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                    int64_t rows)
{
    const tl_layer *above = &tiles->pass->network->layers[stage->layer + 1];
    const tl_level *from = &tiles->levels[stage->layer + 1], *to = &tiles->levels[stage->layer];
    const real *weights = tiles->parameters + tl_layer_part(above, TALUS_PART_WEIGHTS)->offset;
    TL(tl_weight_rows) w = {weights + row, above->inputs, rows, above->width, true};
    if (tiles->pass->workspace->pieces == NULL)
        multiply_slab(tiles, count, stage, &w, from, from->deltas, to, to->deltas, row);
    else
        for (int64_t t = 0; t < count; t++)
            tl_multiply_backward(tiles->pass, stage->layer, tiles[t].index, row, rows);
}

void TL(tl_finish_deltas)(const TL(tl_tile) * tiles, int64_t count, int l, int64_t row, int64_t rows)
{
    if (tiles->pass->workspace->pieces != NULL)
        for (int64_t t = 0; t < count; t++)
            tl_split_deltas(tiles->pass, l, tiles[t].index, row, rows);
}

void TL(tl_backward)(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                     int64_t rows)
{
    const tl_layer *layer = &tiles->pass->network->layers[stage->layer];
    TL(tl_descend)(tiles, count, stage, row, rows);
    bool differentiates = stage->layer > 0 && !layer->kind->whole_layer;
    for (const TL(tl_tile) *tile = tiles; differentiates && tile < tiles + count; tile++)
        TL(tl_differentiate)(tile, stage->layer, layer->activation, row, rows);
    if (differentiates && !layer->norm->normalizes)
        TL(tl_finish_deltas)(tiles, count, stage->layer, row, rows);
}

void TL(tl_whole_backward)(const TL(tl_tile) * tile, int l)
{
    const tl_layer *layer = &tile->pass->network->layers[l];
    TL(tl_differentiate)(tile, l, layer->activation, 0, layer->width);
    if (!layer->norm->normalizes)
        TL(tl_finish_deltas)(tile, 1, l, 0, layer->width);
}
