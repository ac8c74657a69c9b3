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

/* What cross-entropy collects of a column: m = max z, the s = Σ exp(z − m) of the elements that are m, each a 1, and of
 * the others, which may be smaller than a 1 has digits for, Σ y and Σ y·(m − z). */
typedef struct columns {
    real most[TL_TILE_COLS], targets[TL_TILE_COLS];
    double largest[TL_TILE_COLS], others[TL_TILE_COLS], losses[TL_TILE_COLS];
} columns;

static void find_most(columns *c, int64_t rows, int64_t cols, const real *z, int64_t ld)
{
    for (int64_t j = 0; j < cols; j++)
        c->most[j] = z[j];
    for (int64_t i = 1; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            c->most[j] = z[i * ld + j] > c->most[j] ? z[i * ld + j] : c->most[j];
}

/* z becomes exp(z − m). A target of 0 counts nothing, however far below m its z is. */
static void add_row(columns *restrict c, int64_t cols, real *restrict z, const real *restrict y)
{
    for (int64_t j = 0; j < cols; j++) {
        real below = c->most[j] - z[j];
        z[j] = real_exp(-below);
        c->largest[j] += below == 0 ? 1 : 0;
        c->others[j] += below == 0 ? 0 : (double)z[j];
        c->targets[j] += y[j];
        c->losses[j] += (double)(y[j] == 0 ? 0 : y[j] * below);
    }
}

/* log s from its rounded value r: log r + (s − r)/r, so that log(1 + tiny) keeps its digits */
static inline real log_of(double largest, double others)
{
    real r = (real)(largest + others);
    return real_log(r) + (real)(((largest - (double)r) + others) / (double)r);
}

/* Σ_k y_k·((m − z_k) + log s),  ∂/∂z = a·Σ_k y_k − y with a = exp(z − m)/s */
double K(softmax_cross_entropy)(const TL(tl_loss_args) * x)
{
    const int64_t rows = x->rows, cols = x->cols, ld = x->ld;
    columns c = {.losses = {0}};
    real total[TL_TILE_COLS];
    assert(cols <= TL_TILE_COLS);
    find_most(&c, rows, cols, x->a, ld);
    for (int64_t i = 0; i < rows; i++)
        add_row(&c, cols, x->a + i * ld, x->y + i * ld);
    for (int64_t j = 0; j < cols; j++) {
        total[j] = (real)(c.largest[j] + c.others[j]);
        c.losses[j] += (double)(c.targets[j] * log_of(c.largest[j], c.others[j]));
    }
    for (int64_t i = 0; i < rows; i++) {
        const real *restrict target = x->y + i * ld, *restrict scale = x->scales;
        real *restrict output = x->a + i * ld, *restrict d = x->delta + i * ld;
        for (int64_t j = 0; j < cols; j++) {
            output[j] /= total[j];
            d[j] = (output[j] * c.targets[j] - target[j]) * scale[j];
        }
    }
    return sum_weighted(cols, x->weights, c.losses);
}

/* The row of the largest element of each column, the first of equals. */
static void find_largest(int64_t rows, int64_t cols, const real *x, int64_t ld, real_bits *restrict row)
{
    real most[TL_TILE_COLS];
    for (int64_t j = 0; j < cols; j++) {
        most[j] = x[j];
        row[j] = 0;
    }
    for (int64_t i = 1; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            bool larger = x[i * ld + j] > most[j];
            row[j] = larger ? (real_bits)i : row[j];
            most[j] = larger ? x[i * ld + j] : most[j];
        }
}

/* Samples whose largest output stands where their largest target does. */
double K(largest_agree)(const TL(tl_loss_args) * x)
{
    real_bits outputs[TL_TILE_COLS], targets[TL_TILE_COLS];
    double correct = 0;
    assert(x->cols <= TL_TILE_COLS);
    find_largest(x->rows, x->cols, x->a, x->ld, outputs);
    find_largest(x->rows, x->cols, x->y, x->ld, targets);
    for (int64_t j = 0; j < x->cols; j++)
        correct += outputs[j] == targets[j] ? x->weights[j] : 0;
    return correct;
}
