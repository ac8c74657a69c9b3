/* C from A_L and Y, and Δ_L. */
#include <stdbool.h>
#include <tgmath.h>

#include "parts.h"

int64_t naive_target_count(const naive_network *net)
{
    return net->loss == TALUS_GAUSSIAN_NLL ? net->d[net->L] / 2 : net->d[net->L];
}

/* y_ik */
static real target(const naive_pass *pass, const naive_targets *Y, int64_t i, int64_t k)
{
    int64_t d = naive_target_count(&pass->net);
    if (Y->values)
        return Y->values[i * d + k];
    return d == 1 ? (real)Y->labels[i] : (real)(Y->labels[i] == k);
}

/* δ of huber, τ of quantile, γ of focal */
static real parameter_of(const naive_network *net)
{
    if (net->loss_parameter != 0)
        return (real)net->loss_parameter;
    return net->loss == TALUS_QUANTILE ? (real)0.5 : net->loss == TALUS_FOCAL ? 2 : 1;
}

/* The loss of one output, for the losses that are sums over the outputs; z is read by binary cross-entropy:
 * −y·log a − (1 − y)·log(1 − a) = softplus(z) − y·z   for a = sigmoid(z) */
static double loss_of(const naive_network *net, real z, real a, real y)
{
    double e = (double)(a - y), p = (double)parameter_of(net);
    switch (net->loss) {
    case TALUS_BINARY_CROSS_ENTROPY:
        return (double)(naive_softplus(z) - y * z);
    case TALUS_ABSOLUTE_ERROR:
        return fabs(e);
    case TALUS_HUBER:
        return fabs(e) <= p ? 0.5 * e * e : p * (fabs(e) - 0.5 * p);
    case TALUS_QUANTILE:
        return fmax(p * -e, (p - 1) * -e);
    case TALUS_LOG_COSH:
        return fabs(e) > 20 ? fabs(e) - log(2.0) : log(cosh(e));
    case TALUS_POISSON:
        return exp((double)a) - (double)y * (double)a;
    default:
        return 0.5 * e * e;
    }
}

/* ∂(loss)/∂a, or ∂(loss)/∂z of binary cross-entropy */
static real slope_of(const naive_network *net, real a, real y)
{
    real e = a - y, p = parameter_of(net);
    switch (net->loss) {
    case TALUS_ABSOLUTE_ERROR:
        return e > 0 ? 1 : e < 0 ? -1 : 0;
    case TALUS_HUBER:
        return fabs(e) <= p ? e : e > 0 ? p : -p;
    case TALUS_QUANTILE:
        return e > 0 ? 1 - p : e < 0 ? -p : 0;
    case TALUS_LOG_COSH:
        return tanh(e);
    case TALUS_POISSON:
        return exp(a) - y;
    default:
        return e;
    }
}

/* −log a_k = m + log Σ_j exp(z_j − m) − z_k   for a = softmax(z), m = max z */
static double minus_log(int64_t d, const real *z, int64_t k)
{
    double m = (double)naive_largest(d, z), sum = 0;
    for (int64_t j = 0; j < d; j++)
        sum += exp((double)z[j] - m);
    return m - (double)z[k] + log(sum);
}

/* cross-entropy     −Σ_k y_k·log a_k
 * Kullback–Leibler  −Σ_k y_k·log a_k + Σ_k y_k·log y_k
 * focal             −Σ_k y_k·(1 − a_k)^γ·log a_k */
static double softmax_loss(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    const naive_network *net = &pass->net;
    int64_t d = net->d[net->L];
    double sum = 0;
    for (int64_t k = 0; k < d; k++) {
        double y = (double)target(pass, Y, i, k), l = minus_log(d, pass->Z[net->L] + i * d, k);
        if (net->loss == TALUS_KULLBACK_LEIBLER && y > 0)
            sum += y * log(y);
        sum += net->loss == TALUS_FOCAL ? y * pow(-expm1(-l), (double)parameter_of(net)) * l : y * l;
    }
    return sum;
}

/* ∂/∂z = a·Σ_k y_k − y, of cross-entropy and Kullback–Leibler */
static void cross_entropy_slope(const naive_pass *pass, const naive_targets *Y, int64_t i, real *slope)
{
    int64_t d = pass->net.d[pass->net.L];
    const real *a = pass->A[pass->net.L] + i * d;
    real weight = 0;
    for (int64_t k = 0; k < d; k++)
        weight += target(pass, Y, i, k);
    for (int64_t k = 0; k < d; k++)
        slope[k] = a[k] * weight - target(pass, Y, i, k);
}

/* ∂(focal)/∂z_i = Σ_k y_k·(γ·q_k^(γ−1)·a_k·log a_k − q_k^γ)·(δ_ik − a_i) with q = 1 − a */
static void focal_slope(const naive_pass *pass, const naive_targets *Y, int64_t i, real *slope)
{
    int64_t d = pass->net.d[pass->net.L];
    const real *z = pass->Z[pass->net.L] + i * d, *a = pass->A[pass->net.L] + i * d;
    double gamma = (double)parameter_of(&pass->net), sum = 0;
    for (int64_t k = 0; k < d; k++) {
        double l = minus_log(d, z, k), q = -expm1(-l);
        double g = q > 0 ? -pow(q, gamma) * (1 + gamma * (double)a[k] * l / q) : 0;
        slope[k] = (real)((double)target(pass, Y, i, k) * g);
        sum += (double)slope[k];
    }
    for (int64_t k = 0; k < d; k++)
        slope[k] -= a[k] * (real)sum;
}

/* The class of sample i: its largest target, the first of equals. */
static int64_t class_of(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    int64_t class = 0;
    for (int64_t k = 1; k < pass->net.d[pass->net.L]; k++)
        if (target(pass, Y, i, k) > target(pass, Y, i, class))
            class = k;
    return class;
}

/* Σ_{k ≠ c} max(0, 1 + a_k − a_c) for the class c */
static double hinge(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    int64_t d = pass->net.d[pass->net.L], c = class_of(pass, Y, i);
    const real *a = pass->A[pass->net.L] + i * d;
    double sum = 0;
    for (int64_t k = 0; k < d; k++)
        if (k != c)
            sum += (double)fmax(0, 1 + a[k] - a[c]);
    return sum;
}

static void hinge_slope(const naive_pass *pass, const naive_targets *Y, int64_t i, real *slope)
{
    int64_t d = pass->net.d[pass->net.L], c = class_of(pass, Y, i);
    const real *a = pass->A[pass->net.L] + i * d;
    for (int64_t k = 0; k < d; k++)
        slope[k] = 0;
    for (int64_t k = 0; k < d; k++)
        if (k != c && 1 + a[k] - a[c] > 0) {
            slope[k] += 1;
            slope[c] -= 1;
        }
}

/* Σ_k ½·(s_k + (μ_k − y_k)²·exp(−s_k)) for a = (μ, s) */
static double gaussian_nll(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    int64_t k = naive_target_count(&pass->net);
    const real *mu = pass->A[pass->net.L] + i * 2 * k, *s = mu + k;
    double sum = 0;
    for (int64_t j = 0; j < k; j++) {
        double e = (double)(mu[j] - target(pass, Y, i, j));
        sum += 0.5 * ((double)s[j] + e * e * exp(-(double)s[j]));
    }
    return sum;
}

static void gaussian_nll_slope(const naive_pass *pass, const naive_targets *Y, int64_t i, real *slope)
{
    int64_t k = naive_target_count(&pass->net);
    const real *mu = pass->A[pass->net.L] + i * 2 * k, *s = mu + k;
    for (int64_t j = 0; j < k; j++) {
        real e = mu[j] - target(pass, Y, i, j);
        slope[j] = e * exp(-s[j]);
        slope[k + j] = (1 - e * e * exp(-s[j])) / 2;
    }
}

/* Losses of whole samples; NULL for those that are sums over the outputs. */
static const struct {
    double (*loss)(const naive_pass *pass, const naive_targets *Y, int64_t i);
    void (*slope)(const naive_pass *pass, const naive_targets *Y, int64_t i, real *slope);
} wholes[TALUS_LOSS_COUNT] = {
    [TALUS_CROSS_ENTROPY] = {softmax_loss, cross_entropy_slope},
    [TALUS_KULLBACK_LEIBLER] = {softmax_loss, cross_entropy_slope},
    [TALUS_FOCAL] = {softmax_loss, focal_slope},
    [TALUS_HINGE] = {hinge, hinge_slope},
    [TALUS_GAUSSIAN_NLL] = {gaussian_nll, gaussian_nll_slope},
};

static double sample_loss(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    const naive_network *net = &pass->net;
    int64_t d = net->d[net->L];
    if (wholes[net->loss].loss)
        return wholes[net->loss].loss(pass, Y, i);
    double sum = 0;
    for (int64_t k = 0; k < d; k++)
        sum += loss_of(net, pass->Z[net->L][i * d + k], pass->A[net->L][i * d + k], target(pass, Y, i, k));
    return sum;
}

static void sample_slope(const naive_pass *pass, const naive_targets *Y, int64_t i, real *slope)
{
    const naive_network *net = &pass->net;
    int64_t d = net->d[net->L];
    if (wholes[net->loss].slope) {
        wholes[net->loss].slope(pass, Y, i, slope);
        return;
    }
    for (int64_t k = 0; k < d; k++)
        slope[k] = slope_of(net, pass->A[net->L][i * d + k], target(pass, Y, i, k));
}

/* C = 1/n · Σ_i loss_i */
double naive_cost(const naive_pass *pass, const naive_targets *Y)
{
    double sum = 0;
    for (int64_t i = 0; i < pass->n; i++)
        sum += sample_loss(pass, Y, i);
    return sum / (double)pass->n;
}

/* Whether a loss is computed from Z, together with the last activation. */
static bool is_fused(int loss)
{
    return loss == TALUS_BINARY_CROSS_ENTROPY || loss == TALUS_CROSS_ENTROPY ||
           loss == TALUS_KULLBACK_LEIBLER || loss == TALUS_FOCAL;
}

/* Those give Δ_L of sample i; the others ∂C/∂A_L, to be differentiated through f_L. */
void naive_output_delta(naive_pass *pass, const real *theta, const naive_targets *Y, real *gradient)
{
    int L = pass->net.L;
    int64_t n = pass->n, d = pass->net.d[L];
    for (int64_t i = 0; i < n; i++) {
        real *slope = pass->delta[L] + i * d;
        sample_slope(pass, Y, i, slope);
        for (int64_t k = 0; k < d; k++)
            slope[k] /= (real)n;
    }
    if (!is_fused(pass->net.loss))
        naive_differentiate(pass, L, theta, pass->delta[L], gradient);
}
