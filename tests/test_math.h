/* Tests that are compiled once a precision and gathered by test_kernels.c. */
#ifndef TESTS_TEST_MATH_H
#define TESTS_TEST_MATH_H

#include <float.h>

#include "support.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

/* The spacing of long double at 1 as it runs here: 2^-63 on x86, but 2^-52 under valgrind. */
long double reference_epsilon(void);

/* Whether long double has more digits than double. Dense samples are compared only where it has. */
bool reference_is_long(void);

/* What references in long double may themselves be off, in ulps of a number of `digits` binary digits. */
double reference_ulps(int digits);

/* ck_assert_msg for inner loops: Check notes every assertion that it passes in a file. */
#define expect(condition, ...)                                                                               \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            ck_abort_msg(__VA_ARGS__);                                                                       \
    } while (0)

void add_math_f32(Suite *suite);
void add_math_f64(Suite *suite);
void add_activations_f32(Suite *suite);
void add_activations_f64(Suite *suite);
void add_softmax_f32(Suite *suite);
void add_softmax_f64(Suite *suite);
void add_losses_f32(Suite *suite);
void add_loss_options_f32(Suite *suite);
void add_losses_f64(Suite *suite);
void add_loss_options_f64(Suite *suite);

/* |got − expected| in units of the last place that a number of `digits` binary digits, 24 for float and 53
 * for double, has at the expected value. Infinite if only one of the two is finite. */
double ulps(long double got, long double expected, int digits);

#endif
