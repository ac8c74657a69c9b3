/* Regularisation of weights: a penalty in the cost, and norms that they are kept below. */
#include <math.h>

#include "base/real.h"
#include "engine/penalty.h"

static real *weights_of(const tl_pass *pass, const tl_weight_tile *tile)
{
    const tl_layer *layer = &pass->network->layers[tile->layer];
    return (real *)pass->network->parameters + tl_layer_part(layer, TALUS_PART_WEIGHTS)->offset +
           tile->row * layer->inputs + tile->col;
}

/* l2/2·Σ w² + l1·Σ |w| over a tile of weights, and Σ w² where the layer has a penalty */
void TL(tl_run_penalty)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    const tl_weight_tile *tile = &pass->workspace->weight_tiles[index];
    const tl_layer *layer = &pass->network->layers[tile->layer];
    const real *w = weights_of(pass, tile);
    double squares = 0, sizes = 0;
    (void)worker;
    if (layer->l1 == 0 && layer->l2 == 0) {
        pass->workspace->penalties[index] = (tl_penalty){0};
        return;
    }
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = 0; j < tile->cols; j++) {
            double value = (double)w[i * layer->inputs + j];
            squares += value * value;
            sizes += fabs(value);
        }
    pass->workspace->penalties[index] = (tl_penalty){.cost = layer->l2 / 2 * squares + layer->l1 * sizes,
                                                     .squares = squares};
}

/* ∇W += l2·W + l1·sign(W), with sign(0) = 0 */
void TL(tl_add_penalty_gradient)(const tl_pass *pass, const tl_weight_tile *tile, real *gradient, int64_t ld)
{
    const tl_layer *layer = &pass->network->layers[tile->layer];
    const real *w = weights_of(pass, tile), l1 = (real)layer->l1, l2 = (real)layer->l2;
    for (int64_t i = 0; i < tile->rows; i++)
        for (int64_t j = 0; j < tile->cols; j++) {
            real value = w[i * layer->inputs + j], sign = (real)((value > 0) - (value < 0));
            gradient[i * ld + j] += l2 * value + l1 * sign;
        }
}

/* ‖x‖, without overflow on the way */
static double norm(int64_t count, const real *x)
{
    double most = 0, squares = 0;
    for (int64_t j = 0; j < count; j++)
        most = fmax(most, fabs((double)x[j]));
    for (int64_t j = 0; j < count && most > 0; j++)
        squares += (double)x[j] / most * ((double)x[j] / most);
    return most * sqrt(squares);
}

/* The rows of W_l that a tile of its first column has are scaled to max_norm where they are longer. */
void TL(tl_run_constraint)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    const tl_weight_tile *tile = &pass->workspace->weight_tiles[index];
    const tl_layer *layer = &pass->network->layers[tile->layer];
    (void)worker;
    if (pass->update != NULL && pass->update->is_frozen(pass->update->rule, tl_layer_part(layer, TALUS_PART_WEIGHTS)->offset))
        return;
    for (int64_t i = 0; layer->max_norm > 0 && tile->col == 0 && i < tile->rows; i++) {
        real *row = weights_of(pass, tile) + i * layer->inputs;
        double length = norm(layer->inputs, row);
        for (int64_t j = 0; length > layer->max_norm && j < layer->inputs; j++)
            row[j] = (real)((double)row[j] * (layer->max_norm / length));
    }
}
