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
        sum += (double)(naive_softplus(z[k]) - target(pass, Y, i, k) * z[k]);
    return sum;
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
void naive_output_delta(naive_pass *pass, const naive_targets *Y)
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
        naive_differentiate(pass, L, pass->delta[L]);
}
