#include "kernels/activation.h"

#include <stddef.h>

#include "kernels/math.h"
#include "kernels/softmax.h"
#include "kernels/sum.h"

/* Each activation f(z, α) and its derivative, of a = f(z) or of z ---------------------------------- */

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

/* α·exp z, from Z: a + α, the same from A, cancels far below 0 */
static inline real elu_slope(real z, real alpha)
{
    real below = alpha * real_exp_decay(z);
    return z > 0 ? 1 : below;
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

static inline void apply(const TL(tl_activation_args) * x, element *f, int64_t i)
{
    real *restrict row = x->a + i * x->ld;
    const real b = x->bias != NULL ? x->bias[i] : 0, alpha = x->alpha;
    for (int64_t j = 0; j < x->cols; j++)
        row[j] = f(row[j] + b, alpha);
}

static inline void forward(const TL(tl_activation_args) * x, element *f)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        apply(x, f, i);
        add_squares(&squares, x->cols, x->a + i * x->ld);
    }
    *x->squares += total_of(&squares);
}

/* The same for |f| ≤ 1 */
static inline void forward_bounded(const TL(tl_activation_args) * x, element *f)
{
    for (int64_t i = 0; i < x->rows; i++)
        apply(x, f, i);
    *x->squares += (double)(x->rows * x->cols);
}

/* The same, and f′(Z) is kept. */
static inline void forward_keeping(const TL(tl_activation_args) * x, element *f, element *slope)
{
    if (x->slope == NULL) {
        forward(x, f);
        return;
    }
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        real *restrict row = x->a + i * x->ld, *restrict kept = x->slope + i * x->ld;
        const real b = x->bias != NULL ? x->bias[i] : 0, alpha = x->alpha;
        for (int64_t j = 0; j < x->cols; j++) {
            real z = row[j] + b;
            row[j] = f(z, alpha);
            kept[j] = slope(z, alpha);
        }
        add_squares(&squares, x->cols, row);
    }
    *x->squares += total_of(&squares);
}

/* f′ as it was kept */
static void backward_kept(const TL(tl_activation_args) * x)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        real *restrict delta = x->delta + i * x->ld;
        const real *restrict slope = x->slope + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++)
            delta[j] *= slope[j];
        x->sums[i] = sum_row(x->cols, delta);
        add_squares(&squares, x->cols, delta);
    }
    *x->squares += total_of(&squares);
}

/* f′ from A */
static inline void backward(const TL(tl_activation_args) * x, element *slope)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        real *restrict delta = x->delta + i * x->ld;
        const real *restrict a = x->a + i * x->ld;
        const real alpha = x->alpha;
        for (int64_t j = 0; j < x->cols; j++)
            delta[j] *= slope(a[j], alpha);
        x->sums[i] = sum_row(x->cols, delta);
        add_squares(&squares, x->cols, delta);
    }
    *x->squares += total_of(&squares);
}

/* The kernels -------------------------------------------------------------------------------------------- */

static void forward_identity(const TL(tl_activation_args) * x)
{
    forward(x, identity);
}

static void backward_identity(const TL(tl_activation_args) * x)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        x->sums[i] = sum_row(x->cols, x->delta + i * x->ld);
        add_squares(&squares, x->cols, x->delta + i * x->ld);
    }
    *x->squares += total_of(&squares);
}

static void forward_relu(const TL(tl_activation_args) * x)
{
    forward(x, relu);
}

static void backward_relu(const TL(tl_activation_args) * x)
{
    backward(x, relu_slope);
}

static void forward_leaky_relu(const TL(tl_activation_args) * x)
{
    forward(x, leaky_relu);
}

static void backward_leaky_relu(const TL(tl_activation_args) * x)
{
    backward(x, leaky_relu_slope);
}

static void forward_elu(const TL(tl_activation_args) * x)
{
    forward_keeping(x, elu, elu_slope);
}

static void forward_sigmoid(const TL(tl_activation_args) * x)
{
    forward_bounded(x, sigmoid);
}

static void backward_sigmoid(const TL(tl_activation_args) * x)
{
    backward(x, sigmoid_slope);
}

static void forward_hyperbolic_tangent(const TL(tl_activation_args) * x)
{
    forward_bounded(x, hyperbolic_tangent);
}

static void backward_hyperbolic_tangent(const TL(tl_activation_args) * x)
{
    backward(x, hyperbolic_tangent_slope);
}

static void forward_softplus(const TL(tl_activation_args) * x)
{
    forward(x, softplus);
}

static void backward_softplus(const TL(tl_activation_args) * x)
{
    backward(x, softplus_slope);
}

const TL(tl_activation_kernel) K(activations)[TALUS_ACTIVATION_COUNT] = {
    [TALUS_IDENTITY] = {forward_identity, backward_identity},
    [TALUS_RELU] = {forward_relu, backward_relu},
    [TALUS_LEAKY_RELU] = {forward_leaky_relu, backward_leaky_relu},
    [TALUS_ELU] = {forward_elu, backward_kept},
    [TALUS_SIGMOID] = {forward_sigmoid, backward_sigmoid},
    [TALUS_TANH] = {forward_hyperbolic_tangent, backward_hyperbolic_tangent},
    [TALUS_SOFTPLUS] = {forward_softplus, backward_softplus},
    [TALUS_SOFTMAX] = {K(softmax_forward), K(softmax_backward)},
};
