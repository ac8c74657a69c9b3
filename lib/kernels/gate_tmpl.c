/* Activations that are z times a gate between 0 and 1, which z itself opens. Far below 0 they are rounded to 0, and z is
 * limited there, since ∞·0 is to be 0. A gate that is below the normal numbers keeps its digits: it is scaled after z has
 * multiplied it. */
#include "kernels/activation.h"
#include "kernels/activation_loops.h"
#include "kernels/normal.h"

/* exp z where z < 0, else 1, and exp(−|z|) */
typedef struct gate {
    real_power opening;
    real e;
} gate;

static inline gate gate_at(real z)
{
    real_power power = real_exp_parts(real_at_least(-real_abs(z), GATE_LOWEST));
    gate at = {power, real_exp_joined(power)};
    at.opening.y = z < 0 ? power.y : 1;
    at.opening.exponent = z < 0 ? power.exponent : 2 * REAL_BIAS;
    return at;
}

/* z·σ(z) and σ(z)·(1 + z·σ(−z)); with e = exp(−|z|), one of σ(z) and σ(−z) is 1/(1 + e), the other e/(1 + e). */
static inline sloped silu(real z, real alpha)
{
    (void)alpha;
    real c = real_at_least(z, GATE_LOWEST), bounded = real_at_most(c, -GATE_LOWEST);
    gate at = gate_at(c);
    real r = 1 / (1 + at.e), open = at.opening.y * r, closed = (c < 0 ? 1 : at.e) * r;
    return (sloped){real_scaled(c * open, at.opening.exponent),
                    real_scaled(open + open * (bounded * closed), at.opening.exponent)};
}

void K(silu_forward)(const TL(tl_activation_args) * x)
{
    forward_keeping(x, silu);
}

/* z·tanh(log(1 + n)) for n = exp z. With s = n + 2 it is z·n·s/(n·s + 2), and for z ≥ 0, divided by n² = 1/e², with
 * s = 1 + 2e it is z·s/(s + 2e²). The gate's own slope is 4n(n + 1)/(n·s + 2)². */
static inline sloped mish(real z, real alpha)
{
    (void)alpha;
    real c = real_at_least(z, GATE_LOWEST), bounded = real_at_most(c, -GATE_LOWEST);
    gate at = gate_at(c);
    real s = c < 0 ? at.e + 2 : 1 + 2 * at.e;
    real r = 1 / (c < 0 ? at.e * s + 2 : s + 2 * (at.e * at.e));
    real open = at.opening.y * (s * r),
         steep = 4 * (c < 0 ? at.opening.y : at.e * at.e) * (1 + at.e) * (r * r);
    return (sloped){real_scaled(c * open, at.opening.exponent),
                    real_scaled(open + bounded * steep, at.opening.exponent)};
}

void K(mish_forward)(const TL(tl_activation_args) * x)
{
    forward_keeping(x, mish);
}

/* z·Φ(z) and Φ(z) + z·φ(z), where Φ(−|z|) = exp(−½z²)·m with Mills' ratio m. */
static inline sloped gelu(real z, real alpha)
{
    const real density = R(0.39894228040143267794); /* 1/√(2π) */
    (void)alpha;
    real from = real_at_least(z, -NORMAL_HIGHEST), c = real_at_most(from, NORMAL_HIGHEST);
    real_power power = real_exp_square_parts(c, R(0.5));
    real_word exponent = c < 0 ? power.exponent : 2 * REAL_BIAS;
    real y = c < 0 ? power.y : real_exp_joined(power), tail = y * real_mills(real_abs(c));
    real open = c < 0 ? tail : 1 - tail;
    return (sloped){real_scaled(from * open, exponent), real_scaled(open + c * density * y, exponent)};
}

void K(gelu_forward)(const TL(tl_activation_args) * x)
{
    forward_keeping(x, gelu);
}

/* ½·z·(1 + tanh u) = z·σ(2u) for 2u = z·(p + q·z²), p = 2·√(2/π), q = 0.044715·p; the slope is
 * σ(2u)·(1 + z·(p + 3q·z²)·σ(−2u)). */
static inline sloped gelu_tanh(real z, real alpha)
{
    const real p = R(1.5957691216057307118), q = R(0.071354816272600248776);
    (void)alpha;
    real from = real_at_least(z, -CUBE_HIGHEST), c = real_at_most(from, CUBE_HIGHEST);
    gate at = gate_at(c * (p + q * (c * c)));
    real r = 1 / (1 + at.e), open = at.opening.y * r, closed = (c < 0 ? 1 : at.e) * r;
    real steep = c * (p + 3 * q * (c * c)) * closed;
    return (sloped){real_scaled(from * open, at.opening.exponent),
                    real_scaled(open + open * steep, at.opening.exponent)};
}

void K(gelu_tanh_forward)(const TL(tl_activation_args) * x)
{
    forward_keeping(x, gelu_tanh);
}
