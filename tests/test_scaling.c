/* A network with a scaling takes and gives numbers in the caller's units, in every call. */
#include "scaling_support.h"

/* Digits in bytes: what a trained network gives for raw rows decides as talus_evaluate says it does. */
START_TEST(raw_rows_are_predicted_as_they_are_evaluated)
{
    enum { ROWS = 500, CLASSES = 10 };
    talus_dataset *all, *held_out, *training;
    expect_ok(context, talus_dataset_read_idx(context, TEST_DATA "/digits-inputs.idx",
                                              TEST_DATA "/digits-labels.idx", &all));
    expect_ok(context, talus_dataset_slice(all, 0, 1297, &training));
    expect_ok(context, talus_dataset_slice(all, 1297, ROWS, &held_out));
    talus_layer layers[] = {{.width = 32, .activation = TALUS_RELU},
                            {.width = CLASSES, .activation = TALUS_SOFTMAX}};
    talus_network_spec spec = {.inputs = 64, .layers = layers, .layer_count = 2, .loss = TALUS_CROSS_ENTROPY};
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    double scale = 1 / 16.0;
    expect_ok(context, talus_network_scale_inputs(network, NULL, &scale, 1));
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 20, options.batch = 16;
    expect_ok(context, talus_fit(network, training, NULL, &options, NULL));

    talus_workspace *workspace;
    talus_metrics metrics;
    talus_matrix x, y;
    float *outputs = malloc(ROWS * CLASSES * sizeof *outputs);
    talus_matrix out = talus_matrix_view(outputs, TALUS_DTYPE_F32, ROWS, CLASSES);
    expect_ok(context, talus_workspace_create(context, network, ROWS, &workspace));
    expect_ok(context, talus_evaluate(network, workspace, held_out, &metrics));
    expect_ok(context, talus_dataset_matrices(held_out, &x, &y));
    expect_ok(context, talus_predict(network, workspace, &x, &out));
    int correct = 0;
    for (int i = 0; i < ROWS; i++) {
        int best = 0;
        for (int k = 1; k < CLASSES; k++)
            best = outputs[i * CLASSES + k] > outputs[i * CLASSES + best] ? k : best;
        correct += best == ((int32_t *)y.data)[i];
    }
    ck_assert_double_ge(metrics.accuracy, 0.9);
    ck_assert_double_eq(correct, round(ROWS * metrics.accuracy));
    free(outputs);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(held_out);
    talus_dataset_destroy(training);
    talus_dataset_destroy(all);
}
END_TEST

/* Loops over precisions and dtypes of inputs. */
START_TEST(predictions_are_those_of_scaled_copies)
{
    int precision = _i / 3, dtype = input_dtypes[_i % 3];
    talus_network *scaled = network_of(precision, TALUS_SOFTMAX),
                  *plain = network_of(precision, TALUS_SOFTMAX);
    talus_workspace *of_scaled = workspace_of(scaled, N), *of_plain = workspace_of(plain, N);
    talus_matrix raw = raw_inputs(dtype, 5), copy = scaled_by_hand(&raw, precision, in_shift, in_scale);
    double a[N * OUTPUTS], b[N * OUTPUTS];
    talus_matrix out_a = talus_matrix_view(a, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix out_b = talus_matrix_view(b, TALUS_DTYPE_F64, N, OUTPUTS);
    scale_inputs(scaled);
    expect_ok(context, talus_predict(scaled, of_scaled, &raw, &out_a));
    expect_ok(context, talus_predict(plain, of_plain, &copy, &out_b));
    same_bytes(a, b, sizeof a);
    expect_ok(context, talus_forward(scaled, of_scaled, &raw, &out_a));
    same_bytes(a, b, sizeof a);
    free(raw.data), free(copy.data);
    talus_workspace_destroy(of_scaled), talus_workspace_destroy(of_plain);
    talus_network_destroy(scaled), talus_network_destroy(plain);
}
END_TEST

/* One pair of numbers for all columns is the same pair for each. */
START_TEST(one_number_serves_all_columns)
{
    double shift = 3, scale = 0.01, shifts[INPUTS] = {3, 3, 3}, scales[INPUTS] = {0.01, 0.01, 0.01};
    talus_network *one = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY),
                  *each = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    talus_workspace *of_one = workspace_of(one, N), *of_each = workspace_of(each, N);
    talus_matrix raw = raw_inputs(TALUS_DTYPE_U8, 5);
    double a[N * OUTPUTS], b[N * OUTPUTS];
    talus_matrix out_a = talus_matrix_view(a, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix out_b = talus_matrix_view(b, TALUS_DTYPE_F64, N, OUTPUTS);
    expect_ok(context, talus_network_scale_inputs(one, &shift, &scale, 1));
    expect_ok(context, talus_network_scale_inputs(each, shifts, scales, INPUTS));
    expect_ok(context, talus_network_scale_targets(one, &shift, &scale, 1));
    expect_ok(context, talus_network_scale_targets(each, shifts, scales, OUTPUTS));
    expect_ok(context, talus_predict(one, of_one, &raw, &out_a));
    expect_ok(context, talus_predict(each, of_each, &raw, &out_b));
    same_bytes(a, b, sizeof a);
    free(raw.data);
    talus_workspace_destroy(of_one), talus_workspace_destroy(of_each);
    talus_network_destroy(one), talus_network_destroy(each);
}
END_TEST

/* Training, steps and metrics on raw data are those on scaled copies: loops over precisions and dtypes of inputs. */
START_TEST(training_is_that_on_scaled_copies)
{
    int precision = _i / 3, dtype = input_dtypes[_i % 3];
    talus_network *scaled = network_of(precision, TALUS_IDENTITY),
                  *plain = network_of(precision, TALUS_IDENTITY);
    talus_matrix x = raw_inputs(dtype, 5), y = raw_targets(precision);
    talus_matrix scaled_x = scaled_by_hand(&x, precision, in_shift, in_scale);
    talus_matrix scaled_y = scaled_by_hand(&y, precision, out_shift, out_scale);
    talus_dataset *raw = dataset_of(&x, &y), *copy = dataset_of(&scaled_x, &scaled_y);
    scale_inputs(scaled), scale_targets(scaled);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 3, options.batch = 16;
    talus_fit_result of_raw, of_copy;
    expect_ok(context, talus_fit(scaled, raw, raw, &options, &of_raw));
    expect_ok(context, talus_fit(plain, copy, copy, &options, &of_copy));
    ck_assert_double_eq(of_raw.cost, of_copy.cost);
    ck_assert_double_eq(of_raw.validation_cost, of_copy.validation_cost);
    same_parameters(scaled, plain);

    talus_trainer *raw_steps, *copy_steps;
    expect_ok(context, talus_trainer_create(scaled, NULL, N, &raw_steps));
    expect_ok(context, talus_trainer_create(plain, NULL, N, &copy_steps));
    double a, b;
    expect_ok(context, talus_trainer_step(raw_steps, BATCH(x, y), &a));
    expect_ok(context, talus_trainer_step(copy_steps, BATCH(scaled_x, scaled_y), &b));
    ck_assert_double_eq(a, b);
    same_parameters(scaled, plain);
    talus_trainer_destroy(raw_steps), talus_trainer_destroy(copy_steps);
    talus_dataset_destroy(raw), talus_dataset_destroy(copy);
    free(x.data), free(y.data), free(scaled_x.data), free(scaled_y.data);
    talus_network_destroy(scaled), talus_network_destroy(plain);
}
END_TEST

/* Outputs are a_k/scale_k + shift_k, computed in double and rounded to what receives them: loops over precisions. */
START_TEST(outputs_are_in_units_of_the_caller)
{
    int precision = _i;
    talus_network *scaled = network_of(precision, TALUS_TANH), *plain = network_of(precision, TALUS_TANH);
    talus_workspace *of_scaled = workspace_of(scaled, N), *of_plain = workspace_of(plain, N);
    talus_matrix x = raw_inputs(TALUS_DTYPE_F32, 5);
    double a[N * OUTPUTS], wide[N * OUTPUTS];
    float narrow[N * OUTPUTS];
    talus_matrix out_a = talus_matrix_view(a, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix to_wide = talus_matrix_view(wide, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix to_narrow = talus_matrix_view(narrow, TALUS_DTYPE_F32, N, OUTPUTS);
    scale_targets(scaled);
    expect_ok(context, talus_predict(plain, of_plain, &x, &out_a));
    expect_ok(context, talus_predict(scaled, of_scaled, &x, &to_wide));
    expect_ok(context, talus_forward(scaled, of_scaled, &x, &to_narrow));
    for (int i = 0; i < N * OUTPUTS; i++) {
        double expected = a[i] / out_scale[i % OUTPUTS] + out_shift[i % OUTPUTS];
        ck_assert_double_eq(wide[i], expected);
        ck_assert_float_eq(narrow[i], (float)expected);
    }
    free(x.data);
    talus_workspace_destroy(of_scaled), talus_workspace_destroy(of_plain);
    talus_network_destroy(scaled), talus_network_destroy(plain);
}
END_TEST

/* More outputs than are written at once. */
START_TEST(wide_layers_are_scaled_in_every_column)
{
    enum { WIDE = 300, ROWS = 3 };
    talus_layer layer = {.width = WIDE};
    talus_network_spec spec = {
        .inputs = WIDE, .layers = &layer, .layer_count = 1, .precision = TALUS_DTYPE_F64};
    talus_network *network;
    talus_workspace *workspace;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_workspace_create(context, network, ROWS, &workspace));
    talus_matrix weights, biases;
    expect_ok(context, talus_network_weights(network, NULL, 1, &weights));
    expect_ok(context, talus_network_biases(network, NULL, 1, &biases));
    double shift[WIDE], scale[WIDE], x[ROWS * WIDE], out[ROWS * WIDE], slope[ROWS * WIDE];
    memset(weights.data, 0, WIDE * WIDE * sizeof(double));
    for (int j = 0; j < WIDE; j++) {
        ((double *)weights.data)[j * WIDE + j] = 1;
        shift[j] = j;
        scale[j] = 1 << j % 8;
    }
    for (int i = 0; i < ROWS * WIDE; i++)
        x[i] = i;
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, ROWS, WIDE);
    talus_matrix to = talus_matrix_view(out, TALUS_DTYPE_F64, ROWS, WIDE);
    talus_matrix gradient = talus_matrix_view(slope, TALUS_DTYPE_F64, ROWS, WIDE);
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, WIDE));
    expect_ok(context, talus_forward(network, workspace, &in, &to));
    for (int i = 0; i < ROWS * WIDE; i++)
        ck_assert_double_eq(out[i], (x[i] - shift[i % WIDE]) * scale[i % WIDE]);
    expect_ok(context, talus_backward(network, workspace, &in, NULL, &gradient));
    for (int i = 0; i < ROWS * WIDE; i++)
        ck_assert_double_eq(slope[i], x[i] * scale[i % WIDE]);
    expect_ok(context, talus_network_scale_targets(network, shift, scale, WIDE));
    expect_ok(context, talus_forward(network, workspace, &in, &to));
    same_bytes(out, x, sizeof x);
    expect_ok(context, talus_backward(network, workspace, &in, NULL, &gradient));
    same_bytes(slope, x, sizeof x);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Σ over outputs of weight·output²/2 in the caller's units: a cost of the caller's own. */
static double own_cost(const talus_network *network, talus_workspace *workspace, const talus_matrix *x,
                       const double *weight, double *outputs)
{
    talus_matrix out = talus_matrix_view(outputs, TALUS_DTYPE_F64, N, OUTPUTS);
    expect_ok(context, talus_forward(network, workspace, x, &out));
    double cost = 0;
    for (int i = 0; i < N * OUTPUTS; i++)
        cost += weight[i] * outputs[i] * outputs[i] / 2;
    return cost;
}

/* Loops over last activations. */
START_TEST(backward_agrees_with_central_differences)
{
    static const int last[] = {TALUS_IDENTITY, TALUS_TANH, TALUS_ELU};
    talus_network *network = network_of(TALUS_DTYPE_F64, last[_i]);
    talus_workspace *workspace = workspace_of(network, N);
    scale_inputs(network), scale_targets(network);
    talus_matrix x = raw_inputs(TALUS_DTYPE_F64, 5), theta;
    expect_ok(context, talus_network_parameters(network, &theta));
    double *weight = random_array(6, N * OUTPUTS), *values = x.data, *parameters = theta.data;
    double outputs[N * OUTPUTS], slopes[N * OUTPUTS], inputs[N * INPUTS], unused[N * OUTPUTS];
    double *gradient = malloc((size_t)theta.cols * sizeof *gradient);
    own_cost(network, workspace, &x, weight, outputs);
    for (int i = 0; i < N * OUTPUTS; i++)
        slopes[i] = weight[i] * outputs[i];
    talus_matrix output_gradient = talus_matrix_view(slopes, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix input_gradient = talus_matrix_view(inputs, TALUS_DTYPE_F64, N, INPUTS);
    talus_matrix flat = talus_matrix_view(gradient, TALUS_DTYPE_F64, 1, theta.cols);
    expect_ok(context, talus_backward(network, workspace, &output_gradient, &flat, &input_gradient));
    double size = largest(gradient, theta.cols), input_size = largest(inputs, N * INPUTS);
    for (int64_t i = 0; i < theta.cols; i++) {
        double h = 1e-5, before = parameters[i];
        parameters[i] = before + h;
        double above = own_cost(network, workspace, &x, weight, unused);
        parameters[i] = before - h;
        double below = own_cost(network, workspace, &x, weight, unused);
        parameters[i] = before;
        ck_assert_double_le(fabs((above - below) / (2 * h) - gradient[i]), 1e-6 * size);
    }
    for (int i = 0; i < N * INPUTS; i++) {
        double h = 1e-5 / fabs(in_scale[i % INPUTS]), before = values[i];
        values[i] = before + h;
        double above = own_cost(network, workspace, &x, weight, unused);
        values[i] = before - h;
        double below = own_cost(network, workspace, &x, weight, unused);
        values[i] = before;
        ck_assert_double_le(fabs((above - below) / (2 * h) - inputs[i]), 1e-6 * input_size);
    }
    free(x.data), free(weight), free(gradient);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* The cost is the mean of ½·Σ_k ((out_k − y_k)·scale_k)², and its gradient is ∂C/∂θ of that. */
START_TEST(cost_and_gradient_are_those_of_the_scaled_problem)
{
    talus_network *network = network_of(TALUS_DTYPE_F64, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network, N);
    scale_inputs(network), scale_targets(network);
    talus_matrix x = raw_inputs(TALUS_DTYPE_F64, 5), y = raw_targets(TALUS_DTYPE_F64), theta;
    expect_ok(context, talus_network_parameters(network, &theta));
    double outputs[N * OUTPUTS], cost, expected = 0, *parameters = theta.data;
    double *gradient = malloc((size_t)theta.cols * sizeof *gradient);
    talus_matrix out = talus_matrix_view(outputs, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix flat = talus_matrix_view(gradient, TALUS_DTYPE_F64, 1, theta.cols);
    expect_ok(context, talus_predict(network, workspace, &x, &out));
    for (int i = 0; i < N * OUTPUTS; i++) {
        double error = (outputs[i] - value_at(&y, i)) * out_scale[i % OUTPUTS];
        expected += error * error / 2 / N;
    }
    expect_ok(context, talus_gradient(network, workspace, BATCH(x, y), &cost, &flat));
    ck_assert_double_le(fabs(cost - expected), 1e-12 * expected);
    talus_dataset *dataset = dataset_of(&x, &y);
    talus_metrics metrics;
    expect_ok(context, talus_evaluate(network, workspace, dataset, &metrics));
    ck_assert_double_le(fabs(metrics.cost - expected), 1e-12 * expected);
    double size = largest(gradient, theta.cols);
    for (int64_t i = 0; i < theta.cols; i++) {
        double h = 1e-5, before = parameters[i], above, below;
        parameters[i] = before + h;
        expect_ok(context, talus_gradient(network, workspace, BATCH(x, y), &above, NULL));
        parameters[i] = before - h;
        expect_ok(context, talus_gradient(network, workspace, BATCH(x, y), &below, NULL));
        parameters[i] = before;
        ck_assert_double_le(fabs((above - below) / (2 * h) - gradient[i]), 1e-7 * size);
    }
    talus_dataset_destroy(dataset);
    free(x.data), free(y.data), free(gradient);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Two callers, each with a context and a workspace, take turns on one const network. */
START_TEST(workspaces_share_a_network)
{
    talus_context *other = context_with(1, NULL);
    talus_network *network = network_of(TALUS_DTYPE_F64, TALUS_IDENTITY);
    scale_inputs(network), scale_targets(network);
    const talus_network *shared = network;
    talus_workspace *mine = workspace_of(shared, N), *theirs;
    expect_ok(other, talus_workspace_create(other, shared, N, &theirs));
    talus_matrix x = raw_inputs(TALUS_DTYPE_F64, 5), z = raw_inputs(TALUS_DTYPE_F64, 6);
    double a[N * OUTPUTS], b[N * OUTPUTS], in_a[N * INPUTS], in_b[N * INPUTS];
    talus_matrix out_a = talus_matrix_view(a, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix out_b = talus_matrix_view(b, TALUS_DTYPE_F64, N, OUTPUTS);
    talus_matrix slope_a = talus_matrix_view(in_a, TALUS_DTYPE_F64, N, INPUTS);
    talus_matrix slope_b = talus_matrix_view(in_b, TALUS_DTYPE_F64, N, INPUTS);
    int64_t calls = book.calls;
    expect_ok(context, talus_forward(shared, mine, &x, &out_a));
    expect_ok(other, talus_forward(shared, theirs, &z, NULL));
    expect_ok(context, talus_backward(shared, mine, &out_a, NULL, &slope_a));
    expect_ok(other, talus_forward(shared, theirs, &x, &out_b));
    expect_ok(other, talus_backward(shared, theirs, &out_b, NULL, &slope_b));
    same_bytes(a, b, sizeof a);
    same_bytes(in_a, in_b, sizeof in_a);
    ck_assert_int_eq(book.calls, calls); /* and nothing was allocated */
    talus_workspace_destroy(mine), talus_workspace_destroy(theirs);
    talus_network_destroy(network);
    talus_context_destroy(other);
    free(x.data), free(z.data);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scaling");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, raw_rows_are_predicted_as_they_are_evaluated);
    tcase_add_loop_test(tests, predictions_are_those_of_scaled_copies, 0, 6);
    tcase_add_test(tests, one_number_serves_all_columns);
    tcase_add_loop_test(tests, training_is_that_on_scaled_copies, 0, 6);
    tcase_add_loop_test(tests, outputs_are_in_units_of_the_caller, 0, 2);
    tcase_add_test(tests, wide_layers_are_scaled_in_every_column);
    tcase_add_loop_test(tests, backward_agrees_with_central_differences, 0, 3);
    tcase_add_test(tests, cost_and_gradient_are_those_of_the_scaled_problem);
    tcase_add_test(tests, workspaces_share_a_network);
    return run_suite(suite);
}
