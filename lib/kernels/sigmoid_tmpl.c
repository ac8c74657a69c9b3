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

/* With r = 1/(1 + |z|) it is z·r, or ±1 where r may be too small to be a normal number; f′ = r² from Z: (1 − |a|)², the same
 * from A, cancels far from 0. */
static inline sloped softsign(real z, real alpha)
{
    const real far = R(1.0) / (REAL_EPSILON * REAL_EPSILON);
    (void)alpha;
    real r = 1 / (1 + real_abs(z));
    return (sloped){real_abs(z) > far ? real_with_sign(1, z) : z * r, r * r};
}

void K(softsign_forward)(const TL(tl_activation_args) * x)
{
    forward_keeping(x, softsign);
}
