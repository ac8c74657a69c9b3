/* Trainers and fit. */
#include "../bench/naive/naive.h"
#include "optimize/matrices.h"
#include "optimize/rule.h"
#include "support.h"

#ifndef TEST_DATA
#error "TEST_DATA names the folder with the digits"
#endif

static talus_network *make_network(talus_context *context, int precision, int64_t inputs, int64_t hidden,
                                   int64_t outputs)
{
    talus_layer layers[] = {{.width = hidden, .activation = TALUS_TANH},
                            {.width = outputs, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {.inputs = inputs,
                               .layers = layers,
                               .layer_count = 2,
                               .loss = TALUS_CROSS_ENTROPY,
                               .precision = precision,
                               .seed = 4};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

/* A batch of a problem that can be learned: the label is the largest of the first inputs. */
static int32_t *make_labels(const double *x, int64_t n, int64_t inputs, int classes)
{
    int32_t *labels = malloc((size_t)n * sizeof *labels);
    for (int64_t i = 0; i < n; i++) {
        labels[i] = 0;
        for (int k = 1; k < classes; k++)
            if (x[i * inputs + k] > x[i * inputs + labels[i]])
                labels[i] = k;
    }
    return labels;
}

static void *parameters_of(talus_context *context, talus_network *network)
{
    talus_matrix view;
    expect_ok(context, talus_network_parameters(network, &view));
    return view.data;
}

/* Others have their own tests: test_matrices.c, test_kfac.c. */
static bool learns_of_matrices(int method)
{
    return tl_rule_of(method)->matrices != NULL && tl_rule_of(method)->matrices->kept != NULL;
}

/* Steps of a trainer follow gradient and update of the naive reference. */
START_TEST(steps_are_the_naive_ones)
{
    enum { N = 70, INPUTS = 19, HIDDEN = 37, CLASSES = 5, STEPS = 30 };
    for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
        if (!is_update_rule(method) || learns_of_matrices(method))
            continue;
        talus_context *context = context_with(2, NULL);
        talus_network *network = make_network(context, TALUS_DTYPE_F64, INPUTS, HIDDEN, CLASSES);
        int64_t count = talus_network_parameter_count(network);
        double *theta = parameters_of(context, network), *judged = malloc((size_t)count * sizeof *judged);
        double *gradient = malloc((size_t)count * sizeof *gradient), *x = random_array(8, N * INPUTS);
        int32_t *labels = make_labels(x, N, INPUTS, CLASSES);
        memcpy(judged, theta, (size_t)count * sizeof *judged);
        naive_network shape = {.L = 2,
                               .d = {INPUTS, HIDDEN, CLASSES},
                               .f = {0, TALUS_TANH, TALUS_SOFTMAX},
                               .loss = TALUS_CROSS_ENTROPY};
        naive_pass *pass = naive_pass_create(&shape, N);
        talus_optimizer_spec spec;
        talus_optimizer_defaults(&spec, method);
        if (tl_rule_of(method)
                ->takes_signs) /* no unit saturates, where roundings are the sign of a gradient */
            spec.rate = spec.most_step = 0.01;
        naive_optimizer naive = {.spec = spec,
                                 .m = calloc((size_t)count, 8),
                                 .v = calloc((size_t)count, 8),
                                 .u = calloc((size_t)count, 8)};
        naive_matrix matrices[] = {{.at = naive_weights_at(&shape, 1), .rows = HIDDEN, .cols = INPUTS},
                                   {.at = naive_weights_at(&shape, 2), .rows = CLASSES, .cols = HIDDEN}};
        if (tl_rule_of(method)->matrices != NULL) {
            naive.matrices = matrices;
            naive.matrix_count = tl_rule_of(method)->matrices->spares_last ? 1 : 2;
        }
        talus_trainer *trainer;
        expect_ok(context, talus_trainer_create(network, &spec, N, &trainer));
        expect_ok(context, talus_trainer_set_part_factors(trainer, TALUS_PART_BIASES, 1, 1));
        talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                     y = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
        for (int step = 0; step < STEPS; step++) {
            double cost;
            expect_ok(context, talus_trainer_step(trainer, BATCH(in, y), &cost));
            naive_targets targets = {.labels = labels};
            double expected = naive_gradient(pass, judged, x, &targets, gradient);
            naive.cost = expected;
            naive_update(&naive, count, judged, gradient);
            ck_assert_double_le(fabs(cost - expected), 1e-12);
            ck_assert_double_le(largest_difference(theta, judged, count), 1e-11);
        }
        talus_trainer_destroy(trainer);
        talus_network_destroy(network);
        talus_context_destroy(context);
        naive_pass_destroy(pass);
        free(naive.m), free(naive.v), free(naive.u), free(judged), free(gradient), free(x), free(labels);
    }
}
END_TEST

typedef struct digits {
    talus_dataset *all, *training, *held_out;
} digits;

static digits read_digits(talus_context *context)
{
    digits data;
    expect_ok(context, talus_dataset_read_idx(context, TEST_DATA "/digits-inputs.idx",
                                              TEST_DATA "/digits-labels.idx", &data.all));
    expect_ok(context, talus_dataset_slice(data.all, 0, 1297, &data.training));
    expect_ok(context, talus_dataset_slice(data.all, 1297, 500, &data.held_out));
    return data;
}

static void free_digits(digits *data)
{
    talus_dataset_destroy(data->training);
    talus_dataset_destroy(data->held_out);
    talus_dataset_destroy(data->all);
}

static talus_network *digits_network(talus_context *context, int64_t seed)
{
    talus_layer layers[] = {{.width = 512, .activation = TALUS_RELU},
                            {.width = 256, .activation = TALUS_RELU},
                            {.width = 10, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {
        .inputs = 64, .layers = layers, .layer_count = 3, .loss = TALUS_CROSS_ENTROPY, .seed = seed};
    talus_network *network;
    double scale = 1 / 16.0;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_scale_inputs(network, NULL, &scale, 1));
    return network;
}

START_TEST(fit_learns_the_digits)
{
    talus_context *context = context_with(2, NULL);
    digits data = read_digits(context);
    talus_network *network = digits_network(context, 1);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 60;
    options.batch = 16;
    talus_fit_result result;
    talus_trainer *trainer;
    talus_epoch first, last;
    expect_ok(context, talus_trainer_create(network, NULL, 16, &trainer));
    expect_ok(context, talus_trainer_fit(trainer, data.training, data.held_out, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_COMPLETED);
    ck_assert_int_eq(result.epochs, 60);
    ck_assert_int_eq(result.steps, 60 * 82); /* 1297 = 81·16 + 1: the last batch is one sample */
    ck_assert_double_ge(result.validation_accuracy, 0.97);
    ck_assert_int_eq(talus_trainer_epochs(trainer), 60);
    expect_ok(context, talus_trainer_epoch(trainer, 1, &first));
    expect_ok(context, talus_trainer_epoch(trainer, 60, &last));
    ck_assert_double_lt(last.cost, first.cost / 10);
    ck_assert_int_eq(last.epoch, 60);
    talus_trainer_destroy(trainer);
    ck_assert_double_gt(result.seconds, 0);
    talus_network_destroy(network);
    free_digits(&data);
    talus_context_destroy(context);
}
END_TEST

/* Trains for three epochs; the bits of the parameters are the result. */
static float *trained(int threads, int shuffle, int64_t seed, int64_t order, int64_t *count)
{
    talus_context *context = context_with(threads, NULL);
    digits data = read_digits(context);
    talus_network *network = digits_network(context, seed);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 3;
    options.batch = 100;
    options.shuffle = shuffle;
    options.seed = order;
    expect_ok(context, talus_fit(network, data.training, NULL, &options, NULL));
    *count = talus_network_parameter_count(network);
    float *copy = malloc((size_t)*count * sizeof *copy);
    memcpy(copy, parameters_of(context, network), (size_t)*count * sizeof *copy);
    talus_network_destroy(network);
    free_digits(&data);
    talus_context_destroy(context);
    return copy;
}

START_TEST(same_seeds_give_same_bits)
{
    int64_t count;
    float *first = trained(1, 1, 5, 6, &count), *again = trained(1, 1, 5, 6, &count),
          *wide = trained(3, 1, 5, 6, &count);
    float *other = trained(1, 1, 5, 7, &count), *ordered = trained(1, 0, 5, 6, &count);
    ck_assert_int_eq(memcmp(first, again, (size_t)count * sizeof *first), 0);
    ck_assert_int_eq(memcmp(first, wide, (size_t)count * sizeof *first), 0);
    ck_assert_int_ne(memcmp(first, other, (size_t)count * sizeof *first), 0);
    ck_assert_int_ne(memcmp(first, ordered, (size_t)count * sizeof *first), 0);
    free(first), free(again), free(wide), free(other), free(ordered);
}
END_TEST

/* Fit without shuffling is its steps, the last one short. */
START_TEST(fit_is_steps_over_batches)
{
    enum { N = 50, INPUTS = 6, CLASSES = 3, BATCH = 16 };
    talus_context *context = context_with(1, NULL);
    double *x = random_array(12, N * INPUTS);
    int32_t *labels = make_labels(x, N, INPUTS, CLASSES);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                 y = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1);
    talus_dataset *data;
    expect_ok(context, talus_dataset_from_matrices(context, &in, &y, &data));
    talus_network *fitted = make_network(context, TALUS_DTYPE_F32, INPUTS, 8, CLASSES);
    talus_network *stepped = make_network(context, TALUS_DTYPE_F32, INPUTS, 8, CLASSES);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 2, options.batch = BATCH, options.shuffle = 0;
    talus_fit_result result;
    expect_ok(context, talus_fit(fitted, data, NULL, &options, &result));
    ck_assert(isnan(result.validation_cost) && isnan(result.validation_accuracy));
    talus_trainer *trainer;
    expect_ok(context, talus_trainer_create(stepped, NULL, BATCH, &trainer));
    double sum = 0;
    for (int epoch = 0; epoch < 2; epoch++)
        for (int64_t first = 0; first < N; first += BATCH) {
            int64_t count = N - first < BATCH ? N - first : BATCH;
            talus_matrix bx = talus_matrix_view(x + first * INPUTS, TALUS_DTYPE_F64, count, INPUTS);
            talus_matrix by = talus_matrix_view(labels + first, TALUS_DTYPE_I32, count, 1);
            double cost;
            expect_ok(context, talus_trainer_step(trainer, BATCH(bx, by), &cost));
            sum += epoch == 1 ? cost * (double)count : 0;
        }
    ck_assert_double_eq_tol(result.cost, sum / N, 1e-12);
    ck_assert_int_eq(memcmp(parameters_of(context, fitted), parameters_of(context, stepped),
                            (size_t)talus_network_parameter_count(fitted) * sizeof(float)),
                     0);
    talus_trainer_destroy(trainer);
    talus_network_destroy(fitted);
    talus_network_destroy(stepped);
    talus_dataset_destroy(data);
    talus_context_destroy(context);
    free(x), free(labels);
}
END_TEST

/* The metrics of a data set are those of its predictions, however it is cut into batches. */
START_TEST(evaluate_counts_right_decisions)
{
    talus_context *context = context_with(2, NULL);
    digits data = read_digits(context);
    talus_network *network = digits_network(context, 2);
    talus_matrix x, y;
    expect_ok(context, talus_dataset_matrices(data.held_out, &x, &y));
    double first_cost = NAN;
    for (int64_t batch = 1; batch <= 700; batch += 233) {
        talus_workspace *workspace;
        talus_metrics metrics;
        expect_ok(context, talus_workspace_create(context, network, batch, &workspace));
        expect_ok(context, talus_evaluate(network, workspace, data.held_out, &metrics));
        ck_assert_int_eq(metrics.samples, 500);
        first_cost = isnan(first_cost) ? metrics.cost : first_cost;
        ck_assert_double_eq_tol(metrics.cost, first_cost, 1e-5);
        if (batch > 500) {
            float *out = malloc(5000 * sizeof *out), *scaled = malloc(500 * 64 * sizeof *scaled);
            for (int i = 0; i < 500; i++)
                for (int j = 0; j < 64; j++)
                    scaled[i * 64 + j] = (float)((uint8_t *)x.data)[i * x.stride + j] / 16;
            talus_matrix in = talus_matrix_view(scaled, TALUS_DTYPE_F32, 500, 64),
                         a = talus_matrix_view(out, TALUS_DTYPE_F32, 500, 10);
            expect_ok(context, talus_predict(network, workspace, &in, &a));
            int right = 0;
            for (int i = 0; i < 500; i++) {
                int best = 0;
                for (int k = 1; k < 10; k++)
                    best = out[i * 10 + k] > out[i * 10 + best] ? k : best;
                right += best == ((int32_t *)y.data)[i * y.stride];
            }
            ck_assert_double_eq_tol(metrics.accuracy, right / 500.0, 1e-12);
            free(out), free(scaled);
        }
        talus_workspace_destroy(workspace);
    }
    talus_network_destroy(network);
    free_digits(&data);
    talus_context_destroy(context);
}
END_TEST

typedef struct calls {
    int64_t epochs, progress, last_sample, stop_after;
} calls;

static int count_epoch(const talus_epoch *epoch, void *user)
{
    calls *seen = user;
    seen->epochs++;
    return epoch->epoch >= seen->stop_after;
}

static int count_progress(const talus_progress *progress, void *user)
{
    calls *seen = user;
    seen->progress++;
    seen->last_sample = progress->sample;
    return 0;
}

START_TEST(callbacks_see_every_step_and_can_stop)
{
    talus_context *context = context_with(1, NULL);
    digits data = read_digits(context);
    talus_network *network = digits_network(context, 3);
    calls seen = {.stop_after = 2};
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.on_epoch = count_epoch;
    options.on_progress = count_progress;
    options.user = &seen;
    talus_fit_result result;
    expect_ok(context, talus_fit(network, data.training, NULL, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STOPPED);
    ck_assert_int_eq(result.epochs, 2);
    ck_assert_int_eq(seen.epochs, 2);
    ck_assert_int_eq(seen.progress, 2 * 11);
    ck_assert_int_eq(seen.last_sample, 1297);
    talus_network_destroy(network);
    free_digits(&data);
    talus_context_destroy(context);
}
END_TEST

START_TEST(divergence_keeps_the_last_good_parameters)
{
    talus_context *context = context_with(1, NULL);
    talus_layer layer = {.width = 1};
    talus_network_spec spec = {.inputs = 1, .layers = &layer, .layer_count = 1};
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    float x[] = {1e3f, 2e3f}, y[] = {1, 2};
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F32, 2, 1),
                 out = talus_matrix_view(y, TALUS_DTYPE_F32, 2, 1);
    talus_dataset *data;
    expect_ok(context, talus_dataset_from_matrices(context, &in, &out, &data));
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    talus_optimizer_spec descent;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    descent.rate = 10;
    options.optimizer = &descent;
    options.epochs = 1000;
    talus_fit_result result;
    expect_ok(context, talus_fit(network, data, NULL, &options, &result));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_DIVERGED);
    ck_assert_int_lt(result.epochs, 1000);
    ck_assert_int_eq(result.steps, result.epochs);
    float *theta = parameters_of(context, network);
    ck_assert(isfinite(theta[0]) && isfinite(theta[1]));
    talus_network_destroy(network);
    talus_dataset_destroy(data);
    talus_context_destroy(context);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("train");
    add_case(suite, "trainer", steps_are_the_naive_ones);
#ifndef __SANITIZE_THREAD__ /* takes it many minutes; the other fits share their work in the same way */
    add_case(suite, "digits", fit_learns_the_digits);
#else
    (void)fit_learns_the_digits;
#endif
    add_case(suite, "fit", same_seeds_give_same_bits, fit_is_steps_over_batches,
             evaluate_counts_right_decisions, callbacks_see_every_step_and_can_stop,
             divergence_keeps_the_last_good_parameters);
    return run_suite(suite);
}
