/* The floating-point mode of the caller's thread: what it is changes no number, and no call changes it. */
#include <fenv.h>

#include "base/float_mode.h"
#include "sample_trainer.h"
#include "training_bits.h"

static volatile double tiny = 1e-300, sink;

/* A mode as unlike the library's as can be, with exceptions raised. */
static void make_odd_mode(void)
{
    fesetenv(FE_DFL_ENV);
    fesetround(FE_UPWARD);
    sink = tiny * tiny;
}

static void expect_odd_mode(void)
{
    ck_assert_int_eq(fetestexcept(FE_ALL_EXCEPT), FE_UNDERFLOW | FE_INEXACT);
    ck_assert_int_eq(fegetround(), FE_UPWARD);
    fesetenv(FE_DFL_ENV);
}

START_TEST(the_mode_is_known_and_restored)
{
    make_odd_mode();
    feenableexcept(FE_DIVBYZERO);
    int traps = fegetexcept(); /* an emulator may have none */
    tl_float_mode before = tl_float_enter();
    int raised = fetestexcept(FE_ALL_EXCEPT);
    sink = 1 + tiny;
    bool nearest = sink == 1;
    sink = 1 / (tiny - 1e-300);
    tl_float_mode nested = tl_float_enter();
    sink = sink - sink;
    tl_float_leave(nested);
    int raised_within = fetestexcept(FE_DIVBYZERO | FE_INVALID);
    tl_float_leave(before);
    ck_assert_int_eq(fegetexcept(), traps);
    ck_assert(nearest);
    ck_assert_int_eq(raised, 0);
    ck_assert_int_eq(raised_within, FE_DIVBYZERO);
    expect_odd_mode();
}
END_TEST

/* Whether subnormal numbers are flushed within, and are the caller's own afterwards. */
START_TEST(flushing_is_what_is_said)
{
    volatile double smallest = 2.2250738585072014e-308;
    tl_float_mode before = tl_float_enter();
    sink = smallest / 2;
    tl_float_leave(before);
    ck_assert_int_eq(sink == 0, tl_float_flushes());
    sink = smallest / 2;
    ck_assert(sink > 0);
}
END_TEST

START_TEST(rounding_of_the_caller_changes_no_bit)
{
    static const int modes[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int blas = 0; blas < 2; blas++)
        for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
            for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
                training_run run = {.threads = 1,
                                    .precision = precision,
                                    .method = method,
                                    .steps = 8,
                                    .plan = blas ? blas_plan : NULL};
                uint64_t expected = training_bits(&run), found[3];
                for (int i = 0; i < 3; i++) {
                    run.threads = i + 1;
                    fesetround(modes[i]);
                    found[i] = training_bits(&run);
                    fesetround(FE_TONEAREST);
                }
                for (int i = 0; i < 3; i++)
                    ck_assert(found[i] == expected);
            }
}
END_TEST

/* A step on data with one bad value, under the odd mode with traps or without. */
static void step_on(double bad, int threads, const char *plan, int traps)
{
    problem p = make_problem(threads, 400, plan);
    expect_ok(p.context, take_steps(&p, 1));
    p.x[50 * INPUTS + 3] = bad;
    make_odd_mode();
    feenableexcept(traps);
    int enabled = fegetexcept();
    talus_status status = take_steps(&p, 1);
    ck_assert_int_eq(fegetexcept(), enabled);
    fedisableexcept(traps);
    expect_odd_mode();
    ck_assert_int_eq(status, TALUS_ERROR_DATA);
    expect_message(p.context, "row 50");
    free_problem(&p);
}

START_TEST(bad_data_raises_nothing)
{
    static const int traps[] = {0, FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW};
    static const double bad[] = {(double)NAN, (double)INFINITY, 1e300};
    for (int t = 0; t < 2; t++)
        for (int b = 0; b < 3; b++)
            for (int threads = 1; threads <= 3; threads++)
                for (int blas = 0; blas < 2; blas++)
                    step_on(bad[b], threads, blas ? blas_plan : NULL, traps[t]);
}
END_TEST

START_TEST(no_exception_stays_raised)
{
    fesetenv(FE_DFL_ENV);
    problem p = make_problem(2, 400, NULL);
    feclearexcept(FE_ALL_EXCEPT);
    expect_ok(p.context, take_steps(&p, 3));
    ck_assert_int_eq(fetestexcept(FE_ALL_EXCEPT), 0);
    free_problem(&p);
}
END_TEST

/* The smallest subnormal number, made in a way that no compiler foresees. */
static float half_of(volatile float x)
{
    return x / 2;
}

START_TEST(subnormal_numbers_are_the_callers_again)
{
    problem p = make_problem(2, 400, NULL);
    expect_ok(p.context, take_steps(&p, 2));
    ck_assert(half_of(1.17549435e-38f) > 0);
    free_problem(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("floating-point mode");
    add_case(suite, "mode", the_mode_is_known_and_restored, flushing_is_what_is_said);
    add_case(suite, "calls", rounding_of_the_caller_changes_no_bit, bad_data_raises_nothing,
             no_exception_stays_raised, subnormal_numbers_are_the_callers_again);
    return run_suite(suite);
}
