/* Training with schedule_free: steps are taken from y, and x is what counts. */
#include <float.h>

#include "fit_support.h"
#include "train/trainer.h"

static pupil make_free(int precision)
{
    return make_pupil(precision, TALUS_SCHEDULE_FREE, 0.01);
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
START_TEST(the_definition_on_a_bowl)
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
START_TEST(fits_go_on)
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
START_TEST(all_in_one_call)
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
START_TEST(the_best_epoch_is_kept)
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
START_TEST(after_an_error)
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

/* A step on the bowl's data; or where the gradient is 0. */
static void step_on_bowl(const pupil *p, double size)
{
    double sides[2] = {size, -size}, zeros[2] = {0, 0};
    talus_matrix x = talus_matrix_view(sides, TALUS_DTYPE_F64, 2, 1),
                 y = talus_matrix_view(zeros, TALUS_DTYPE_F64, 2, 1);
    expect_ok(context, talus_trainer_step(p->trainer, BATCH(x, y), NULL));
}

/* Steps alone: x by the definition, and y with the same bits again, whether it was asked for or a step was taken. */
START_TEST(single_steps_have_an_average)
{
    enum { T = 20 };
    const double eta = 0.1, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    pupil p = make_bowl_of(TALUS_DTYPE_F64, TALUS_SCHEDULE_FREE, eta),
          unseen = make_bowl_of(TALUS_DTYPE_F64, TALUS_SCHEDULE_FREE, eta);
    double x = 1, y = 1, z = 1, v = 0, sum = 0;
    for (int t = 1; t <= T; t++) {
        step_on_bowl(&p, 1), step_on_bowl(&unseen, 1);
        ck_assert_int_eq(talus_trainer_averaged(p.trainer), 0);
        ck_assert_double_eq(bowl_weight(&p), bowl_weight(&unseen));
        double rate = eta * sqrt(1 - pow(beta2, t));
        v = beta2 * v + (1 - beta2) * y * y;
        z -= rate * y / (sqrt(v) + epsilon);
        sum += rate * rate;
        double c = rate * rate / sum;
        x = (1 - c) * x + c * z;
        y = (1 - beta1) * z + beta1 * x;
        for (int times = 0; times < 2; times++) {
            expect_ok(context, talus_trainer_set_averaged(p.trainer, 1));
            ck_assert_double_eq_tol(bowl_weight(&p), x, 16 * t * DBL_EPSILON);
        }
        ck_assert_int_eq(talus_trainer_averaged(p.trainer), 1);
        for (int times = 0; times < 2 && t % 2 == 0; times++) {
            expect_ok(context, talus_trainer_set_averaged(p.trainer, 0));
            ck_assert_double_eq(bowl_weight(&p), bowl_weight(&unseen));
        }
    }
    ck_assert_double_gt(fabs(x - y), 1e-3);
    free_pupil(&p), free_pupil(&unseen);
}
END_TEST

/* What callbacks see. */
typedef struct views {
    const pupil *p;
    int steps, epochs, ends;
} views;

static int see_step(const talus_progress *progress, void *user)
{
    views *seen = user;
    ck_assert_int_eq(talus_trainer_averaged(progress->trainer), 0);
    expect_status(context, TALUS_ERROR_STATE, talus_trainer_set_averaged(progress->trainer, 1));
    expect_message(context, "set_averaged: the trainer must not be in a fit");
    seen->steps++;
    return 0;
}

static int see_epoch(const talus_epoch *epoch, void *user)
{
    views *seen = user;
    ck_assert_int_eq(talus_trainer_averaged(seen->p->trainer), 1);
    ck_assert_double_eq(cost_of(seen->p->network), epoch->validation_cost);
    seen->epochs++;
    return 0;
}

static void see_end(const talus_fit_result *result, void *user)
{
    views *seen = user;
    ck_assert_int_eq(talus_trainer_averaged(seen->p->trainer), 1);
    ck_assert_double_eq(cost_of(seen->p->network), result->validation_cost);
    seen->ends++;
}

START_TEST(callbacks_see_what_was_validated)
{
    pupil p = make_free(_i), unseen = make_free(_i);
    views seen = {.p = &p};
    talus_fit_options options = fit_options(3);
    (void)run_fit(&unseen, held_out, &options);
    options.on_progress = see_step, options.on_epoch = see_epoch, options.on_end = see_end;
    options.user = &seen;
    (void)run_fit(&p, held_out, &options);
    ck_assert_int_eq(seen.steps, 3 * STEPS);
    ck_assert_int_eq(seen.epochs, 3);
    ck_assert_int_eq(seen.ends, 1);
    same_parameters(p.network, unseen.network);
    free_pupil(&p), free_pupil(&unseen);
}
END_TEST

/* Where the gradient is 0, y moves on towards z: not where the best epoch was restored, as x = y = z then. */
START_TEST(training_goes_on_from_the_best_epoch)
{
    pupil p = make_bowl_of(_i, TALUS_SCHEDULE_FREE, 0.1), last = make_bowl_of(_i, TALUS_SCHEDULE_FREE, 0.1);
    talus_fit_options options = fit_options(60);
    (void)fit_bowl(&last, &options);
    options.patience = 60;
    talus_fit_result result = fit_bowl(&p, &options);
    ck_assert_int_lt(result.best_epoch, result.epochs);
    double best = bowl_weight(&p);
    ck_assert_int_eq(talus_trainer_averaged(p.trainer), 1);
    expect_ok(context, talus_trainer_set_averaged(p.trainer, 0));
    ck_assert_double_eq(bowl_weight(&p), best);
    step_on_bowl(&p, 0);
    ck_assert_double_eq(bowl_weight(&p), best);
    expect_ok(context, talus_trainer_set_averaged(p.trainer, 1));
    ck_assert_double_eq(bowl_weight(&p), best);
    expect_ok(context, talus_trainer_set_averaged(last.trainer, 0));
    double before = bowl_weight(&last);
    step_on_bowl(&last, 0);
    ck_assert_double_ne(bowl_weight(&last), before);
    free_pupil(&p), free_pupil(&last);
}
END_TEST

static double longest_row(const double *weights, int64_t rows, int64_t cols)
{
    double most = 0;
    for (int64_t i = 0; i < rows; i++) {
        double squares = 0;
        for (int64_t j = 0; j < cols; j++)
            squares += weights[i * cols + j] * weights[i * cols + j];
        most = fmax(most, sqrt(squares));
    }
    return most;
}

/* y is inside of the ball after each step, and x, which is outside at times by its formula, is brought there. */
START_TEST(the_average_keeps_to_max_norm)
{
    enum { HIDDEN = 5, MOST = 64 };
    const double limit = 0.01, most = limit * (1 + INPUTS * DBL_EPSILON);
    talus_layer layers[2] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
    layers[0].max_norm = limit;
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    talus_optimizer_spec method;
    talus_optimizer_defaults(&method, TALUS_SCHEDULE_FREE);
    method.rate = 0.1;
    pupil p;
    expect_ok(context, talus_network_create(context, &spec, &p.network));
    expect_ok(context, talus_trainer_create(p.network, &method, SAMPLES, &p.trainer));
    ck_assert_int_le(talus_network_parameter_count(p.network), MOST);
    double farthest = 0, formula[MOST], ones[INPUTS] = {1, 1, 1, 1};
    talus_matrix from = talus_matrix_view(ones, TALUS_DTYPE_F64, 1, INPUTS);
    for (int step = 0; step < 50; step++) {
        double target = step / 10 % 2 ? -10 : 10; /* pulls outwards, then back */
        talus_matrix to = talus_matrix_view(&target, TALUS_DTYPE_F64, 1, 1);
        expect_ok(context, talus_trainer_step(p.trainer, BATCH(from, to), NULL));
        talus_matrix flat, w; /* W_1 comes first */
        expect_ok(context, talus_network_parameters(p.network, &flat));
        expect_ok(context, talus_network_weights(p.network, NULL, 1, &w));
        ck_assert_double_le(longest_row(w.data, HIDDEN, INPUTS), most);
        tl_optimizer_average(p.trainer->optimizer, flat.data, formula);
        farthest = fmax(farthest, longest_row(formula, HIDDEN, INPUTS));
        expect_ok(context, talus_trainer_set_averaged(p.trainer, 1));
        ck_assert_double_le(longest_row(w.data, HIDDEN, INPUTS), most);
    }
    ck_assert_double_gt(farthest, 1.001 * limit);
    free_pupil(&p);
}
END_TEST

START_TEST(other_methods_have_no_average)
{
    pupil p = make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.01), averaged = make_free(TALUS_DTYPE_F32);
    ck_assert_int_eq(talus_trainer_averaged(p.trainer), 0);
    ck_assert_int_eq(talus_trainer_averaged(NULL), 0);
    ck_assert_int_eq(talus_trainer_set_averaged(NULL, 1), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_set_averaged(p.trainer, 0));
    ck_assert_str_eq(talus_error_message(context),
                     "set_averaged: the method must have an average of its own, got adam");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_set_averaged(averaged.trainer, 2));
    ck_assert_str_eq(talus_error_message(context), "set_averaged: averaged must be 0 or 1, got 2");
    free_pupil(&p), free_pupil(&averaged);
}
END_TEST

/* Every allocation of a trainer and a fit that retries fails in turn. */
START_TEST(no_memory)
{
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_SCHEDULE_FREE);
    talus_fit_options options = fit_options(2);
    options.optimizer = &spec, options.retries = 1, options.patience = 1;
    pupil p = make_free(TALUS_DTYPE_F32), fresh = make_free(TALUS_DTYPE_F32);
    int64_t refused = 1, averages = 0;
    for (talus_status status; refused < 100; refused++) {
        refuse_from_now(&book, (int)refused);
        status = talus_fit(p.network, training, NULL, &options, NULL);
        if (status == TALUS_OK)
            break;
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        averages += strstr(talus_error_message(context), "trainer: the allocator returned no memory for an "
                                                         "average of 37 parameters") != NULL;
        same_parameters(p.network, fresh.network);
    }
    ck_assert_int_eq(averages, 1);
    ck_assert(refused > 10 && refused < 100);
    free_pupil(&p), free_pupil(&fresh);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_schedule_free");
    TCase *tests = case_with(suite, begin_fits, end_fits);
    tcase_add_test(tests, the_definition_on_a_bowl);
    tcase_add_loop_test(tests, fits_go_on, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_test(tests, all_in_one_call);
    tcase_add_test(tests, single_steps_go_on);
    tcase_add_test(tests, the_best_epoch_is_kept);
    tcase_add_test(tests, after_an_error);
    tcase_add_test(tests, single_steps_have_an_average);
    tcase_add_loop_test(tests, callbacks_see_what_was_validated, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_loop_test(tests, training_goes_on_from_the_best_epoch, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    tcase_add_test(tests, the_average_keeps_to_max_norm);
    tcase_add_test(tests, other_methods_have_no_average);
    tcase_add_test(tests, no_memory);
    return run_suite(suite);
}
