#include "kernels/loss.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernels/block.h"
#include "kernels/class_loss.h"
#include "kernels/math.h"
#include "kernels/sum.h"

/* Each loss of one output: its value l(a, y), ∂l/∂a, and for those that are computed together with an activation, whose z
 * comes in as a, the output f(z) and ∂l/∂z ------------------------------------------------------------------ */

typedef struct verdict {
    double loss;
    real slope, output;
} verdict;

typedef verdict element(real a, real y, real parameter);

/* ½·(a − y)² */
static inline verdict squared_error(real a, real y, real parameter)
{
    (void)parameter;
    real error = a - y;
    return (verdict){0.5 * ((double)error * (double)error), error, a};
}

/* −y·log σ(z) − (1 − y)·log(1 − σ(z)) = max(z, 0) − z·y + log(1 + exp(−|z|)),  ∂/∂z = σ(z) − y */
static inline verdict binary_cross_entropy(real z, real y, real parameter)
{
    (void)parameter;
    real straight = (z < 0 ? 0 : z) - z * y, output = real_sigmoid(z);
    return (verdict){(double)(straight + real_log1p_in_range(real_exp_decay(z))), output - y, output};
}

/* |a − y|,  ∂/∂a = sign(a − y) */
static inline verdict absolute_error(real a, real y, real parameter)
{
    (void)parameter;
    real error = a - y, above = error > 0 ? 1 : R(0.0), below = error < 0 ? 1 : R(0.0);
    return (verdict){(double)real_abs(error), above - below, a};
}

/* ½·e² where |e| ≤ δ, else δ·(|e| − ½·δ), with e = a − y;  ∂/∂a = e, at most δ in size */
static inline verdict huber(real a, real y, real delta)
{
    real error = a - y;
    double size = (double)real_abs(error), square = 0.5 * size * size;
    double straight = (double)delta * (size - 0.5 * (double)delta);
    real slope = real_at_most(real_at_least(error, -delta), delta);
    return (verdict){size > (double)delta ? straight : square, slope, a};
}

/* max(τ·(y − a), (τ − 1)·(y − a)),  ∂/∂a = −τ below y, 1 − τ above it, and 0 at y */
static inline verdict quantile(real a, real y, real tau)
{
    real error = a - y, slope = error < 0 ? -tau : 1 - tau;
    return (verdict){(double)error * (double)slope, error == 0 ? 0 : slope, a};
}

/* log cosh e with e = a − y: −½·log(1 − tanh² e), or where that would lose digits |e| − log 2 + log(1 + exp(−2|e|));
 * ∂/∂a = tanh e */
static inline verdict log_cosh(real a, real y, real parameter)
{
    (void)parameter;
    const real log_2 = R(0.693147180559945309);
    real error = a - y, size = real_abs(error), slope = real_tanh(error);
    real square = real_select(size < R(0.75), slope * slope, 0);
    real near = R(-0.5) * real_log1p_in_range(-square);
    real far = (size - log_2) + real_log1p_in_range(real_exp_decay(2 * size));
    return (verdict){(double)(size < R(0.75) ? near : far), slope, a};
}

/* exp a − y·a,  ∂/∂a = exp a − y */
static inline verdict poisson(real a, real y, real parameter)
{
    (void)parameter;
    real rate = real_exp(a);
    return (verdict){(double)rate - (double)y * (double)a, rate - y, a};
}

/* Loops over a tile; f and the two flags are known where they are called, so the compiler expands f in them. Losses are
 * added in double: down each column, then along the columns --------------------------------------------------- */

/* fused: z becomes a. plain: no output has a weight, and no target is missing. */
static inline void judge(const TL(tl_loss_args) * x, element *f, bool fused, bool plain, double *losses)
{
    for (int64_t i = 0; i < x->rows; i++) {
        const real *restrict target = x->y + i * x->ld, *restrict scale = x->scales;
        const real parameter = x->parameter, weight = x->output_weights == NULL ? 1 : x->output_weights[i];
        real *restrict output = x->a + i * x->ld, *restrict d = x->delta + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++) {
            verdict v = f(output[j], target[j], parameter);
            if (!plain) {
                bool there = target[j] == target[j];
                v.loss = there ? (double)weight * v.loss : 0;
                v.slope = there ? weight * v.slope : 0;
            }
            losses[j] += v.loss;
            if (fused)
                output[j] = v.output;
            d[j] = v.slope * scale[j];
        }
    }
}

static inline double run(const TL(tl_loss_args) * x, element *f, bool fused)
{
    double losses[TL_TILE_COLS] = {0};
    assert(x->cols <= TL_TILE_COLS);
    if (x->output_weights == NULL && !x->missing)
        judge(x, f, fused, true, losses);
    else
        judge(x, f, fused, false, losses);
    return sum_and_keep(x->cols, x->weights, losses, x->sample_losses);
}

/* Outputs on the same side of ½ as their targets. */
static tl_decisions sides_agree(const TL(tl_loss_args) * x)
{
    double correct[TL_TILE_COLS] = {0}, made[TL_TILE_COLS] = {0};
    assert(x->cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->cols; j++) {
            real a = x->a[i * x->ld + j], y = x->y[i * x->ld + j];
            correct[j] += y == y && (a > R(0.5)) == (y > R(0.5));
            made[j] += y == y;
        }
    return (tl_decisions){sum_weighted(x->cols, x->weights, correct),
                          sum_weighted(x->cols, x->weights, made)};
}

/* Of k targets with 2k outputs, means μ and logarithms s of variances: Σ_k ½·(s + (μ − y)²·exp(−s)),
 * ∂/∂μ = (μ − y)·exp(−s),  ∂/∂s = ½·(1 − (μ − y)²·exp(−s)) */
static double gaussian_nll(const TL(tl_loss_args) * x)
{
    double losses[TL_TILE_COLS] = {0};
    const int64_t targets = x->rows / 2;
    assert(x->cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < targets; i++) {
        const real *restrict mean = x->a + i * x->ld, *restrict log_variance = mean + targets * x->ld;
        const real *restrict target = x->y + i * x->ld, *restrict scale = x->scales;
        const real weight = x->output_weights == NULL ? 1 : x->output_weights[i];
        real *restrict d_mean = x->delta + i * x->ld, *restrict d_variance = d_mean + targets * x->ld;
        for (int64_t j = 0; j < x->cols; j++) {
            bool there = !x->missing || target[j] == target[j];
            real error = mean[j] - target[j], s = log_variance[j], pull = error * real_exp(-s);
            real square = error * pull;
            losses[j] += there ? 0.5 * (double)weight * ((double)s + (double)square) : 0;
            d_mean[j] = there ? weight * pull * scale[j] : 0;
            d_variance[j] = there ? weight * R(0.5) * (1 - square) * scale[j] : 0;
        }
    }
    return sum_and_keep(x->cols, x->weights, losses, x->sample_losses);
}

/* The kernels -------------------------------------------------------------------------------------------- */

static double run_squared_error(const TL(tl_loss_args) * x)
{
    return run(x, squared_error, false);
}

static double run_binary_cross_entropy(const TL(tl_loss_args) * x)
{
    return run(x, binary_cross_entropy, true);
}

static double run_absolute_error(const TL(tl_loss_args) * x)
{
    return run(x, absolute_error, false);
}

static double run_huber(const TL(tl_loss_args) * x)
{
    return run(x, huber, false);
}

static double run_quantile(const TL(tl_loss_args) * x)
{
    return run(x, quantile, false);
}

static double run_log_cosh(const TL(tl_loss_args) * x)
{
    return run(x, log_cosh, false);
}

static double run_poisson(const TL(tl_loss_args) * x)
{
    return run(x, poisson, false);
}

const TL(tl_loss_kernel) K(losses)[TALUS_LOSS_COUNT] = {
    [TALUS_SQUARED_ERROR] = {run_squared_error, NULL},
    [TALUS_BINARY_CROSS_ENTROPY] = {run_binary_cross_entropy, sides_agree},
    [TALUS_CROSS_ENTROPY] = {K(softmax_cross_entropy), K(largest_agree)},
    [TALUS_ABSOLUTE_ERROR] = {run_absolute_error, NULL},
    [TALUS_HUBER] = {run_huber, NULL},
    [TALUS_QUANTILE] = {run_quantile, NULL},
    [TALUS_LOG_COSH] = {run_log_cosh, NULL},
    [TALUS_POISSON] = {run_poisson, NULL},
    [TALUS_GAUSSIAN_NLL] = {gaussian_nll, NULL},
    [TALUS_HINGE] = {K(hinge), K(largest_agree)},
    [TALUS_KULLBACK_LEIBLER] = {K(softmax_divergence), K(largest_agree)},
    [TALUS_FOCAL] = {K(softmax_focal), K(largest_agree)},
};
