/* Activations of straight lines. */
#include "kernels/activation.h"
#include "kernels/activation_loops.h"

static inline real identity(real z, real alpha)
{
    (void)alpha;
    return z;
}

void K(identity_forward)(const TL(tl_activation_args) * x)
{
    forward(x, identity);
}

void K(identity_backward)(const TL(tl_activation_args) * x)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        x->sums[i] = sum_row(x->cols, x->delta + i * x->ld);
        add_squares(&squares, x->cols, x->delta + i * x->ld);
    }
    *x->squares += total_of(&squares);
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

void K(relu_forward)(const TL(tl_activation_args) * x)
{
    forward(x, relu);
}

void K(relu_backward)(const TL(tl_activation_args) * x)
{
    backward(x, relu_slope);
}

static inline real leaky_relu(real z, real alpha)
{
    return z > 0 ? z : alpha * z;
}

static inline real leaky_relu_slope(real a, real alpha)
{
    return a > 0 ? 1 : alpha;
}

void K(leaky_relu_forward)(const TL(tl_activation_args) * x)
{
    forward(x, leaky_relu);
}

void K(leaky_relu_backward)(const TL(tl_activation_args) * x)
{
    backward(x, leaky_relu_slope);
}

/* min(max(z, low), high); a NaN passes */
static inline real clamp(real z, real low, real high)
{
    real above = z < low ? low : z;
    return above > high ? high : above;
}

static inline real hard_tanh(real z, real alpha)
{
    (void)alpha;
    return clamp(z, -1, 1);
}

static inline real hard_tanh_slope(real a, real alpha)
{
    (void)alpha;
    return ((a > -1) & (a < 1)) ? 1 : R(0.0);
}

void K(hard_tanh_forward)(const TL(tl_activation_args) * x)
{
    forward_bounded(x, hard_tanh);
}

void K(hard_tanh_backward)(const TL(tl_activation_args) * x)
{
    backward(x, hard_tanh_slope);
}

/* (z + 3)/6: z/6 + ½ would cancel near −3 */
static inline real hard_sigmoid(real z, real alpha)
{
    (void)alpha;
    return clamp((z + 3) * (R(1.0) / 6), 0, 1);
}

static inline real hard_sigmoid_slope(real a, real alpha)
{
    (void)alpha;
    return ((a > 0) & (a < 1)) ? R(1.0) / 6 : R(0.0);
}

void K(hard_sigmoid_forward)(const TL(tl_activation_args) * x)
{
    forward_bounded(x, hard_sigmoid);
}

void K(hard_sigmoid_backward)(const TL(tl_activation_args) * x)
{
    backward(x, hard_sigmoid_slope);
}

static inline real step(real z, real alpha)
{
    (void)alpha;
    real below = z <= 0 ? 0 : z; /* NaN stays NaN */
    return z > 0 ? 1 : below;
}

void K(step_forward)(const TL(tl_activation_args) * x)
{
    forward_bounded(x, step);
}

static inline sloped prelu(real z, real alpha)
{
    return (sloped){leaky_relu(z, alpha), leaky_relu_slope(z, alpha)};
}

/* min(Z, 0), from which α gets its gradient */
static void keep_negatives(const TL(tl_activation_args) * x)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        real *restrict to = x->negatives + i * x->ld;
        const real *restrict row = x->a + i * x->ld;
        const real b = x->bias != NULL ? x->bias[i] : 0;
        for (int64_t j = 0; j < x->cols; j++) {
            real z = row[j] + b;
            to[j] = z > 0 ? 0 : z; /* NaN stays NaN */
        }
        add_squares(&squares, x->cols, to);
    }
    *x->squares += total_of(&squares);
}

void K(prelu_forward)(const TL(tl_activation_args) * x)
{
    if (x->negatives != NULL)
        keep_negatives(x);
    forward_keeping(x, prelu);
}
