/* The moving average of the parameters. */
#include <float.h>
#include <talus/diagnose.h>

#include "fit_support.h"

static pupil make_adam(int precision)
{
    return make_pupil(precision, TALUS_ADAM, 0.01);
}

/* w_t = (1−η)ᵗ, so with r = 1 − η the average is (1−β)/(1−βᵗ)·Σ_i βᵗ⁻ⁱ·rⁱ = (1−β)/(1−βᵗ)·r·(βᵗ − rᵗ)/(β − r). */
START_TEST(the_average_on_a_bowl)
{
    static const double betas[] = {0.5, 0.9, 0.99};
    for (int i = 0; i < 3; i++)
        for (int t = 1; t <= 40; t++) {
            pupil p = make_bowl(TALUS_DTYPE_F64, 0.25);
            talus_fit_options options = fit_options(t);
            double beta = betas[i], r = 0.75;
            options.average = beta, options.keep_average = 1;
            (void)fit_bowl(&p, &options);
            double power = pow(beta, t);
            double expected = (1 - beta) / (1 - power) * r * (power - pow(r, t)) / (beta - r);
            ck_assert_double_eq_tol(bowl_weight(&p), expected, 8 * t * DBL_EPSILON);
            free_pupil(&p);
        }
}
END_TEST

/* The validation cost is that of the average; the training cost and all bits of training are those without it. */
START_TEST(the_average_is_validated_and_training_does_not_see_it)
{
    pupil with = make_adam(_i), without = make_adam(_i), averaged = make_adam(_i);
    talus_fit_options options = fit_options(5), plain = options;
    options.average = 0.9;
    (void)run_fit(&with, held_out, &options), (void)run_fit(&without, held_out, &plain);
    same_parameters(with.network, without.network);
    options.keep_average = 1;
    (void)run_fit(&averaged, NULL, &options);
    talus_workspace *workspace = workspace_of(averaged.network, SAMPLES);
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(averaged.network, workspace, held_out, &metrics));
    for (int64_t number = 1; number <= 5; number++) {
        talus_epoch a = epoch_of(&with, number), b = epoch_of(&without, number);
        ck_assert_double_eq(a.cost, b.cost);
        ck_assert_double_ne(a.validation_cost, b.validation_cost);
    }
    ck_assert_double_eq(epoch_of(&with, 5).validation_cost, metrics.cost);
    talus_workspace_destroy(workspace);
    free_pupil(&with), free_pupil(&without), free_pupil(&averaged);
}
END_TEST

/* The average goes on with the trainer; it begins anew where a fit without it has come between. */
START_TEST(averages_go_on)
{
    pupil whole = make_adam(TALUS_DTYPE_F32), parts = make_adam(TALUS_DTYPE_F32),
          broken = make_adam(TALUS_DTYPE_F32);
    talus_fit_options options = fit_options(6), plain = fit_options(1);
    options.average = 0.95;
    (void)run_fit(&whole, held_out, &options);
    options.epochs = 1;
    for (int i = 0; i < 6; i++) {
        (void)run_fit(&parts, held_out, &options);
        (void)run_fit(&broken, held_out, i == 4 ? &plain : &options);
    }
    for (int64_t number = 1; number <= 6; number++) {
        double cost = epoch_of(&whole, number).validation_cost;
        ck_assert_double_eq(epoch_of(&parts, number).validation_cost, cost);
        ck_assert_int_eq(epoch_of(&broken, number).validation_cost == cost, number < 5);
    }
    same_parameters(whole.network, parts.network), same_parameters(whole.network, broken.network);
    free_pupil(&whole), free_pupil(&parts), free_pupil(&broken);
}
END_TEST

/* What is kept of the best epoch is what was validated, or with keep_average 0 what was trained. */
START_TEST(the_best_average_is_kept)
{
    pupil p = make_adam(TALUS_DTYPE_F64), twin = make_adam(TALUS_DTYPE_F64);
    talus_fit_options options = fit_options(30);
    options.average = 0.8, options.keep_average = _i, options.patience = 30;
    talus_fit_result result = run_fit(&p, held_out, &options);
    ck_assert_int_eq(result.epochs, 30);
    options.patience = 0, options.epochs = result.best_epoch;
    (void)run_fit(&twin, held_out, &options);
    same_parameters(p.network, twin.network);
    talus_workspace *workspace = workspace_of(p.network, SAMPLES);
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(p.network, workspace, held_out, &metrics));
    ck_assert_int_eq(metrics.cost == result.best_value, _i);
    options.epochs = 1, options.patience = 5; /* the best is the last: the average is kept, too */
    result = run_fit(&p, held_out, &options);
    expect_ok(context, talus_evaluate(p.network, workspace, held_out, &metrics));
    ck_assert_int_eq(metrics.cost == result.best_value, _i);
    talus_workspace_destroy(workspace);
    free_pupil(&p), free_pupil(&twin);
}
END_TEST

START_TEST(no_step_has_no_average)
{
    pupil p = make_adam(TALUS_DTYPE_F32), fresh = make_adam(TALUS_DTYPE_F32);
    const int stop = 1;
    talus_fit_options options = fit_options(1);
    options.average = 0.5, options.keep_average = 1, options.stop = &stop;
    ck_assert_int_eq(run_fit(&p, held_out, &options).outcome, TALUS_OUTCOME_STOPPED);
    same_parameters(p.network, fresh.network);
    options = fit_options(1), options.keep_average = 1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    ck_assert_str_eq(talus_error_message(context),
                     "fit: keep_average needs average, and must be 0 without it, got 1");
    free_pupil(&p), free_pupil(&fresh);
}
END_TEST

/* The running statistics after each step. */
typedef struct statistics {
    const pupil *p;
    double numbers[64][12]; /* 6 means, 6 variances */
} statistics;

static void take_statistics(const pupil *p, double numbers[12])
{
    talus_matrix means, variances;
    expect_ok(context, talus_network_statistics(p->network, 1, &means, &variances));
    memcpy(numbers, means.data, 6 * sizeof(double));
    memcpy(numbers + 6, variances.data, 6 * sizeof(double));
}

static int keep_statistics(const talus_progress *progress, void *user)
{
    statistics *seen = user;
    take_statistics(seen->p, seen->numbers[progress->steps - 1]);
    return 0;
}

/* Running statistics have the average that parameters have, and training sees it as little. */
START_TEST(running_statistics_are_averaged)
{
    enum { EPOCHS = 3, T = EPOCHS * STEPS };
    const double beta = 0.8;
    static statistics seen;
    pupil p = make_normalized(0), plain = make_normalized(0), validated = make_normalized(0);
    talus_fit_options options = fit_options(EPOCHS), without = options;
    double found[12], sum[12] = {0}, weights = 0;
    seen.p = &plain;
    without.on_progress = keep_statistics, without.user = &seen;
    (void)run_fit(&plain, NULL, &without);
    options.average = beta;
    (void)run_fit(&validated, held_out, &options);
    options.keep_average = 1;
    (void)run_fit(&p, NULL, &options);
    for (int t = 1; t <= T; t++) {
        weights += pow(beta, T - t);
        for (int k = 0; k < 12; k++)
            sum[k] += pow(beta, T - t) * seen.numbers[t - 1][k];
    }
    take_statistics(&p, found);
    for (int k = 0; k < 12; k++) {
        ck_assert_double_eq_tol(found[k], sum[k] / weights, 8 * T * DBL_EPSILON);
        ck_assert_double_gt(fabs(found[k] - seen.numbers[T - 1][k]), 1e-6);
    }
    take_statistics(&validated, found);
    ck_assert_mem_eq(found, seen.numbers[T - 1], sizeof found);
    same_parameters(validated.network, plain.network);
    ck_assert_double_eq(epoch_of(&validated, EPOCHS).validation_cost, cost_of(p.network));
    free_pupil(&p), free_pupil(&plain), free_pupil(&validated);
}
END_TEST

/* A mean of points of a ball lies in it. */
START_TEST(the_average_keeps_to_max_norm)
{
    pupil p = make_normalized(0.3);
    talus_fit_options options = fit_options(5);
    talus_matrix w;
    options.average = 0.9, options.keep_average = 1;
    (void)run_fit(&p, NULL, &options);
    expect_ok(context, talus_network_weights(p.network, NULL, 1, &w));
    for (int64_t i = 0; i < w.rows; i++) {
        const double *row = (const double *)w.data + i * INPUTS;
        double squares = 0;
        for (int j = 0; j < INPUTS; j++)
            squares += row[j] * row[j];
        ck_assert_double_le(sqrt(squares), 0.3 * (1 + 5 * STEPS * DBL_EPSILON));
        ck_assert_double_ge(sqrt(squares), 0.2); /* as it was needed */
    }
    free_pupil(&p);
}
END_TEST

START_TEST(no_memory_for_the_statistics)
{
    pupil p = make_normalized(0);
    talus_fit_options options = fit_options(1);
    options.average = 0.5;
    refuse_from_now(&book, 3); /* after the order and the average */
    expect_status(context, TALUS_ERROR_MEMORY, talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "no memory for an average of 12 running statistics");
    (void)run_fit(&p, NULL, &options), (void)run_fit(&p, NULL, &options);
    free_pupil(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_average");
    TCase *tests = case_with(suite, begin_fits, end_fits);
    tcase_add_test(tests, the_average_on_a_bowl);
    tcase_add_loop_test(tests, the_average_is_validated_and_training_does_not_see_it, TALUS_DTYPE_F32,
                        TALUS_DTYPE_F64 + 1);
    tcase_add_test(tests, averages_go_on);
    tcase_add_loop_test(tests, the_best_average_is_kept, 0, 2);
    tcase_add_test(tests, no_step_has_no_average);
    tcase_add_test(tests, running_statistics_are_averaged);
    tcase_add_test(tests, the_average_keeps_to_max_norm);
    tcase_add_test(tests, no_memory_for_the_statistics);
    return run_suite(suite);
}
