/* Activations made of one exponential. */
#include "kernels/activation.h"
#include "kernels/activation_loops.h"
#include "kernels/normal.h"

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

/* λ·elu for α: the constants of Klambauer et al. 2017 */
static inline sloped selu(real z, real alpha)
{
    const real scale = R(1.05070098735548049342), both = R(1.75809934084737685994);
    (void)alpha;
    real below = both * real_expm1_decay(z), slope = both * real_exp_decay(z);
    return (sloped){z < 0 ? below : scale * z, z > 0 ? scale : slope};
}

void K(selu_forward)(const TL(tl_activation_args) * x)
{
    forward_keeping(x, selu);
}

/* f′ = −2·z·exp(−z²); z is limited, since ∞·0 is to be 0 */
static inline sloped gaussian(real z, real alpha)
{
    (void)alpha;
    real c = real_at_most(real_at_least(z, -SQUARE_HIGHEST), SQUARE_HIGHEST);
    real_power a = real_exp_square_parts(c, 1);
    return (sloped){real_exp_joined(a), real_scaled(-2 * c * a.y, a.exponent)};
}

void K(gaussian_forward)(const TL(tl_activation_args) * x)
{
    forward_keeping(x, gaussian);
}

static inline real exponential(real z, real alpha)
{
    (void)alpha;
    return real_exp(z);
}

void K(exponential_forward)(const TL(tl_activation_args) * x)
{
    forward(x, exponential);
}

static inline real exponential_slope(real a, real alpha)
{
    (void)alpha;
    return a;
}

void K(exponential_backward)(const TL(tl_activation_args) * x)
{
    backward(x, exponential_slope);
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
