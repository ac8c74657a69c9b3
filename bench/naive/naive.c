#include "naive.h"

#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

typedef naive_real real;

/* Where parameters stand --------------------------------------------------------------------------------- */

int64_t naive_weights_at(const naive_network *net, int l)
{
    int64_t at = 0;
    for (int k = 1; k < l; k++)
        at += net->d[k] * net->d[k - 1] + net->d[k];
    return at;
}

int64_t naive_biases_at(const naive_network *net, int l)
{
    return naive_weights_at(net, l) + net->d[l] * net->d[l - 1];
}

int64_t naive_count(const naive_network *net)
{
    return naive_weights_at(net, net->L + 1);
}

/* Activations -------------------------------------------------------------------------------------------- */

static real alpha_of(const naive_network *net, int l)
{
    if (net->alpha[l] != 0)
        return (real)net->alpha[l];
    return net->f[l] == TALUS_LEAKY_RELU ? (real)0.01 : 1;
}

static real sigmoid(real z)
{
    return 1 / (1 + exp(-z));
}

/* log(1 + exp(z)), without overflow */
static real softplus(real z)
{
    return (z > 0 ? z : 0) + log1p(exp(-fabs(z)));
}

/* f(z) */
static real f(int activation, real alpha, real z)
{
    switch (activation) {
    case TALUS_RELU:
        return z > 0 ? z : 0;
    case TALUS_LEAKY_RELU:
        return z > 0 ? z : alpha * z;
    case TALUS_ELU:
        return z > 0 ? z : alpha * expm1(z);
    case TALUS_SIGMOID:
        return sigmoid(z);
    case TALUS_TANH:
        return tanh(z);
    case TALUS_SOFTPLUS:
        return softplus(z);
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
        return z > 0 ? 1 : alpha;
    case TALUS_ELU:
        return z > 0 ? 1 : alpha * exp(z);
    case TALUS_SIGMOID:
        return sigmoid(z) * (1 - sigmoid(z));
    case TALUS_TANH:
        return 1 - tanh(z) * tanh(z);
    case TALUS_SOFTPLUS:
        return sigmoid(z);
    default:
        return 1;
    }
}

static real largest(int64_t d, const real *z)
{
    real m = z[0];
    for (int64_t k = 1; k < d; k++)
        m = fmax(m, z[k]);
    return m;
}

/* a_k = exp(z_k − max z)/Σ_j exp(z_j − max z) */
static void softmax(int64_t d, const real *z, real *a)
{
    real m = largest(d, z), sum = 0;
    for (int64_t k = 0; k < d; k++)
        sum += a[k] = exp(z[k] - m);
    for (int64_t k = 0; k < d; k++)
        a[k] /= sum;
}

/* A_l = f_l(Z_l) */
static void activate(naive_pass *pass, int l)
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
        A[e] = f(net->f[l], alpha_of(net, l), Z[e]);
}

/* ∂C/∂Z_l from G = ∂C/∂A_l, which it replaces: G ⊙ f_l′(Z_l).
 * For softmax, ∂a_j/∂z_k = a_j·(δ_jk − a_k), so ∂C/∂z_k = a_k·(g_k − Σ_j g_j·a_j). */
static void differentiate(const naive_pass *pass, int l, real *G)
{
    const naive_network *net = &pass->net;
    int64_t n = pass->n, d = net->d[l];
    const real *Z = pass->Z[l], *A = pass->A[l];
    if (net->f[l] != TALUS_SOFTMAX) {
        for (int64_t e = 0; e < n * d; e++)
            G[e] *= f_prime(net->f[l], alpha_of(net, l), Z[e]);
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

/* Products ----------------------------------------------------------------------------------------------- */

/* Z = A·Wᵀ + 1·bᵀ for A (n × c), W (d × c), b (d) */
static void affine(int64_t n, int64_t c, int64_t d, const real *A, const real *W, const real *b, real *Z)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < d; j++) {
            real z = b[j];
            for (int64_t k = 0; k < c; k++)
                z += A[i * c + k] * W[j * c + k];
            Z[i * d + j] = z;
        }
}

/* G = Δ·W for Δ (n × d), W (d × c) */
static void pull_back(int64_t n, int64_t c, int64_t d, const real *delta, const real *W, real *G)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < c; k++) {
            real g = 0;
            for (int64_t j = 0; j < d; j++)
                g += delta[i * d + j] * W[j * c + k];
            G[i * c + k] = g;
        }
}

/* ∇W = Δᵀ·A and ∇b = Δᵀ·1 for Δ (n × d), A (n × c) */
static void weight_gradient(int64_t n, int64_t c, int64_t d, const real *delta, const real *A, real *grad_W,
                            real *grad_b)
{
    for (int64_t j = 0; j < d; j++) {
        for (int64_t k = 0; k < c; k++) {
            real g = 0;
            for (int64_t i = 0; i < n; i++)
                g += delta[i * d + j] * A[i * c + k];
            grad_W[j * c + k] = g;
        }
        real g = 0;
        for (int64_t i = 0; i < n; i++)
            g += delta[i * d + j];
        grad_b[j] = g;
    }
}

/* Losses ------------------------------------------------------------------------------------------------- */

/* y_ik */
static real target(const naive_pass *pass, const naive_targets *Y, int64_t i, int64_t k)
{
    int64_t d = pass->net.d[pass->net.L];
    if (Y->values)
        return Y->values[i * d + k];
    return d == 1 ? (real)Y->labels[i] : (real)(Y->labels[i] == k);
}

/* ½·Σ_k (a_k − y_k)² */
static double squared_error(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    int64_t d = pass->net.d[pass->net.L];
    const real *a = pass->A[pass->net.L] + i * d;
    double sum = 0;
    for (int64_t k = 0; k < d; k++)
        sum += 0.5 * pow((double)(a[k] - target(pass, Y, i, k)), 2);
    return sum;
}

/* −Σ_k y_k·log a_k + (1 − y_k)·log(1 − a_k) = Σ_k softplus(z_k) − y_k·z_k   for a = sigmoid(z) */
static double binary_cross_entropy(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    int64_t d = pass->net.d[pass->net.L];
    const real *z = pass->Z[pass->net.L] + i * d;
    double sum = 0;
    for (int64_t k = 0; k < d; k++)
        sum += (double)(softplus(z[k]) - target(pass, Y, i, k) * z[k]);
    return sum;
}

/* −Σ_k y_k·log a_k = Σ_k y_k·(m + log Σ_j exp(z_j − m) − z_k)   for a = softmax(z), m = max z */
static double cross_entropy(const naive_pass *pass, const naive_targets *Y, int64_t i)
{
    int64_t d = pass->net.d[pass->net.L];
    const real *z = pass->Z[pass->net.L] + i * d;
    double m = (double)largest(d, z), sum = 0, loss = 0;
    for (int64_t j = 0; j < d; j++)
        sum += exp((double)z[j] - m);
    for (int64_t k = 0; k < d; k++)
        loss += (double)target(pass, Y, i, k) * (m - (double)z[k] + log(sum));
    return loss;
}

/* C = 1/n · Σ_i loss_i */
double naive_cost(const naive_pass *pass, const naive_targets *Y)
{
    double sum = 0;
    for (int64_t i = 0; i < pass->n; i++)
        switch (pass->net.loss) {
        case TALUS_BINARY_CROSS_ENTROPY:
            sum += binary_cross_entropy(pass, Y, i);
            break;
        case TALUS_CROSS_ENTROPY:
            sum += cross_entropy(pass, Y, i);
            break;
        default:
            sum += squared_error(pass, Y, i);
        }
    return sum / (double)pass->n;
}

/* Δ_L of sample i:  squared error                  ∂C/∂A_L = (A_L − Y)/n, to be differentiated through f_L
 *                   binary cross-entropy, sigmoid  Δ_L = (A_L − Y)/n
 *                   cross-entropy, softmax         Δ_L = (A_L·Σ_k y_k − Y)/n */
static void output_delta(naive_pass *pass, const naive_targets *Y)
{
    int L = pass->net.L;
    int64_t n = pass->n, d = pass->net.d[L];
    const real *A = pass->A[L];
    for (int64_t i = 0; i < n; i++) {
        real weight = 1;
        if (pass->net.loss == TALUS_CROSS_ENTROPY) {
            weight = 0;
            for (int64_t k = 0; k < d; k++)
                weight += target(pass, Y, i, k);
        }
        for (int64_t k = 0; k < d; k++)
            pass->delta[L][i * d + k] = (A[i * d + k] * weight - target(pass, Y, i, k)) / (real)n;
    }
    if (pass->net.loss == TALUS_SQUARED_ERROR)
        differentiate(pass, L, pass->delta[L]);
}

/* Passes ------------------------------------------------------------------------------------------------- */

naive_pass *naive_pass_create(const naive_network *net, int64_t n)
{
    naive_pass *pass = calloc(1, sizeof *pass);
    if (!pass)
        return NULL;
    pass->net = *net;
    pass->n = n;
    for (int l = 0; l <= net->L; l++) {
        size_t size = (size_t)(n * net->d[l]);
        pass->A[l] = calloc(size, sizeof(real));
        pass->Z[l] = calloc(size, sizeof(real));
        pass->delta[l] = calloc(size, sizeof(real));
        if (!pass->A[l] || !pass->Z[l] || !pass->delta[l]) {
            naive_pass_destroy(pass);
            return NULL;
        }
    }
    return pass;
}

void naive_pass_destroy(naive_pass *pass)
{
    if (!pass)
        return;
    for (int l = 0; l <= pass->net.L; l++) {
        free(pass->A[l]);
        free(pass->Z[l]);
        free(pass->delta[l]);
    }
    free(pass);
}

void naive_forward(naive_pass *pass, const real *theta, const real *X)
{
    const naive_network *net = &pass->net;
    const int64_t *d = net->d;
    memcpy(pass->A[0], X, (size_t)(pass->n * d[0]) * sizeof(real));
    for (int l = 1; l <= net->L; l++) {
        const real *W = theta + naive_weights_at(net, l), *b = theta + naive_biases_at(net, l);
        affine(pass->n, d[l - 1], d[l], pass->A[l - 1], W, b, pass->Z[l]);
        activate(pass, l);
    }
}

/* From Δ_L down to Δ_1, the gradient, and ∂C/∂X. */
static void backward(naive_pass *pass, const real *theta, real *gradient, real *input_gradient)
{
    const naive_network *net = &pass->net;
    const int64_t *d = net->d;
    for (int l = net->L - 1; l >= 1; l--) {
        const real *W = theta + naive_weights_at(net, l + 1);
        pull_back(pass->n, d[l], d[l + 1], pass->delta[l + 1], W, pass->delta[l]);
        differentiate(pass, l, pass->delta[l]);
    }
    for (int l = 1; l <= net->L && gradient; l++)
        weight_gradient(pass->n, d[l - 1], d[l], pass->delta[l], pass->A[l - 1],
                        gradient + naive_weights_at(net, l), gradient + naive_biases_at(net, l));
    if (input_gradient)
        pull_back(pass->n, d[0], d[1], pass->delta[1], theta + naive_weights_at(net, 1), input_gradient);
}

void naive_backward(naive_pass *pass, const real *theta, const real *G, real *gradient, real *input_gradient)
{
    int L = pass->net.L;
    memcpy(pass->delta[L], G, (size_t)(pass->n * pass->net.d[L]) * sizeof(real));
    differentiate(pass, L, pass->delta[L]);
    backward(pass, theta, gradient, input_gradient);
}

double naive_gradient(naive_pass *pass, const real *theta, const real *X, const naive_targets *Y,
                      real *gradient)
{
    naive_forward(pass, theta, X);
    output_delta(pass, Y);
    backward(pass, theta, gradient, NULL);
    return naive_cost(pass, Y);
}

/* Updates ------------------------------------------------------------------------------------------------ */

/* θ ← θ − η·g */
static void gradient_descent(const talus_optimizer_spec *spec, int64_t count, real *theta, const real *g)
{
    real eta = (real)spec->rate;
    for (int64_t i = 0; i < count; i++)
        theta[i] -= eta * g[i];
}

/* v ← μ·v + g,   θ ← θ − η·v,   with nesterov  θ ← θ − η·(g + μ·v) */
static void momentum(const talus_optimizer_spec *spec, int64_t count, real *theta, const real *g, real *v)
{
    real eta = (real)spec->rate, mu = (real)spec->momentum;
    for (int64_t i = 0; i < count; i++) {
        v[i] = mu * v[i] + g[i];
        theta[i] -= spec->nesterov ? eta * (g[i] + mu * v[i]) : eta * v[i];
    }
}

/* m ← β₁·m + (1−β₁)·g,   v ← β₂·v + (1−β₂)·g²
 * θ ← θ − η·m̂/(√v̂ + ε),   m̂ = m/(1−β₁ᵗ),   v̂ = v/(1−β₂ᵗ) */
static void adam(const naive_optimizer *o, int64_t count, real *theta, const real *g)
{
    real eta = (real)o->spec.rate, epsilon = (real)o->spec.epsilon;
    real beta1 = (real)o->spec.beta1, one_minus_beta1 = (real)(1 - o->spec.beta1);
    real beta2 = (real)o->spec.beta2, one_minus_beta2 = (real)(1 - o->spec.beta2);
    real correct1 = (real)(1 - pow(o->spec.beta1, (double)o->t));
    real correct2 = (real)(1 - pow(o->spec.beta2, (double)o->t));
    for (int64_t i = 0; i < count; i++) {
        o->m[i] = beta1 * o->m[i] + one_minus_beta1 * g[i];
        o->v[i] = beta2 * o->v[i] + one_minus_beta2 * g[i] * g[i];
        theta[i] -= eta * (o->m[i] / correct1) / (sqrt(o->v[i] / correct2) + epsilon);
    }
}

void naive_update(naive_optimizer *optimizer, int64_t count, real *theta, const real *gradient)
{
    optimizer->t += 1;
    switch (optimizer->spec.method) {
    case TALUS_MOMENTUM:
        momentum(&optimizer->spec, count, theta, gradient, optimizer->v);
        break;
    case TALUS_ADAM:
        adam(optimizer, count, theta, gradient);
        break;
    default:
        gradient_descent(&optimizer->spec, count, theta, gradient);
    }
}
