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

static pupil make_free(int precision)
{
    return make_pupil(precision, TALUS_SCHEDULE_FREE, 0.01);
}

static double cost_of(const talus_network *network)
{
    talus_workspace *workspace = workspace_of(network, SAMPLES);
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(network, workspace, held_out, &metrics));
    talus_workspace_destroy(workspace);
    return metrics.cost;
}

static int keep_weight(const talus_progress *progress, void *user)
{
    const struct {
        const pupil *p;
        double *weights;
    } *to = user;
    to->weights[progress->steps - 1] = bowl_weight(to->p);
    return 0;
}

/* Where g = y, by the definition: steps are taken on y, but x is validated, at a cost of ½·x², and is what is left. */
START_TEST(schedule_free_on_a_bowl)
{
    enum { T = 30 };
    const double eta = 0.1, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    pupil p = make_bowl_of(TALUS_DTYPE_F64, TALUS_SCHEDULE_FREE, eta);
    double ys[T], x = 1, y = 1, z = 1, v = 0, sum = 0;
    struct {
        const pupil *p;
        double *weights;
    } to = {&p, ys};
    talus_fit_options options = fit_options(T);
    options.on_progress = keep_weight, options.user = &to;
    expect_ok(context, talus_trainer_fit(p.trainer, bowl, bowl, &options, NULL));
    for (int t = 1; t <= T; t++) {
        double rate = eta * sqrt(1 - pow(beta2, t));
        v = beta2 * v + (1 - beta2) * y * y;
        z -= rate * y / (sqrt(v) + epsilon);
        sum += rate * rate;
        double c = rate * rate / sum;
        x = (1 - c) * x + c * z;
        y = (1 - beta1) * z + beta1 * x;
        ck_assert_double_eq_tol(ys[t - 1], y, 16 * t * DBL_EPSILON);
        ck_assert_double_eq_tol(epoch_of(&p, t).validation_cost, x * x / 2, 16 * t * DBL_EPSILON);
    }
    ck_assert_double_eq_tol(bowl_weight(&p), x, 16 * T * DBL_EPSILON);
    ck_assert_double_gt(fabs(x - y), 1e-3);
    free_pupil(&p);
}
END_TEST

/* The next fit starts from y with the same bits, whatever was evaluated, and also from inside of an epoch. */
START_TEST(schedule_free_goes_on)
{
    pupil whole = make_free(_i), parts = make_free(_i), unseen = make_free(_i);
    talus_fit_options options = fit_options(6);
    (void)run_fit(&whole, held_out, &options), (void)run_fit(&unseen, NULL, &options);
    options.epochs = 1;
    for (int number = 1; number <= 5; number++) {
        (void)run_fit(&parts, held_out, &options);
        ck_assert_double_eq(cost_of(parts.network), epoch_of(&whole, number).validation_cost);
        ck_assert_double_eq(epoch_of(&parts, number).validation_cost,
                            epoch_of(&whole, number).validation_cost);
    }
    options.max_steps = 3;
    (void)run_fit(&parts, held_out, &options);
    options.max_steps = 0;
    (void)run_fit(&parts, held_out, &options);
    same_parameters(whole.network, parts.network), same_parameters(whole.network, unseen.network);
    ck_assert_double_eq(cost_of(whole.network), epoch_of(&whole, 6).validation_cost);
    free_pupil(&whole), free_pupil(&parts), free_pupil(&unseen);
}
END_TEST

/* talus_fit leaves x, too. */
START_TEST(schedule_free_in_one_call)
{
    pupil p = make_free(TALUS_DTYPE_F32), twin = make_free(TALUS_DTYPE_F32);
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_SCHEDULE_FREE);
    talus_fit_options options = fit_options(3);
    spec.rate = 0.01;
    (void)run_fit(&p, NULL, &options);
    options.optimizer = &spec;
    expect_ok(context, talus_fit(twin.network, training, NULL, &options, NULL));
    same_parameters(p.network, twin.network);
    free_pupil(&p), free_pupil(&twin);
}
END_TEST

static void step_on(const pupil *p, int64_t number)
{
    talus_matrix x, y;
    expect_ok(context, talus_dataset_matrices(training, &x, &y));
    int64_t first = number % STEPS * ROWS, count = SAMPLES - first < ROWS ? SAMPLES - first : ROWS;
    x.data = (double *)x.data + first * x.stride, x.rows = count;
    y.data = (double *)y.data + first * y.stride, y.rows = count;
    expect_ok(context, talus_trainer_step(p->trainer, BATCH(x, y), NULL));
}

/* Single steps go on from y; one that is not made, and a trial of rates, leave x. */
START_TEST(single_steps_go_on)
{
    pupil fitted = make_free(TALUS_DTYPE_F64), twin = make_free(TALUS_DTYPE_F64),
          stepped = make_free(TALUS_DTYPE_F64);
    talus_fit_options options = fit_options(1);
    options.shuffle = 0;
    (void)run_fit(&fitted, NULL, &options), (void)run_fit(&twin, NULL, &options);
    double inputs[INPUTS] = {1e200}, target = 1e200, cost;
    talus_matrix x = talus_matrix_view(inputs, TALUS_DTYPE_F64, 1, INPUTS),
                 y = talus_matrix_view(&target, TALUS_DTYPE_F64, 1, 1);
    expect_ok(context, talus_trainer_step(fitted.trainer, BATCH(x, y), &cost));
    ck_assert(!isfinite(cost));
    same_parameters(fitted.network, twin.network);
    talus_rate_range range;
    expect_ok(context, talus_trainer_rate_range(fitted.trainer, training, ROWS, 1e-4, 1e-2, 5, NULL, &range));
    same_parameters(fitted.network, twin.network);
    step_on(&fitted, 0);
    for (int step = 0; step <= STEPS; step++)
        step_on(&stepped, step);
    same_parameters(fitted.network, stepped.network);
    free_pupil(&fitted), free_pupil(&twin), free_pupil(&stepped);
}
END_TEST

/* The best epoch's x is kept. */
START_TEST(the_best_of_schedule_free)
{
    pupil p = make_free(TALUS_DTYPE_F64), twin = make_free(TALUS_DTYPE_F64);
    talus_fit_options options = fit_options(60);
    options.patience = 60;
    talus_fit_result result = run_fit(&p, held_out, &options);
    ck_assert_double_eq(cost_of(p.network), result.best_value);
    options.patience = 0, options.epochs = result.best_epoch;
    (void)run_fit(&twin, held_out, &options);
    same_parameters(p.network, twin.network);
    free_pupil(&p), free_pupil(&twin);
}
END_TEST

static double no_number(int64_t step, void *user)
{
    (void)user;
    return step < 4 ? 1 : NAN;
}

/* An error between two steps leaves the x of those before; one before the first leaves all as it was. */
START_TEST(schedule_free_after_an_error)
{
    pupil p = make_free(TALUS_DTYPE_F64), twin = make_free(TALUS_DTYPE_F64);
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, TALUS_SCHEDULE_CALLBACK);
    schedule.callback = no_number;
    talus_fit_options options = fit_options(1);
    options.max_steps = 4;
    (void)run_fit(&twin, NULL, &options);
    options.max_steps = 0, options.rate_schedule = &schedule;
    expect_status(context, TALUS_ERROR_DATA, talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    same_parameters(p.network, twin.network);
    options.rate_schedule = NULL, options.average = 0.5;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    ck_assert_str_eq(talus_error_message(context), "fit: average must be 0 with schedule_free, which has an "
                                                   "average of its own, got 0.5");
    same_parameters(p.network, twin.network);
    free_pupil(&p), free_pupil(&twin);
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
    tcase_add_test(tests, schedule_free_on_a_bowl);
    tcase_add_loop_test(tests, schedule_free_goes_on, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_test(tests, schedule_free_in_one_call);
    tcase_add_test(tests, single_steps_go_on);
    tcase_add_test(tests, the_best_of_schedule_free);
    tcase_add_test(tests, schedule_free_after_an_error);
    return run_suite(suite);
}
