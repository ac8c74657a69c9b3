/* The costs that the ranges of outputs have in the epochs of a fit, against evaluations at the parameters of each step. */
#include "fixture.h"

enum { N = 23, INPUTS = 4, RANGES = 3, OUTPUTS = 6, EPOCHS = 70 };
#define TOLERANCE 1e-12

static const talus_output_range ranges[RANGES] = {
    {.outputs = 3, .activation = TALUS_SOFTMAX, .loss = TALUS_CROSS_ENTROPY},
    {.outputs = 2, .weight = 0.5},
    {.outputs = 1, .activation = TALUS_SIGMOID, .loss = TALUS_BINARY_CROSS_ENTROPY, .weight = 3},
};
static double x[N * INPUTS], y[N * OUTPUTS], weights[N];
static talus_dataset *data;

static void begin(void)
{
    begin_counted();
    number_stream numbers = numbers_from(17);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&numbers);
    for (int i = 0; i < N * OUTPUTS; i++)
        y[i] = fmin(fabs(next_number(&numbers)), 1);
    for (int i = 0; i < N; i++)
        weights[i] = 1 + i % 3;
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS),
                 to = talus_matrix_view(y, TALUS_DTYPE_F64, N, OUTPUTS),
                 w = talus_matrix_view(weights, TALUS_DTYPE_F64, N, 1);
    data = dataset_of(&in, &to);
    expect_ok(context, talus_dataset_set_weights(data, &w));
}

static void end(void)
{
    talus_dataset_destroy(data);
    end_counted();
}

/* What the epochs of a fit should say: Σ w·loss of each range over the steps, each at the parameters that it starts from. */
typedef struct expectation {
    talus_network *network;
    talus_workspace *workspace;
    const talus_dataset *validation;
    int64_t rows; /* a step */
    double sums[RANGES], seen[EPOCHS][2 * RANGES];
} expectation;

static void expect_step(expectation *e, int64_t first)
{
    talus_dataset *slice = NULL;
    double costs[RANGES], weight = 0;
    int64_t count = N - first < e->rows ? N - first : e->rows;
    expect_ok(context, talus_dataset_slice(data, first, count, &slice));
    expect_ok(context, talus_evaluate_ranges(e->network, e->workspace, slice, costs, RANGES));
    talus_dataset_destroy(slice);
    for (int64_t i = first; i < first + count; i++)
        weight += weights[i];
    for (int r = 0; r < RANGES; r++)
        e->sums[r] += weight * costs[r];
}

static int after_step(const talus_progress *progress, void *user)
{
    if (progress->sample < N)
        expect_step(user, progress->sample);
    return 0;
}

static int after_epoch(const talus_epoch *epoch, void *user)
{
    expectation *e = user;
    double weight = 0, costs[RANGES], sum = 0;
    for (int i = 0; i < N; i++)
        weight += weights[i];
    ck_assert_int_eq(epoch->ranges, RANGES);
    if (e->validation != NULL)
        expect_ok(context, talus_evaluate_ranges(e->network, e->workspace, e->validation, costs, RANGES));
    for (int r = 0; r < RANGES; r++) {
        ck_assert_double_eq_tol(epoch->range_costs[r], e->sums[r] / weight, TOLERANCE);
        if (e->validation == NULL)
            ck_assert_double_nan(epoch->range_validation_costs[r]);
        else
            ck_assert_double_eq(epoch->range_validation_costs[r], costs[r]);
        sum += epoch->range_costs[r];
        e->sums[r] = 0;
    }
    ck_assert_double_eq_tol(sum, epoch->cost, TOLERANCE);
    memcpy(e->seen[epoch->epoch - 1], epoch->range_costs, RANGES * sizeof(double));
    memcpy(e->seen[epoch->epoch - 1] + RANGES, epoch->range_validation_costs, RANGES * sizeof(double));
    expect_step(e, 0); /* of the next one */
    return 0;
}

static talus_network *make(void)
{
    talus_layer layers[2] = {talus_dense(5, TALUS_TANH), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.precision = TALUS_DTYPE_F64;
    spec.ranges = ranges, spec.range_count = RANGES, spec.range_size = sizeof *ranges;
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

/* Fused steps, steps on the stored gradient and on that of several batches, and searches, on one cost and on several. */
static const struct {
    int method, accumulate;
    double rate, clip_norm;
    int64_t batch;
    bool validates;
} cases[] = {
    {TALUS_GRADIENT_DESCENT, 1, 0.1, 0, 5, true},
    {TALUS_ADAM, 1, 0.01, 1, 5, false},
    {TALUS_ADAM, 2, 0.01, 0, 5, true},
    {TALUS_LBFGS, 1, 0, 0, N, true},
    {TALUS_CONJUGATE_GRADIENT, 1, 0, 0, N, true},
    {TALUS_LBFGS, 1, 0, 0, 12, false},
};

START_TEST(epochs_have_the_cost_of_each_range)
{
    static expectation e;
    talus_trainer *trainer = NULL;
    talus_optimizer_spec method;
    talus_fit_options options;
    e = (expectation){.network = make(), .rows = cases[_i].batch * cases[_i].accumulate};
    e.workspace = workspace_of(e.network, N);
    e.validation = cases[_i].validates ? data : NULL;
    talus_optimizer_defaults(&method, cases[_i].method);
    method.clip_norm = cases[_i].clip_norm;
    if (cases[_i].rate > 0)
        method.rate = cases[_i].rate;
    talus_fit_options_defaults(&options);
    options.epochs = EPOCHS, options.batch = cases[_i].batch, options.accumulate = cases[_i].accumulate;
    options.shuffle = 0;
    options.on_progress = after_step, options.on_epoch = after_epoch, options.user = &e;
    expect_ok(context, talus_trainer_create(e.network, &method, N, &trainer));
    expect_step(&e, 0);
    expect_ok(context, talus_trainer_fit(trainer, data, e.validation, &options, NULL));
    int64_t epochs = talus_trainer_epochs(trainer);
    ck_assert_int_gt(epochs, 2);
    for (int64_t number = 1; number <= epochs; number++) {
        talus_epoch epoch;
        expect_ok(context, talus_trainer_epoch(trainer, number, &epoch));
        ck_assert_mem_eq(epoch.range_costs, e.seen[number - 1], RANGES * sizeof(double));
        ck_assert_mem_eq(epoch.range_validation_costs, e.seen[number - 1] + RANGES, RANGES * sizeof(double));
    }
    talus_trainer_destroy(trainer);
    talus_workspace_destroy(e.workspace);
    talus_network_destroy(e.network);
}
END_TEST

/* An epoch that was ended early and is gone on with has the costs of the whole. */
START_TEST(an_epoch_in_two_fits_is_one)
{
    talus_network *networks[2] = {make(), make()};
    talus_trainer *trainers[2];
    talus_epoch epochs[2];
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 1, options.batch = 5;
    for (int i = 0; i < 2; i++) {
        expect_ok(context, talus_trainer_create(networks[i], NULL, N, &trainers[i]));
        options.max_steps = i == 0 ? 2 : 0;
        expect_ok(context, talus_trainer_fit(trainers[i], data, data, &options, NULL));
    }
    expect_ok(context, talus_trainer_fit(trainers[0], data, data, &options, NULL));
    for (int i = 0; i < 2; i++)
        expect_ok(context, talus_trainer_epoch(trainers[i], 1, &epochs[i]));
    ck_assert_mem_eq(epochs[0].range_costs, epochs[1].range_costs, RANGES * sizeof(double));
    ck_assert_mem_eq(epochs[0].range_validation_costs, epochs[1].range_validation_costs,
                     RANGES * sizeof(double));
    for (int i = 0; i < 2; i++)
        talus_trainer_destroy(trainers[i]), talus_network_destroy(networks[i]);
}
END_TEST

/* A network with one loss has one range, whose costs are its own. */
START_TEST(one_loss_is_one_range)
{
    talus_network *network = two_layers(_i, INPUTS, 5, OUTPUTS, TALUS_IDENTITY);
    talus_trainer *trainer = NULL;
    talus_fit_options options;
    talus_epoch epoch;
    talus_fit_options_defaults(&options);
    options.epochs = 3, options.batch = 5;
    expect_ok(context, talus_trainer_create(network, NULL, N, &trainer));
    expect_ok(context, talus_trainer_fit(trainer, data, data, &options, NULL));
    expect_ok(context, talus_trainer_epoch(trainer, 3, &epoch));
    ck_assert_int_eq(epoch.ranges, 1);
    ck_assert_double_eq(*epoch.range_costs, epoch.cost);
    ck_assert_double_eq(*epoch.range_validation_costs, epoch.validation_cost);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("range_costs");
    TCase *all = case_with(suite, begin, end);
    tcase_add_loop_test(all, epochs_have_the_cost_of_each_range, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(all, an_epoch_in_two_fits_is_one);
    tcase_add_loop_test(all, one_loss_is_one_range, TALUS_DTYPE_F32, TALUS_DTYPE_F64 + 1);
    return run_suite(suite);
}
