/* The kernels and the mathematics under them, in both precisions; and the formulas that they are compared with. */
#include "reference.h"
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

/* The error of (f(z + h) − f(z − h))/2h for an f of order 1: h² and rounding. */
#define STEP 1e-6L
static long double difference_error(void)
{
    return 1e-11L + 8 * reference_epsilon() / STEP;
}

START_TEST(every_kind_has_its_formulas)
{
    for (int f = next_elementwise(-1); f < TALUS_ACTIVATION_COUNT; f = next_elementwise(f))
        ck_assert_msg(activation_references[f].value != NULL && activation_references[f].slope != NULL, "%s",
                      talus_activation_name(f));
    for (int f = next_whole(-1); f < TALUS_ACTIVATION_COUNT; f = next_whole(f))
        ck_assert_msg(whole_references[f].value != NULL && whole_references[f].slope != NULL, "%s",
                      talus_activation_name(f));
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        ck_assert_msg((loss_references[loss].one != NULL && loss_references[loss].one_slope != NULL) !=
                          (loss_references[loss].whole != NULL && loss_references[loss].whole_slope != NULL),
                      "%s", talus_loss_name(loss));
}
END_TEST

START_TEST(slopes_of_activations_are_derivatives)
{
    const long double h = STEP, alpha = 1.3L;
    for (int f = next_elementwise(-1); f < TALUS_ACTIVATION_COUNT; f = next_elementwise(f))
        for (long double z = -4.05L; z < 4; z += 0.1L) { /* no kink at 0 within h; f is of order 4 */
            const activation_reference *reference = &activation_references[f];
            long double difference = reference->value(z + h, alpha) - reference->value(z - h, alpha);
            ck_assert_ldouble_eq_tol(reference->slope(z, alpha), difference / (2 * h),
                                     4 * difference_error());
        }
}
END_TEST

START_TEST(slopes_of_whole_layers_are_derivatives)
{
    enum { ROWS = 5 };
    const long double h = STEP, g[ROWS] = {1, -2, 0.5L, 3, -1};
    long double z[ROWS] = {0.3L, -1, 2, 0, 0.7L}, a[ROWS], slope[ROWS];
    for (int f = next_whole(-1); f < TALUS_ACTIVATION_COUNT; f = next_whole(f)) {
        whole_references[f].value(ROWS, z, a);
        whole_references[f].slope(ROWS, a, g, slope);
        for (int k = 0; k < ROWS; k++) {
            long double at = z[k], difference = 0;
            for (int sign = -1; sign <= 1; sign += 2) {
                z[k] = at + sign * h;
                whole_references[f].value(ROWS, z, a);
                for (int i = 0; i < ROWS; i++)
                    difference += sign * g[i] * a[i] / (2 * h);
            }
            z[k] = at;
            ck_assert_ldouble_eq_tol(slope[k], difference, difference_error());
        }
    }
}
END_TEST

START_TEST(slopes_of_losses_are_derivatives)
{
    enum { ROWS = 4 };
    const long double h = STEP, y[ROWS] = {0.25L, 0, 1, 0.5L};
    long double z[ROWS] = {0.3L, -1, 2, 0}, slope[ROWS];
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
        const long double parameter = (long double)loss_parameter_for(loss);
        loss_slope(loss, parameter, ROWS, z, y, slope);
        for (int k = 0; k < ROWS; k++) {
            long double at = z[k];
            z[k] = at + h;
            long double above = loss_value(loss, parameter, ROWS, z, y);
            z[k] = at - h;
            long double below = loss_value(loss, parameter, ROWS, z, y);
            z[k] = at;
            ck_assert_ldouble_eq_tol(slope[k], (above - below) / (2 * h), difference_error());
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels");
    add_case(suite, "formulas", every_kind_has_its_formulas, slopes_of_activations_are_derivatives,
             slopes_of_whole_layers_are_derivatives, slopes_of_losses_are_derivatives);
    add_math_f32(suite);
    add_math_f64(suite);
    add_activations_f32(suite);
    add_activations_f64(suite);
    add_softmax_f32(suite);
    add_softmax_f64(suite);
    add_losses_f32(suite);
    add_losses_f64(suite);
    add_loss_options_f32(suite);
    add_loss_options_f64(suite);
    return run_suite(suite);
}
