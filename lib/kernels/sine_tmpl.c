/* sin(αz), for z of any size: most of them with a reduction without branches, those that are far from 0 one by one. */
#include <math.h>
#include <stdbool.h>

#include "kernels/activation.h"
#include "kernels/activation_loops.h"
#include "kernels/angle.h"
#include "kernels/math.h"

enum { CHUNK = 64 };

/* αz as a double, and what its rounding took. Halves of the digits of α and z have an exact product. */
static inline double turn(real alpha, real z, double *rest)
{
    real high = real_from_word(real_to_word(z) & ~REAL_LOW_HALF);
    real alpha_high = real_from_word(real_to_word(alpha) & ~REAL_LOW_HALF);
    double low = (double)alpha_high * (double)(z - high) + (double)(alpha - alpha_high) * (double)z;
    return tl_two_sum((double)alpha_high * (double)high, low, rest);
}

/* sin x and α·cos x: the quadrant tells which of sine and cosine of the rest is which, and their signs. */
static inline sloped sine_of(tl_angle x, real alpha)
{
    const int sign = (int)(8 * sizeof(real)) - 1;
    const real r = (real)x.head, low = (real)((x.head - (double)r) + x.tail), t = r * r, half = R(0.5) * t;
    const real_word quadrant = (real_word)x.quadrant;
    real sine = r + (r * t * sine_polynomial(t) + low * (1 - half));
    real most = 1 - half;
    real cosine = most + (((1 - most) - half) + (t * t * cosine_polynomial(t) - r * low));
    bool odd = (quadrant & 1) != 0;
    real value = odd ? cosine : sine, slope = odd ? sine : cosine;
    return (sloped){real_from_word(real_to_word(value) ^ (quadrant >> 1 << sign)),
                    alpha * real_from_word(real_to_word(slope) ^ ((quadrant + 1) >> 1 << sign))};
}

static inline bool is_far(double x)
{
    return fabs(x) > TL_ANGLE_NEAR;
}

static sloped sine_far(double x, real alpha)
{
    return isinf(x) ? (sloped){(real)NAN, (real)NAN} : sine_of(tl_angle_far(x), alpha);
}

static void apply_sine(int64_t count, real bias, real alpha, real *restrict row, real *restrict slope)
{
    double x[CHUNK], rest[CHUNK];
    int far = 0;
    for (int64_t j = 0; j < count; j++) {
        x[j] = turn(alpha, row[j] + bias, &rest[j]);
        far |= is_far(x[j]);
    }
    for (int64_t j = 0; j < count; j++) {
        sloped y = sine_of(tl_angle_near(is_far(x[j]) ? 0 : x[j], is_far(x[j]) ? 0 : rest[j]), alpha);
        row[j] = y.value;
        slope[j] = y.slope;
    }
    for (int64_t j = 0; far && j < count; j++)
        if (is_far(x[j])) {
            sloped y = sine_far(x[j], alpha);
            row[j] = y.value;
            slope[j] = y.slope;
        }
}

void K(sine_forward)(const TL(tl_activation_args) * x)
{
    real unused[CHUNK];
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->cols; j += CHUNK) {
            int64_t at = i * x->ld + j, left = x->cols - j;
            apply_sine(left < CHUNK ? left : CHUNK, x->bias != NULL ? x->bias[i] : 0, x->alpha, x->a + at,
                       x->slope == NULL ? unused : x->slope + at);
        }
    *x->squares += (double)(x->rows * x->cols);
}
