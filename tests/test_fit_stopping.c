/* The rules that end a fit, each alone and several together. */
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "fit_support.h"

static pupil make_adam(void)
{
    return make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
}

static void same_as_epochs(const pupil *p, int64_t epochs)
{
    pupil plain = make_adam();
    talus_fit_options options = fit_options(epochs);
    (void)run_fit(&plain, held_out, &options);
    same_parameters(p->network, plain.network);
    free_pupil(&plain);
}

/* Fits of any number of steps, one after the other, are one fit. */
START_TEST(steps_are_limited)
{
    for (int64_t most = 1; most < 2 * STEPS + 2; most++) {
        pupil p = make_adam();
        talus_fit_options options = fit_options(3);
        int64_t steps = 0;
        options.max_steps = most;
        while (talus_trainer_epochs(p.trainer) < 3) {
            options.epochs = 3 - talus_trainer_epochs(p.trainer);
            talus_fit_result result = run_fit(&p, NULL, &options);
            bool last = steps + most >= 3 * STEPS;
            ck_assert_int_eq(result.steps, last ? 3 * STEPS - steps : most);
            ck_assert_int_eq(result.outcome, last ? TALUS_OUTCOME_COMPLETED : TALUS_OUTCOME_LIMIT);
            steps += result.steps;
            ck_assert_int_eq(talus_trainer_steps(p.trainer), steps);
        }
        same_as_epochs(&p, 3);
        free_pupil(&p);
    }
}
END_TEST

static int wait_a_little(const talus_progress *progress, void *user)
{
    (void)progress, (void)user;
    return nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

START_TEST(time_is_limited)
{
    pupil p = make_adam();
    talus_fit_options options = fit_options(1);
    options.max_seconds = 1e-12;
    talus_fit_result result = run_fit(&p, NULL, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_TIME);
    ck_assert_int_eq(result.steps, 0);
    options.max_seconds = 1e9;
    ck_assert_int_eq(run_fit(&p, NULL, &options).outcome, TALUS_OUTCOME_COMPLETED);
    options.max_seconds = 0.05, options.on_progress = wait_a_little;
    result = run_fit(&p, NULL, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_TIME);
    ck_assert_int_le(result.steps, 3);
    ck_assert_double_ge(result.seconds, 0.05);
    free_pupil(&p);
}
END_TEST

/* The target is what an epoch in the middle is known to reach, with validation and without. */
START_TEST(a_target_ends_the_fit)
{
    const talus_dataset *validation = _i == 0 ? NULL : held_out;
    pupil plain = make_adam(), p = make_adam();
    talus_fit_options options = fit_options(12);
    (void)run_fit(&plain, validation, &options);
    talus_epoch middle = epoch_of(&plain, 6);
    options.stop_at_target = 1;
    options.target = _i == 0 ? middle.cost : middle.validation_cost;
    int64_t first = 1;
    for (talus_epoch e; e = epoch_of(&plain, first), (_i == 0 ? e.cost : e.validation_cost) > options.target;)
        first++;
    talus_fit_result result = run_fit(&p, validation, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_TARGET);
    ck_assert_int_eq(result.epochs, first);
    same_as_epochs(&p, first);
    options.target = -1;
    ck_assert_int_eq(run_fit(&p, validation, &options).outcome, TALUS_OUTCOME_COMPLETED);
    free_pupil(&plain), free_pupil(&p);
}
END_TEST

/* What early stopping should do with the values of epochs 1 … count, in plain words. */
typedef struct expected {
    int64_t epochs, best;
    bool stalls;
} expected;

static expected expect_from(const double *values, int64_t count, int64_t patience, double least_change)
{
    expected e = {.epochs = count};
    double best = INFINITY, improved = INFINITY;
    int64_t at = 0;
    for (int64_t i = 1; i <= count && !e.stalls; i++) {
        if (values[i] < best)
            best = values[i], e.best = i;
        if (values[i] < improved - least_change)
            improved = values[i], at = i;
        if (i - at == patience)
            e.epochs = i, e.stalls = true;
    }
    return e;
}

/* Full batches at a rate that is too large jump about, so that improvements come and go. */
static pupil make_restless(int precision)
{
    return make_pupil(precision, TALUS_MOMENTUM, 0.35);
}

enum { EPOCHS = 40 };

/* For each precision. */
START_TEST(early_stopping_keeps_the_best_epoch)
{
    pupil plain = make_restless(_i);
    talus_fit_options options = fit_options(EPOCHS);
    options.batch = TALUS_FULL_BATCH;
    (void)run_fit(&plain, held_out, &options);
    double values[EPOCHS + 1];
    for (int64_t i = 1; i <= EPOCHS; i++)
        values[i] = epoch_of(&plain, i).validation_cost;
    int stalled = 0;
    for (int64_t patience = 1; patience < 8; patience++)
        for (int change = 0; change < 3; change++) {
            pupil p = make_restless(_i), best = make_restless(_i);
            options.patience = patience, options.least_change = 0.01 * change;
            expected e = expect_from(values, EPOCHS, patience, options.least_change);
            talus_fit_result result = run_fit(&p, held_out, &options);
            ck_assert_int_eq(result.outcome, e.stalls ? TALUS_OUTCOME_STALLED : TALUS_OUTCOME_COMPLETED);
            ck_assert_int_eq(result.epochs, e.epochs);
            ck_assert_int_eq(result.best_epoch, e.best);
            ck_assert_double_eq(result.best_value, values[e.best]);
            ck_assert_double_eq(result.validation_cost, values[e.epochs]);
            talus_fit_options until_best = fit_options(e.best);
            until_best.batch = TALUS_FULL_BATCH;
            (void)run_fit(&best, held_out, &until_best);
            same_parameters(p.network, best.network);
            stalled += e.stalls && e.best < e.epochs;
            free_pupil(&p), free_pupil(&best);
        }
    ck_assert_int_gt(stalled, 3); /* or the problem tests nothing */
    free_pupil(&plain);
}
END_TEST

/* Without restore_best, a fit that stalls is the epochs that it ran, and goes on. */
START_TEST(patience_alone_changes_no_bit)
{
    pupil p = make_restless(TALUS_DTYPE_F32), plain = make_restless(TALUS_DTYPE_F32);
    talus_fit_options options = fit_options(EPOCHS);
    options.patience = 2, options.restore_best = 0, options.least_change = 1;
    talus_fit_result result = run_fit(&p, held_out, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STALLED);
    ck_assert_int_eq(result.epochs, 3); /* the first is an improvement over nothing */
    result = run_fit(&p, held_out, &options);
    ck_assert_int_eq(result.epochs, 3);
    ck_assert_int_ge(result.best_epoch, 4);
    options = fit_options(6);
    (void)run_fit(&plain, NULL, &options);
    same_parameters(p.network, plain.network);
    free_pupil(&p), free_pupil(&plain);
}
END_TEST

/* A fit that ends inside an epoch, for whatever reason, gives the best one back, and begins that epoch anew. */
START_TEST(the_best_epoch_is_kept_however_a_fit_ends)
{
    pupil p = make_adam(), fresh = make_adam();
    talus_fit_options options = fit_options(EPOCHS);
    options.patience = EPOCHS, options.max_steps = 5 * STEPS + 3;
    talus_fit_result result = run_fit(&p, NULL, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_LIMIT);
    ck_assert_int_eq(result.epochs, 5);
    ck_assert_int_ge(result.best_epoch, 1);
    same_as_epochs(&p, result.best_epoch);
    options.epochs = 1, options.max_steps = 0;
    ck_assert_int_eq(run_fit(&p, NULL, &options).steps, STEPS);

    expect_ok(context, talus_trainer_set_rate(p.trainer, 1e38));
    options.epochs = 5;
    result = run_fit(&p, NULL, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_DIVERGED);
    ck_assert_int_eq(result.epochs, 0);
    ck_assert_int_eq(result.best_epoch, 0);
    ck_assert_double_nan(result.best_value);
    ck_assert_int_eq(result.diverged_step, talus_trainer_steps(p.trainer) + 1);

    options.max_steps = STEPS - 1; /* no epoch: the steps stand */
    talus_fit_options plain = fit_options(1);
    (void)run_fit(&fresh, NULL, &options);
    plain.max_steps = 1;
    (void)run_fit(&fresh, NULL, &plain);
    same_as_epochs(&fresh, 1);
    free_pupil(&p), free_pupil(&fresh);
}
END_TEST

static volatile sig_atomic_t flag;

static void set_flag(int number)
{
    (void)number;
    flag = 1;
}

static int raise_at_step(const talus_progress *progress, void *user)
{
    const int64_t *at = user;
    return progress->steps == *at && raise(SIGUSR1) != 0;
}

static void handle(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    ck_assert_int_eq(sigaction(number, &action, NULL), 0);
}

START_TEST(a_signal_stops_the_fit)
{
    pupil p = make_adam();
    talus_fit_options options = fit_options(3);
    int64_t at = STEPS + 2;
    flag = 0;
    handle(SIGUSR1, set_flag);
    options.stop = &flag, options.on_progress = raise_at_step, options.user = &at;
    talus_fit_result result = run_fit(&p, NULL, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STOPPED);
    ck_assert_int_eq(result.steps, at);
    ck_assert_int_eq(run_fit(&p, NULL, &options).steps, 0); /* as it is still set */
    flag = 0, options.epochs = 2;
    ck_assert_int_eq(run_fit(&p, NULL, &options).outcome, TALUS_OUTCOME_COMPLETED);
    same_as_epochs(&p, 3);
    handle(SIGUSR1, SIG_DFL);

    handle(SIGALRM, set_flag); /* at any time */
    options.epochs = INT64_MAX, options.on_progress = NULL;
    (void)ualarm(30000, 0);
    ck_assert_int_eq(run_fit(&p, NULL, &options).outcome, TALUS_OUTCOME_STOPPED);
    handle(SIGALRM, SIG_DFL);
    free_pupil(&p);
}
END_TEST

/* The rule that is met first gives the outcome. */
START_TEST(rules_stand_together)
{
    talus_fit_options options = fit_options(20);
    options.patience = 2, options.least_change = 1, options.max_steps = 4 * STEPS, options.max_seconds = 1e6;
    options.stop_at_target = 1, options.target = -1, options.validation_split = 0.1; /* 48 samples: 6 steps */
    static const struct {
        int64_t patience, max_steps;
        double target;
        int outcome;
    } cases[] = {
        {2, 100, -1, TALUS_OUTCOME_STALLED},   {0, 100, -1, TALUS_OUTCOME_LIMIT},
        {2, 12, -1, TALUS_OUTCOME_LIMIT},      {2, 100, 1e6, TALUS_OUTCOME_TARGET},
        {1, 6, 1e6, TALUS_OUTCOME_TARGET},     {2, 18, -1, TALUS_OUTCOME_STALLED},
        {0, 120, -1, TALUS_OUTCOME_COMPLETED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        pupil p = make_adam();
        options.patience = cases[i].patience, options.least_change = cases[i].patience > 0 ? 100 : 0;
        options.max_steps = cases[i].max_steps, options.target = cases[i].target;
        ck_assert_int_eq(run_fit(&p, NULL, &options).outcome, cases[i].outcome);
        free_pupil(&p);
    }
}
END_TEST

typedef struct ends {
    int calls;
    talus_fit_result result;
} ends;

static void keep_end(const talus_fit_result *result, void *user)
{
    ends *seen = user;
    seen->calls++;
    seen->result = *result;
}

START_TEST(the_end_is_reported)
{
    pupil p = make_adam();
    ends seen = {0};
    talus_fit_options options = fit_options(2);
    options.on_end = keep_end, options.user = &seen;
    talus_fit_result result = run_fit(&p, held_out, &options);
    ck_assert_int_eq(seen.calls, 1);
    ck_assert_mem_eq(&seen.result, &result, sizeof result);
    options.batch = -1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    ck_assert_int_eq(seen.calls, 1);
    free_pupil(&p);
}
END_TEST

static int check_view(const talus_progress *progress, void *user)
{
    const pupil *p = user;
    ck_assert_int_eq(progress->steps, talus_trainer_steps(progress->trainer));
    ck_assert_double_eq(progress->rate, progress->steps <= STEPS ? 0.01 : 0.005);
    if (progress->steps == STEPS)
        expect_ok(context, talus_trainer_set_rate(progress->trainer, 0.005));
    return p->trainer != NULL && p->trainer != progress->trainer;
}

/* Also for talus_fit, whose trainer is its own. */
START_TEST(callbacks_see_the_trainer)
{
    pupil p = make_adam(), none = {.network = p.network};
    talus_fit_options options = fit_options(2);
    options.on_progress = check_view, options.user = &p;
    (void)run_fit(&p, NULL, &options);
    ck_assert_int_eq(epoch_of(&p, 1).steps, STEPS);
    ck_assert_int_eq(epoch_of(&p, 2).steps, 2 * STEPS);
    ck_assert_double_eq(epoch_of(&p, 2).rate, 0.005);
    talus_optimizer_spec adam;
    talus_optimizer_defaults(&adam, TALUS_ADAM);
    adam.rate = 0.01;
    options.optimizer = &adam, options.user = &none;
    expect_ok(context, talus_fit(p.network, training, NULL, &options, NULL));
    ck_assert_double_nan(talus_trainer_rate(NULL));
    ck_assert_int_eq(talus_trainer_steps(NULL), 0);
    free_pupil(&p);
}
END_TEST

static void refuse(const talus_fit_options *options, const char *message)
{
    pupil p = make_adam();
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_fit(p.trainer, training, NULL, options, NULL));
    ck_assert_str_eq(talus_error_message(context), message);
    free_pupil(&p);
}

START_TEST(options_that_do_not_apply_are_refused)
{
    talus_fit_options options = fit_options(1);
    options.least_change = 0.25;
    refuse(&options, "fit: least_change needs patience, and must be 0 without it, got 0.25");
    options = fit_options(1), options.target = -3;
    refuse(&options, "fit: target needs stop_at_target, and must be 0 without it, got -3");
}
END_TEST

/* The state of the best epoch is the third allocation, after the order of the samples and before the history. */
START_TEST(no_memory_for_the_best_epoch)
{
    pupil p = make_adam();
    talus_fit_options options = fit_options(1);
    options.patience = 1;
    refuse_from_now(&book, 2);
    expect_status(context, TALUS_ERROR_MEMORY, talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: the allocator returned no memory for the best epoch");
    ck_assert_int_eq(talus_trainer_steps(p.trainer), 0);
    free_pupil(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_stopping");
    TCase *tests = case_with(suite, begin_fits, end_fits);
    tcase_add_test(tests, steps_are_limited);
    tcase_add_test(tests, time_is_limited);
    tcase_add_loop_test(tests, a_target_ends_the_fit, 0, 2);
    tcase_add_loop_test(tests, early_stopping_keeps_the_best_epoch, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_test(tests, patience_alone_changes_no_bit);
    tcase_add_test(tests, the_best_epoch_is_kept_however_a_fit_ends);
    tcase_add_test(tests, a_signal_stops_the_fit);
    tcase_add_test(tests, rules_stand_together);
    tcase_add_test(tests, the_end_is_reported);
    tcase_add_test(tests, callbacks_see_the_trainer);
    tcase_add_test(tests, options_that_do_not_apply_are_refused);
    tcase_add_test(tests, no_memory_for_the_best_epoch);
    return run_suite(suite);
}
