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
