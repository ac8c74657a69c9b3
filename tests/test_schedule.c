/* Schedules: each kind against its formula, at its ends and where it meets a warm-up; reductions on plateaus; refusals. */
#include <fenv.h>
#include <float.h>
#include <stdio.h>

#include "support.h"

static const double pi = 3.14159265358979323846;

static talus_context *context;

static void setup(void)
{
    context = context_with(1, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

static talus_schedule schedule_of(int kind)
{
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, kind);
    schedule.unit = TALUS_UNIT_STEPS;
    return schedule;
}

/* The factor of a step of a run of so many, with epochs of 10 steps. */
static double at(const talus_schedule *schedule, int64_t step, int64_t steps)
{
    double factor = -1;
    expect_ok(context, talus_schedule_factor(context, schedule, step, 10, steps, NULL, &factor));
    return factor;
}

static void close_to(double got, double expected)
{
    ck_assert_double_eq_tol(got, expected, 8 * DBL_EPSILON * fmax(fabs(expected), 1));
}

START_TEST(constants_are_one)
{
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, TALUS_SCHEDULE_CONSTANT);
    for (int64_t i = 0; i < 100; i++)
        ck_assert_double_eq(at(&schedule, i, 0), 1);
    ck_assert_double_eq(at(&schedule, INT64_MAX, INT64_MAX), 1);
}
END_TEST

/* γ is multiplied in once every T steps, exactly at their multiples. */
START_TEST(steps_go_down_at_multiples)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_STEP);
    ck_assert_double_eq(schedule.length, 10);
    schedule.decay = 0.5;
    for (int64_t length = 1; length < 50; length += 3) {
        schedule.length = (double)length;
        for (int64_t i = 0; i < 500; i++)
            ck_assert_double_eq(at(&schedule, i, 0), ldexp(1, -(int)(i / length)));
    }
}
END_TEST

START_TEST(decays_follow_their_formulas)
{
    talus_schedule exponential = schedule_of(TALUS_SCHEDULE_EXPONENTIAL),
                   inverse = schedule_of(TALUS_SCHEDULE_INVERSE_TIME);
    double by_product = 1;
    ck_assert_double_eq(exponential.decay, 0.95);
    for (int64_t i = 0; i < 200; i++, by_product *= 0.95)
        ck_assert_double_eq_tol(at(&exponential, i, 0), by_product, 400 * DBL_EPSILON * by_product);
    for (int64_t i = 0; i < 200; i++)
        close_to(at(&inverse, i, 0), 1 / (1 + (double)i / 10));
    exponential.length = 40, inverse.power = 0.5, inverse.length = 3;
    for (int64_t i = 0; i < 200; i++) {
        close_to(at(&exponential, i, 0), exp((double)i / 40 * log(0.95)));
        close_to(at(&inverse, i, 0), 1 / sqrt(1 + (double)i / 3));
    }
    ck_assert_double_eq(at(&exponential, 0, 0), 1);
    ck_assert_double_eq(at(&exponential, 40, 0), 0.95);
    ck_assert_double_eq(at(&inverse, 9, 0), 0.5);
}
END_TEST

START_TEST(polynomials_reach_their_end)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_POLYNOMIAL);
    schedule.last = 0.25;
    for (int64_t i = 0; i < 80; i++) /* a line, of the run's length */
        close_to(at(&schedule, i, 80), 1 - 0.75 * (double)i / 80);
    schedule.power = 3, schedule.length = 20;
    for (int64_t i = 0; i < 20; i++)
        close_to(at(&schedule, i, 80), 0.25 + 0.75 * pow((double)(20 - i) / 20, 3));
    for (int64_t i = 20; i < 40; i++)
        ck_assert_double_eq(at(&schedule, i, 80), 0.25);
    schedule.last = 4; /* may rise */
    ck_assert_double_eq(at(&schedule, 10, 0), 4 - 3.0 / 8);
}
END_TEST

START_TEST(cosines_fall_to_their_end)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_COSINE);
    schedule.last = 0.1;
    for (int64_t i = 0; i < 60; i++)
        close_to(at(&schedule, i, 60), 0.1 + 0.9 * (1 + cos(pi * (double)i / 60)) / 2);
    ck_assert_double_eq(at(&schedule, 0, 60), 1);
    ck_assert_double_eq(at(&schedule, 60, 60), 0.1);
    ck_assert_double_eq(at(&schedule, 61, 60), 0.1);
    schedule.length = 30;
    close_to(at(&schedule, 15, 60), 0.55);
    close_to(at(&schedule, 10, 60), 0.775); /* cos π/3 = ½ */
    ck_assert_double_eq(at(&schedule, 40, 60), 0.1);
}
END_TEST

/* Cycles of 7, 7, 7, … steps, and of 7, 14, 28, …: each like the first, but stretched. */
START_TEST(restarts_begin_again)
{
    for (int64_t stretch = 1; stretch <= 3; stretch++) {
        talus_schedule schedule = schedule_of(TALUS_SCHEDULE_COSINE_RESTARTS);
        schedule.length = 7, schedule.stretch = stretch;
        int64_t begin = 0, length = 7;
        for (int cycle = 0; cycle < 5; cycle++, begin += length, length *= stretch) {
            ck_assert_double_eq(at(&schedule, begin, 0), 1);
            for (int64_t i = 0; i < length; i++)
                close_to(at(&schedule, begin + i, 0), (1 + cos(pi * (double)i / (double)length)) / 2);
        }
    }
    talus_schedule endless = schedule_of(TALUS_SCHEDULE_COSINE_RESTARTS);
    endless.length = 1, endless.stretch = INT64_MAX;
    ck_assert_double_eq(at(&endless, 1, 0), 1);
    endless.stretch = 1;
    ck_assert_double_eq(at(&endless, INT64_MAX, 0), 1); /* every cycle is one step */
}
END_TEST

/* PyTorch 2.1's OneCycleLR(max_lr=1, total_steps=11, pct_start=0.3) has phases of 2.3 and 7.7 steps, up to its step 10: half
 * cosines from 1/25 to 1 and from 1 to 4e-6. Here with phases of 3 and 7 steps. */
START_TEST(one_cycle_rises_and_falls)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_ONE_CYCLE);
    for (int64_t i = 0; i <= 3; i++)
        close_to(at(&schedule, i, 10), 0.04 + 0.96 * (1 - cos(pi * (double)i / 3)) / 2);
    for (int64_t i = 3; i <= 10; i++)
        close_to(at(&schedule, i, 10), 4e-6 + (1 - 4e-6) * (1 + cos(pi * (double)(i - 3) / 7)) / 2);
    ck_assert_double_eq(at(&schedule, 0, 10), 0.04);
    ck_assert_double_eq(at(&schedule, 3, 10), 1);
    ck_assert_double_eq(at(&schedule, 10, 10), 4e-6);
    ck_assert_double_eq(at(&schedule, 99, 10), 4e-6);
    schedule.share = 0; /* falls only */
    ck_assert_double_eq(at(&schedule, 0, 10), 1);
    schedule.share = 1; /* rises only, and has fallen at its end */
    close_to(at(&schedule, 5, 10), 0.52);
    ck_assert_double_eq(at(&schedule, 10, 10), 4e-6);
}
END_TEST

START_TEST(flat_comes_before_the_cosine)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_FLAT_THEN_COSINE);
    for (int64_t i = 0; i <= 30; i++)
        ck_assert_double_eq(at(&schedule, i, 40), 1);
    for (int64_t i = 30; i < 40; i++)
        close_to(at(&schedule, i, 40), (1 + cos(pi * (double)(i - 30) / 10)) / 2);
    ck_assert_double_eq(at(&schedule, 40, 40), 0);
}
END_TEST

/* The line from a·m(0) meets m(0) at step w, where the kind's own steps begin. */
START_TEST(a_warm_up_precedes_every_kind)
{
    for (int kind = 0; kind < TALUS_SCHEDULE_CALLBACK; kind++) {
        talus_schedule plain = schedule_of(kind), warm = schedule_of(kind);
        warm.warmup = 8, warm.warmup_from = 0.2;
        for (int64_t i = 0; i < 8; i++)
            close_to(at(&warm, i, 50), at(&plain, 0, 42) * (0.2 + 0.8 * (double)i / 8));
        for (int64_t i = 8; i < 70; i++)
            ck_assert_double_eq(at(&warm, i, 50), at(&plain, i - 8, 42)); /* what is left of the run */
        warm.warmup = 60;                                                 /* longer than the run */
        ck_assert(at(&warm, 59, 50) < at(&plain, 0, 50));
        ck_assert_double_eq(at(&warm, 60, 50), at(&plain, 0, 50));
    }
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_CONSTANT);
    schedule.warmup = 4;
    ck_assert_double_eq(at(&schedule, 0, 0), 0.01);
    schedule.warmup_from = 0;
    ck_assert_double_eq(at(&schedule, 0, 0), 0);
    ck_assert_double_eq(at(&schedule, 1, 0), 0.25);
}
END_TEST

/* Epochs have 10 steps here: lengths are rounded to steps, and a kind changes in the middle of an epoch. */
START_TEST(lengths_in_epochs_are_steps)
{
    for (int kind = 0; kind < TALUS_SCHEDULE_CALLBACK; kind++) {
        talus_schedule epochs, steps = schedule_of(kind);
        talus_schedule_defaults(&epochs, kind);
        epochs.warmup = 0.52, steps.warmup = 5;
        if (epochs.length != 0)
            epochs.length = 2.3, steps.length = 23;
        for (int64_t i = 0; i < 100; i++)
            ck_assert_double_eq(at(&epochs, i, 60), at(&steps, i, 60));
    }
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, TALUS_SCHEDULE_STEP);
    schedule.length = 1e-3, schedule.decay = 0.5; /* at least a step */
    ck_assert_double_eq(at(&schedule, 3, 0), 0.125);
    schedule.length = 1.1; /* 11 steps, though 1.1·10 > 11 in doubles */
    ck_assert_double_eq(at(&schedule, 10, 0), 1);
    ck_assert_double_eq(at(&schedule, 11, 0), 0.5);
}
END_TEST

static double give(int64_t step, void *user)
{
    const double *numbers = user;
    return numbers[step];
}

START_TEST(a_callback_gives_the_factor)
{
    static const double numbers[] = {0.5, 3, 0, -1, NAN, INFINITY};
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_CALLBACK);
    double factor = 42;
    schedule.callback = give, schedule.user = (void *)(uintptr_t)numbers;
    for (int64_t i = 0; i < 3; i++)
        ck_assert_double_eq(at(&schedule, i, 0), numbers[i]);
    expect_status(context, TALUS_ERROR_DATA,
                  talus_schedule_factor(context, &schedule, 3, 1, 0, NULL, &factor));
    ck_assert_str_eq(talus_error_message(context),
                     "schedule: the factor of step 3 must be a finite number of at least 0, got -1");
    expect_status(context, TALUS_ERROR_DATA,
                  talus_schedule_factor(context, &schedule, 4, 1, 0, NULL, &factor));
    expect_message(context, "got nan");
    expect_status(context, TALUS_ERROR_DATA,
                  talus_schedule_factor(context, &schedule, 5, 1, 0, NULL, &factor));
    ck_assert_double_eq(factor, 42);
    schedule.warmup = 2, schedule.warmup_from = 0;
    ck_assert_double_eq(at(&schedule, 1, 0), 0.25);
    ck_assert_double_eq(at(&schedule, 3, 0), 3);
}
END_TEST

START_TEST(a_factor_that_overflows_is_refused)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_EXPONENTIAL);
    double factor;
    schedule.decay = 10;
    ck_assert_double_eq(at(&schedule, 2, 0), 100);
    expect_status(context, TALUS_ERROR_DATA,
                  talus_schedule_factor(context, &schedule, 400, 1, 0, NULL, &factor));
    expect_message(context, "step 400 must be a finite number of at least 0, got inf");
}
END_TEST

START_TEST(the_callers_rounding_plays_no_part)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_COSINE);
    double nearest = at(&schedule, 17, 60);
    ck_assert_int_eq(fesetround(FE_UPWARD), 0);
    double upward = at(&schedule, 17, 60);
    ck_assert_int_eq(fegetround(), FE_UPWARD);
    fesetround(FE_TONEAREST);
    ck_assert_double_eq(nearest, upward);
}
END_TEST

/* Plateaus --------------------------------------------------------------------------------------------------- */

/* After each value, the factor. */
static void tell_all(const talus_schedule *schedule, int more, const double *values, const double *factors,
                     int count)
{
    talus_plateau plateau;
    talus_plateau_defaults(&plateau);
    for (int i = 0; i < count; i++) {
        double factor;
        expect_ok(context, talus_plateau_tell(context, schedule, values[i], more, &plateau));
        expect_ok(context, talus_schedule_factor(context, schedule, i, 1, 0, &plateau, &factor));
        ck_assert_double_eq(factor, plateau.factor);
        ck_assert_msg(factor == factors[i], "value %d: %g, not %g", i, factor, factors[i]);
    }
}

START_TEST(a_plateau_reduces_the_factor)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    schedule.decay = 0.5, schedule.patience = 2, schedule.least_change = 0.1, schedule.last = 0.2;
    static const double costs[] = {5, 4, 3.95, 4, 3.89, 3.85, 3.9, 3.82, 3.81, 3.8, 3.7, 3.65, 3.65, 3.65};
    /* better by more than 0.1:  ×  ×              ×                             × */
    static const double factors[] = {1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2};
    tell_all(&schedule, 0, costs, factors, 14);
    double negated[14];
    for (int i = 0; i < 14; i++)
        negated[i] = -costs[i];
    tell_all(&schedule, 1, negated, factors, 14); /* more is better */
}
END_TEST

START_TEST(a_cooldown_does_not_count)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    schedule.decay = 0.5, schedule.patience = 2, schedule.cooldown = 3, schedule.least_change = 0;
    /*                              best  bad bad→½  cooling  bad bad→¼ cooling, with an improvement in it */
    static const double values[] = {1, 1, 1, 2, 2, 2, 2, 2, 2, 0.5, 2, 2, 2};
    static const double factors[] = {1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.125};
    tell_all(&schedule, 0, values, factors, 13);
}
END_TEST

START_TEST(nan_is_no_improvement)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    schedule.decay = 0.5, schedule.patience = 2;
    static const double values[] = {NAN, NAN, 3, NAN, NAN, 2, INFINITY, INFINITY};
    static const double factors[] = {1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125};
    tell_all(&schedule, 0, values, factors, 8);
}
END_TEST

START_TEST(a_plateau_is_plain_numbers)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    talus_plateau plateau;
    double factor;
    talus_plateau_defaults(&plateau);
    ck_assert(plateau.factor == 1 && isnan(plateau.best) && plateau.waited == 0 && plateau.cooling == 0);
    schedule.warmup = 4;
    plateau.factor = 0.5;
    expect_ok(context, talus_schedule_factor(context, &schedule, 2, 1, 0, &plateau, &factor));
    close_to(factor, 0.5 * (0.01 + 0.99 / 2));
    expect_ok(context, talus_schedule_factor(context, &schedule, 2, 1, 0, NULL, &factor));
    close_to(factor, 0.01 + 0.99 / 2);
    plateau.waited = 8;
    plateau.best = 1;
    expect_ok(context, talus_plateau_tell(context, &schedule, 1, 0, &plateau));
    ck_assert_int_eq(plateau.waited, 9);
    expect_ok(context, talus_plateau_tell(context, &schedule, 1, 0, &plateau));
    ck_assert(plateau.waited == 0 && plateau.factor == 0.05);
}
END_TEST

/* Refusals --------------------------------------------------------------------------------------------------- */

static void refuse(const talus_schedule *schedule, const char *message)
{
    double factor = 42;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor(context, schedule, 0, 1, 0, NULL, &factor));
    ck_assert_str_eq(talus_error_message(context), message);
    ck_assert_double_eq(factor, 42);
}

START_TEST(schedules_that_make_no_sense_are_refused)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_COSINE);
    refuse(&schedule, "schedule: the length of cosine must be above 0 where the steps of the run are not "
                      "known, got 0");
    schedule.length = 5, schedule.decay = 0.5;
    refuse(&schedule, "schedule: cosine has no decay, which must be left at 0.1, got 0.5");
    schedule = schedule_of(TALUS_SCHEDULE_STEP);
    schedule.callback = give;
    refuse(&schedule, "schedule: step has no callback, which must be NULL");
    schedule = schedule_of(TALUS_SCHEDULE_STEP);
    schedule.length = 0;
    refuse(&schedule, "schedule: the length of step must be above 0, got 0");
    schedule = schedule_of(TALUS_SCHEDULE_CALLBACK);
    refuse(&schedule, "schedule: callback must not be NULL");
    schedule = schedule_of(TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    schedule.decay = 1;
    refuse(&schedule,
           "schedule: of reduce_on_plateau, decay must be below 1 and last at most 1, got 1 and 0");
    schedule.decay = 0.1, schedule.last = 1.5;
    refuse(&schedule,
           "schedule: of reduce_on_plateau, decay must be below 1 and last at most 1, got 0.1 and 1.5");
    schedule = schedule_of(77);
    ck_assert_int_eq(schedule.kind, 77);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor(context, &schedule, 0, 1, 0, NULL, &(double){0}));
    expect_message(context, "schedule: kind must be one of constant, step,");
    schedule = schedule_of(TALUS_SCHEDULE_CONSTANT);
    schedule.warmup_from = 1.5;
    refuse(&schedule, "schedule: warmup_from must be 0 … 1, got 1.5");
    refuse(NULL, "schedule must not be NULL");
}
END_TEST

START_TEST(arguments_are_checked)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_CONSTANT);
    double factor;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor(NULL, &schedule, 0, 1, 0, NULL, &factor));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor(context, &schedule, 0, 1, 0, NULL, NULL));
    expect_message(context, "factor must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor(context, &schedule, -1, 1, 0, NULL, &factor));
    expect_message(context, "step must be at least 0, got -1");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor(context, &schedule, 0, 0, 0, NULL, &factor));
    expect_message(context, "steps_per_epoch must be at least 1, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor(context, &schedule, 0, 1, -5, NULL, &factor));
    expect_message(context, "steps must be at least 0, got -5");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor_sized(context, &schedule, 8, 0, 1, 0, NULL, 0, &factor));
    expect_message(context, "schedule: the size of its struct must be 104 … 65536 bytes, got 8");
}
END_TEST

START_TEST(plateaus_are_checked)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    talus_plateau plateau;
    talus_plateau_defaults(&plateau);
    talus_plateau good = plateau;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plateau_tell(NULL, &schedule, 1, 0, &plateau));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plateau_tell(context, &schedule, 1, 0, NULL));
    expect_message(context, "plateau must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plateau_tell(context, &schedule, 1, 2, &plateau));
    expect_message(context, "more_is_better must be 0 or 1, got 2");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plateau_tell(context, NULL, 1, 0, &plateau));
    plateau.factor = 1.5;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plateau_tell(context, &schedule, 1, 0, &plateau));
    expect_message(context, "plateau: factor must be 0 … 1, got 1.5");
    plateau = good, plateau.waited = -1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_schedule_factor(context, &schedule, 0, 1, 0, &plateau, &(double){0}));
    expect_message(context, "plateau: waited and cooling must be at least 0, got -1 and 0");
    plateau = good, plateau.cooling = -2;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plateau_tell(context, &schedule, 1, 0, &plateau));
    plateau = good;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_plateau_tell_sized(context, &schedule, sizeof schedule, 1, 0, &plateau, 8));
    talus_schedule cosine = schedule_of(TALUS_SCHEDULE_COSINE);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_plateau_tell(context, &cosine, 1, 0, &plateau));
    expect_message(context, "kind must be reduce_on_plateau to be told a value; got cosine");
    ck_assert_int_eq(memcmp(&plateau, &good, sizeof good), 0);
}
END_TEST

/* A schedule made of text alone, from the defaults of no kind in particular. */
START_TEST(a_schedule_may_come_from_text)
{
    static const char *const pairs[][2] = {{"kind", "cosine_restarts"},
                                           {"unit", "steps"},
                                           {"length", "8"},
                                           {"stretch", "2"},
                                           {"warmup", "4"},
                                           {"last", "0.5"}};
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, TALUS_SCHEDULE_CONSTANT);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        expect_ok(context,
                  talus_option_set(context, TALUS_STRUCTURE_SCHEDULE, &schedule, pairs[i][0], pairs[i][1]));
    close_to(at(&schedule, 8, 0), 0.75);
    close_to(at(&schedule, 20, 0), 0.75);
    ck_assert_double_eq(at(&schedule, 28, 0), 1);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_option_set(context, TALUS_STRUCTURE_SCHEDULE, &schedule, "unit", "hours"));
    expect_message(context, "schedule: unit must be one of epochs, steps; got \"hours\"");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, constants_are_one);
    tcase_add_test(tests, steps_go_down_at_multiples);
    tcase_add_test(tests, decays_follow_their_formulas);
    tcase_add_test(tests, polynomials_reach_their_end);
    tcase_add_test(tests, cosines_fall_to_their_end);
    tcase_add_test(tests, restarts_begin_again);
    tcase_add_test(tests, one_cycle_rises_and_falls);
    tcase_add_test(tests, flat_comes_before_the_cosine);
    tcase_add_test(tests, a_warm_up_precedes_every_kind);
    tcase_add_test(tests, lengths_in_epochs_are_steps);
    tcase_add_test(tests, a_callback_gives_the_factor);
    tcase_add_test(tests, a_factor_that_overflows_is_refused);
    tcase_add_test(tests, the_callers_rounding_plays_no_part);
    tcase_add_test(tests, a_plateau_reduces_the_factor);
    tcase_add_test(tests, a_cooldown_does_not_count);
    tcase_add_test(tests, nan_is_no_improvement);
    tcase_add_test(tests, a_plateau_is_plain_numbers);
    tcase_add_test(tests, schedules_that_make_no_sense_are_refused);
    tcase_add_test(tests, arguments_are_checked);
    tcase_add_test(tests, plateaus_are_checked);
    tcase_add_test(tests, a_schedule_may_come_from_text);
    return run_suite(suite);
}
