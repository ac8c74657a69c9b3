/* C from A_L and Y, and Δ_L. */
#include <tgmath.h>

#include "parts.h"

/* y_ik */
static real target(const naive_pass *pass, const naive_targets *Y, int64_t i, int64_t k)
{
    int64_t d = pass->net.d[pass->net.L];
    if (Y->values)
        return Y->values[i * d + k];
    return d == 1 ? (real)Y->labels[i] : (real)(Y->labels[i] == k);
}

/* δ of huber, τ of quantile */
static real parameter_of(const naive_network *net)
{
    if (net->loss_parameter != 0)
        return (real)net->loss_parameter;
    return net->loss == TALUS_QUANTILE ? (real)0.5 : 1;
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

/* −Σ_k y_k·log a_k = Σ_k y_k·(m + log Σ_j exp(z_j − m) − z_k)   for a = softmax(z), m = max z */
static double cross_entropy(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    int64_t d = pass->net.d[pass->net.L];
    const real *z = pass->Z[pass->net.L] + i * d;
    double m = (double)naive_largest(d, z), sum = 0, loss = 0;
    for (int64_t j = 0; j < d; j++)
        sum += exp((double)z[j] - m);
    for (int64_t k = 0; k < d; k++)
        loss += (double)target(pass, Y, i, k) * (m - (double)z[k] + log(sum));
    return loss;
}

/* ∂(cross-entropy)/∂z = a·Σ_k y_k − y */
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

static double sample_loss(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    const naive_network *net = &pass->net;
    int64_t d = net->d[net->L];
    if (net->loss == TALUS_CROSS_ENTROPY)
        return cross_entropy(pass, Y, i);
    double sum = 0;
    for (int64_t k = 0; k < d; k++)
        sum += loss_of(net, pass->Z[net->L][i * d + k], pass->A[net->L][i * d + k], target(pass, Y, i, k));
    return sum;
}

static void sample_slope(const naive_pass *pass, const naive_targets *Y, int64_t i, real *slope)
{
    const naive_network *net = &pass->net;
    int64_t d = net->d[net->L];
    if (net->loss == TALUS_CROSS_ENTROPY) {
        cross_entropy_slope(pass, Y, i, slope);
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

/* The cross-entropies give Δ_L of sample i; the others ∂C/∂A_L, to be differentiated through f_L. */
void naive_output_delta(naive_pass *pass, const naive_targets *Y)
{
    int L = pass->net.L;
    int64_t n = pass->n, d = pass->net.d[L];
    for (int64_t i = 0; i < n; i++) {
        real *slope = pass->delta[L] + i * d;
        sample_slope(pass, Y, i, slope);
        for (int64_t k = 0; k < d; k++)
            slope[k] /= (real)n;
    }
    if (pass->net.loss != TALUS_CROSS_ENTROPY && pass->net.loss != TALUS_BINARY_CROSS_ENTROPY)
        naive_differentiate(pass, L, pass->delta[L]);
}
