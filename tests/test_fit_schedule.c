/* Schedules in a fit. */
#include <float.h>

#include "fit_support.h"

enum { EPOCHS = 4 };

static double root(int64_t step, void *user)
{
    (void)user;
    return 1 / sqrt((double)step + 1);
}

static talus_schedule schedule_of(int kind)
{
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, kind);
    schedule.warmup = 0.5;
    if (kind == TALUS_SCHEDULE_CALLBACK)
        schedule.callback = root;
    return schedule;
}

static pupil make_adam(void)
{
    return make_pupil(TALUS_DTYPE_F32, TALUS_ADAM, 0.02);
}

/* Rates that on_progress has seen. */
typedef struct seen {
    double rates[100];
    int64_t count;
} seen;

static int keep_rate(const talus_progress *progress, void *user)
{
    seen *s = user;
    s->rates[s->count++] = progress->rate;
    return 0;
}

/* A fit is its steps, with the rate of each set before it. For all kinds but plateaus, which are told nothing there. */
START_TEST(rates_follow_the_schedule)
{
    talus_schedule schedule = schedule_of(_i);
    pupil fitted = make_adam(), stepped = make_adam();
    seen s = {.count = 0};
    talus_fit_options options = fit_options(EPOCHS);
    options.shuffle = 0, options.rate_schedule = &schedule, options.on_progress = keep_rate,
    options.user = &s;
    (void)run_fit(&fitted, NULL, &options);
    ck_assert_int_eq(s.count, EPOCHS * STEPS);
    ck_assert_double_eq(talus_trainer_rate(fitted.trainer), 0.02);
    ck_assert_double_eq(epoch_of(&fitted, 2).rate, s.rates[2 * STEPS - 1]);
    talus_matrix x, y;
    expect_ok(context, talus_dataset_matrices(training, &x, &y));
    for (int64_t step = 0; step < EPOCHS * STEPS; step++) {
        int64_t first = step % STEPS * ROWS, count = SAMPLES - first < ROWS ? SAMPLES - first : ROWS;
        double factor;
        expect_ok(context,
                  talus_schedule_factor(context, &schedule, step, STEPS, EPOCHS * STEPS, NULL, &factor));
        ck_assert_double_eq(s.rates[step], 0.02 * factor);
        expect_ok(context, talus_trainer_set_rate(stepped.trainer, 0.02 * factor));
        talus_matrix of_x = x, of_y = y;
        of_x.data = (double *)x.data + first * x.stride, of_x.rows = count;
        of_y.data = (double *)y.data + first * y.stride, of_y.rows = count;
        expect_ok(context, talus_trainer_step(stepped.trainer, BATCH(of_x, of_y), NULL));
    }
    same_parameters(fitted.network, stepped.network);
    free_pupil(&fitted), free_pupil(&stepped);
}
END_TEST

/* With a length of its own, a schedule goes on from fit to fit, also from inside of an epoch. */
START_TEST(schedules_go_on)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_COSINE);
    schedule.length = 3;
    pupil whole = make_adam(), parts = make_adam();
    talus_fit_options options = fit_options(EPOCHS);
    options.rate_schedule = &schedule;
    (void)run_fit(&whole, NULL, &options);
    options.max_steps = 2 * STEPS + 3;
    (void)run_fit(&parts, NULL, &options);
    options.epochs = 2, options.max_steps = 0;
    (void)run_fit(&parts, NULL, &options);
    same_parameters(whole.network, parts.network);
    free_pupil(&whole), free_pupil(&parts);
}
END_TEST

/* The run is what the fit will do: fewer steps if they are limited, and what stands before them if it goes on. */
START_TEST(an_open_length_is_what_is_left_of_the_fit)
{
    talus_schedule line;
    talus_schedule_defaults(&line, TALUS_SCHEDULE_POLYNOMIAL); /* 1 − i/T */
    static const struct {
        int64_t epochs, max_steps;
        int together;
        int64_t steps, first, run; /* that are taken; before them; T */
    } cases[] = {{2, 0, 1, 14, 0, 14},
                 {3, 5, 1, 5, 14, 19},
                 {2, 0, 1, 9, 19, 28},
                 {3, 0, 2, 12, 28, 40},
                 {INT64_MAX, 10, 1, 10, 40, 50}};
    pupil p = make_adam();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seen s = {.count = 0};
        talus_fit_options options = fit_options(cases[i].epochs);
        options.rate_schedule = &line, options.on_progress = keep_rate, options.user = &s;
        options.max_steps = cases[i].max_steps, options.accumulate = cases[i].together;
        (void)run_fit(&p, NULL, &options);
        ck_assert_int_eq(s.count, cases[i].steps);
        for (int64_t step = 0; step < s.count; step++)
            ck_assert_double_eq_tol(
                s.rates[step], 0.02 * (1 - (double)(cases[i].first + step) / (double)cases[i].run), 1e-16);
    }
    free_pupil(&p);
}
END_TEST

/* No epoch but the first is an improvement: the rate falls by 10 after each two of them. */
START_TEST(plateaus_are_told_what_is_watched)
{
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    schedule.patience = 2, schedule.least_change = 1000;
    pupil whole = make_adam(), parts = make_adam();
    talus_fit_options options = fit_options(8);
    options.rate_schedule = &schedule;
    (void)run_fit(&whole, held_out, &options);
    double expected = 0.02;
    for (int64_t number = 1; number <= 8; number++) {
        ck_assert_double_eq_tol(epoch_of(&whole, number).rate, expected, 1e-17);
        expected *= number > 1 && number % 2 == 1 ? 0.1 : 1;
    }
    options.epochs = 1;
    for (int i = 0; i < 8; i++)
        (void)run_fit(&parts, held_out, &options);
    same_parameters(whole.network, parts.network);
    free_pupil(&whole), free_pupil(&parts);
}
END_TEST

static int set_a_rate(const talus_progress *progress, void *user)
{
    (void)keep_rate(progress, user);
    if (progress->steps == 3)
        expect_ok(context, talus_trainer_set_rate(progress->trainer, 0.5));
    return 0;
}

START_TEST(a_rate_that_is_set_is_scheduled)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_CALLBACK);
    pupil p = make_adam();
    seen s = {.count = 0};
    talus_fit_options options = fit_options(1);
    schedule.warmup = 0;
    options.rate_schedule = &schedule, options.on_progress = set_a_rate, options.user = &s;
    (void)run_fit(&p, NULL, &options);
    for (int step = 0; step < STEPS; step++)
        ck_assert_double_eq(s.rates[step], (step < 3 ? 0.02 : 0.5) * (1 / sqrt(step + 1.0)));
    ck_assert_double_eq(talus_trainer_rate(p.trainer), 0.5);
    free_pupil(&p);
}
END_TEST

/* Half the rate is half of what is scheduled. */
START_TEST(retries_halve_what_is_scheduled)
{
    talus_schedule schedule;
    talus_schedule_defaults(&schedule, TALUS_SCHEDULE_STEP);
    schedule.length = 1e6;
    pupil p = make_bowl(TALUS_DTYPE_F32, 3);
    talus_fit_options options = fit_options(200);
    options.rate_schedule = &schedule, options.retries = 1;
    talus_fit_result result = fit_bowl(&p, &options);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
    ck_assert_int_eq(result.retries, 1);
    ck_assert_double_eq(epoch_of(&p, 200).rate, 1.5);
    ck_assert_double_eq(talus_trainer_rate(p.trainer), 1.5);
    free_pupil(&p);
}
END_TEST

static double never(int64_t step, void *user)
{
    (void)user;
    return step < 4 ? 0 : NAN;
}

static talus_network *dropping(double share)
{
    talus_layer layers[] = {talus_dense(9, TALUS_TANH), talus_dense(1, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    talus_network *network = NULL;
    layers[0].dropout = share;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

/* Shares of 0 by the schedule are shares of 0; and a factor that is no number ends the fit with an error. */
START_TEST(dropout_is_scheduled)
{
    talus_network *with = dropping(0.5), *without = dropping(0);
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_CALLBACK);
    schedule.warmup = 0, schedule.callback = never;
    talus_fit_options options = fit_options(1);
    options.max_steps = 4;
    expect_ok(context, talus_fit(without, training, NULL, &options, NULL));
    options.dropout_schedule = &schedule;
    talus_trainer *trainer;
    expect_ok(context, talus_trainer_create(with, NULL, ROWS, &trainer));
    expect_ok(context, talus_trainer_fit(trainer, training, NULL, &options, NULL));
    same_parameters(with, without);
    expect_status(context, TALUS_ERROR_DATA, talus_trainer_fit(trainer, training, NULL, &options, NULL));
    ck_assert_str_eq(talus_error_message(context),
                     "dropout_schedule: the factor of step 4 must be a finite number of at least 0, got nan");
    schedule = schedule_of(TALUS_SCHEDULE_COSINE), schedule.last = 3,
    schedule.length = 1e-9; /* a share of 1.5 */
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_fit(trainer, training, NULL, &options, NULL));
    expect_message(context, "the factor of dropout must leave the share of layer 1, 0.5, below 1, got");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(without, training, NULL, &options, NULL));
    ck_assert_str_eq(talus_error_message(context),
                     "fit: dropout_schedule must be NULL for a network without dropout");
    talus_trainer_destroy(trainer);
    talus_network_destroy(with), talus_network_destroy(without);
}
END_TEST

static bool has_a_rate(int method)
{
    return method < TALUS_IRPROP_MINUS;
}

/* The least rate stands for one of 0, whatever the method makes of it. */
START_TEST(a_rate_of_0_moves_nothing)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64 && has_a_rate(_i); precision++) {
        talus_schedule schedule = schedule_of(TALUS_SCHEDULE_CALLBACK);
        schedule.warmup = 0, schedule.callback = never;
        pupil p = make_pupil(precision, _i, 0.02), fresh = make_pupil(precision, _i, 0.02);
        talus_fit_options options = fit_options(1);
        options.max_steps = 4, options.rate_schedule = &schedule;
        talus_fit_result result = run_fit(&p, NULL, &options);
        ck_assert_int_eq(result.steps, 4);
        ck_assert_int_eq(result.outcome, TALUS_OUTCOME_LIMIT);
        talus_matrix weights, of_fresh;
        expect_ok(context, talus_network_weights(p.network, NULL, 1, &weights));
        expect_ok(context, talus_network_weights(fresh.network, NULL, 1, &of_fresh));
        same_bytes(weights.data, of_fresh.data,
                   (size_t)(weights.rows * weights.cols) * (precision == TALUS_DTYPE_F32 ? 4 : 8));
        free_pupil(&p), free_pupil(&fresh);
    }
}
END_TEST

/* A warm-up from 0, then a cosine to 0: training goes on between them, and nothing diverges after. */
START_TEST(from_0_to_0)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64 && has_a_rate(_i); precision++) {
        talus_schedule schedule = schedule_of(TALUS_SCHEDULE_COSINE);
        schedule.warmup_from = 0, schedule.length = 2;
        pupil p = make_pupil(precision, _i, 0.001);
        talus_fit_options options = fit_options(4);
        options.rate_schedule = &schedule;
        talus_fit_result result = run_fit(&p, NULL, &options);
        ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
        ck_assert_double_lt(result.cost, epoch_of(&p, 1).cost);
        ck_assert_double_gt(epoch_of(&p, 4).rate, 0);
        ck_assert_double_lt(epoch_of(&p, 4).rate, 1e-37);
        free_pupil(&p);
    }
}
END_TEST

/* A fit is its steps, with the weight decay of each set before it; after it, the decay is as it was. */
START_TEST(weight_decay_is_scheduled)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_COSINE);
    schedule.warmup_from = 0, schedule.length = 1;
    pupil fitted = make_pupil(TALUS_DTYPE_F64, _i, 0.02), stepped = make_pupil(TALUS_DTYPE_F64, _i, 0.02);
    talus_fit_options options = fit_options(EPOCHS);
    options.shuffle = 0, options.decay_schedule = &schedule;
    expect_ok(context, talus_trainer_set_weight_decay(fitted.trainer, 0.5));
    ck_assert_int_eq(run_fit(&fitted, NULL, &options).outcome, TALUS_OUTCOME_COMPLETED);
    talus_matrix x, y;
    expect_ok(context, talus_dataset_matrices(training, &x, &y));
    for (int64_t step = 0; step <= EPOCHS * STEPS; step++) {
        int64_t first = step % STEPS * ROWS, count = SAMPLES - first < ROWS ? SAMPLES - first : ROWS;
        double factor = 1;
        if (step < EPOCHS * STEPS)
            expect_ok(context,
                      talus_schedule_factor(context, &schedule, step, STEPS, EPOCHS * STEPS, NULL, &factor));
        expect_ok(context, talus_trainer_set_weight_decay(stepped.trainer, 0.5 * factor));
        talus_matrix of_x = x, of_y = y;
        of_x.data = (double *)x.data + first * x.stride, of_x.rows = count;
        of_y.data = (double *)y.data + first * y.stride, of_y.rows = count;
        expect_ok(context, talus_trainer_step(stepped.trainer, BATCH(of_x, of_y), NULL));
        if (step == EPOCHS * STEPS)
            expect_ok(context, talus_trainer_step(fitted.trainer, BATCH(of_x, of_y), NULL));
    }
    same_parameters(fitted.network, stepped.network);
    free_pupil(&fitted), free_pupil(&stepped);
}
END_TEST

/* Of gradient descent on the bowl, w_T = Π (1 − η·λ·s_i − η). */
START_TEST(scheduled_decay_of_a_weight)
{
    talus_schedule line;
    talus_schedule_defaults(&line, TALUS_SCHEDULE_POLYNOMIAL); /* 1 − i/T */
    pupil p = make_bowl(TALUS_DTYPE_F64, 0.25);
    talus_fit_options options = fit_options(20);
    options.decay_schedule = &line;
    expect_ok(context, talus_trainer_set_weight_decay(p.trainer, 0.5));
    (void)fit_bowl(&p, &options);
    double expected = 1;
    for (int i = 0; i < 20; i++)
        expected *= 1 - 0.25 * 0.5 * (1 - i / 20.0) - 0.25;
    ck_assert_double_eq_tol(bowl_weight(&p), expected, 20 * 4 * DBL_EPSILON);
    free_pupil(&p);
}
END_TEST

START_TEST(schedules_that_cannot_be)
{
    talus_schedule schedule = schedule_of(TALUS_SCHEDULE_STEP);
    pupil p = make_adam(), search = make_pupil(TALUS_DTYPE_F32, TALUS_LBFGS, 0.001);
    talus_fit_options options = fit_options(1);
    options.rate_schedule = &schedule;
    schedule.decay = -1;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "rate_schedule: decay must be a finite number");
    schedule.decay = 0.5, options.schedule_size = 8;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    expect_message(context, "rate_schedule: the size of its struct must be");
    options.schedule_size = sizeof schedule;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(search.trainer, training, NULL, &options, NULL));
    ck_assert_str_eq(talus_error_message(context),
                     "fit: rate_schedule must be NULL with lbfgs, whose steps have no rate");
    options.rate_schedule = NULL, options.decay_schedule = &schedule;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(p.trainer, training, NULL, &options, NULL));
    ck_assert_str_eq(talus_error_message(context),
                     "fit: decay_schedule must be NULL for an optimiser without weight decay");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(search.trainer, training, NULL, &options, NULL));
    ck_assert_int_eq(talus_trainer_steps(p.trainer), 0);
    free_pupil(&p), free_pupil(&search);
    pupil signs = make_pupil(TALUS_DTYPE_F32, TALUS_IRPROP_MINUS, 0.1);
    options.rate_schedule = &schedule, options.decay_schedule = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_trainer_fit(signs.trainer, training, NULL, &options, NULL));
    expect_message(context, "irprop_minus, whose steps have no rate");
    free_pupil(&signs);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fit_schedule");
    TCase *tests = case_with(suite, begin_fits, end_fits);
    tcase_add_loop_test(tests, rates_follow_the_schedule, 0, TALUS_SCHEDULE_REDUCE_ON_PLATEAU);
    tcase_add_loop_test(tests, rates_follow_the_schedule, TALUS_SCHEDULE_CALLBACK, TALUS_SCHEDULE_KIND_COUNT);
    tcase_add_test(tests, schedules_go_on);
    tcase_add_test(tests, an_open_length_is_what_is_left_of_the_fit);
    tcase_add_test(tests, plateaus_are_told_what_is_watched);
    tcase_add_test(tests, a_rate_that_is_set_is_scheduled);
    tcase_add_test(tests, retries_halve_what_is_scheduled);
    tcase_add_test(tests, dropout_is_scheduled);
    tcase_add_loop_test(tests, a_rate_of_0_moves_nothing, 0, TALUS_METHOD_COUNT);
    tcase_add_loop_test(tests, from_0_to_0, 0, TALUS_METHOD_COUNT);
    tcase_add_loop_test(tests, weight_decay_is_scheduled, TALUS_GRADIENT_DESCENT, TALUS_IRPROP_MINUS);
    tcase_add_test(tests, scheduled_decay_of_a_weight);
    tcase_add_test(tests, schedules_that_cannot_be);
    return run_suite(suite);
}
