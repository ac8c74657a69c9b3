/* Activations that are z times a gate between 0 and 1, which z itself opens. From GATE_LOWEST down they are 0, and z is
 * limited there, since ∞·0 is to be 0. */
#include "kernels/activation.h"
#include "kernels/activation_loops.h"
#include "kernels/math.h"

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
