/* Activations that rise from one level to another. */
#include "kernels/activation.h"
#include "kernels/activation_loops.h"
#include "kernels/math.h"

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

void K(sigmoid_forward)(const TL(tl_activation_args) * x)
{
    forward_bounded(x, sigmoid);
}

void K(sigmoid_backward)(const TL(tl_activation_args) * x)
{
    backward(x, sigmoid_slope);
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

void K(tanh_forward)(const TL(tl_activation_args) * x)
{
    forward_bounded(x, hyperbolic_tangent);
}

void K(tanh_backward)(const TL(tl_activation_args) * x)
{
    backward(x, hyperbolic_tangent_slope);
}
