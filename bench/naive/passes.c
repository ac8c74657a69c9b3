/* Forward from A_0 to A_L; backward from Δ_L to Δ_1, the gradient and ∂C/∂X. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"

/* Where parameters stand --------------------------------------------------------------------------------- */

int64_t naive_weights_at(const naive_network *net, int l)
{
    int64_t at = 0;
    for (int k = 1; k < l; k++)
        at = naive_slopes_at(net, k) + (net->f[k] == TALUS_PRELU ? net->d[k] : 0);
    return at;
}

int64_t naive_biases_at(const naive_network *net, int l)
{
    return naive_weights_at(net, l) + net->d[l] * net->d[l - 1];
}

int64_t naive_scales_at(const naive_network *net, int l)
{
    return naive_biases_at(net, l) + (net->without_biases[l] ? 0 : net->d[l]);
}

int64_t naive_shifts_at(const naive_network *net, int l)
{
    return naive_scales_at(net, l) + (net->norm[l] ? net->d[l] : 0);
}

int64_t naive_slopes_at(const naive_network *net, int l)
{
    return naive_shifts_at(net, l) + (net->norm[l] ? net->d[l] : 0);
}

int64_t naive_count(const naive_network *net)
{
    return naive_weights_at(net, net->L + 1);
}

/* Products ----------------------------------------------------------------------------------------------- */

/* Z = A·Wᵀ + 1·bᵀ for A (n × c), W (d × c), b (d) or NULL */
static void affine(int64_t n, int64_t c, int64_t d, const real *A, const real *W, const real *b, real *Z)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < d; j++) {
            real z = b ? b[j] : 0;
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

/* ∇W = Δᵀ·A and ∇b = Δᵀ·1, unless NULL, for Δ (n × d), A (n × c) */
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
        if (grad_b)
            grad_b[j] = g;
    }
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
        pass->normalized[l] = calloc(size, sizeof(real));
        pass->inverse[l] = calloc((size_t)(n + net->d[l]), sizeof(real));
        if (!pass->A[l] || !pass->Z[l] || !pass->delta[l] || !pass->normalized[l] || !pass->inverse[l]) {
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
        free(pass->normalized[l]);
        free(pass->inverse[l]);
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
        b = net->without_biases[l] ? NULL : b;
        affine(pass->n, d[l - 1], d[l], pass->A[l - 1], W, b, pass->Z[l]);
        if (net->norm[l])
            naive_normalize(pass, l, theta);
        naive_activate(pass, l, theta);
    }
}

/* From ∂C/∂ of what f_L is taken of down to Δ_1, the gradient, and ∂C/∂X. */
static void backward(naive_pass *pass, const real *theta, real *gradient, real *input_gradient)
{
    const naive_network *net = &pass->net;
    const int64_t *d = net->d;
    for (int l = net->L; l >= 1; l--) {
        const real *W = theta + naive_weights_at(net, l + 1);
        if (l < net->L) {
            pull_back(pass->n, d[l], d[l + 1], pass->delta[l + 1], W, pass->delta[l]);
            naive_differentiate(pass, l, theta, pass->delta[l], gradient);
        }
        if (net->norm[l])
            naive_denormalize(pass, l, theta, gradient);
    }
    for (int l = 1; l <= net->L && gradient; l++)
        weight_gradient(pass->n, d[l - 1], d[l], pass->delta[l], pass->A[l - 1],
                        gradient + naive_weights_at(net, l),
                        net->without_biases[l] ? NULL : gradient + naive_biases_at(net, l));
    if (input_gradient)
        pull_back(pass->n, d[0], d[1], pass->delta[1], theta + naive_weights_at(net, 1), input_gradient);
}

void naive_backward(naive_pass *pass, const real *theta, const real *G, real *gradient, real *input_gradient)
{
    int L = pass->net.L;
    memcpy(pass->delta[L], G, (size_t)(pass->n * pass->net.d[L]) * sizeof(real));
    naive_differentiate(pass, L, theta, pass->delta[L], gradient);
    backward(pass, theta, gradient, input_gradient);
}

double naive_gradient(naive_pass *pass, const real *theta, const real *X, const naive_targets *Y,
                      real *gradient)
{
    naive_forward(pass, theta, X);
    naive_output_delta(pass, theta, Y, gradient);
    backward(pass, theta, gradient, NULL);
    return naive_cost(pass, Y);
}
