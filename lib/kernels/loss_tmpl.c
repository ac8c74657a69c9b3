#include "kernels/loss.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernels/block.h"
#include "kernels/math.h"
#include "kernels/softmax.h"
#include "kernels/sum.h"

/* Losses are added in double: down each column, then along the columns. */

/* ½·Σ_k (a_k − y_k)²,  ∂/∂a = a − y */
static double squared_error(const TL(tl_loss_args) * x)
{
    double losses[TL_TILE_COLS] = {0};
    assert(x->cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < x->rows; i++) {
        const real *restrict output = x->a + i * x->ld, *restrict target = x->y + i * x->ld;
        const real *restrict scale = x->scales;
        real *restrict d = x->delta + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++) {
            real error = output[j] - target[j];
            losses[j] += 0.5 * ((double)error * (double)error);
            d[j] = error * scale[j];
        }
    }
    return sum_weighted(x->cols, x->weights, losses);
}

/* −y·log σ(z) − (1 − y)·log(1 − σ(z)) = max(z, 0) − z·y + log(1 + exp(−|z|)),  ∂/∂z = σ(z) − y */
static double sigmoid_cross_entropy(const TL(tl_loss_args) * x)
{
    double losses[TL_TILE_COLS] = {0};
    assert(x->cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < x->rows; i++) {
        const real *restrict target = x->y + i * x->ld, *restrict scale = x->scales;
        real *restrict output = x->a + i * x->ld, *restrict d = x->delta + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++) {
            real z = output[j], t = target[j];
            real straight = (z < 0 ? 0 : z) - z * t;
            losses[j] += (double)(straight + real_log1p_in_range(real_exp_decay(z)));
            output[j] = real_sigmoid(z);
            d[j] = (output[j] - t) * scale[j];
        }
    }
    return sum_weighted(x->cols, x->weights, losses);
}

/* Outputs on the same side of ½ as their targets. */
static double sides_agree(const TL(tl_loss_args) * x)
{
    double correct[TL_TILE_COLS] = {0};
    assert(x->cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->cols; j++)
            correct[j] += (x->a[i * x->ld + j] > R(0.5)) == (x->y[i * x->ld + j] > R(0.5));
    return sum_weighted(x->cols, x->weights, correct);
}

const TL(tl_loss_kernel) K(losses)[TALUS_LOSS_COUNT] = {
    [TALUS_SQUARED_ERROR] = {squared_error, NULL},
    [TALUS_BINARY_CROSS_ENTROPY] = {sigmoid_cross_entropy, sides_agree},
    [TALUS_CROSS_ENTROPY] = {K(softmax_cross_entropy), K(largest_agree)},
};
