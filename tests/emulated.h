/* Arithmetic of the instructions for bf16: subnormal numbers are taken as 0 and come out as 0; fused multiply-adds. */
#ifndef TESTS_EMULATED_H
#define TESTS_EMULATED_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

static inline float flushed(float x)
{
    return fabsf(x) < FLT_MIN ? 0 : x; /* the sign of 0 does not matter to a sum that starts with +0 */
}

static inline float bf16_flushed(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float x;
    memcpy(&x, &bits, sizeof x);
    return flushed(x);
}

/* a·b is exact in double, and so is the sum unless one of its terms is far too small to change the other. */
static inline float multiply_add(float a, float b, float c)
{
    return flushed((float)((double)a * (double)b + (double)c));
}

#endif
