/* Fits that diverge, and go back. */
#include "fit_support.h"

/* At η = 3, w doubles in size with each step until its square overflows, and the first epoch is the best one; at η = 1.5, w
 * is halved. Powers of 2 are exact. */
START_TEST(half_the_rate_is_enough)
{
    pupil p = make_bowl(_i, 3), once = make_bowl(_i, 12);
    talus_fit_options options = fit_options(20);
    options.retries = 1;
    ck_assert_int_eq(fit_bowl(&p, &options).retries, 0);
    ck_assert_double_eq(bowl_weight(&p), 0x1p20);
    options.epochs = 600; /* this fit's first epoch begins there */
    talus_fit_result result = fit_bowl(&p, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
    ck_assert_int_eq(result.retries, 1);
    ck_assert_int_eq(result.steps, 600);
    ck_assert_int_eq(result.epochs, 600);
    ck_assert_int_gt(result.diverged_step, 80);
    ck_assert_double_eq(talus_trainer_rate(p.trainer), 1.5);
    ck_assert_int_eq(talus_trainer_epochs(p.trainer), 620);
    for (int64_t number = 1; number <= 60; number++)
        ck_assert_double_eq(epoch_of(&p, number).cost,
                            ldexp(0.5, number <= 20 ? 2 * (int)number - 2 : 82 - 2 * (int)number));

    result = fit_bowl(&once, &options); /* 12, 6: not enough */
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_DIVERGED);
    ck_assert_int_eq(result.retries, 1);
    ck_assert_int_eq(result.diverged_step, talus_trainer_steps(once.trainer) + 1);
    ck_assert(isfinite(bowl_weight(&once)));
    free_pupil(&p), free_pupil(&once);
}
END_TEST

/* Data of its own, one value of which is broken while a fit runs. */
static double x[SAMPLES * INPUTS], y[SAMPLES];
static int64_t breaks_at;

static talus_dataset *breakable(void)
{
    number_stream numbers = numbers_from(3);
    for (int i = 0; i < SAMPLES * INPUTS; i++)
        x[i] = next_number(&numbers);
    for (int i = 0; i < SAMPLES; i++)
        y[i] = next_number(&numbers);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                 targets = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, 1);
    return dataset_of(&in, &targets);
}

/* The last sample is broken before a step, until the fit has gone back. */
static int break_once(const talus_progress *progress, void *user)
{
    double *value = user;
    y[SAMPLES - 1] = progress->steps == breaks_at ? 1e200 : *value;
    if (progress->steps == breaks_at)
        breaks_at = 0;
    return 0;
}

/* With plain steps, several batches a step, an average of the method's own, and running statistics. */
static pupil make_kind(int kind)
{
    return kind == 3 ? make_normalized(0)
                     : make_pupil(TALUS_DTYPE_F64, kind == 2 ? TALUS_SCHEDULE_FREE : TALUS_ADAM, 0.02);
}

/* The cost of the third epoch's last step is not finite. The fit goes back to where the better one of the first two began, the
 * second, and is from there on the same as one that has had half the rate since then: parameters, optimiser, average and
 * costs. */
START_TEST(all_of_the_epoch_is_undone)
{
    talus_dataset *data = breakable();
    double value = y[SAMPLES - 1];
    pupil p = make_kind(_i), twin = make_kind(_i);
    talus_fit_options options = fit_options(4), plain;
    talus_fit_result result;
    int64_t steps = _i == 1 ? 4 : STEPS; /* of an epoch: 8·6 + 5, or 16·3 + 5 */
    options.shuffle = 0, options.average = _i == 2 ? 0 : 0.9, options.accumulate = _i == 1 ? 2 : 1;
    plain = options;
    breaks_at = 3 * steps - 1;
    options.retries = 5, options.on_progress = break_once, options.user = &value;
    expect_ok(context, talus_trainer_fit(p.trainer, data, held_out, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
    ck_assert_int_eq(result.retries, 1);
    ck_assert_int_eq(result.steps, 4 * steps);
    ck_assert_int_eq(result.diverged_step, 3 * steps);

    plain.epochs = 1;
    expect_ok(context, talus_trainer_fit(twin.trainer, data, held_out, &plain, NULL));
    expect_ok(context, talus_trainer_set_rate(twin.trainer, 0.01));
    plain.epochs = 3;
    expect_ok(context, talus_trainer_fit(twin.trainer, data, held_out, &plain, NULL));
    same_parameters(p.network, twin.network);
    for (int64_t number = 1; number <= 4; number++) {
        ck_assert_double_eq(epoch_of(&p, number).cost, epoch_of(&twin, number).cost);
        ck_assert_double_eq(epoch_of(&p, number).validation_cost, epoch_of(&twin, number).validation_cost);
        ck_assert_double_eq(*epoch_of(&p, number).range_costs, epoch_of(&twin, number).cost);
    }
    free_pupil(&p), free_pupil(&twin);
    talus_dataset_destroy(data);
}
END_TEST

/* Not 0 after the first step after the fit has gone back. */
static int break_and_stop(const talus_progress *progress, void *user)
{
    (void)break_once(progress, user);
    return breaks_at == 0 && progress->steps == STEPS + 1;
}

/* The fit goes back to where the second epoch began, and ends soon after: the second, though better, is not the best one, nor
 * are its costs the last. */
START_TEST(an_epoch_that_was_undone_is_not_the_best)
{
    talus_dataset *data = breakable();
    double value = y[SAMPLES - 1];
    pupil p = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.02),
          twin = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.02),
          longer = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.02);
    talus_fit_options options = fit_options(2), plain;
    talus_fit_result result;
    options.shuffle = 0;
    plain = options;
    expect_ok(context, talus_trainer_fit(longer.trainer, data, held_out, &plain, NULL));
    ck_assert_double_lt(epoch_of(&longer, 2).validation_cost, epoch_of(&longer, 1).validation_cost);
    ck_assert_double_lt(epoch_of(&longer, 2).cost, epoch_of(&longer, 1).cost);
    plain.epochs = 1;
    expect_ok(context, talus_trainer_fit(twin.trainer, data, held_out, &plain, NULL));

    breaks_at = 3 * STEPS - 1;
    options.epochs = 4, options.retries = 1, options.patience = 4;
    options.on_progress = break_and_stop, options.user = &value;
    expect_ok(context, talus_trainer_fit(p.trainer, data, held_out, &options, &result));
    talus_epoch first = epoch_of(&twin, 1);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STOPPED);
    ck_assert_int_eq(result.retries, 1);
    ck_assert_int_eq(result.diverged_step, 3 * STEPS);
    ck_assert_int_eq(result.epochs, 1);
    ck_assert_int_eq(result.best_epoch, 1);
    ck_assert_double_eq(result.best_value, first.validation_cost);
    ck_assert_double_eq(result.cost, first.cost);
    ck_assert_double_eq(result.validation_cost, first.validation_cost);
    same_parameters(p.network, twin.network);
    free_pupil(&p), free_pupil(&twin), free_pupil(&longer);
    talus_dataset_destroy(data);
}
END_TEST

/* Without a retry, the parameters and the optimiser are those before the step. */
START_TEST(without_retries_the_fit_ends)
{
    talus_dataset *data = breakable();
    double value = y[SAMPLES - 1];
    pupil p = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.02),
          twin = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.02);
    talus_fit_options options = fit_options(2), plain;
    talus_fit_result result;
    int64_t steps = _i == 0 ? STEPS : 4;
    options.shuffle = 0, options.accumulate = _i + 1;
    plain = options;
    breaks_at = 2 * steps - 1;
    options.on_progress = break_once, options.user = &value;
    expect_ok(context, talus_trainer_fit(p.trainer, data, NULL, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_DIVERGED);
    ck_assert_int_eq(result.diverged_step, 2 * steps);
    ck_assert_int_eq(result.diverged_layer, 2); /* 1e200 is the target, and its square is not finite */
    ck_assert_int_eq(result.diverged_operand, TALUS_OPERAND_LOSS);
    y[SAMPLES - 1] = value;
    plain.epochs = 1; /* what is left of the second epoch */
    expect_ok(context, talus_trainer_fit(p.trainer, data, NULL, &plain, NULL));
    plain.epochs = 2;
    expect_ok(context, talus_trainer_fit(twin.trainer, data, NULL, &plain, NULL));
    same_parameters(p.network, twin.network);
    free_pupil(&p), free_pupil(&twin);
    talus_dataset_destroy(data);
}
END_TEST

/* A rate that cannot be halved in the precision. */
START_TEST(the_smallest_rate_is_not_halved)
{
    pupil p = make_bowl(TALUS_DTYPE_F64, 0x1p-1022);
    talus_matrix w;
    talus_fit_options options = fit_options(1);
    options.retries = 3;
    expect_ok(context, talus_network_weights(p.network, NULL, 1, &w));
    *(double *)w.data = 1e200;
    talus_fit_result result = fit_bowl(&p, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_DIVERGED);
    ck_assert_int_eq(result.retries, 0);
    free_pupil(&p);
}
END_TEST

START_TEST(no_memory_for_the_state)
{
    for (int n = 2; n < 14; n++) {
        pupil p = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
        talus_fit_options options = fit_options(1);
        options.retries = 1, options.average = 0.5, options.patience = 1;
        refuse_from_now(&book,
                        n); /* after the order: the best epoch, the average, and two times five states */
        expect_status(context, TALUS_ERROR_MEMORY,
                      talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
        expect_message(context, n == 2   ? "no memory for the best epoch"
                                : n == 3 ? "no memory for an average of 37 parameters"
                                         : "no memory for the states that retries go back to");
        free_pupil(&p);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_guard");
    TCase *tests = case_with(suite, begin_fits, end_fits);
    tcase_add_loop_test(tests, half_the_rate_is_enough, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_loop_test(tests, all_of_the_epoch_is_undone, 0, 4);
    tcase_add_test(tests, an_epoch_that_was_undone_is_not_the_best);
    tcase_add_loop_test(tests, without_retries_the_fit_ends, 0, 2);
    tcase_add_test(tests, the_smallest_rate_is_not_halved);
    tcase_add_test(tests, no_memory_for_the_state);
    return run_suite(suite);
}
