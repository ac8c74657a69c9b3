#include "kernels/softmax.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernels/block.h"
#include "kernels/math.h"
#include "kernels/sum.h"

/* Sums over the units are in double: thousands of small powers beside the 1 of the largest still count. */

/* a_k = exp(z_k − m)/Σ_j exp(z_j − m) in each column, with m = max z */
void K(softmax_forward)(const TL(tl_activation_args) * x)
{
    const int64_t rows = x->rows, cols = x->cols, ld = x->ld;
    real *z = x->a;
    real most[TL_TILE_COLS], scale[TL_TILE_COLS];
    double total[TL_TILE_COLS];
    assert(cols <= TL_TILE_COLS);
    for (int64_t j = 0; j < cols; j++) {
        most[j] = -(real)INFINITY;
        total[j] = 0;
    }
    for (int64_t i = 0; i < rows; i++) {
        const real b = x->bias != NULL ? x->bias[i] : 0;
        for (int64_t j = 0; j < cols; j++) {
            real shifted = z[i * ld + j] + b;
            z[i * ld + j] = shifted;
            most[j] = shifted > most[j] ? shifted : most[j];
        }
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            real power = real_exp(z[i * ld + j] - most[j]);
            z[i * ld + j] = power;
            total[j] += (double)power;
        }
    for (int64_t j = 0; j < cols; j++)
        scale[j] = (real)total[j];
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            z[i * ld + j] /= scale[j];
    *x->squares += (double)(rows * cols);
}

/* ∂a_k/∂z_i = a_k·(δ_ik − a_i), so Δ ← A ⊙ (G − 1·Σ_k G_k·A_k), where Δ comes in as G */
void K(softmax_backward)(const TL(tl_activation_args) * x)
{
    const int64_t rows = x->rows, cols = x->cols, ld = x->ld;
    real dot[TL_TILE_COLS] = {0};
    square_sums squares = {.rest = 0};
    assert(cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            dot[j] += x->delta[i * ld + j] * x->a[i * ld + j];
    for (int64_t i = 0; i < rows; i++) {
        real *restrict d = x->delta + i * ld;
        const real *restrict a = x->a + i * ld;
        for (int64_t j = 0; j < cols; j++)
            d[j] = a[j] * (d[j] - dot[j]);
        x->sums[i] = sum_row(cols, d);
        add_squares(&squares, cols, d);
    }
    *x->squares += total_of(&squares);
}
