/* The noise of gradients, and trials of growing rates. */
#include "fixture.h"

enum { N = 120, INPUTS = 3 };

static double *x, y[N];
static talus_network *network;
static talus_workspace *workspace;
static talus_matrix inputs, targets;

/* One linear unit of f64 with y = x_0 − 2·x_1 and a noise. */
static void setup(void)
{
    begin_counted();
    x = random_array(1, N * INPUTS);
    double *noise = random_array(2, N);
    for (int i = 0; i < N; i++)
        y[i] = x[i * INPUTS] - 2 * x[i * INPUTS + 1] + 0.5 * noise[i];
    free(noise);
    inputs = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS);
    targets = talus_matrix_view(y, TALUS_DTYPE_F64, N, 1);
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(INPUTS, &layer, 1, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    expect_ok(context, talus_network_create(context, &spec, &network));
    workspace = workspace_of(network, N);
}

static void teardown(void)
{
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    free(x);
    end_counted();
}

/* Noise ------------------------------------------------------------------------------------------------------ */

/* With parts of one sample the estimates are the textbook's: tr Σ is the variance of the gradients g_i = (a − y)·(x, 1) with
 * n − 1, and ‖G‖² = ‖ḡ‖² − tr Σ/n. */
START_TEST(parts_of_one_sample_give_the_sample_variance)
{
    talus_matrix theta;
    talus_noise_scale noise;
    double mean[INPUTS + 1] = {0}, squares = 0, square_of_mean = 0;
    expect_ok(context, talus_network_parameters(network, &theta));
    const double *w = theta.data;
    for (int i = 0; i < N; i++) {
        double error = w[INPUTS] - y[i];
        for (int k = 0; k < INPUTS; k++)
            error += w[k] * x[i * INPUTS + k];
        for (int k = 0; k <= INPUTS; k++) {
            double g = error * (k < INPUTS ? x[i * INPUTS + k] : 1);
            mean[k] += g / N;
            squares += g * g;
        }
    }
    for (int k = 0; k <= INPUTS; k++)
        square_of_mean += mean[k] * mean[k];
    double variance = (squares - N * square_of_mean) / (N - 1), signal = square_of_mean - variance / N;
    expect_ok(context, talus_noise_scale_of(network, workspace, BATCH(inputs, targets), 1, &noise));
    ck_assert_double_eq_tol(noise.noise, variance, 1e-13 * squares);
    ck_assert_double_eq_tol(noise.signal, signal, 1e-13 * squares);
    ck_assert_double_eq(noise.scale, noise.noise / noise.signal);
}
END_TEST

/* Samples that are all the same have no noise; with gradients of opposite signs nothing else. */
START_TEST(extremes_of_noise)
{
    talus_noise_scale noise;
    talus_matrix theta;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < INPUTS; k++)
            x[i * INPUTS + k] = k;
        y[i] = 5;
    }
    expect_ok(context, talus_noise_scale_of(network, workspace, BATCH(inputs, targets), 4, &noise));
    ck_assert_double_eq_tol(noise.noise, 0, 1e-12 * noise.signal);
    ck_assert_double_gt(noise.signal, 0);
    expect_ok(context, talus_network_parameters(network, &theta));
    memset(theta.data, 0, sizeof(double) * (INPUTS + 1));
    for (int i = 0; i < N; i++)
        y[i] = i % 2 == 0 ? 1 : -1;
    expect_ok(context, talus_noise_scale_of(network, workspace, BATCH(inputs, targets), 1, &noise));
    ck_assert(isinf(noise.scale) && noise.signal <= 0 && noise.noise > 0);
}
END_TEST

START_TEST(noise_is_refused_in_sentences)
{
    talus_noise_scale noise = {.scale = 42};
    talus_batch batch = talus_batch_of(inputs, targets), weighted = batch;
    weighted.weights = targets;
    ck_assert_int_eq(talus_noise_scale_of(network, NULL, &batch, 1, &noise), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_noise_scale_of(NULL, workspace, &batch, 1, &noise));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_noise_scale_of(network, workspace, &batch, 1, NULL));
    expect_message(context, "noise must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_noise_scale_of_sized(network, workspace, &batch, sizeof batch, 1, &noise, 8));
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_noise_scale_of(network, workspace, &weighted, 1, &noise));
    static const int64_t unfit[] = {-1, 0, 7, N, 2 * N};
    for (int i = 0; i < 5; i++) {
        expect_status(context, TALUS_ERROR_SHAPE,
                      talus_noise_scale_of(network, workspace, &batch, unfit[i], &noise));
        expect_message(context, "small must divide the 120 samples of the batch into 2 parts or more");
    }
    y[100] = NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_noise_scale_of(network, workspace, &batch, 1, &noise));
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_noise_scale_of(network, workspace, &batch, 1, &noise));
    book.fail_at = 0;
    ck_assert_double_eq(noise.scale, 42);
}
END_TEST

/* Rates ------------------------------------------------------------------------------------------------------ */

static talus_trainer *trainer_of(int method)
{
    talus_optimizer_spec spec;
    talus_trainer *trainer = NULL;
    talus_optimizer_defaults(&spec, method);
    expect_ok(context, talus_trainer_create(network, &spec, N, &trainer));
    return trainer;
}

/* Gradient descent on a quadratic diverges where η exceeds 2/λ_max, and the trial sees it soon above that. Batches differ, so
 * there always is an error that grows. */
START_TEST(a_trial_finds_where_descent_diverges)
{
    talus_trainer *trainer = trainer_of(TALUS_GRADIENT_DESCENT);
    talus_dataset *data = dataset_of(&inputs, &targets);
    talus_rate_range range;
    talus_spectrum spectrum;
    double numbers[2 * 200];
    talus_matrix curve = talus_matrix_view(numbers, TALUS_DTYPE_F64, 200, 2);
    expect_ok(context,
              talus_hessian_spectrum(network, workspace, BATCH(inputs, targets), 0, 1e-10, 0, &spectrum));
    expect_ok(context, talus_trainer_rate_range(trainer, data, N / 4, 1e-4, 100, 200, &curve, &range));
    double limit = 2 / spectrum.largest;
    ck_assert_double_gt(range.diverged, limit);
    ck_assert_double_lt(range.diverged, 10 * limit);
    ck_assert_double_gt(range.lowest, limit / 20);
    ck_assert_double_lt(range.lowest, 2 * limit);
    ck_assert_double_eq(range.suggested, range.lowest / 10);
    ck_assert_int_lt(range.steps, 200);
    ck_assert_double_eq(numbers[2 * (range.steps - 1)], range.diverged);
    for (int64_t k = 0; k < range.steps; k++)
        ck_assert_double_eq_tol(numbers[2 * k], 1e-4 * pow(1e6, (double)k / 199), 1e-12 * numbers[2 * k]);
    ck_assert_double_gt(numbers[1], numbers[2 * 60 + 1]);
    talus_dataset_destroy(data);
    talus_trainer_destroy(trainer);
}
END_TEST

/* A training with a trial between its steps has the bits of one without. */
START_TEST(a_trial_leaves_all_as_it_was)
{
    for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
        talus_trainer *any = trainer_of(method);
        bool has_rate = talus_trainer_set_rate(any, 0.01) == TALUS_OK;
        talus_trainer_destroy(any);
        if (!has_rate) /* it searches along lines */
            continue;
        double *kept = NULL, cost;
        talus_matrix theta;
        talus_dataset *data = dataset_of(&inputs, &targets);
        expect_ok(context, talus_network_parameters(network, &theta));
        for (int tried = 0; tried < 2; tried++) {
            talus_trainer *trainer = trainer_of(method);
            talus_rate_range range;
            expect_ok(context, talus_network_initialize(network, 4));
            double rate = talus_trainer_rate(trainer);
            for (int step = 0; step < 4; step++) {
                expect_ok(context, talus_trainer_step(trainer, BATCH(inputs, targets), &cost));
                if (tried && step == 1)
                    expect_ok(context,
                              talus_trainer_rate_range(trainer, data, 30, 1e-5, 1, 20, NULL, &range));
            }
            ck_assert_double_eq(talus_trainer_rate(trainer), rate);
            ck_assert_int_eq(talus_trainer_steps(trainer), 4);
            talus_trainer_destroy(trainer);
            if (!tried) {
                kept = malloc(sizeof(double) * (INPUTS + 1));
                memcpy(kept, theta.data, sizeof(double) * (INPUTS + 1));
            }
        }
        same_bytes(theta.data, kept, sizeof(double) * (INPUTS + 1));
        free(kept);
        talus_dataset_destroy(data);
    }
}
END_TEST

START_TEST(trials_are_refused_in_sentences)
{
    talus_trainer *trainer = trainer_of(TALUS_ADAM);
    talus_dataset *data = dataset_of(&inputs, &targets);
    talus_rate_range range = {.steps = 42};
    double numbers[40];
    talus_matrix few = talus_matrix_view(numbers, TALUS_DTYPE_F64, 9, 2),
                 wide = talus_matrix_view(numbers, TALUS_DTYPE_F64, 10, 3),
                 single = talus_matrix_view(numbers, TALUS_DTYPE_F32, 10, 2);
    const talus_status refused = TALUS_ERROR_ARGUMENT;
    ck_assert_int_eq(talus_trainer_rate_range(NULL, data, 30, 1e-5, 1, 10, NULL, &range), refused);
    expect_status(context, refused, talus_trainer_rate_range(trainer, NULL, 30, 1e-5, 1, 10, NULL, &range));
    expect_status(context, refused, talus_trainer_rate_range(trainer, data, 30, 1e-5, 1, 10, NULL, NULL));
    expect_message(context, "range must not be NULL");
    expect_status(context, refused,
                  talus_trainer_rate_range_sized(trainer, data, 30, 1e-5, 1, 10, NULL, &range, 8));
    expect_status(context, refused, talus_trainer_rate_range(trainer, data, 0, 1e-5, 1, 10, NULL, &range));
    expect_status(context, refused,
                  talus_trainer_rate_range(trainer, data, N + 1, 1e-5, 1, 10, NULL, &range));
    expect_message(context, "batch must be 1 … 120, as the trainer and the data set allow, got 121");
    expect_status(context, refused, talus_trainer_rate_range(trainer, data, 30, 1e-5, 1, 1, NULL, &range));
    expect_message(context, "steps must be at least 2, got 1");
    expect_status(context, refused, talus_trainer_rate_range(trainer, data, 30, 0, 1, 10, NULL, &range));
    expect_status(context, refused, talus_trainer_rate_range(trainer, data, 30, 1, 1, 10, NULL, &range));
    expect_status(context, refused,
                  talus_trainer_rate_range(trainer, data, 30, 1, (double)INFINITY, 10, NULL, &range));
    expect_message(context, "first must be above 0, and last finite and above first, got 1 and inf");
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_trainer_rate_range(trainer, data, 30, 1e-5, 1, 10, &few, &range));
    expect_message(context, "curve must be 10 × 2, a row a step, got 9 × 2");
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_trainer_rate_range(trainer, data, 30, 1e-5, 1, 10, &wide, &range));
    expect_status(context, refused,
                  talus_trainer_rate_range(trainer, data, 30, 1e-5, 1, 10, &single, &range));
    expect_status(context, refused, talus_trainer_rate_range(trainer, data, 30, 1e-320, 1, 10, NULL, &range));
    expect_message(context, "rate must be");
    y[60] = NAN;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_trainer_rate_range(trainer, data, 30, 1e-5, 1, 10, NULL, &range));
    y[60] = 0;
    for (int n = 1; n <= 2; n++) {
        int64_t alive = book.alive;
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY,
                      talus_trainer_rate_range(trainer, data, 30, 1e-5, 1, 10, NULL, &range));
        ck_assert_int_eq(book.alive, alive);
    }
    book.fail_at = 0;
    ck_assert_int_eq(range.steps, 42);
    talus_dataset_destroy(data);
    talus_trainer_destroy(trainer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trials");
    TCase *tests = case_with(suite, setup, teardown);
    tcase_add_test(tests, parts_of_one_sample_give_the_sample_variance);
    tcase_add_test(tests, extremes_of_noise);
    tcase_add_test(tests, noise_is_refused_in_sentences);
    tcase_add_test(tests, a_trial_finds_where_descent_diverges);
    tcase_add_test(tests, a_trial_leaves_all_as_it_was);
    tcase_add_test(tests, trials_are_refused_in_sentences);
    return run_suite(suite);
}
