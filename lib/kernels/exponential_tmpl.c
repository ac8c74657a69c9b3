/* Activations made of one exponential. */
#include "kernels/activation.h"
#include "kernels/activation_loops.h"
#include "kernels/math.h"

/* f′ = α·exp z below 0, from Z: a + α, the same from A, cancels far below 0 */
static inline sloped elu(real z, real alpha)
{
    real below = alpha * real_expm1_decay(z), slope = alpha * real_exp_decay(z);
    return (sloped){z < 0 ? below : z, z > 0 ? 1 : slope};
}

void K(elu_forward)(const TL(tl_activation_args) * x)
{
    forward_keeping(x, elu);
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

void K(softplus_forward)(const TL(tl_activation_args) * x)
{
    forward(x, softplus);
}

void K(softplus_backward)(const TL(tl_activation_args) * x)
{
    backward(x, softplus_slope);
}
