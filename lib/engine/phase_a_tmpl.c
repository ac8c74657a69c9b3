/* Phase A: a tile of samples forward through all layers, through the loss, and back. */
#include <string.h>

#include "engine/tile.h"
#include "linalg/blas_threads.h"
#include "linalg/product.h"

/* The tile's part of an array of features × samples of a level. */
static real *part(const tl_tile *tile, void *array, const tl_level *level)
{
    return (real *)array + tile->index * tile->width * level->width;
}

/* The tile's rows of an array by samples: kept for phase B, or only here. */
static real *rows_of(const tl_tile *tile, const tl_level *level)
{
    bool kept = (tile->pass->work & TL_KEEP) && level->samples != NULL;
    return kept ? (real *)level->samples + tile->index * tile->width * level->ld : tile->scratch;
}

/* Columns without a sample are 0. */
static void clear_rest(const tl_tile *tile, real *features, int64_t rows)
{
    if (tile->samples < tile->columns)
        for (int64_t i = 0; i < rows; i++)
            memset(features + i * tile->width + tile->samples, 0,
                   (size_t)(tile->columns - tile->samples) * sizeof(real));
}

/* A_0: by samples as gathered, and turned. */
static void load_inputs(const tl_tile *tile)
{
    const tl_level *level = &tile->levels[0];
    real *rows = rows_of(tile, level), *features = part(tile, level->features, level);
    tile->report->bad_inputs = !tile->kernels->gather(&tile->pass->inputs, tile->first, tile->samples, rows,
                                                      level->ld);
    tile->kernels->transpose(tile->samples, level->width, rows, level->ld, features, tile->width);
    clear_rest(tile, features, level->width);
}

/* Labels become a column with a 1 at the label; with one output, the label itself. False for a label that is no
 * output. */
static bool load_labels(const tl_tile *tile, real *targets, int64_t outputs)
{
    const tl_source *source = &tile->pass->targets;
    int64_t most = outputs == 1 ? 1 : outputs - 1;
    bool good = true;
    memset(targets, 0, (size_t)(outputs * tile->width) * sizeof(real));
    for (int64_t j = 0; j < tile->samples; j++) {
        int64_t row = source->rows == NULL ? tile->first + j : source->rows[tile->first + j];
        int64_t label = ((const int32_t *)source->matrix.data)[row * source->matrix.stride];
        if (label < 0 || label > most)
            good = false;
        else if (outputs == 1)
            targets[j] = (real)label;
        else
            targets[label * tile->width + j] = 1;
    }
    return good;
}

static bool in_range(const tl_tile *tile, const real *rows, const tl_level *level)
{
    double least, most;
    tl_target_range(tile->pass->network->loss, &least, &most);
    const real low = (real)least, high = (real)most;
    int outside = 0;
    for (int64_t i = 0; i < tile->samples; i++)
        for (int64_t j = 0; j < level->width; j++)
            outside |= rows[i * level->ld + j] < low || rows[i * level->ld + j] > high;
    return !outside;
}

/* Y, or the caller's ∂C/∂A_L, to `to` as features × samples. */
static void load_targets(const tl_tile *tile, real *to)
{
    const tl_level *level = tile->last;
    const tl_source *source = &tile->pass->targets;
    if (source->matrix.dtype == TALUS_I32) {
        tile->report->bad_targets = !load_labels(tile, to, level->width);
        return;
    }
    bool good = tile->kernels->gather(source, tile->first, tile->samples, tile->scratch, level->ld);
    if (!(tile->pass->work & TL_OUTPUT_GRADIENT))
        good = good && in_range(tile, tile->scratch, level);
    tile->report->bad_targets = !good;
    tile->kernels->transpose(tile->samples, level->width, tile->scratch, level->ld, to, tile->width);
}

/* Rows of W, or of Wᵀ where W lies across, that multiply a layer's tiles: the first starts at w. */
typedef struct weight_rows {
    const real *w;
    int64_t ld, rows, inner;
    bool across;
} weight_rows;

/* C (rows × columns) = op(W)·B */
static void multiply(const tl_tile *tile, const weight_rows *w, const real *b, bool add, real *c)
{
    int64_t width = tile->width;
    if (tile->pass->workspace->plan.sizes.own_products && width > 1)
        tile->kernels->product(&(TL(tl_operands)){
            .m = w->rows,
            .n = tile->columns,
            .k = w->inner,
            .pieces = 1,
            .a = w->w,
            .row_step = w->across ? 1 : w->ld,
            .inner_step = w->across ? w->ld : 1,
            .b = b,
            .ldb = width,
            .add = add,
            .c = c,
            .ldc = width,
        });
    else
        (w->across ? TL(tl_product_transposed) : TL(tl_product))(w->rows, tile->columns, w->inner, w->w,
                                                                 w->ld, b, width, add ? 1 : 0, c, width);
}

/* The piece of a level that a product reads or writes, from feature `first` on. */
static real *rows_at(const tl_tile *tile, const tl_level *level, void *array, int64_t first)
{
    return part(tile, array, level) + first * tile->width;
}

/* A piece of the inner index, from p on. */
static weight_rows piece_of(const weight_rows *w, int64_t p, int64_t step)
{
    weight_rows piece = *w;
    piece.w += p * (w->across ? w->ld : 1);
    piece.inner = tl_smaller(step, w->inner - p);
    return piece;
}

/* The same rows of Wᵀ, one after the other in the scratch of the worker. */
static weight_rows pack(const tl_tile *tile, const weight_rows *across)
{
    weight_rows packed = *across;
    packed.w = tile->scratch;
    packed.ld = across->inner + tile->kernels->lanes; /* not a power of 2, whose rows collide in the cache */
    packed.across = false;
    tile->kernels->transpose(across->inner, across->rows, across->w, across->ld, tile->scratch, packed.ld);
    return packed;
}

/* A block of rows of a layer in several tiles, which take their turn with each piece of the inner index. */
static void multiply_block(const tl_tile *tiles, int64_t count, const weight_rows *w, const tl_level *from,
                           void *from_array, const tl_level *to, void *to_array, int64_t row)
{
    const tl_plan *plan = &tiles->pass->workspace->plan;
    bool packs = w->across && tl_plan_packs(plan, count);
    int64_t most = w->across && !packs ? plan->sizes.inner_across : plan->sizes.inner;
    int64_t step = tl_plan_piece(w->inner, most);
    for (int64_t p = 0; p < w->inner; p += step) {
        weight_rows piece = piece_of(w, p, step);
        if (packs)
            piece = pack(tiles, &piece);
        for (const tl_tile *tile = tiles; tile < tiles + count; tile++)
            multiply(tile, &piece, rows_at(tile, from, from_array, p), p > 0,
                     rows_at(tile, to, to_array, row));
    }
}

/* The activation that a block gets as it is produced. The loss kernels that are fused with sigmoid or softmax want
 * Z, and softmax wants all features at once. */
static int block_activation(const tl_tile *tile, int number)
{
    const talus_network *network = tile->pass->network;
    int activation = network->layers[number - 1].activation;
    bool last = number == network->layer_count;
    bool fused = (tile->pass->work & TL_LOSS) && network->loss != TALUS_SQUARED_ERROR;
    return last && (fused || activation == TALUS_SOFTMAX) ? TALUS_IDENTITY : activation;
}

/* Rows row … row+rows−1 of A_l = f_l(W_l·A_{l−1} + b_l), and the same by samples. */
static void forward_block(const tl_tile *tiles, int64_t count, int number, int64_t row, int64_t rows)
{
    const tl_layer *layer = &tiles->pass->network->layers[number - 1];
    const tl_level *from = &tiles->levels[number - 1], *to = &tiles->levels[number];
    const real *weights = tiles->parameters + layer->weights;
    weight_rows w = {weights + row * layer->inputs, layer->inputs, rows, layer->inputs, false};
    multiply_block(tiles, count, &w, from, from->features, to, to->features, row);
    for (const tl_tile *tile = tiles; tile < tiles + count; tile++) {
        real *features = rows_at(tile, to, to->features, row);
        tile->kernels->activate[block_activation(tile, number)](rows, tile->columns, features, tile->width,
                                                                tile->parameters + layer->biases + row,
                                                                (real)layer->alpha);
        if ((tile->pass->work & TL_KEEP) && to->samples != NULL)
            tile->kernels->transpose(rows, tile->samples, features, tile->width, rows_of(tile, to) + row,
                                     to->ld);
    }
}

/* Softmax of the whole last layer, where no loss kernel does it. */
static void finish_outputs(const tl_tile *tile)
{
    const talus_network *network = tile->pass->network;
    bool fused = (tile->pass->work & TL_LOSS) && network->loss == TALUS_CROSS_ENTROPY;
    if (network->layers[network->layer_count - 1].activation == TALUS_SOFTMAX && !fused)
        tile->kernels->activate[TALUS_SOFTMAX](tile->last->width, tile->columns,
                                               part(tile, tile->last->features, tile->last), tile->width,
                                               NULL, 0);
}

/* Δ ← Δ ⊙ f′, with the sums for ∇b. */
static void differentiate(const tl_tile *tile, int number, int activation, int64_t row, int64_t rows)
{
    const tl_level *level = &tile->levels[number];
    real *sums = (real *)level->bias_sums + tile->index * level->width + row;
    int64_t at = row * tile->width;
    tile->kernels->differentiate[activation](rows, tile->samples, part(tile, level->deltas, level) + at,
                                             part(tile, level->features, level) + at, tile->width,
                                             (real)tile->pass->network->layers[number - 1].alpha, sums);
}

/* Loss and Δ_L. A fused loss kernel has made Δ_L; the squared error has made ∂C/∂A_L. */
static void apply_loss(const tl_tile *tile)
{
    const talus_network *network = tile->pass->network;
    int last = network->layer_count;
    real *a = part(tile, tile->last->features, tile->last),
         *deltas = part(tile, tile->last->deltas, tile->last);
    real *targets = part(tile, tile->pass->workspace->targets, tile->last);
    load_targets(tile, targets);
    real scale = (real)(1 / (double)tile->pass->cut.samples);
    int64_t outputs = tile->last->width;
    tile->report->loss = tile->kernels->loss[network->loss](outputs, tile->samples, a, targets, deltas,
                                                            tile->width, scale);
    if (tile->pass->work & TL_DECISIONS)
        tile->report->right = tile->kernels->right[network->loss](outputs, tile->samples, a, targets,
                                                                  tile->width);
    clear_rest(tile, deltas, outputs);
    if (tile->pass->work & TL_BACKWARD)
        differentiate(tile, last,
                      network->loss == TALUS_SQUARED_ERROR ? network->layers[last - 1].activation
                                                           : TALUS_IDENTITY,
                      0, outputs);
}

static void apply_output_gradient(const tl_tile *tile)
{
    const talus_network *network = tile->pass->network;
    real *deltas = part(tile, tile->last->deltas, tile->last);
    load_targets(tile, deltas);
    clear_rest(tile, deltas, tile->last->width);
    differentiate(tile, network->layer_count, network->layers[network->layer_count - 1].activation, 0,
                  tile->last->width);
}

/* Rows of Δ_l = (W_{l+1}ᵀ·Δ_{l+1}) ⊙ f_l′ for l = number; for 0 without a derivative, of ∂C/∂X. */
static void backward_block(const tl_tile *tiles, int64_t count, int number, int64_t row, int64_t rows)
{
    const tl_layer *above = &tiles->pass->network->layers[number];
    const tl_level *from = &tiles->levels[number + 1], *to = &tiles->levels[number];
    weight_rows w = {tiles->parameters + above->weights + row, above->inputs, rows, above->width, true};
    multiply_block(tiles, count, &w, from, from->deltas, to, to->deltas, row);
    for (int64_t t = 0; number > 0 && t < count; t++)
        differentiate(&tiles[t], number, tiles->pass->network->layers[number - 1].activation, row, rows);
}

/* Writes an array of features × samples to a matrix of the caller. */
static void store(const tl_tile *tile, const talus_matrix *matrix, const tl_level *level, void *array)
{
    tile->kernels->transpose(level->width, tile->samples, part(tile, array, level), tile->width,
                             tile->scratch, level->ld);
    tile->kernels->scatter(matrix, tile->first, tile->samples, tile->scratch, level->ld);
}

static void run_inputs(const tl_tile *tile)
{
    *tile->report = (tl_tile_report){0};
    load_inputs(tile);
    if (tile->pass->work & TL_CHECK)
        load_targets(tile, part(tile, tile->pass->workspace->targets, tile->last));
}

/* What is done with the outputs of a tile: they are stored, judged, or met by the caller's gradient. */
static void run_outputs(const tl_tile *tile)
{
    const tl_pass *pass = tile->pass;
    if (pass->work & TL_FORWARD)
        finish_outputs(tile);
    if (pass->outputs.data != NULL)
        store(tile, &pass->outputs, tile->last, tile->last->features);
    if (pass->work & TL_LOSS)
        apply_loss(tile);
    if (pass->work & TL_OUTPUT_GRADIENT) {
        *tile->report = (tl_tile_report){0};
        apply_output_gradient(tile);
    }
}

static void run_stage(const tl_tile *tiles, int64_t count, const tl_stage *stage, int64_t row, int64_t rows)
{
    switch (stage->kind) {
    case TL_STAGE_INPUTS:
        run_inputs(tiles);
        break;
    case TL_STAGE_FORWARD:
        forward_block(tiles, count, stage->number, row, rows);
        break;
    case TL_STAGE_OUTPUTS:
        run_outputs(tiles);
        break;
    case TL_STAGE_BACKWARD:
        backward_block(tiles, count, stage->number, row, rows);
        break;
    default:
        store(tiles, &tiles->pass->input_gradient, &tiles->levels[0], tiles->levels[0].deltas);
    }
}

static tl_tile make_tile(const tl_pass *pass, int64_t index, int worker)
{
    talus_workspace *workspace = pass->workspace;
    return (tl_tile){
        .pass = pass,
        .kernels = workspace->kernels,
        .levels = workspace->levels,
        .last = &workspace->levels[pass->network->layer_count],
        .parameters = pass->network->parameters,
        .scratch = (real *)workspace->scratch + worker * workspace->scratch_size,
        .report = &workspace->reports[index],
        .index = index,
        .first = index * pass->cut.width,
        .samples = tl_cut_samples(&pass->cut, index),
        .columns = tl_plan_columns(&workspace->plan, &pass->cut, index),
        .width = pass->cut.width,
    };
}

/* One tile through all stages. */
void TL(tl_pass_tile)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    if (worker != 0)
        tl_blas_worker();
    tl_tile tile = make_tile(pass, index, worker);
    for (tl_stage stage = tl_stage_first(pass); stage.kind != TL_STAGE_END;
         stage = tl_stage_next(pass, stage)) {
        int64_t rows = tl_stage_rows(pass, &stage);
        int64_t blocks = tl_plan_blocks(&pass->workspace->plan, rows, 1);
        for (int64_t i = 0; i < blocks; i++) {
            int64_t row = tl_plan_block_row(&pass->workspace->plan, rows, blocks, i);
            int64_t next = tl_plan_block_row(&pass->workspace->plan, rows, blocks, i + 1);
            run_stage(&tile, 1, &stage, row, next - row);
        }
    }
}

/* One stage of one block of rows, in one group of tiles. */
void TL(tl_pass_block)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    tl_block block = tl_stage_block(pass, index);
    tl_tile tiles[TL_GROUP_TILES];
    if (worker != 0)
        tl_blas_worker();
    for (int64_t t = 0; t < block.tiles; t++)
        tiles[t] = make_tile(pass, block.first_tile + t, worker);
    run_stage(tiles, block.tiles, &pass->stage, block.row, block.rows);
}
