/* Fits that solve the last layer at their end. */
#include "checkpoint_support.h"

/* The same fit without it, and then the call. */
START_TEST(a_fit_solves_as_the_call_does)
{
    const int precision = _i % 2, method = _i / 2 % 2 ? TALUS_LBFGS : TALUS_ADAM;
    const double rate = method == TALUS_LBFGS ? 0.001 : 0.01; /* lbfgs has none but this default */
    pupil a = make_pupil(precision, method, rate), b = make_pupil(precision, method, rate);
    talus_fit_options options = fit_options(4);
    talus_solve_options how;
    talus_solve_result result;
    talus_solve_options_defaults(&how);
    if (_i / 4 == 1)
        options.patience = 1; /* and the best epoch */
    if (_i / 4 == 2)
        options.average = 0.9, options.keep_average = 1;
    if (method == TALUS_LBFGS)
        options.batch = SAMPLES;
    talus_fit_result plain = run_fit(&a, held_out, &options);
    ck_assert_int_eq(plain.readout_rank, 0);
    ck_assert_int_eq(plain.readout_kept, 0);
    ck_assert_double_nan(plain.readout_cost);
    how.ridge = 0.001;
    expect_ok(context, talus_solve_readout(a.network, training, &how, &result));
    options.solve_readout = 1, options.readout_ridge = 0.001;
    talus_fit_result solved = run_fit(&b, held_out, &options);
    same_parameters(a.network, b.network);
    ck_assert_int_eq(solved.epochs, plain.epochs);
    ck_assert_double_eq(solved.cost, plain.cost);
    ck_assert_int_eq(solved.readout_rank, result.rank);
    ck_assert_int_eq(solved.readout_orthogonal, result.orthogonal);
    ck_assert_int_eq(solved.readout_kept, 1);
    ck_assert_double_eq(solved.readout_condition, result.condition);
    ck_assert_double_eq(solved.readout_cost, result.cost);
    ck_assert_double_eq(solved.readout_validation_cost, cost_of(b.network));
    free_pupil(&a), free_pupil(&b);
}
END_TEST

/* It is solved for what is left of the training set; without a validation set there is no cost on it. */
START_TEST(a_fit_solves_for_what_it_trains_on)
{
    talus_network *a = two_layers(TALUS_DTYPE_F64, INPUTS, 6, 1, TALUS_IDENTITY),
                  *b = two_layers(TALUS_DTYPE_F64, INPUTS, 6, 1, TALUS_IDENTITY);
    talus_dataset *share, *rest;
    talus_fit_options options = fit_options(2);
    talus_fit_result result;
    expect_ok(context, talus_dataset_split(training, 0.3, 0, 5, &share, &rest));
    expect_ok(context, talus_fit(a, rest, NULL, &options, NULL));
    expect_ok(context, talus_solve_readout(a, rest, NULL, NULL));
    options.solve_readout = 1, options.validation_split = 0.3;
    expect_ok(context, talus_fit(b, training, NULL, &options, &result));
    same_parameters(a, b);
    ck_assert(isfinite(result.readout_validation_cost));
    options.validation_split = 0;
    expect_ok(context, talus_fit(b, training, NULL, &options, &result));
    ck_assert_double_nan(result.readout_validation_cost);
    talus_dataset_destroy(share), talus_dataset_destroy(rest);
    talus_network_destroy(a), talus_network_destroy(b);
}
END_TEST

/* A solution for few samples is worse on others than what a short fit leaves; without noise it is better. */
START_TEST(a_solution_may_have_to_be_better)
{
    const bool overfits = _i == 0;
    pupil a = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.01),
          b = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.01);
    talus_dataset *few = slice_of(training, 0, overfits ? 8 : SAMPLES);
    const talus_dataset *judge = overfits ? held_out : few;
    talus_fit_options options = fit_options(3);
    talus_fit_result result;
    expect_ok(context, talus_trainer_fit(a.trainer, few, judge, &options, &result));
    options.solve_readout = options.readout_if_better = 1;
    expect_ok(context, talus_trainer_fit(b.trainer, few, judge, &options, &result));
    ck_assert_int_eq(result.readout_kept, !overfits);
    ck_assert_int_gt(result.readout_rank, 0);
    ck_assert(overfits ? result.readout_validation_cost > result.validation_cost
                       : result.readout_validation_cost < result.validation_cost);
    if (overfits)
        same_parameters(a.network, b.network);
    else
        ck_assert_double_eq_tol(result.readout_validation_cost, result.readout_cost, 1e-12);
    talus_dataset_destroy(few);
    free_pupil(&a), free_pupil(&b);
}
END_TEST

/* A checkpoint has the network as it is trained: a fit that goes on from one ends with the bits of a fit that was not stopped, be the
 * option new or not. */
START_TEST(a_resumed_fit_solves_at_its_end)
{
    pupil whole = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.01),
          p = make_pupil(TALUS_DTYPE_F64, TALUS_ADAM, 0.01);
    talus_fit_options options = fit_options(4);
    options.checkpoint = path;
    options.solve_readout = 1, options.readout_ridge = 0.01;
    talus_fit_result of_whole = run_fit(&whole, held_out, &options), of_parts;
    options.solve_readout = _i, options.readout_ridge = _i ? 0.01 : 0;
    stopper by = {.after = 2 * STEPS + 3};
    stop_by(&by, &options);
    (void)run_fit(&p, held_out, &options);
    free_pupil(&p);
    p = resume_pupil(&options);
    options.stop = NULL, options.on_progress = NULL;
    options.solve_readout = 1, options.readout_ridge = 0.01;
    expect_ok(context, talus_trainer_fit(p.trainer, training, held_out, &options, &of_parts));
    same_parameters(whole.network, p.network);
    ck_assert_double_eq(of_whole.readout_cost, of_parts.readout_cost);
    ck_assert_int_eq(of_whole.epochs, of_parts.epochs);
    free_pupil(&p);
    p = resume_pupil(&options); /* nothing is left to be trained */
    expect_ok(context, talus_trainer_fit(p.trainer, training, held_out, &options, &of_parts));
    same_parameters(whole.network, p.network);
    free_pupil(&whole), free_pupil(&p);
}
END_TEST

START_TEST(what_cannot_be_solved_is_refused_before_training)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 6, 3, TALUS_SOFTMAX),
                  *twin = two_layers(TALUS_DTYPE_F32, INPUTS, 6, 3, TALUS_SOFTMAX);
    talus_fit_options options = fit_options(1);
    options.solve_readout = 1;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(network, labelled, NULL, &options, NULL));
    expect_message(context, "fit: solve_readout: the loss must be a squared error, got cross_entropy");
    same_parameters(network, twin);
    pupil p = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01);
    options.readout_if_better = 1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "fit: readout_if_better needs a validation set");
    options.solve_readout = 0;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, held_out, &options, NULL));
    expect_message(context, "fit: readout_if_better needs solve_readout, and must be 0 without it, got 1");
    options.readout_if_better = 0, options.readout_ridge = 1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, held_out, &options, NULL));
    expect_message(context, "fit: readout_ridge needs solve_readout");
    ck_assert_int_eq(talus_trainer_steps(p.trainer), 0);
    free_pupil(&p);
    talus_network_destroy(network), talus_network_destroy(twin);
}
END_TEST

START_TEST(every_allocation_may_fail_before_training)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, INPUTS, 6, 1, TALUS_IDENTITY),
                  *twin = two_layers(TALUS_DTYPE_F32, INPUTS, 6, 1, TALUS_IDENTITY);
    talus_fit_options options = fit_options(1);
    options.solve_readout = options.readout_if_better = 1;
    int failed = 0;
    for (talus_status status = TALUS_ERROR_MEMORY; status != TALUS_OK; failed++) {
        same_parameters(network, twin);
        refuse_from_now(&book, failed + 1);
        status = talus_fit(network, training, held_out, &options, NULL);
        book.fail_at = 0;
        ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
        if (status != TALUS_OK)
            expect_message(context, "no memory");
    }
    ck_assert_int_gt(failed, 10);
    talus_network_destroy(network), talus_network_destroy(twin);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_readout");
    TCase *tests = case_with(suite, begin_checkpoints, end_checkpoints);
    tcase_add_loop_test(tests, a_fit_solves_as_the_call_does, 0, 12);
    tcase_add_test(tests, a_fit_solves_for_what_it_trains_on);
    tcase_add_loop_test(tests, a_solution_may_have_to_be_better, 0, 2);
    tcase_add_loop_test(tests, a_resumed_fit_solves_at_its_end, 0, 2);
    tcase_add_test(tests, what_cannot_be_solved_is_refused_before_training);
    tcase_add_test(tests, every_allocation_may_fail_before_training);
    return run_suite(suite);
}
