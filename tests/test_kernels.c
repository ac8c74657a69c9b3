/* The kernels and the mathematics under them, in both precisions. */
#include "test_math.h"

double ulps(long double got, long double expected, int digits)
{
    int least = digits == FLT_MANT_DIG ? FLT_MIN_EXP : DBL_MIN_EXP;
    int most = digits == FLT_MANT_DIG ? FLT_MAX_EXP : DBL_MAX_EXP;
    long double overflows = ldexpl(1 - ldexpl(1, -digits - 1), most); /* from here on it rounds to infinity */
    if (isnan(got) || isnan(expected))
        return isnan(got) && isnan(expected) ? 0 : INFINITY;
    if (isinf(got) || fabsl(expected) >= overflows)
        return isinf(got) && fabsl(expected) >= overflows && (got > 0) == (expected > 0) ? 0 : INFINITY;
    int exponent;
    frexpl(expected, &exponent);
    if (expected == 0 || exponent < least)
        exponent = least;
    return (double)fabsl(ldexpl(got - expected, digits - exponent));
}

long double reference_epsilon(void)
{
    volatile long double epsilon = 1, sum = 1.5L;
    while (sum > 1) {
        epsilon /= 2;
        sum = 1 + epsilon / 2;
    }
    return epsilon;
}

bool reference_is_long(void)
{
    return reference_epsilon() < (long double)DBL_EPSILON / 64;
}

double reference_ulps(int digits)
{
    return (double)ldexpl(3 * reference_epsilon(), digits - 1);
}

int main(void)
{
    Suite *suite = suite_create("kernels");
    add_math_f32(suite);
    add_math_f64(suite);
    add_kernels_f32(suite);
    add_kernels_f64(suite);
    return run_suite(suite);
}
