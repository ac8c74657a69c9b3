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
    return run_suite(suite);
}
