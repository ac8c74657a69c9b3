/* Elementary functions of a real, in branch-free C that gcc and clang vectorise inside a loop, with or
 * without fused multiply-adds.
 *
 * Error at most 2 units in the last place, results below the normal numbers included. NaN gives NaN;
 * infinities, zeros and the ends of domains give what C's Annex F says. Finite arguments raise no exceptions
 * but inexact and underflow, and overflow where the result itself overflows: every value is computed on
 * every path, so arguments are brought into range before they are used. */
#ifndef TL_KERNELS_MATH_H
#define TL_KERNELS_MATH_H

#include <math.h>
#include <stdbool.h>

#include "base/real.h"
#include "kernels/polynomials.h"

static inline real_word real_to_word(real x)
{
    union {
        real value;
        real_word word;
    } both = {.value = x};
    return both.word;
}

static inline real real_from_word(real_word word)
{
    union {
        real_word word;
        real value;
    } both = {.word = word};
    return both.value;
}

static inline real real_abs(real x)
{
    return real_from_word(real_to_word(x) & ~REAL_SIGN);
}

/* x ≥ 0 with the sign of s. */
static inline real real_with_sign(real x, real s)
{
    return real_from_word(real_to_word(x) | (real_to_word(s) & REAL_SIGN));
}

/* condition ? yes : no, for arguments of what raises exceptions: as bits, because compilers turn
 * f(condition ? yes : no) into condition ? f(yes) : f(no) and then compute both. (gcc -fno-tree-pre: the
 * pass for partial redundancies sees through the bits.) */
static inline real real_select(bool condition, real yes, real no)
{
    real_word mask = real_to_word(condition ? real_from_word(~(real_word)0) : 0);
    return real_from_word((real_to_word(yes) & mask) | (real_to_word(no) & ~mask));
}

/* max(x, low) and min(x, high); a NaN passes, since comparisons with it are false. */
static inline real real_at_least(real x, real low)
{
    return real_select(x < low, low, x);
}

static inline real real_at_most(real x, real high)
{
    return real_select(x > high, high, x);
}

/* 2^(e − REAL_BIAS) for an e in 1 … 2·REAL_BIAS that stands in the low bits of a word. */
static inline real real_power_of_two(real_word e)
{
    return real_from_word(e << REAL_FRACTION_BITS);
}

/* x = n·ln 2 + head + tail with |head + tail| ≤ ½ ln 2 (Cody and Waite, 1980); head is exact.
 * exponent holds n + bias in its low bits. */
typedef struct real_reduced {
    real head, tail;
    real_word exponent;
} real_reduced;

static inline real_reduced real_reduce(real x, int bias)
{
    const real shifter = REAL_SHIFTER + (real)bias;
    real shifted = x * LOG2_E + shifter;
    real n = shifted - shifter;
    real_reduced reduced = {x - n * LN2_HEAD, -n * LN2_TAIL, real_to_word(shifted)};
    return reduced;
}

/* The same for x + rest with a rest that is small beside ½ ln 2. */
static inline real_reduced real_reduce_sum(real x, real rest, int bias)
{
    const real shifter = REAL_SHIFTER + (real)bias;
    real shifted = (x + rest) * LOG2_E + shifter;
    real n = shifted - shifter;
    real_reduced reduced = {x - n * LN2_HEAD, rest - n * LN2_TAIL, real_to_word(shifted)};
    return reduced;
}

/* exp x = (y + lost)·2ⁿ for EXP_LOWEST ≤ x ≤ EXP_HIGHEST; exponent holds n + 2·REAL_BIAS. 1 + head is added
 * in two parts, so that only the last addition loses much to rounding; lost is what it loses. */
typedef struct real_power {
    real y, lost;
    real_word exponent;
} real_power;

static inline real_power real_exp_reduced(real_reduced part)
{
    real r = part.head + part.tail;
    real sum = 1 + part.head;
    real rest = part.head - (sum - 1) + (part.tail + r * r * exp_polynomial(r));
    real y = sum + rest;
    real_power power = {y, rest - (y - sum), part.exponent};
    return power;
}

static inline real_power real_exp_parts(real x)
{
    return real_exp_reduced(real_reduce(x, 2 * REAL_BIAS));
}

/* x·2ⁿ in two steps, since 2ⁿ may not be a normal number; exponent is n + 2·REAL_BIAS. */
static inline real real_scaled(real x, real_word exponent)
{
    real_word half = exponent >> 1;
    return x * real_power_of_two(half) * real_power_of_two(exponent - half);
}

static inline real real_exp_joined(real_power power)
{
    return real_scaled(power.y, power.exponent);
}

static inline real real_exp(real x)
{
    return real_exp_joined(real_exp_parts(real_at_most(real_at_least(x, EXP_LOWEST), EXP_HIGHEST)));
}

/* exp(−|x|), which never overflows. */
static inline real_power real_exp_decay_parts(real x)
{
    return real_exp_parts(real_at_least(-real_abs(x), EXP_LOWEST));
}

static inline real real_exp_decay(real x)
{
    return real_exp_joined(real_exp_decay_parts(x));
}

/* exp(x) − 1 = 2·(p·2ⁿ⁻¹ + (2ⁿ⁻¹ − ½)) with p = exp(head + tail) − 1, for EXPM1_LOWEST ≤ x ≤ EXP_HIGHEST */
static inline real real_expm1_in_range(real x)
{
    real_reduced part = real_reduce(x, REAL_BIAS - 1);
    real r = part.head + part.tail;
    real p = part.head + (part.tail + r * r * exp_polynomial(r));
    real scale = real_power_of_two(part.exponent);
    real y = 2 * (p * scale + (scale - R(0.5)));
    return real_abs(x) < LINEAR_BELOW ? x : y;
}

static inline real real_expm1(real x)
{
    return real_expm1_in_range(real_at_most(real_at_least(x, EXPM1_LOWEST), EXP_HIGHEST));
}

/* exp(−|x|) − 1 */
static inline real real_expm1_decay(real x)
{
    return real_expm1_in_range(real_at_least(-real_abs(x), EXPM1_LOWEST));
}

/* A normal x > 0 as 2ᵏ·m with √½ ≤ m < √2. exponent is k + REAL_BIAS. */
typedef struct real_split {
    real k, m;
    real_word exponent;
} real_split;

static inline real_split real_split_exponent(real x)
{
    const real_word one = (real_word)REAL_BIAS << REAL_FRACTION_BITS;
    const real shifter = REAL_SHIFTER + REAL_BIAS;
    real_word word = real_to_word(x) + one;
    real_word exponent = (word - real_to_word(SQRT_HALF)) >> REAL_FRACTION_BITS;
    real_split split = {real_from_word(exponent + real_to_word(REAL_SHIFTER)) - shifter,
                        real_from_word(word - (exponent << REAL_FRACTION_BITS)), exponent};
    return split;
}

/* k·ln 2 + log(1 + f) for √½ − 1 ≤ f ≤ √2 − 1: with s = f/(2 + f),
 * log(1 + f) = 2·artanh(s) = f − (½f² − s·(½f² + R)) where R = (2·artanh(s) − 2s)/s, as in fdlibm. */
static inline real real_log_sum(real k, real f)
{
    real s = f / (2 + f);
    real half = R(0.5) * f * f;
    real tail = s * (half + s * s * log_polynomial(s * s)) + k * LN2_TAIL;
    return k * LN2_HEAD + (f - (half - tail));
}

/* A number below the normal ones is f·2^−lift for the integer f in its fraction, which is made a real by
 * hanging it below a power of two. */
static inline real real_log(real x)
{
    const real_word fraction = ((real_word)1 << REAL_FRACTION_BITS) - 1;
    const int lift = REAL_BIAS - 1 + REAL_FRACTION_BITS;
    const real power = R(1.0) / REAL_EPSILON; /* its last place is 1 */
    real lifted = real_from_word((real_to_word(x) & fraction) | real_to_word(power)) - power;
    bool small = x < REAL_SMALLEST;
    real_split split = real_split_exponent(real_select(x > 0, small ? lifted : x, 1));
    real y = real_log_sum(split.k - (real)(small ? lift : 0), split.m - 1);
    real outside = x == 0 ? -(real)INFINITY : (real)NAN;
    return x > 0 ? (x < (real)INFINITY ? y : x) : outside;
}

/* log(1 + x) for x > −1 or NaN: u + c = 1 + x exactly (Knuth's two-sum), so with u = 2ᵏ·m it is
 * k·ln 2 + log(1 + f) for 1 + f = m + c·2⁻ᵏ. */
static inline real real_log1p_in_range(real x)
{
    real u = 1 + x;
    real most = u - 1;
    real c = (1 - (u - most)) + (x - most);
    real_split split = real_split_exponent(u);
    real twice = c *
                 real_power_of_two(2 * REAL_BIAS + 1 - split.exponent); /* 2c·2⁻ᵏ: k may be REAL_BIAS + 1 */
    real y = real_log_sum(split.k, (split.m - 1) + R(0.5) * twice);
    return real_abs(x) < LINEAR_BELOW ? x : y;
}

static inline real real_log1p(real x)
{
    real y = real_log1p_in_range(real_select(x > -1, x, 0));
    real outside = x == -1 ? -(real)INFINITY : (real)NAN;
    return x > -1 ? (x < (real)INFINITY ? y : x) : outside;
}

/* x + x³·p(x²) where |x| < 0.55, else 1 − 2/(exp(2|x|) + 1) */
static inline real real_tanh(real x)
{
    real a = real_abs(x);
    real c = real_at_most(a, TANH_HIGHEST);
    real_reduced part = real_reduce(2 * c, REAL_BIAS);
    real r = part.head + part.tail;
    real y = 1 + (r + r * r * exp_polynomial(r));
    real large = 1 - 2 / (y * real_power_of_two(part.exponent) + 1);
    real small = c + c * (c * c * tanh_polynomial(c * c));
    return real_with_sign(a < R(0.55) ? small : large, x);
}

/* 1/(1 + e) or e/(1 + e) for e = exp(−|x|). The quotient q is corrected by what was lost to the rounding of
 * the sum and, where e is the numerator, of e: relative to q, by
 * (lost of e)/(e·(1 + e)) − (lost of the sum)/(1 + e). 2 − y stands for 1/y. */
static inline real real_sigmoid(real x)
{
    real_power power = real_exp_decay_parts(x);
    real e = real_exp_joined(power);
    real sum = 1 + e;
    real lost = e - (sum - 1);
    real q = (x < 0 ? e : 1) / sum;
    real reciprocal = x < 0 ? 1 - q : q;
    real gained = x < 0 ? power.lost * (2 - power.y) : 0;
    return q + q * ((gained - lost) * reciprocal);
}

/* log(1 + exp x) = max(x, 0) + log(1 + exp(−|x|)) */
static inline real real_softplus(real x)
{
    return (x < 0 ? 0 : x) + real_log1p_in_range(real_exp_decay(x));
}

#endif
