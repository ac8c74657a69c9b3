/* The normal distribution, with the accuracy and the manners of math.h. */
#ifndef TL_KERNELS_NORMAL_H
#define TL_KERNELS_NORMAL_H

#include "kernels/math.h"

/* exp(−c·x²) for c = ½ or 1 and √c·|x| ≤ SQUARE_HIGHEST. What rounding takes from the square counts: x = h + t, where h
 * has half the digits of x, so that h² is exact, and x² − h² = t·(x + h). */
static inline real_power real_exp_square_parts(real x, real c)
{
    real h = real_from_word(real_to_word(x) & ~REAL_LOW_HALF);
    return real_exp_reduced(real_reduce_sum(-c * (h * h), -c * ((x - h) * (x + h)), 2 * REAL_BIAS));
}

/* (1 − Φ(x))·exp(½x²) for 0 ≤ x ≤ NORMAL_HIGHEST: Mills' ratio over √(2π). */
static inline real real_mills(real x)
{
    return mills_numerator(x) / mills_denominator(x);
}

#endif
