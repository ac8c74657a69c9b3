#include "kernels/class_loss.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernels/block.h"
#include "kernels/math.h"
#include "kernels/sum.h"

static inline real weight_of(const TL(tl_loss_args) * x, int64_t i)
{
    return x->output_weights == NULL ? 1 : x->output_weights[i];
}

/* Σ of the targets of each sample: NaN where one is missing. */
static void add_targets(const TL(tl_loss_args) * x, real *restrict sums)
{
    for (int64_t j = 0; j < x->cols; j++)
        sums[j] = 0;
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->cols; j++)
            sums[j] += x->y[i * x->ld + j];
}

/* A sample with a missing target counts nothing. */
static void drop_missing(const TL(tl_loss_args) * x, double *restrict losses)
{
    real sums[TL_TILE_COLS];
    add_targets(x, sums);
    for (int64_t j = 0; j < x->cols; j++)
        losses[j] = sums[j] == sums[j] ? losses[j] : 0;
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->cols; j++)
            x->delta[i * x->ld + j] = sums[j] == sums[j] ? x->delta[i * x->ld + j] : 0;
}

static double finish(const TL(tl_loss_args) * x, double *losses)
{
    if (x->missing)
        drop_missing(x, losses);
    return sum_and_keep(x->cols, x->weights, losses, x->sample_losses);
}

/* Softmax ------------------------------------------------------------------------------------------------- */

/* What is collected of a column: m = max z, the s = Σ exp(z − m) of the elements that are m, each a 1, and of the others,
 * which may be smaller than a 1 has digits for, Σ t with the weighted targets t = w·y, and Σ t·(m − z). */
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

/* log y where y > 0 */
static inline real log_target(real y)
{
    return y > 0 ? real_log(real_select(y > 0, y, 1)) : 0;
}

/* z becomes exp(z − m). A target of 0 counts nothing, however far below m its z is. */
static inline void add_row(columns *restrict c, int64_t cols, bool relative, bool weighs, real weight,
                           real *restrict z, const real *restrict y)
{
    for (int64_t j = 0; j < cols; j++) {
        real below = c->most[j] - z[j], t = weighs ? weight * y[j] : y[j];
        z[j] = real_exp(-below);
        c->largest[j] += below == 0 ? 1 : 0;
        c->others[j] += below == 0 ? 0 : (double)z[j];
        c->targets[j] += t;
        c->losses[j] += (double)(t == 0 ? 0 : t * (relative ? below + log_target(y[j]) : below));
    }
}

/* log s from its rounded value r: log r + (s − r)/r, so that log(1 + tiny) keeps its digits */
static inline real log_of(double largest, double others)
{
    real r = (real)(largest + others);
    return real_log(r) + (real)(((largest - (double)r) + others) / (double)r);
}

/* Σ_k w_k·y_k·((m − z_k) + log s), or relative to what is the least for such targets with log y_k added;
 * ∂/∂z = a·Σ_k t_k − t with a = exp(z − m)/s. Not weighs: all w_k are 1. */
static inline double softmax_loss(const TL(tl_loss_args) * x, bool relative, bool weighs)
{
    const int64_t rows = x->rows, cols = x->cols, ld = x->ld;
    columns c = {.losses = {0}};
    real total[TL_TILE_COLS];
    assert(cols <= TL_TILE_COLS);
    find_most(&c, rows, cols, x->a, ld);
    for (int64_t i = 0; i < rows; i++)
        add_row(&c, cols, relative, weighs, weight_of(x, i), x->a + i * ld, x->y + i * ld);
    for (int64_t j = 0; j < cols; j++) {
        total[j] = (real)(c.largest[j] + c.others[j]);
        c.losses[j] += (double)(c.targets[j] * log_of(c.largest[j], c.others[j]));
    }
    for (int64_t i = 0; i < rows; i++) {
        const real *restrict target = x->y + i * ld, *restrict scale = x->scales;
        const real weight = weight_of(x, i);
        real *restrict output = x->a + i * ld, *restrict d = x->delta + i * ld;
        for (int64_t j = 0; j < cols; j++) {
            real t = weighs ? weight * target[j] : target[j];
            output[j] /= total[j];
            d[j] = (output[j] * c.targets[j] - t) * scale[j];
        }
    }
    return finish(x, c.losses);
}

double K(softmax_cross_entropy)(const TL(tl_loss_args) * x)
{
    return x->output_weights == NULL ? softmax_loss(x, false, false) : softmax_loss(x, false, true);
}

double K(softmax_divergence)(const TL(tl_loss_args) * x)
{
    return softmax_loss(x, true, true);
}

/* s of each column, and its logarithm. */
static void add_powers(const TL(tl_loss_args) * x, columns *c, real *restrict total, real *restrict log_total)
{
    find_most(c, x->rows, x->cols, x->a, x->ld);
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->cols; j++) {
            real below = c->most[j] - x->a[i * x->ld + j], power = real_exp(-below);
            c->largest[j] += below == 0 ? 1 : 0;
            c->others[j] += below == 0 ? 0 : (double)power;
        }
    for (int64_t j = 0; j < x->cols; j++) {
        total[j] = (real)(c->largest[j] + c->others[j]);
        log_total[j] = log_of(c->largest[j], c->others[j]);
    }
}

/* Σ_k t_k·q_k^γ·l_k with l = −log a and q = 1 − a = 1 − exp(−l), neither of which cancels near a = 1.
 * g_k = ∂/∂(log a_k) = −t_k·q_k^γ·(1 + γ·a_k·l_k/q_k), where l/q is 1 at q = 0, and ∂/∂z = g − a·Σ_k g_k */
double K(softmax_focal)(const TL(tl_loss_args) * x)
{
    const int64_t rows = x->rows, cols = x->cols, ld = x->ld;
    const real gamma = x->parameter;
    columns c = {.losses = {0}};
    real total[TL_TILE_COLS], log_total[TL_TILE_COLS];
    double slopes[TL_TILE_COLS] = {0};
    assert(cols <= TL_TILE_COLS);
    add_powers(x, &c, total, log_total);
    for (int64_t i = 0; i < rows; i++) {
        const real *restrict target = x->y + i * ld;
        const real weight = weight_of(x, i);
        real *restrict output = x->a + i * ld, *restrict g = x->delta + i * ld;
        for (int64_t j = 0; j < cols; j++) {
            real below = c.most[j] - output[j], l = below + log_total[j], t = weight * target[j];
            real a = real_exp(-below) / total[j], q = -real_expm1_decay(l);
            real focus = real_exp(gamma * real_log(q)), ratio = q > 0 ? l / q : 1;
            c.losses[j] += (double)(t == 0 ? 0 : t * focus * l);
            g[j] = t == 0 ? 0 : -t * focus * (1 + gamma * a * ratio);
            slopes[j] += (double)g[j];
            output[j] = a;
        }
    }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            real *d = &x->delta[i * ld + j];
            *d = (*d - x->a[i * ld + j] * (real)slopes[j]) * x->scales[j];
        }
    return finish(x, c.losses);
}

/* Classes ------------------------------------------------------------------------------------------------- */

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

/* Σ_k w_k·max(0, 1 + a_k − a_c) over all k but the class c: ∂/∂a_k = w_k where the margin is broken, ∂/∂a_c minus their
 * sum */
double K(hinge)(const TL(tl_loss_args) * x)
{
    const int64_t rows = x->rows, cols = x->cols, ld = x->ld;
    real_bits class[TL_TILE_COLS];
    real right[TL_TILE_COLS], slopes[TL_TILE_COLS] = {0};
    double losses[TL_TILE_COLS] = {0};
    assert(cols <= TL_TILE_COLS);
    find_largest(rows, cols, x->y, ld, class);
    for (int64_t j = 0; j < cols; j++)
        right[j] = x->a[(int64_t) class[j] * ld + j];
    for (int64_t i = 0; i < rows; i++) {
        const real *restrict output = x->a + i * ld;
        const real weight = weight_of(x, i);
        real *restrict d = x->delta + i * ld;
        for (int64_t j = 0; j < cols; j++) {
            real margin = class[j] == (real_bits)i ? 0 : 1 + (output[j] - right[j]);
            real broken = margin > 0 ? weight : 0;
            losses[j] += (double)(margin < 0 ? 0 : weight * margin);
            slopes[j] += broken;
            d[j] = broken * x->scales[j];
        }
    }
    for (int64_t j = 0; j < cols; j++)
        x->delta[(int64_t) class[j] * ld + j] = -slopes[j] * x->scales[j];
    return finish(x, losses);
}

/* Samples whose largest output stands where their largest target does. */
tl_decisions K(largest_agree)(const TL(tl_loss_args) * x)
{
    real_bits outputs[TL_TILE_COLS], targets[TL_TILE_COLS];
    real sums[TL_TILE_COLS];
    tl_decisions found = {0, 0};
    assert(x->cols <= TL_TILE_COLS);
    find_largest(x->rows, x->cols, x->a, x->ld, outputs);
    find_largest(x->rows, x->cols, x->y, x->ld, targets);
    add_targets(x, sums);
    for (int64_t j = 0; j < x->cols; j++) {
        double weight = sums[j] == sums[j] ? x->weights[j] : 0;
        found.correct += outputs[j] == targets[j] ? weight : 0;
        found.made += weight;
    }
    return found;
}
