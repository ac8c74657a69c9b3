#include "kernels/curvature.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <talus/network.h>

#include "kernels/bends.h"

/* Softmax in each column: ȧ = a ⊙ (ż − aᵀż) */
static void softmax_forward(const TL(tl_tangent) * x)
{
    for (int64_t j = 0; j < x->cols; j++) {
        double mean = 0;
        for (int64_t i = j; i < x->rows * x->ld; i += x->ld)
            mean += (double)x->a[i] * (double)x->z_dot[i];
        for (int64_t i = j; i < x->rows * x->ld; i += x->ld)
            x->a_dot[i] = (real)((double)x->a[i] * ((double)x->z_dot[i] - mean));
    }
}

/* δ = a ⊙ (g − s) with s = aᵀg, so δ̇ = ȧ ⊙ (g − s) + a ⊙ (ġ − ṡ) with ṡ = ȧᵀg + aᵀġ */
static void softmax_backward(const TL(tl_tangent) * x)
{
    for (int64_t j = 0; j < x->cols; j++) {
        double s = 0, s_dot = 0;
        for (int64_t i = j; i < x->rows * x->ld; i += x->ld) {
            s += (double)x->a[i] * (double)x->delta[i];
            s_dot += (double)x->a_dot[i] * (double)x->delta[i] + (double)x->a[i] * (double)x->delta_dot[i];
        }
        for (int64_t i = j; i < x->rows * x->ld; i += x->ld) {
            double a = (double)x->a[i], above = (double)x->delta[i] - s;
            x->delta[i] = (real)(a * above);
            x->delta_dot[i] = (real)((double)x->a_dot[i] * above + a * ((double)x->delta_dot[i] - s_dot));
        }
    }
}

static double alpha_of(const TL(tl_tangent) * x, int64_t i)
{
    return x->alphas == NULL ? x->parameter : (double)x->alphas[i];
}

static double alpha_dot_of(const TL(tl_tangent) * x, int64_t i)
{
    return x->alphas == NULL ? 0 : (double)x->alphas_dot[i];
}

void TL(tl_activation_forward_tangent)(int activation, const TL(tl_tangent) * x)
{
    if (bends[activation] == NULL) {
        softmax_forward(x);
        return;
    }
    for (int64_t i = 0; i < x->rows; i++) {
        const double alpha = alpha_of(x, i), alpha_dot = alpha_dot_of(x, i);
        for (int64_t j = i * x->ld; j < i * x->ld + x->cols; j++) {
            const double z = (double)x->z[j];
            x->a_dot[j] = (real)(bends[activation](z, alpha).slope * (double)x->z_dot[j] +
                                 alpha_dot * fmin(z, 0));
        }
    }
}

/* ∂C/∂α = Σ g·min(z, 0), and so its tangent is Σ ġ·min(z, 0) + g·[z ≤ 0]·ż */
static void add_alphas(const TL(tl_tangent) * x, int64_t i)
{
    double sum = 0;
    for (int64_t j = i * x->ld; j < i * x->ld + x->cols; j++) {
        const double z = (double)x->z[j];
        sum += (double)x->delta_dot[j] * fmin(z, 0) + (z > 0 ? 0 : (double)x->delta[j] * (double)x->z_dot[j]);
    }
    x->alphas_product[i] += (real)sum;
}

void TL(tl_activation_backward_tangent)(int activation, const TL(tl_tangent) * x)
{
    if (bends[activation] == NULL) {
        softmax_backward(x);
        return;
    }
    for (int64_t i = 0; i < x->rows; i++) {
        const double alpha = alpha_of(x, i), alpha_dot = alpha_dot_of(x, i);
        if (x->alphas != NULL)
            add_alphas(x, i);
        for (int64_t j = i * x->ld; j < i * x->ld + x->cols; j++) {
            const double z = (double)x->z[j], g = (double)x->delta[j];
            const bend f = bends[activation](z, alpha);
            const double slope_dot = f.curve * (double)x->z_dot[j] + (z > 0 ? 0 : alpha_dot);
            x->delta[j] = (real)(f.slope * g);
            x->delta_dot[j] = (real)(f.slope * (double)x->delta_dot[j] + slope_dot * g);
        }
    }
}

void TL(tl_activation_slopes)(int activation, int64_t rows, int64_t cols, int64_t ld, double parameter,
                              const real *alphas, real *slope, real *curve)
{
    for (int64_t i = 0; i < rows; i++) {
        const double alpha = alphas == NULL ? parameter : (double)alphas[i];
        for (int64_t j = i * ld; j < i * ld + cols; j++) {
            const bend f = bends[activation]((double)slope[j], alpha);
            slope[j] = (real)f.slope;
            if (curve != NULL)
                curve[j] = (real)f.curve;
        }
    }
}

/* Losses of one output: ∂l/∂a and ∂²l/∂a², or of z where the loss is computed from it ----------------------------- */

static bend squared_error(double a, double y, double parameter)
{
    (void)parameter;
    return (bend){a - y, 1};
}

static bend binary_cross_entropy(double z, double y, double parameter)
{
    double s = logistic(z);
    (void)parameter;
    return (bend){s - y, s * (1 - s)};
}

static double sign(double x)
{
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static bend absolute_error(double a, double y, double parameter)
{
    (void)parameter;
    return (bend){sign(a - y), 0};
}

static bend huber(double a, double y, double delta)
{
    double error = a - y;
    return fabs(error) <= delta ? (bend){error, 1} : (bend){delta * sign(error), 0};
}

static bend quantile(double a, double y, double tau)
{
    return (bend){a < y ? -tau : a > y ? 1 - tau : 0, 0};
}

static bend log_cosh(double a, double y, double parameter)
{
    double t = tanh(a - y);
    (void)parameter;
    return (bend){t, (1 - t) * (1 + t)};
}

static bend poisson(double a, double y, double parameter)
{
    double rate = exp(a);
    (void)parameter;
    return (bend){rate - y, rate};
}

/* Losses of a whole sample, in each column ----------------------------------------------------------------------- */

static double weight_of(const TL(tl_tangent) * x, int64_t i)
{
    return x->output_weights == NULL ? 1 : (double)x->output_weights[i];
}

/* A sample with a missing target counts nothing. */
static void drop_missing(const TL(tl_tangent) * x)
{
    for (int64_t j = 0; j < x->cols; j++) {
        bool there = true;
        for (int64_t i = j; i < x->rows * x->ld; i += x->ld)
            there &= x->y[i] == x->y[i];
        for (int64_t i = j; !there && i < x->rows * x->ld; i += x->ld)
            x->delta[i] = x->delta_dot[i] = 0;
    }
}

/* δ = p·Σt − t with t = w ⊙ y and p = softmax z, so δ̇ = Σt·ṗ with ṗ = p ⊙ (ż − pᵀż); p comes in as a */
static void cross_entropy(const TL(tl_tangent) * x)
{
    for (int64_t j = 0; j < x->cols; j++) {
        double targets = 0, mean = 0;
        for (int64_t i = 0; i < x->rows; i++) {
            const int64_t at = i * x->ld + j;
            targets += weight_of(x, i) * (double)x->y[at];
            mean += (double)x->a[at] * (double)x->z_dot[at];
        }
        for (int64_t i = 0; i < x->rows; i++) {
            const int64_t at = i * x->ld + j;
            const double p = (double)x->a[at], target = weight_of(x, i) * (double)x->y[at];
            x->delta[at] = (real)(x->scales[j] * (p * targets - target));
            x->delta_dot[at] = (real)(x->scales[j] * targets * p * ((double)x->z_dot[at] - mean));
        }
    }
    drop_missing(x);
}

/* l = ½·(s + e²·exp(−s)) with e = μ − y, in each of k means over k logarithms of variances: with p = exp(−s)
 * δ_μ = e·p,  δ̇_μ = p·(μ̇ − e·ṡ),  δ_s = ½·(1 − e²·p),  δ̇_s = e·p·(½·e·ṡ − μ̇) */
static void gaussian_nll(const TL(tl_tangent) * x)
{
    const int64_t below = x->rows / 2 * x->ld;
    for (int64_t i = 0; i < x->rows / 2; i++)
        for (int64_t j = 0; j < x->cols; j++) {
            const int64_t at = i * x->ld + j;
            const bool there = x->y[at] == x->y[at];
            const double scale = there ? weight_of(x, i) * x->scales[j] : 0,
                         p = exp(-(double)x->z[at + below]),
                         error = there ? (double)x->z[at] - (double)x->y[at] : 0,
                         mean_dot = (double)x->z_dot[at], s_dot = (double)x->z_dot[at + below];
            x->delta[at] = (real)(scale * error * p);
            x->delta_dot[at] = (real)(scale * p * (mean_dot - error * s_dot));
            x->delta[at + below] = (real)(scale * 0.5 * (1 - error * error * p));
            x->delta_dot[at + below] = (real)(scale * error * p * (0.5 * error * s_dot - mean_dot));
        }
}

/* Straight on either side of each margin: δ_k = w_k·[1 + a_k − a_c > 0], δ_c = −Σ_k δ_k, δ̇ = 0 */
static void hinge(const TL(tl_tangent) * x)
{
    for (int64_t j = 0; j < x->cols; j++) {
        int64_t class = j;
        double broken = 0;
        for (int64_t i = j; i < x->rows * x->ld; i += x->ld)
            class = x->y[i] > x->y[class] ? i : class;
        for (int64_t i = 0; i < x->rows; i++) {
            const int64_t at = i * x->ld + j;
            bool breaks = at != class && 1 + ((double)x->z[at] - (double)x->z[class]) > 0;
            const double slope = breaks ? weight_of(x, i) * x->scales[j] : 0;
            x->delta[at] = (real)slope;
            x->delta_dot[at] = 0;
            broken += slope;
        }
        x->delta[class] = (real)-broken;
    }
    drop_missing(x);
}

/* l = Σ_k t_k·φ(u_k) with t = w ⊙ y, u = log a, φ = −q^γ·u and q = 1 − a = 1 − exp u:
 * φ′ = γ·a·q^(γ−1)·u − q^γ,  φ″ = γ·a·q^(γ−1)·(2 + u − (γ−1)·a·u/q) */
static bend focus(double a, double gamma)
{
    const double q = 1 - a, u = log(a), power = q > 0 ? pow(q, gamma - 1) : 0;
    if (a <= 0 || q <= 0)
        return (bend){a <= 0 ? -1 : 0, 0};
    return (bend){gamma * a * power * u - q * power, gamma * a * power * (2 + u - (gamma - 1) * a * u / q)};
}

/* u̇ = ż − aᵀż, and with g = t·φ′, ġ = t·φ″·u̇: δ = g − a·Σg,  δ̇ = ġ − a·(u̇·Σg + Σġ) */
static void focal(const TL(tl_tangent) * x)
{
    for (int64_t j = 0; j < x->cols; j++) {
        double mean = 0, sum = 0, sum_dot = 0;
        for (int64_t i = j; i < x->rows * x->ld; i += x->ld)
            mean += (double)x->a[i] * (double)x->z_dot[i];
        for (int64_t i = 0; i < x->rows; i++) {
            const int64_t at = i * x->ld + j;
            const double target = weight_of(x, i) * (double)x->y[at];
            const bend f = focus((double)x->a[at], x->parameter);
            sum += target * f.slope;
            sum_dot += target * f.curve * ((double)x->z_dot[at] - mean);
        }
        for (int64_t i = 0; i < x->rows; i++) {
            const int64_t at = i * x->ld + j;
            const double a = (double)x->a[at], target = weight_of(x, i) * (double)x->y[at],
                         u_dot = (double)x->z_dot[at] - mean;
            const bend f = focus(a, x->parameter);
            x->delta[at] = (real)(x->scales[j] * (target * f.slope - a * sum));
            x->delta_dot[at] = (real)(x->scales[j] *
                                      (target * f.curve * u_dot - a * (u_dot * sum + sum_dot)));
        }
    }
    drop_missing(x);
}

/* A row a kind: of one output, or of a sample. */
static const struct {
    bend (*output)(double a, double y, double parameter);
    void (*sample)(const TL(tl_tangent) * x);
} losses[TALUS_LOSS_COUNT] = {
    [TALUS_SQUARED_ERROR] = {.output = squared_error},
    [TALUS_BINARY_CROSS_ENTROPY] = {.output = binary_cross_entropy},
    [TALUS_CROSS_ENTROPY] = {.sample = cross_entropy},
    [TALUS_ABSOLUTE_ERROR] = {.output = absolute_error},
    [TALUS_HUBER] = {.output = huber},
    [TALUS_QUANTILE] = {.output = quantile},
    [TALUS_LOG_COSH] = {.output = log_cosh},
    [TALUS_POISSON] = {.output = poisson},
    [TALUS_GAUSSIAN_NLL] = {.sample = gaussian_nll},
    [TALUS_HINGE] = {.sample = hinge},
    [TALUS_KULLBACK_LEIBLER] = {.sample = cross_entropy}, /* whose slopes are the same */
    [TALUS_FOCAL] = {.sample = focal},
};

void TL(tl_loss_tangent)(int loss, const TL(tl_tangent) * x)
{
    if (losses[loss].output == NULL) {
        losses[loss].sample(x);
        return;
    }
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->cols; j++) {
            const int64_t at = i * x->ld + j;
            const bool there = x->y[at] == x->y[at];
            const double scale = there ? weight_of(x, i) * x->scales[j] : 0;
            const bend l = there ? losses[loss].output((double)x->z[at], (double)x->y[at], x->parameter)
                                 : (bend){0, 0};
            x->delta[at] = (real)(scale * l.slope);
            x->delta_dot[at] = (real)(scale * l.curve * (double)x->z_dot[at]);
        }
}
