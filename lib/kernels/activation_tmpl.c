#include "kernels/activation.h"

#include <assert.h>
#include <stddef.h>

#include "kernels/kernels.h"
#include "kernels/math.h"

/* Each activation f(z, α) and its derivative, as a function of a = f(z) ---------------------------------- */

typedef real element(real x, real alpha);

static inline real identity(real z, real alpha)
{
    (void)alpha;
    return z;
}

static inline real relu(real z, real alpha)
{
    (void)alpha;
    return z < 0 ? 0 : z; /* NaN stays NaN */
}

static inline real relu_slope(real a, real alpha)
{
    (void)alpha;
    return a > 0 ? 1 : R(0.0);
}

static inline real leaky_relu(real z, real alpha)
{
    return z > 0 ? z : alpha * z;
}

static inline real leaky_relu_slope(real a, real alpha)
{
    return a > 0 ? 1 : alpha;
}

static inline real elu(real z, real alpha)
{
    real below = alpha * real_expm1_decay(z);
    return z < 0 ? below : z;
}

static inline real elu_slope(real a, real alpha)
{
    return a > 0 ? 1 : a + alpha;
}

static inline real sigmoid(real z, real alpha)
{
    (void)alpha;
    return real_sigmoid(z);
}

static inline real sigmoid_slope(real a, real alpha)
{
    (void)alpha;
    return a * (1 - a);
}

static inline real hyperbolic_tangent(real z, real alpha)
{
    (void)alpha;
    return real_tanh(z);
}

static inline real hyperbolic_tangent_slope(real a, real alpha)
{
    (void)alpha;
    return (1 - a) * (1 + a);
}

static inline real softplus(real z, real alpha)
{
    (void)alpha;
    return real_softplus(z);
}

/* a = log(1 + exp z), so f′ = σ(z) = 1 − exp(−a) */
static inline real softplus_slope(real a, real alpha)
{
    (void)alpha;
    return -real_expm1_decay(a);
}

/* Loops over a tile; f is known where they are called, so the compiler expands it in them ---------------- */

static inline void activate(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha,
                            element *f)
{
    for (int64_t i = 0; i < rows; i++) {
        real *restrict row = z + i * ld;
        const real b = bias[i];
        for (int64_t j = 0; j < cols; j++)
            row[j] = f(row[j] + b, alpha);
    }
}

/* In sixteen running sums, so that the order of the additions depends on cols alone. */
static real sum(int64_t cols, const real *x)
{
    enum { LANES = 16 };
    real lanes[LANES] = {0};
    int64_t j = 0;
    for (; j + LANES <= cols; j += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += x[j + lane];
    for (int lane = 0; j + lane < cols; lane++)
        lanes[lane] += x[j + lane];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            lanes[lane] += lanes[lane + half];
    return lanes[0];
}

static inline void differentiate(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld,
                                 real alpha, real *sums, element *slope)
{
    for (int64_t i = 0; i < rows; i++) {
        real *restrict d = delta + i * ld;
        const real *restrict from = a + i * ld;
        for (int64_t j = 0; j < cols; j++)
            d[j] *= slope(from[j], alpha);
        sums[i] = sum(cols, d);
    }
}

/* The kernels -------------------------------------------------------------------------------------------- */

void K(activate_identity)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha)
{
    activate(rows, cols, z, ld, bias, alpha, identity);
}

void K(activate_relu)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha)
{
    activate(rows, cols, z, ld, bias, alpha, relu);
}

void K(activate_leaky_relu)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha)
{
    activate(rows, cols, z, ld, bias, alpha, leaky_relu);
}

void K(activate_elu)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha)
{
    activate(rows, cols, z, ld, bias, alpha, elu);
}

void K(activate_sigmoid)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha)
{
    activate(rows, cols, z, ld, bias, alpha, sigmoid);
}

void K(activate_tanh)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha)
{
    activate(rows, cols, z, ld, bias, alpha, hyperbolic_tangent);
}

void K(activate_softplus)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha)
{
    activate(rows, cols, z, ld, bias, alpha, softplus);
}

/* a_k = exp(z_k − max z)/Σ_j exp(z_j − max z) in each column */
void K(activate_softmax)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha)
{
    real most[TL_TILE_COLS], total[TL_TILE_COLS];
    (void)alpha;
    assert(cols <= TL_TILE_COLS);
    for (int64_t j = 0; j < cols; j++) {
        most[j] = -(real)INFINITY;
        total[j] = 0;
    }
    for (int64_t i = 0; i < rows; i++) {
        const real b = bias != NULL ? bias[i] : 0;
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
            total[j] += power;
        }
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            z[i * ld + j] /= total[j];
}

void K(differentiate_identity)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld, real alpha,
                               real *sums)
{
    (void)a, (void)alpha;
    for (int64_t i = 0; i < rows; i++)
        sums[i] = sum(cols, delta + i * ld);
}

void K(differentiate_relu)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld, real alpha,
                           real *sums)
{
    differentiate(rows, cols, delta, a, ld, alpha, sums, relu_slope);
}

void K(differentiate_leaky_relu)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld,
                                 real alpha, real *sums)
{
    differentiate(rows, cols, delta, a, ld, alpha, sums, leaky_relu_slope);
}

void K(differentiate_elu)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld, real alpha,
                          real *sums)
{
    differentiate(rows, cols, delta, a, ld, alpha, sums, elu_slope);
}

void K(differentiate_sigmoid)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld, real alpha,
                              real *sums)
{
    differentiate(rows, cols, delta, a, ld, alpha, sums, sigmoid_slope);
}

void K(differentiate_tanh)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld, real alpha,
                           real *sums)
{
    differentiate(rows, cols, delta, a, ld, alpha, sums, hyperbolic_tangent_slope);
}

void K(differentiate_softplus)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld, real alpha,
                               real *sums)
{
    differentiate(rows, cols, delta, a, ld, alpha, sums, softplus_slope);
}

/* Δ ← A ⊙ (G − 1·Σ_k G_k·A_k), where Δ comes in as G */
void K(differentiate_softmax)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld, real alpha,
                              real *sums)
{
    real dot[TL_TILE_COLS] = {0};
    (void)alpha;
    assert(cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            dot[j] += delta[i * ld + j] * a[i * ld + j];
    for (int64_t i = 0; i < rows; i++) {
        real *restrict d = delta + i * ld;
        const real *restrict from = a + i * ld;
        for (int64_t j = 0; j < cols; j++)
            d[j] = from[j] * (d[j] - dot[j]);
        sums[i] = sum(cols, d);
    }
}
