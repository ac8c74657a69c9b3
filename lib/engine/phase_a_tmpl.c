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
    if (tile->samples < tile->width)
        for (int64_t i = 0; i < rows; i++)
            memset(features + i * tile->width + tile->samples, 0,
                   (size_t)(tile->width - tile->samples) * sizeof(real));
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

/* C (rows × width) = op(W)·B in pieces of the plan's inner length. */
static void multiply(const tl_tile *tile, bool transposed, const real *w, int64_t ld, int64_t rows,
                     int64_t inner, const real *b, real *c)
{
    int64_t step = tile->pass->workspace->plan.inner, width = tile->width;
    for (int64_t k = 0; k < inner; k += step) {
        int64_t length = inner - k < step ? inner - k : step;
        real beta = k == 0 ? 0 : 1;
        if (transposed)
            TL(tl_product_transposed)
            (rows, width, length, w + k * ld, ld, b + k * width, width, beta, c, width);
        else
            TL(tl_product)(rows, width, length, w + k, ld, b + k * width, width, beta, c, width);
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
static void forward_block(const tl_tile *tile, int number, int64_t row, int64_t rows)
{
    const tl_layer *layer = &tile->pass->network->layers[number - 1];
    const tl_level *from = &tile->levels[number - 1], *to = &tile->levels[number];
    const real *weights = tile->parameters + layer->weights + row * layer->inputs;
    real *features = part(tile, to->features, to) + row * tile->width;
    multiply(tile, false, weights, layer->inputs, rows, layer->inputs, part(tile, from->features, from),
             features);
    tile->kernels->activate[block_activation(tile, number)](
        rows, tile->width, features, tile->width, tile->parameters + layer->biases + row, (real)layer->alpha);
    if ((tile->pass->work & TL_KEEP) && to->samples != NULL)
        tile->kernels->transpose(rows, tile->samples, features, tile->width, rows_of(tile, to) + row, to->ld);
}

static void forward_layer(const tl_tile *tile, int number)
{
    const tl_level *level = &tile->levels[number];
    int64_t step = tile->pass->workspace->plan.features;
    for (int64_t row = 0; row < level->width; row += step)
        forward_block(tile, number, row, level->width - row < step ? level->width - row : step);
    int activation = tile->pass->network->layers[number - 1].activation;
    bool fused = (tile->pass->work & TL_LOSS) && tile->pass->network->loss == TALUS_CROSS_ENTROPY;
    if (activation == TALUS_SOFTMAX && !fused)
        tile->kernels->activate[TALUS_SOFTMAX](level->width, tile->width, part(tile, level->features, level),
                                               tile->width, NULL, 0);
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

/* Δ_l = (W_{l+1}ᵀ·Δ_{l+1}) ⊙ f_l′ for l = number; for 0 without a derivative, ∂C/∂X. */
static void backward_layer(const tl_tile *tile, int number)
{
    const tl_layer *above = &tile->pass->network->layers[number];
    const tl_level *from = &tile->levels[number + 1], *to = &tile->levels[number];
    const real *weights = tile->parameters + above->weights;
    int64_t step = tile->pass->workspace->plan.features;
    for (int64_t row = 0; row < to->width; row += step) {
        int64_t rows = to->width - row < step ? to->width - row : step;
        multiply(tile, true, weights + row, above->inputs, rows, above->width, part(tile, from->deltas, from),
                 part(tile, to->deltas, to) + row * tile->width);
        if (number > 0)
            differentiate(tile, number, tile->pass->network->layers[number - 1].activation, row, rows);
    }
}

/* Writes an array of features × samples to a matrix of the caller. */
static void store(const tl_tile *tile, const talus_matrix *matrix, const tl_level *level, void *array)
{
    tile->kernels->transpose(level->width, tile->samples, part(tile, array, level), tile->width,
                             tile->scratch, level->ld);
    tile->kernels->scatter(matrix, tile->first, tile->samples, tile->scratch, level->ld);
}

static void run(const tl_tile *tile)
{
    const tl_pass *pass = tile->pass;
    int last = pass->network->layer_count;
    if (pass->work & TL_CHECK) {
        load_inputs(tile);
        load_targets(tile, part(tile, pass->workspace->targets, tile->last));
    }
    if (pass->work & TL_FORWARD) {
        load_inputs(tile);
        for (int number = 1; number <= last; number++)
            forward_layer(tile, number);
    }
    if (pass->outputs.data != NULL)
        store(tile, &pass->outputs, tile->last, tile->last->features);
    if (pass->work & TL_LOSS)
        apply_loss(tile);
    if (pass->work & TL_OUTPUT_GRADIENT)
        apply_output_gradient(tile);
    if (pass->work & TL_BACKWARD)
        for (int number = last - 1; number >= 1; number--)
            backward_layer(tile, number);
    if (pass->input_gradient.data != NULL) {
        backward_layer(tile, 0);
        store(tile, &pass->input_gradient, &tile->levels[0], tile->levels[0].deltas);
    }
}

void TL(tl_pass_tile)(void *job, int64_t index, int worker)
{
    if (worker != 0)
        tl_blas_worker();
    tl_pass *pass = job;
    talus_workspace *workspace = pass->workspace;
    tl_tile tile = {
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
        .width = pass->cut.width,
    };
    *tile.report = (tl_tile_report){0};
    run(&tile);
}
