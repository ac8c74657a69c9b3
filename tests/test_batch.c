/* Batches with weights in all calls that take one, and predictions of any number of rows. */
#include "support.h"

enum { ROWS = 23, INPUTS = 5, OUTPUTS = 3, BATCH_ROWS = 4 };

static talus_context *context;
static talus_network *network;
static talus_workspace *large, *small;
static double *x, *y, *w;

static talus_matrix f64(double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_DTYPE_F64, rows, cols);
}

static void setup(void)
{
    talus_layer layers[] = {talus_dense(7, TALUS_TANH), talus_dense(OUTPUTS, TALUS_SOFTMAX)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_CROSS_ENTROPY);
    context = context_with(2, NULL);
    spec.precision = TALUS_DTYPE_F64;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_workspace_create(context, network, ROWS, &large));
    expect_ok(context, talus_workspace_create(context, network, BATCH_ROWS, &small));
    x = random_array(1, ROWS * INPUTS);
    y = random_array(2, ROWS * OUTPUTS);
    w = random_array(3, ROWS);
    for (int i = 0; i < ROWS * OUTPUTS; i++)
        y[i] = fabs(y[i]);
    for (int i = 0; i < ROWS; i++)
        w[i] = i % 5 == 0 ? 0 : 2 + w[i];
}

static void teardown(void)
{
    talus_workspace_destroy(large);
    talus_workspace_destroy(small);
    talus_network_destroy(network);
    talus_context_destroy(context);
    free(x), free(y), free(w);
}

/* Cost and gradient of the samples first … first+count−1, each with its weight, or without. */
static double gradient_of(int64_t first, int64_t count, bool weighted, talus_matrix *gradient)
{
    talus_batch batch = talus_batch_of(f64(x + first * INPUTS, count, INPUTS),
                                       f64(y + first * OUTPUTS, count, OUTPUTS));
    double cost;
    if (weighted)
        batch.weights = f64(w + first, count, 1);
    expect_ok(context, talus_gradient(network, large, &batch, &cost, gradient));
    return cost;
}

/* C = Σ w_i·loss_i / Σ w_i, and so is its gradient */
START_TEST(weights_are_those_of_a_mean)
{
    int64_t count = talus_network_parameter_count(network);
    double *all = random_array(4, count), *one = random_array(5, count),
           *sum = calloc((size_t)count, sizeof *sum);
    talus_matrix of_all = f64(all, 1, count), of_one = f64(one, 1, count);
    double cost = gradient_of(0, ROWS, true, &of_all), loss = 0, weight = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        loss += w[i] * gradient_of(i, 1, false, &of_one);
        weight += w[i];
        for (int64_t j = 0; j < count; j++)
            sum[j] += w[i] * one[j];
    }
    ck_assert_double_eq_tol(cost, loss / weight, 1e-14);
    for (int64_t j = 0; j < count; j++)
        ck_assert_double_eq_tol(all[j], sum[j] / weight, 1e-14);
    free(all), free(one), free(sum);
}
END_TEST

START_TEST(evaluation_and_step_see_the_same_cost)
{
    talus_batch batch = {
        .inputs = f64(x, ROWS, INPUTS), .targets = f64(y, ROWS, OUTPUTS), .weights = f64(w, ROWS, 1)};
    talus_metrics metrics;
    talus_trainer *trainer;
    double cost = gradient_of(0, ROWS, true, NULL), step_cost;
    expect_ok(context, talus_evaluate_batch(network, large, &batch, &metrics));
    ck_assert_double_eq(metrics.cost, cost);
    ck_assert_int_eq(metrics.samples, ROWS);
    expect_ok(context, talus_trainer_create(network, NULL, ROWS, &trainer));
    expect_ok(context, talus_trainer_step(trainer, &batch, &step_cost));
    ck_assert_double_eq(step_cost, cost);
    ck_assert_double_lt(gradient_of(0, ROWS, true, NULL), cost);
    talus_trainer_destroy(trainer);
}
END_TEST

/* A sample that counts w-fold counts in the accuracy as w samples do. */
START_TEST(right_decisions_have_the_weights_of_their_samples)
{
    double outputs[ROWS * OUTPUTS], right = 0, weight = 0;
    talus_matrix in = f64(x, ROWS, INPUTS), out = f64(outputs, ROWS, OUTPUTS);
    int32_t labels[ROWS];
    expect_ok(context, talus_predict(network, large, &in, &out));
    for (int i = 0; i < ROWS; i++) {
        int best = 0;
        for (int k = 1; k < OUTPUTS; k++)
            best = outputs[i * OUTPUTS + k] > outputs[i * OUTPUTS + best] ? k : best;
        labels[i] = i % 3 == 0 ? (best + 1) % OUTPUTS : best;
        right += i % 3 == 0 ? 0 : w[i];
        weight += w[i];
    }
    talus_batch batch = {.inputs = in,
                         .targets = talus_matrix_view(labels, TALUS_DTYPE_I32, ROWS, 1),
                         .weights = f64(w, ROWS, 1)};
    talus_metrics metrics;
    expect_ok(context, talus_evaluate_batch(network, large, &batch, &metrics));
    ck_assert_double_eq_tol(metrics.accuracy, right / weight, 1e-15);
    batch.weights.data = NULL;
    expect_ok(context, talus_evaluate_batch(network, large, &batch, &metrics));
    ck_assert_double_eq(metrics.accuracy, 15.0 / ROWS);
}
END_TEST

static void refuse(talus_batch batch, talus_status status, const char *piece)
{
    talus_metrics metrics = {.samples = 42};
    double cost = 42;
    expect_status(context, status, talus_gradient(network, large, &batch, &cost, NULL));
    expect_message(context, piece);
    expect_status(context, status, talus_evaluate_batch(network, large, &batch, &metrics));
    expect_message(context, piece);
    ck_assert_double_eq(cost, 42);
    ck_assert_int_eq(metrics.samples, 42);
}

START_TEST(batches_that_cannot_be)
{
    talus_batch good = {
        .inputs = f64(x, ROWS, INPUTS), .targets = f64(y, ROWS, OUTPUTS), .weights = f64(w, ROWS, 1)};
    talus_batch batch = good;
    refuse((talus_batch){.inputs = good.inputs}, TALUS_ERROR_ARGUMENT, "targets");
    refuse((talus_batch){.targets = good.targets}, TALUS_ERROR_ARGUMENT, "inputs");
    batch.weights.rows = 1;
    refuse(batch, TALUS_ERROR_SHAPE, "weights must have 23 rows, one a sample of the batch, got 1");
    batch = good, batch.weights.cols = batch.weights.stride = 2, batch.weights.rows = 1;
    refuse(batch, TALUS_ERROR_SHAPE, "weights must have 1 column");
    batch = good, batch.weights.dtype = TALUS_DTYPE_U8;
    refuse(batch, TALUS_ERROR_ARGUMENT, "weights");
    static const double bad[] = {-1, NAN, INFINITY};
    for (int i = 0; i < 3; i++) {
        double before = w[7];
        w[7] = bad[i];
        refuse(good, TALUS_ERROR_DATA, "weights, row 7 (counted from 0): the weight must be");
        w[7] = before;
    }
    for (int i = 0; i < ROWS; i++)
        w[i] = 0;
    refuse(good, TALUS_ERROR_DATA, "weights: their sum must be finite and above 0, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_gradient(network, large, NULL, NULL, NULL));
    expect_message(context, "batch");
    expect_status(context, TALUS_ERROR_SHAPE, talus_gradient(network, small, &good, NULL, NULL));
    expect_message(context, "inputs must have at most 4 rows, the batch of the workspace, got 23");
}
END_TEST

/* The rows beyond the workspace's batch, with the bits that they have in one batch. */
START_TEST(predictions_of_any_number_of_rows)
{
    float at_once[ROWS * OUTPUTS], in_parts[ROWS * (OUTPUTS + 2)];
    for (int64_t rows = 1; rows <= ROWS; rows++) {
        talus_matrix in = f64(x, rows, INPUTS),
                     out = talus_matrix_view(at_once, TALUS_DTYPE_F32, rows, OUTPUTS);
        expect_ok(context, talus_predict(network, large, &in, &out));
        out.data = in_parts, out.stride = OUTPUTS + 2;
        for (int i = 0; i < ROWS * (OUTPUTS + 2); i++)
            in_parts[i] = 9;
        expect_ok(context, talus_predict(network, small, &in, &out));
        for (int64_t i = 0; i < ROWS * (OUTPUTS + 2); i++) {
            int64_t row = i / (OUTPUTS + 2), k = i % (OUTPUTS + 2);
            ck_assert(in_parts[i] == (row < rows && k < OUTPUTS ? at_once[row * OUTPUTS + k] : 9));
        }
    }
    x[(ROWS - 1) * INPUTS + 2] = NAN;
    talus_matrix in = f64(x, ROWS, INPUTS), out = talus_matrix_view(at_once, TALUS_DTYPE_F32, ROWS, OUTPUTS);
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, small, &in, &out));
    expect_message(context, "inputs, row 22, column 2 (counted from 0)");
    expect_status(context, TALUS_ERROR_SHAPE, talus_forward(network, small, &in, &out));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("batch");
    TCase *all = tcase_create("batch");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, weights_are_those_of_a_mean);
    tcase_add_test(all, evaluation_and_step_see_the_same_cost);
    tcase_add_test(all, right_decisions_have_the_weights_of_their_samples);
    tcase_add_test(all, batches_that_cannot_be);
    tcase_add_test(all, predictions_of_any_number_of_rows);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
