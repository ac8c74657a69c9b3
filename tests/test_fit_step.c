/* Steps of a fit: several batches together, and the norm of the gradient. */
#include <float.h>

#include "fit_support.h"

static const double *numbers_of(const pupil *p, int64_t *count)
{
    talus_matrix theta;
    expect_ok(context, talus_network_parameters(p->network, &theta));
    *count = theta.cols;
    return theta.data;
}

/* k batches together are one batch of k times the size, to rounding; so is the cost. Orders are the same. */
START_TEST(batches_together_are_a_large_batch)
{
    static const int together[] = {2, 3, 6, 7, 50, 1000000};
    for (size_t i = 0; i < sizeof together / sizeof *together; i++) {
        pupil apart = make_pupil(TALUS_DTYPE_F64, TALUS_GRADIENT_DESCENT, 0.1),
              large = make_pupil(TALUS_DTYPE_F64, TALUS_GRADIENT_DESCENT, 0.1);
        talus_fit_options options = fit_options(3), of_large = options;
        options.accumulate = together[i];
        of_large.batch = ROWS * (int64_t)together[i];
        talus_fit_result a = run_fit(&apart, NULL, &options), b = run_fit(&large, NULL, &of_large);
        ck_assert_int_eq(a.steps, b.steps);
        ck_assert_double_eq_tol(a.cost, b.cost, 64 * DBL_EPSILON);
        int64_t count;
        const double *of_a = numbers_of(&apart, &count), *of_b = numbers_of(&large, &count);
        ck_assert_double_le(largest_difference(of_a, of_b, count), 64 * DBL_EPSILON);
        free_pupil(&apart), free_pupil(&large);
    }
}
END_TEST

/* With weights of the samples, too, also where a batch of the step has none but 0. */
START_TEST(weighted_batches_together_are_a_large_batch)
{
    double weights[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        weights[i] = i < ROWS ? 0 : i % 5;
    talus_matrix column = talus_matrix_view(weights, TALUS_DTYPE_F64, SAMPLES, 1);
    expect_ok(context, talus_dataset_set_weights(training, &column));
    pupil apart = make_pupil(TALUS_DTYPE_F64, TALUS_GRADIENT_DESCENT, 0.1),
          large = make_pupil(TALUS_DTYPE_F64, TALUS_GRADIENT_DESCENT, 0.1);
    talus_fit_options options = fit_options(3), of_large = options;
    options.accumulate = 3, options.shuffle = of_large.shuffle = 0, of_large.batch = 3 * ROWS;
    talus_fit_result a = run_fit(&apart, NULL, &options), b = run_fit(&large, NULL, &of_large);
    ck_assert_int_eq(a.steps, b.steps);
    ck_assert_double_eq_tol(a.cost, b.cost, 64 * DBL_EPSILON);
    int64_t count;
    const double *of_a = numbers_of(&apart, &count), *of_b = numbers_of(&large, &count);
    ck_assert_double_le(largest_difference(of_a, of_b, count), 64 * DBL_EPSILON);
    free_pupil(&apart), free_pupil(&large);
}
END_TEST

/* Each sample of a step has a mask of its own, in whatever batch it stands, and the penalty is part of a step once: of its
 * gradient and of its cost, which irprop_plus judges steps by. */
START_TEST(masks_and_penalties_belong_to_a_step)
{
    static const int methods[] = {TALUS_ADAM, TALUS_IRPROP_PLUS};
    talus_optimizer_spec optimizer;
    talus_network *networks[2];
    talus_optimizer_defaults(&optimizer, methods[_i]);
    for (int i = 0; i < 2; i++) {
        talus_layer layers[] = {talus_dense(9, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
        talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
        layers[0].dropout = 0.5, layers[0].l2 = 0.5, spec.precision = TALUS_DTYPE_F64;
        expect_ok(context, talus_network_create(context, &spec, &networks[i]));
        talus_fit_options options = fit_options(3);
        options.batch = i == 0 ? 4 : 12, options.accumulate = i == 0 ? 3 : 1;
        options.optimizer = &optimizer;
        expect_ok(context, talus_fit(networks[i], training, NULL, &options, NULL));
    }
    pupil a = {.network = networks[0]}, b = {.network = networks[1]};
    int64_t count;
    const double *of_a = numbers_of(&a, &count), *of_b = numbers_of(&b, &count);
    ck_assert_double_le(largest_difference(of_a, of_b, count),
                        1024 * DBL_EPSILON); /* Adam divides by small numbers */
    talus_network_destroy(networks[0]), talus_network_destroy(networks[1]);
}
END_TEST

/* A fit that ends after any step of several batches goes on. */
START_TEST(steps_of_several_batches_go_on)
{
    pupil whole = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
    talus_fit_options options = fit_options(3);
    options.accumulate = 2; /* 4 steps an epoch */
    ck_assert_int_eq(run_fit(&whole, NULL, &options).steps, 12);
    for (int64_t stop = 1; stop < 12; stop++) {
        pupil parts = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
        options.epochs = 3, options.max_steps = stop;
        ck_assert_int_eq(run_fit(&parts, NULL, &options).steps, stop);
        options.epochs = 3 - stop / 4, options.max_steps = 0;
        (void)run_fit(&parts, NULL, &options);
        same_parameters(whole.network, parts.network);
        free_pupil(&parts);
    }
    free_pupil(&whole);
}
END_TEST

/* In the bowl, ‖∇C‖ = |w_t| = (1−η)ᵗ before step t + 1, with w_0 = 1. */
START_TEST(a_small_gradient_ends_the_fit)
{
    pupil p = make_bowl(TALUS_DTYPE_F64, 0.5);
    talus_fit_options options = fit_options(1000);
    options.least_gradient_norm = 0x1p-20;
    talus_fit_result result = fit_bowl(&p, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_CONVERGED);
    ck_assert_int_eq(result.epochs, 21);
    ck_assert_double_eq(bowl_weight(&p), 0x1p-21);
    for (int64_t number = 1; number <= 21; number++)
        ck_assert_double_eq(epoch_of(&p, number).gradient_norm, ldexp(1, 1 - (int)number));
    free_pupil(&p);
}
END_TEST

/* Methods that search come to a small gradient, and go on until rounding hides what is lower. */
START_TEST(searches_end_by_themselves)
{
    static const int methods[] = {TALUS_LBFGS, TALUS_CONJUGATE_GRADIENT};
    for (int i = 0; i < 2; i++) {
        pupil p = make_bowl_of(TALUS_DTYPE_F64, methods[i], 1e-3);
        talus_fit_options options = fit_options(1000);
        options.least_gradient_norm = 1e-5;
        talus_fit_result result = fit_bowl(&p, &options);
        ck_assert_int_eq(result.outcome, TALUS_OUTCOME_CONVERGED);
        ck_assert_double_le(epoch_of(&p, result.epochs).gradient_norm, 1e-5);
        options.least_gradient_norm = 0;
        ck_assert_int_eq(fit_bowl(&p, &options).outcome, TALUS_OUTCOME_STALLED);
        options.accumulate = 2;
        expect_status(context, TALUS_ERROR_ARGUMENT,
                      talus_trainer_fit(p.trainer, bowl, NULL, &options, NULL));
        expect_message(context, "fit: accumulate must be 1 with ");
        expect_message(context, ", which searches along lines, got 2");
        options.accumulate = 1, options.retries = 3;
        expect_status(context, TALUS_ERROR_ARGUMENT,
                      talus_trainer_fit(p.trainer, bowl, NULL, &options, NULL));
        expect_message(context, ", which has no rate, got 3");
        free_pupil(&p);
    }
}
END_TEST

static double largest_seen;
static int64_t unmeasured;

static int keep_largest(const talus_progress *progress, void *user)
{
    (void)user;
    if (isnan(progress->gradient_norm))
        unmeasured++;
    else if (progress->gradient_norm > largest_seen)
        largest_seen = progress->gradient_norm;
    return 0;
}

/* Measuring changes no bit; an epoch is as large as its largest step, and unknown if one was not measured. */
START_TEST(norms_are_measured)
{
    pupil measured = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01),
          plain = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
    talus_fit_options options = fit_options(1);
    options.on_progress = keep_largest;
    largest_seen = 0, unmeasured = 0;
    (void)run_fit(&plain, NULL, &options);
    ck_assert_int_eq(unmeasured, STEPS);
    ck_assert_double_nan(epoch_of(&plain, 1).gradient_norm);
    options.least_gradient_norm = 1e-9;
    (void)run_fit(&measured, NULL, &options);
    same_parameters(measured.network, plain.network);
    ck_assert_int_eq(unmeasured, STEPS);
    ck_assert_double_gt(largest_seen, 0);
    ck_assert_double_eq(epoch_of(&measured, 1).gradient_norm, largest_seen);

    options.least_gradient_norm = 0, options.max_steps = 2;
    (void)run_fit(&measured, NULL, &options);
    options.least_gradient_norm = 1e9, options.max_steps = 0; /* the rest of that epoch, and the next one */
    options.epochs = 5;
    talus_fit_result result = run_fit(&measured, NULL, &options);
    ck_assert_double_nan(epoch_of(&measured, 2).gradient_norm);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_CONVERGED);
    ck_assert_int_eq(result.epochs, 2);
    free_pupil(&measured), free_pupil(&plain);
}
END_TEST

START_TEST(no_memory_for_the_gradient)
{
    pupil p = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
    talus_fit_options options = fit_options(1);
    options.accumulate = 2;
    refuse_from_now(&book, 2);
    expect_status(context, TALUS_ERROR_MEMORY, talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: the allocator returned no memory for a gradient of 37 numbers");
    free_pupil(&p);
}
END_TEST

/* Data that changes under a fit: the second batch of a step cannot be used, and nothing has changed. */
static double changing_x[SAMPLES * INPUTS], changing_y[SAMPLES];

static int spoil(const talus_progress *progress, void *user)
{
    (void)user;
    if (progress->steps == 1)
        changing_x[(3 * ROWS + 1) * INPUTS] = NAN;
    return 0;
}

START_TEST(a_batch_that_cannot_be_used_undoes_the_step)
{
    talus_matrix in = talus_matrix_view(changing_x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                 targets = talus_matrix_view(changing_y, TALUS_DTYPE_F64, SAMPLES, 1);
    talus_dataset *data = dataset_of(&in, &targets);
    pupil p = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01),
          twin = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
    talus_fit_options options = fit_options(1), one = fit_options(1);
    options.accumulate = one.accumulate = 2, options.shuffle = one.shuffle = 0, one.max_steps = 1;
    expect_ok(context, talus_trainer_fit(twin.trainer, data, NULL, &one, NULL));
    options.on_progress = spoil;
    expect_status(context, TALUS_ERROR_DATA, talus_trainer_fit(p.trainer, data, NULL, &options, NULL));
    expect_message(context, "row 25, column 0 (counted from 0)");
    same_parameters(p.network, twin.network);
    ck_assert_int_eq(talus_trainer_steps(p.trainer), 1);
    talus_dataset_destroy(data);
    free_pupil(&p), free_pupil(&twin);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_step");
    TCase *tests = case_with(suite, begin_fits, end_fits);
    tcase_add_test(tests, batches_together_are_a_large_batch);
    tcase_add_test(tests, weighted_batches_together_are_a_large_batch);
    tcase_add_loop_test(tests, masks_and_penalties_belong_to_a_step, 0, 2);
    tcase_add_test(tests, steps_of_several_batches_go_on);
    tcase_add_test(tests, a_small_gradient_ends_the_fit);
    tcase_add_test(tests, searches_end_by_themselves);
    tcase_add_test(tests, norms_are_measured);
    tcase_add_test(tests, no_memory_for_the_gradient);
    tcase_add_test(tests, a_batch_that_cannot_be_used_undoes_the_step);
    return run_suite(suite);
}
