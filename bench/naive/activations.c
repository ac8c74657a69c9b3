/* A_l from Z_l, and the way back through f_l. */
#include <tgmath.h>

#include "parts.h"

/* of unit k of layer l */
static real alpha_of(const naive_network *net, int l, const real *theta, int64_t k)
{
    if (net->f[l] == TALUS_PRELU)
        return theta[naive_slopes_at(net, l) + k];
    if (net->alpha[l] != 0)
        return (real)net->alpha[l];
    return net->f[l] == TALUS_LEAKY_RELU ? (real)0.01 : 1;
}

/* λ and α of selu */
static const real selu_scale = (real)1.0507009873554805, selu_alpha = (real)1.6732632423543773;

static real sigmoid(real z)
{
    return 1 / (1 + exp(-z));
}

/* log(1 + exp(z)), without overflow */
real naive_softplus(real z)
{
    return (z > 0 ? z : 0) + log1p(exp(-fabs(z)));
}

/* Φ(z) */
static real normal_distribution(real z)
{
    return erfc(-z / sqrt((real)2)) / 2;
}

static real square(real x)
{
    return x * x;
}

/* u of gelu_tanh */
static real gelu_tanh_argument(real z)
{
    return sqrt((real)0.6366197723675814) * (z + (real)0.044715 * z * z * z);
}

/* ½·(1 + tanh u) + ½·z·(1 − tanh² u)·u′ */
static real gelu_tanh_slope(real z)
{
    real t = tanh(gelu_tanh_argument(z));
    real u_prime = sqrt((real)0.6366197723675814) * (1 + 3 * (real)0.044715 * z * z);
    return (1 + t) / 2 + z * (1 - square(t)) * u_prime / 2;
}

/* f(z) */
static real f(int activation, real alpha, real z)
{
    switch (activation) {
    case TALUS_RELU:
        return z > 0 ? z : 0;
    case TALUS_LEAKY_RELU:
    case TALUS_PRELU:
        return z > 0 ? z : alpha * z;
    case TALUS_ELU:
        return z > 0 ? z : alpha * expm1(z);
    case TALUS_SIGMOID:
        return sigmoid(z);
    case TALUS_TANH:
        return tanh(z);
    case TALUS_SOFTPLUS:
        return naive_softplus(z);
    case TALUS_SELU:
        return selu_scale * (z > 0 ? z : selu_alpha * expm1(z));
    case TALUS_SILU:
        return z * sigmoid(z);
    case TALUS_GELU:
        return z * normal_distribution(z);
    case TALUS_GELU_TANH:
        return z * sigmoid(2 * gelu_tanh_argument(z));
    case TALUS_MISH:
        return z * tanh(naive_softplus(z));
    case TALUS_SOFTSIGN:
        return z / (1 + fabs(z));
    case TALUS_HARD_TANH:
        return fmax((real)-1, fmin((real)1, z));
    case TALUS_HARD_SIGMOID:
        return fmax((real)0, fmin((real)1, z / 6 + (real)0.5));
    case TALUS_SINE:
        return sin(alpha * z);
    case TALUS_GAUSSIAN:
        return exp(-z * z);
    case TALUS_EXPONENTIAL:
        return exp(z);
    case TALUS_STEP:
        return z > 0 ? 1 : 0;
    default:
        return z;
    }
}

/* f′(z) */
static real f_prime(int activation, real alpha, real z)
{
    switch (activation) {
    case TALUS_RELU:
        return z > 0 ? 1 : 0;
    case TALUS_LEAKY_RELU:
    case TALUS_PRELU:
        return z > 0 ? 1 : alpha;
    case TALUS_ELU:
        return z > 0 ? 1 : alpha * exp(z);
    case TALUS_SIGMOID:
        return sigmoid(z) * (1 - sigmoid(z));
    case TALUS_TANH:
        return 1 - tanh(z) * tanh(z);
    case TALUS_SOFTPLUS:
        return sigmoid(z);
    case TALUS_SELU:
        return selu_scale * (z > 0 ? 1 : selu_alpha * exp(z));
    case TALUS_SILU:
        return sigmoid(z) * (1 + z * sigmoid(-z));
    case TALUS_GELU:
        return normal_distribution(z) + z * exp(-z * z / 2) / sqrt((real)6.283185307179586);
    case TALUS_GELU_TANH:
        return gelu_tanh_slope(z);
    case TALUS_MISH:
        return tanh(naive_softplus(z)) + z * (1 - square(tanh(naive_softplus(z)))) * sigmoid(z);
    case TALUS_SOFTSIGN:
        return 1 / ((1 + fabs(z)) * (1 + fabs(z)));
    case TALUS_HARD_TANH:
        return fabs(z) < 1 ? 1 : 0;
    case TALUS_HARD_SIGMOID:
        return fabs(z) < 3 ? (real)1 / 6 : 0;
    case TALUS_SINE:
        return alpha * cos(alpha * z);
    case TALUS_GAUSSIAN:
        return -2 * z * exp(-z * z);
    case TALUS_EXPONENTIAL:
        return exp(z);
    case TALUS_STEP:
        return 0;
    default:
        return 1;
    }
}

real naive_largest(int64_t d, const real *z)
{
    real m = z[0];
    for (int64_t k = 1; k < d; k++)
        m = fmax(m, z[k]);
    return m;
}

/* a_k = exp(z_k − max z)/Σ_j exp(z_j − max z) */
static void softmax(int64_t d, const real *z, real *a)
{
    real m = naive_largest(d, z), sum = 0;
    for (int64_t k = 0; k < d; k++)
        sum += a[k] = exp(z[k] - m);
    for (int64_t k = 0; k < d; k++)
        a[k] /= sum;
}

/* A_l = f_l(Z_l) */
void naive_activate(naive_pass *pass, int l, const real *theta)
{
    const naive_network *net = &pass->net;
    int64_t n = pass->n, d = net->d[l];
    const real *Z = pass->Z[l];
    real *A = pass->A[l];
    if (net->f[l] == TALUS_SOFTMAX) {
        for (int64_t i = 0; i < n; i++)
            softmax(d, Z + i * d, A + i * d);
        return;
    }
    for (int64_t e = 0; e < n * d; e++)
        A[e] = f(net->f[l], alpha_of(net, l, theta, e % d), Z[e]);
}

/* ∂C/∂α_k = Σ_i g_ik·min(z_ik, 0) for G = ∂C/∂A_l */
static void slope_gradient(const naive_pass *pass, int l, const real *G, real *gradient)
{
    int64_t d = pass->net.d[l];
    for (int64_t k = 0; k < d; k++) {
        real sum = 0;
        for (int64_t e = k; e < pass->n * d; e += d)
            sum += pass->Z[l][e] < 0 ? G[e] * pass->Z[l][e] : 0;
        gradient[naive_slopes_at(&pass->net, l) + k] = sum;
    }
}

/* ∂C/∂Z_l from G = ∂C/∂A_l, which it replaces: G ⊙ f_l′(Z_l).
 * For softmax, ∂a_j/∂z_k = a_j·(δ_jk − a_k), so ∂C/∂z_k = a_k·(g_k − Σ_j g_j·a_j). */
void naive_differentiate(const naive_pass *pass, int l, const real *theta, real *G, real *gradient)
{
    const naive_network *net = &pass->net;
    int64_t n = pass->n, d = net->d[l];
    const real *Z = pass->Z[l], *A = pass->A[l];
    if (net->f[l] == TALUS_PRELU && gradient)
        slope_gradient(pass, l, G, gradient);
    if (net->f[l] != TALUS_SOFTMAX) {
        for (int64_t e = 0; e < n * d; e++)
            G[e] *= f_prime(net->f[l], alpha_of(net, l, theta, e % d), Z[e]);
        return;
    }
    for (int64_t i = 0; i < n; i++) {
        real sum = 0;
        for (int64_t j = 0; j < d; j++)
            sum += G[i * d + j] * A[i * d + j];
        for (int64_t k = 0; k < d; k++)
            G[i * d + k] = A[i * d + k] * (G[i * d + k] - sum);
    }
}
