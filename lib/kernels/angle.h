/* x = k·π/2 + head + tail with |head + tail| ≤ π/4: what the sine and cosine of any x are computed from. In double for both
 * precisions: the head alone is enough for f32. */
#ifndef TL_KERNELS_ANGLE_H
#define TL_KERNELS_ANGLE_H

#include <stdint.h>

typedef struct tl_angle {
    double head, tail;
    uint64_t quadrant; /* k in its low two bits */
} tl_angle;

/* The largest |x| for tl_angle_near. */
#define TL_ANGLE_NEAR 0x1p20

/* a + b as it is rounded, and what rounding took from it (Knuth's two-sum). */
static inline double tl_two_sum(double a, double b, double *lost)
{
    double sum = a + b, part = sum - a;
    *lost = (a - (sum - part)) + (b - part);
    return sum;
}

/* x + rest, |x| ≤ TL_ANGLE_NEAR, with a rest of at most half a unit of x in the last place, after Cody and Waite (1980): three
 * pieces of π/2 have 33 bits, so that their products with k are exact. Branch-free. */
static inline tl_angle tl_angle_near(double x, double rest)
{
    const double two_over_pi = 0x1.45f306dc9c883p-1, shifter = 0x1.8p52;
    const double pieces[] = {0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2ep-69},
                 last = 0x1.b839a252049c1p-104;
    union {
        double value;
        uint64_t word;
    } shifted = {.value = x * two_over_pi + shifter};
    double k = shifted.value - shifter, lost[2];
    double sum = tl_two_sum(x - k * pieces[0], -(k * pieces[1]), &lost[0]);
    sum = tl_two_sum(sum, -(k * pieces[2]), &lost[1]);
    double low = (lost[0] + lost[1]) + (rest - k * last), head = sum + low;
    return (tl_angle){head, (sum - head) + low, shifted.word};
}

/* Any finite x of at least 2^20 in size, after Payne and Hanek (1983). */
tl_angle tl_angle_far(double x);

#endif
