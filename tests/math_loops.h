/* The functions of kernels/math.h in loops, as kernels have them. Whoever includes this defines BLOCK, their length. */
#ifndef TESTS_MATH_LOOPS_H
#define TESTS_MATH_LOOPS_H

#include "kernels/math.h"

static void loop_exp(const real *restrict x, real *restrict y)
{
    for (int i = 0; i < BLOCK; i++)
        y[i] = real_exp(x[i]);
}

static void loop_expm1(const real *restrict x, real *restrict y)
{
    for (int i = 0; i < BLOCK; i++)
        y[i] = real_expm1(x[i]);
}

static void loop_log(const real *restrict x, real *restrict y)
{
    for (int i = 0; i < BLOCK; i++)
        y[i] = real_log(x[i]);
}

static void loop_log1p(const real *restrict x, real *restrict y)
{
    for (int i = 0; i < BLOCK; i++)
        y[i] = real_log1p(x[i]);
}

static void loop_tanh(const real *restrict x, real *restrict y)
{
    for (int i = 0; i < BLOCK; i++)
        y[i] = real_tanh(x[i]);
}

static void loop_sigmoid(const real *restrict x, real *restrict y)
{
    for (int i = 0; i < BLOCK; i++)
        y[i] = real_sigmoid(x[i]);
}

static void loop_softplus(const real *restrict x, real *restrict y)
{
    for (int i = 0; i < BLOCK; i++)
        y[i] = real_softplus(x[i]);
}

#endif
