/* Regularisation of weights: a penalty in the cost, and norms that they are kept below. */
#include <math.h>

#include "base/real.h"
#include "engine/penalty.h"
#include "kernels/kernels.h"

static real *weights_of(const tl_pass *pass, const tl_weight_tile *tile)
{
    const tl_layer *layer = &pass->network->layers[tile->layer];
    return (real *)pass->network->parameters + tl_layer_part(layer, TALUS_PART_WEIGHTS)->offset +
           tile->row * layer->inputs + tile->col;
}

/* Σ |x_i| in double, in eight running sums */
static double sum_of_sizes(int64_t count, const real *x)
{
    enum { LANES = 8 };
    double sums[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += (double)(x[i + lane] < 0 ? -x[i + lane] : x[i + lane]);
    for (int lane = 0; i + lane < count; lane++)
        sums[lane] += fabs((double)x[i + lane]);
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

/* l2/2·Σ w² + l1·Σ |w| over a tile of weights, and Σ w² where the layer has l2 */
void TL(tl_run_penalty)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    const TL(tl_kernels) *kernels = pass->workspace->kernels;
    const tl_weight_tile *tile = &pass->workspace->weight_tiles[index];
    const tl_layer *layer = &pass->network->layers[tile->layer];
    const bool penalised = layer->l1 > 0 || layer->l2 > 0;
    double squares = 0, sizes = 0;
    (void)worker;
    for (int64_t i = 0; penalised && i < tile->rows; i++) {
        const real *row = weights_of(pass, tile) + i * layer->inputs;
        squares += layer->l2 > 0 ? kernels->dot(tile->cols, 1, row, row) : 0; /* of huge weights ∞ */
        sizes += layer->l1 > 0 ? sum_of_sizes(tile->cols, row) : 0;
    }
    pass->workspace->penalties[index] = (tl_penalty){.cost = layer->l2 / 2 * squares + layer->l1 * sizes,
                                                     .squares = squares};
}

/* ∇W += l2·W + l1·sign(W) + λ·s·u·vᵀ, with sign(0) = 0 */
void TL(tl_add_penalty_gradient)(const tl_pass *pass, const tl_weight_tile *tile, real *gradient, int64_t ld)
{
    const TL(tl_kernels) *kernels = pass->workspace->kernels;
    const tl_layer *layer = &pass->network->layers[tile->layer];
    const tl_spectral_slope *spectral = &pass->workspace->levels[tile->layer].spectral;
    const real l1 = (real)layer->l1;
    for (int64_t i = 0; i < tile->rows; i++) {
        const real *w = weights_of(pass, tile) + i * layer->inputs;
        if (layer->l2 > 0)
            kernels->axpy(tile->cols, layer->l2, w, gradient + i * ld);
        for (int64_t j = 0; l1 > 0 && j < tile->cols; j++)
            gradient[i * ld + j] += w[j] > 0 ? l1 : w[j] < 0 ? -l1 : 0;
        if (layer->spectral_penalty > 0)
            kernels->axpy(tile->cols, layer->spectral_penalty * spectral->left[tile->row + i],
                          (const real *)spectral->right + tile->col, gradient + i * ld);
    }
}

/* The rows of W_l that a tile of its first column has are scaled to max_norm where they are longer. */
void TL(tl_run_constraint)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    const tl_weight_tile *tile = &pass->workspace->weight_tiles[index];
    const tl_layer *layer = &pass->network->layers[tile->layer];
    const TL(tl_kernels) *kernels = pass->workspace->kernels;
    (void)worker;
    if (tl_pass_freezes(pass, tl_layer_part(layer, TALUS_PART_WEIGHTS)))
        return;
    for (int64_t i = 0; layer->max_norm > 0 && tile->col == 0 && i < tile->rows; i++) {
        real *row = weights_of(pass, tile) + i * layer->inputs;
        double length = kernels->norm(layer->inputs, row);
        for (int64_t j = 0; length > layer->max_norm && j < layer->inputs; j++)
            row[j] = (real)((double)row[j] * (layer->max_norm / length));
    }
}
