/* Networks of steps: perceptrons with given weights compute AND, OR and XOR; nothing that needs a derivative takes them. */
#include "support.h"

static talus_context *context;
static talus_network *network;
static talus_workspace *workspace;

static double all_inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
static double all_outputs[] = {0, 1, 1, 0};

/* 2-2-1: OR and AND of both inputs, then one of them but not the other: XOR. */
static const double weights[] = {1, 1,  1,   1, -0.5, -1.5, /* x_1 + x_2 > ½, x_1 + x_2 > 1½ */
                                 1, -1, -0.5};              /* a_1 − a_2 > ½ */

static void begin(void)
{
    const talus_layer layers[] = {talus_dense(2, TALUS_STEP), talus_dense(1, TALUS_STEP)};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_SQUARED_ERROR);
    talus_matrix parameters;
    context = context_with(2, NULL);
    spec.precision = TALUS_DTYPE_F64;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_parameters(network, &parameters));
    memcpy(parameters.data, weights, sizeof weights);
    expect_ok(context, talus_workspace_create(context, network, 4, &workspace));
}

static void end(void)
{
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_context_destroy(context);
}

static talus_matrix inputs(void)
{
    return talus_matrix_view(all_inputs, TALUS_DTYPE_F64, 4, 2);
}

static talus_matrix targets(void)
{
    return talus_matrix_view(all_outputs, TALUS_DTYPE_F64, 4, 1);
}

/* One perceptron with weights 1 and this bias. */
static void expect_perceptron(double bias, const double *expected)
{
    const talus_layer layer = talus_dense(1, TALUS_STEP);
    talus_network_spec spec = talus_dense_network(2, &layer, 1, TALUS_SQUARED_ERROR);
    double outputs[4];
    talus_matrix x = inputs(), a = talus_matrix_view(outputs, TALUS_DTYPE_F64, 4, 1), parameters;
    talus_network *perceptron;
    talus_workspace *own;
    expect_ok(context, talus_network_create(context, &spec, &perceptron));
    expect_ok(context, talus_network_parameters(perceptron, &parameters));
    float *theta = parameters.data;
    theta[0] = theta[1] = 1, theta[2] = (float)bias;
    expect_ok(context, talus_workspace_create(context, perceptron, 4, &own));
    expect_ok(context, talus_predict(perceptron, own, &x, &a));
    ck_assert_mem_eq(outputs, expected, sizeof outputs);
    talus_workspace_destroy(own);
    talus_network_destroy(perceptron);
}

START_TEST(a_perceptron_computes_and_and_or)
{
    const double and[] = {0, 0, 0, 1}, or [] = {0, 1, 1, 1};
    expect_perceptron(-1.5, and);
    expect_perceptron(-0.5, or);
    expect_perceptron(-1, and); /* a sum of 0 is not above 0 */
}
END_TEST

START_TEST(two_layers_compute_xor)
{
    double outputs[4], cost = -1;
    talus_matrix x = inputs(), y = targets(), a = talus_matrix_view(outputs, TALUS_DTYPE_F64, 4, 1);
    talus_metrics metrics;
    expect_ok(context, talus_predict(network, workspace, &x, &a));
    ck_assert_mem_eq(outputs, all_outputs, sizeof outputs);
    expect_ok(context, talus_forward(network, workspace, &x, &a));
    ck_assert_mem_eq(outputs, all_outputs, sizeof outputs);
    expect_ok(context, talus_evaluate_batch(network, workspace, BATCH(x, y), &metrics));
    ck_assert_double_eq(metrics.cost, 0);
    all_outputs[0] = 1;
    expect_ok(context, talus_gradient(network, workspace, BATCH(x, y), &cost, NULL));
    all_outputs[0] = 0;
    ck_assert_double_eq(cost, 0.125); /* ½·1² over four samples */
}
END_TEST

START_TEST(steps_have_no_gradients)
{
    double flat[9] = {0}, back[8] = {0}, cost = -1;
    talus_matrix x = inputs(), y = targets(), gradient = talus_matrix_view(flat, TALUS_DTYPE_F64, 1, 9),
                 input_gradient = talus_matrix_view(back, TALUS_DTYPE_F64, 4, 2);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient(network, workspace, BATCH(x, y), &cost, &gradient));
    expect_message(context, "gradient: layer 1 must have an activation through which it can learn, got step, "
                            "whose derivative is 0 everywhere");
    expect_ok(context, talus_forward(network, workspace, &x, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_backward(network, workspace, &y, &gradient, &input_gradient));
    expect_message(context, "gradient: layer 1 must");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_backward(network, workspace, &y, NULL, NULL));
}
END_TEST

START_TEST(steps_have_no_trainers)
{
    const talus_layer layers[] = {talus_dense(2, TALUS_TANH), talus_dense(1, TALUS_STEP)};
    talus_network_spec spec = talus_dense_network(2, layers, 2, TALUS_SQUARED_ERROR);
    talus_matrix x = inputs(), y = targets();
    talus_network *last;
    talus_dataset *data;
    talus_trainer *trainer = NULL;
    expect_ok(context, talus_network_create(context, &spec, &last));
    expect_ok(context, talus_dataset_from_matrices(context, &x, &y, &data));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_trainer_create(last, NULL, 4, &trainer));
    expect_message(context, "trainer: layer 2 must have an activation through which it can learn, got step");
    ck_assert_ptr_null(trainer);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_fit(network, data, NULL, NULL, NULL));
    expect_message(context, "layer 1 must have an activation through which it can learn, got step");
    talus_dataset_destroy(data);
    talus_network_destroy(last);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("perceptron");
    TCase *all = tcase_create("perceptron");
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, a_perceptron_computes_and_and_or);
    tcase_add_test(all, two_layers_compute_xor);
    tcase_add_test(all, steps_have_no_gradients);
    tcase_add_test(all, steps_have_no_trainers);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
