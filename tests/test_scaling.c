/* A network with a scaling takes and gives numbers in the caller's units, in every call. */
#include "support.h"

enum { N = 45, INPUTS = 3, HIDDEN = 7, OUTPUTS = 2 };

static counting_allocator book;
static talus_context *context;

static void begin(void)
{
    book = (counting_allocator){0};
    context = context_with(2, &book);
}

static void end(void)
{
    talus_context_destroy(context);
    ck_assert_int_eq(book.alive, 0);
}

/* INPUTS-HIDDEN-OUTPUTS with tanh below; cross-entropy if the last activation is softmax, squared error else. */
static talus_network *network_of(int precision, int last)
{
    talus_layer layers[] = {{.width = HIDDEN, .activation = TALUS_TANH},
                            {.width = OUTPUTS, .activation = last}};
    talus_network_spec spec = {.inputs = INPUTS,
                               .layers = layers,
                               .layer_count = 2,
                               .loss = last == TALUS_SOFTMAX ? TALUS_CROSS_ENTROPY : TALUS_SQUARED_ERROR,
                               .precision = precision,
                               .seed = 3};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static talus_workspace *workspace_of(const talus_network *network)
{
    talus_workspace *workspace = NULL;
    expect_ok(context, talus_workspace_create(context, network, N, &workspace));
    return workspace;
}

static talus_dataset *dataset_of(const talus_matrix *x, const talus_matrix *y)
{
    talus_dataset *dataset = NULL;
    expect_ok(context, talus_dataset_from_matrices(context, x, y, &dataset));
    return dataset;
}

/* An array of a dtype holding these numbers, rounded; free its data. */
static talus_matrix typed(int dtype, const double *values, int64_t rows, int64_t cols)
{
    int64_t count = rows * cols;
    void *data = malloc((size_t)count * sizeof(double));
    ck_assert_ptr_nonnull(data);
    for (int64_t i = 0; i < count; i++)
        if (dtype == TALUS_DTYPE_F32)
            ((float *)data)[i] = (float)values[i];
        else if (dtype == TALUS_DTYPE_F64)
            ((double *)data)[i] = values[i];
        else
            ((uint8_t *)data)[i] = (uint8_t)values[i];
    return talus_matrix_view(data, dtype, rows, cols);
}

static double value_at(const talus_matrix *m, int64_t i)
{
    return m->dtype == TALUS_DTYPE_F32   ? (double)((float *)m->data)[i]
           : m->dtype == TALUS_DTYPE_F64 ? ((double *)m->data)[i]
                                         : (double)((uint8_t *)m->data)[i];
}

/* What a network of the precision is to read: (x_j − shift_j)·scale_j, computed in double and rounded; free its data. */
static talus_matrix scaled_by_hand(const talus_matrix *raw, int precision, const double *shift,
                                   const double *scale)
{
    double *values = malloc((size_t)(raw->rows * raw->cols) * sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (int64_t i = 0; i < raw->rows * raw->cols; i++)
        values[i] = (value_at(raw, i) - shift[i % raw->cols]) * scale[i % raw->cols];
    talus_matrix scaled = typed(precision, values, raw->rows, raw->cols);
    free(values);
    return scaled;
}

static const double in_shift[INPUTS] = {100, -3, 0.1}, in_scale[INPUTS] = {1 / 64.0, 0.007, -0.01};
static const double out_shift[OUTPUTS] = {-7, 1000}, out_scale[OUTPUTS] = {0.7, 1 / 300.0};

static void scale_inputs(talus_network *network)
{
    expect_ok(context, talus_network_scale_inputs(network, in_shift, in_scale, INPUTS));
}

static void scale_targets(talus_network *network)
{
    expect_ok(context, talus_network_scale_targets(network, out_shift, out_scale, OUTPUTS));
}

/* Numbers 0 … 255, whole for bytes. */
static talus_matrix raw_inputs(int dtype, uint64_t seed)
{
    double *values = random_array(seed, N * INPUTS);
    for (int i = 0; i < N * INPUTS; i++)
        values[i] = dtype == TALUS_DTYPE_U8 ? floor(127.5 + 127 * values[i]) : 127.5 + 127 * values[i];
    talus_matrix matrix = typed(dtype, values, N, INPUTS);
    free(values);
    return matrix;
}

static talus_matrix raw_targets(int dtype)
{
    double *values = random_array(8, N * OUTPUTS);
    for (int i = 0; i < N * OUTPUTS; i++)
        values[i] = out_shift[i % OUTPUTS] + values[i] / out_scale[i % OUTPUTS];
    talus_matrix matrix = typed(dtype, values, N, OUTPUTS);
    free(values);
    return matrix;
}

static void same_bytes(const void *a, const void *b, size_t bytes)
{
    ck_assert_int_eq(memcmp(a, b, bytes), 0);
}

static void same_parameters(talus_network *a, talus_network *b)
{
    talus_matrix of_a, of_b;
    expect_ok(context, talus_network_parameters(a, &of_a));
    expect_ok(context, talus_network_parameters(b, &of_b));
    same_bytes(of_a.data, of_b.data,
               (size_t)of_a.cols * (of_a.dtype == TALUS_DTYPE_F32 ? sizeof(float) : sizeof(double)));
}

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

static const int input_dtypes[] = {TALUS_DTYPE_F32, TALUS_DTYPE_F64, TALUS_DTYPE_U8};

/* Loops over precisions and dtypes of inputs. */
START_TEST(predictions_are_those_of_scaled_copies)
{
    int precision = _i / 3, dtype = input_dtypes[_i % 3];
    talus_network *scaled = network_of(precision, TALUS_SOFTMAX),
                  *plain = network_of(precision, TALUS_SOFTMAX);
    talus_workspace *of_scaled = workspace_of(scaled), *of_plain = workspace_of(plain);
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
    talus_workspace *of_one = workspace_of(one), *of_each = workspace_of(each);
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
    talus_workspace *of_scaled = workspace_of(scaled), *of_plain = workspace_of(plain);
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
    talus_workspace *workspace = workspace_of(network);
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
    talus_workspace *workspace = workspace_of(network);
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

/* A network of so many inputs and as many outputs, of squared error. */
static talus_network *network_for(int64_t columns, int precision)
{
    talus_layer layer = {.width = columns};
    talus_network_spec spec = {.inputs = columns, .layers = &layer, .layer_count = 1, .precision = precision};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static void input_scaling_is(const talus_network *network, int64_t count, const double *shift,
                             const double *scale)
{
    int64_t got;
    const double *shifts, *scales;
    expect_ok(context, talus_network_input_scaling(network, &got, &shifts, &scales));
    ck_assert_int_eq(got, count);
    if (count == 0)
        ck_assert(shifts == NULL && scales == NULL);
    for (int64_t j = 0; j < count; j++) {
        ck_assert_double_eq(shifts[j], shift[j]);
        ck_assert_double_eq(scales[j], scale[j]);
    }
}

static void fit_inputs(talus_network *network, const talus_dataset *dataset, int kind)
{
    expect_ok(context, talus_network_fit_input_scaling(network, dataset, kind));
}

/* Fits numbers of one column, and gives what was fitted. */
static void fit_column(const double *values, int64_t count, int kind, double *shift, double *scale)
{
    talus_network *network = network_for(1, TALUS_DTYPE_F32);
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F64, count, 1);
    talus_dataset *dataset = dataset_of(&x, &x);
    const double *shifts, *scales;
    int64_t got;
    fit_inputs(network, dataset, kind);
    expect_ok(context, talus_network_input_scaling(network, &got, &shifts, &scales));
    ck_assert_int_eq(got, 1);
    *shift = *shifts, *scale = *scales;
    expect_ok(context, talus_network_fit_target_scaling(network, dataset, kind));
    expect_ok(context, talus_network_target_scaling(network, &got, &shifts, &scales));
    ck_assert_int_eq(got, 1);
    ck_assert(*shifts == *shift && *scales == *scale);
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
}

START_TEST(fitted_numbers_are_those_of_closed_forms)
{
    double shift, scale;
    fit_column((double[]){1, 2, 3, 4}, 4, TALUS_SCALING_STANDARD, &shift, &scale);
    ck_assert_double_eq(shift, 2.5);
    ck_assert_double_le(fabs(scale - 1 / sqrt(1.25)), 4e-16);
    fit_column((double[]){1, 2, 3, 4}, 4, TALUS_SCALING_RANGE, &shift, &scale);
    ck_assert_double_eq(shift, 1);
    ck_assert_double_eq(scale, 1 / 3.0);
    fit_column((double[]){-2, 2}, 2, TALUS_SCALING_STANDARD, &shift, &scale);
    ck_assert(shift == 0 && scale == 0.5);
    fit_column((double[]){-2, 2}, 2, TALUS_SCALING_RANGE, &shift, &scale);
    ck_assert(shift == -2 && scale == 0.25);
    double counted[1001];
    for (int i = 0; i <= 1000; i++)
        counted[i] = i * 617 % 1001; /* 0 … 1000 in some order: mean 500, variance (1001² − 1)/12 */
    fit_column(counted, 1001, TALUS_SCALING_STANDARD, &shift, &scale);
    ck_assert_double_le(fabs(shift - 500), 1e-11);
    ck_assert_double_le(fabs(scale * sqrt((1001.0 * 1001 - 1) / 12) - 1), 1e-14);
}
END_TEST

START_TEST(columns_that_do_not_vary_become_0)
{
    static const double constants[] = {0, 0.1, -1e300, 1e-310, 7};
    for (int i = 0; i < 5; i++)
        for (int kind = 0; kind < TALUS_SCALING_COUNT; kind++)
            for (int64_t count = 1; count <= 3; count++) {
                double values[3] = {constants[i], constants[i], constants[i]}, shift, scale;
                fit_column(values, count, kind, &shift, &scale);
                ck_assert(shift == constants[i] && scale == 1);
            }
    double shift, scale, tiny[2] = {0, 1e-310}; /* its inverse is no number */
    fit_column(tiny, 2, TALUS_SCALING_RANGE, &shift, &scale);
    ck_assert(shift == 0 && scale == 1);
    fit_column((double[]){0, 0x1p-1022}, 2, TALUS_SCALING_STANDARD, &shift, &scale);
    ck_assert_double_eq(scale, 1);
}
END_TEST

START_TEST(large_and_small_numbers_are_fitted)
{
    double shift, scale;
    fit_column((double[]){1e300, -1e300}, 2, TALUS_SCALING_STANDARD, &shift, &scale);
    ck_assert_double_le(fabs(shift), 1e285);
    ck_assert_double_le(fabs(scale * 1e300 - 1), 1e-15);
    fit_column((double[]){1e300, -1e300, 0}, 3, TALUS_SCALING_RANGE, &shift, &scale);
    ck_assert_double_eq(shift, -1e300);
    ck_assert_double_le(fabs(scale * 2e300 - 1), 1e-15);
    fit_column((double[]){3e-300, 1e-300}, 2, TALUS_SCALING_STANDARD, &shift, &scale);
    ck_assert_double_le(fabs(shift / 2e-300 - 1), 1e-15);
    ck_assert_double_le(fabs(scale * 1e-300 - 1), 1e-15);

    enum { MANY = 10000 };
    double *values = malloc(MANY * sizeof *values);
    for (int i = 0; i < MANY; i++)
        values[i] = 1e9 + (i % 2 == 0 ? 1 : -1);
    fit_column(values, MANY, TALUS_SCALING_STANDARD, &shift, &scale);
    ck_assert_double_le(fabs(shift - 1e9), 1e-6);
    ck_assert_double_le(fabs(scale - 1), 1e-12);
    for (int i = 0; i < MANY; i++)
        values[i] = i == 0 ? 300 : i % 2; /* an outlier, against sums in long double */
    fit_column(values, MANY, TALUS_SCALING_STANDARD, &shift, &scale);
    long double sum = 0, squares = 0;
    for (int i = 0; i < MANY; i++)
        sum += values[i];
    for (int i = 0; i < MANY; i++)
        squares += (values[i] - sum / MANY) * (values[i] - sum / MANY);
    ck_assert_double_le(fabs(shift / (double)(sum / MANY) - 1), 1e-12);
    ck_assert_double_le(fabs(scale * sqrt((double)(squares / MANY)) - 1), 1e-12);
    free(values);
}
END_TEST

START_TEST(spreads_beyond_all_scales_are_refused)
{
    double values[] = {1, 1.5e308, 2, -1.5e308};
    talus_network *network = network_for(2, TALUS_DTYPE_F64);
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F64, 2, 2);
    talus_dataset *dataset = dataset_of(&x, NULL);
    for (int kind = 0; kind < TALUS_SCALING_COUNT; kind++) {
        expect_status(context, TALUS_ERROR_DATA, talus_network_fit_input_scaling(network, dataset, kind));
        expect_message(context, "fit_input_scaling: column 1 (counted from 0) must spread over at most "
                                "4.49423e+307, got -1.5e+308 … 1.5e+308");
        input_scaling_is(network, 0, NULL, NULL);
    }
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
}
END_TEST

/* Every dtype, more columns than are read at once, and rows with padding between them: loops over dtypes. */
START_TEST(every_column_of_every_dtype_is_fitted)
{
    enum { ROWS = 5, COLS = 600, STRIDE = COLS + 3 };
    int dtype = input_dtypes[_i];
    double values[ROWS * STRIDE], shift[COLS], scale[COLS];
    for (int i = 0; i < ROWS * STRIDE; i++)
        values[i] = i % STRIDE < COLS ? i % STRIDE % 7 + (i / STRIDE % 2 == 0 ? 0 : 1 + i % STRIDE % 5) : 200;
    for (int j = 0; j < COLS; j++)
        shift[j] = j % 7, scale[j] = 1.0 / (1 + j % 5);
    talus_matrix x = typed(dtype, values, ROWS, STRIDE);
    x.cols = COLS, x.stride = STRIDE;
    talus_network *network = network_for(COLS, TALUS_DTYPE_F32);
    talus_dataset *dataset = dataset_of(&x, &x);
    fit_inputs(network, dataset, TALUS_SCALING_RANGE);
    input_scaling_is(network, COLS, shift, scale);
    fit_inputs(network, dataset, TALUS_SCALING_STANDARD);
    const double *shifts, *scales;
    expect_ok(context, talus_network_input_scaling(network, NULL, &shifts, &scales));
    for (int j = 0; j < COLS; j++) { /* of 5 numbers, 3 are the smallest and 2 are w more: m + 2w/5, √6·w/5 */
        double w = 1 + j % 5;
        ck_assert_double_le(fabs(shifts[j] - (j % 7 + 0.4 * w)), 4e-15);
        ck_assert_double_le(fabs(scales[j] * sqrt(0.24) * w - 1), 4e-15);
    }
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
    free(x.data);
}
END_TEST

/* Only the samples of a part count, each as often as it stands there. */
START_TEST(parts_are_fitted_by_their_own_samples)
{
    double values[] = {100, 1, 2, 3, 4, -100}, shift = 2.5;
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F64, 6, 1);
    talus_dataset *whole = dataset_of(&x, NULL), *slice, *list, *shuffled;
    talus_network *network = network_for(1, TALUS_DTYPE_F32);
    const double *shifts, *scales;
    expect_ok(context, talus_dataset_slice(whole, 1, 4, &slice));
    expect_ok(context, talus_dataset_rows(whole, (int64_t[]){4, 4, 4, 1, 2, 2}, 6, &list));
    expect_ok(context, talus_dataset_shuffle(slice, 1, &shuffled));
    fit_inputs(network, slice, TALUS_SCALING_RANGE);
    input_scaling_is(network, 1, (double[]){1}, (double[]){1 / 3.0});
    fit_inputs(network, shuffled, TALUS_SCALING_STANDARD);
    expect_ok(context, talus_network_input_scaling(network, NULL, &shifts, &scales));
    ck_assert_double_le(fabs(*shifts - shift), 4e-16);
    fit_inputs(network, list, TALUS_SCALING_STANDARD); /* 4 4 4 1 2 2: mean 17/6, Σx² = 57 */
    expect_ok(context, talus_network_input_scaling(network, NULL, &shifts, &scales));
    ck_assert_double_le(fabs(*shifts - 17 / 6.0), 1e-15);
    ck_assert_double_le(fabs(*scales * sqrt(57 / 6.0 - 289 / 36.0) - 1), 1e-14);
    talus_dataset_destroy(shuffled), talus_dataset_destroy(list), talus_dataset_destroy(slice);
    talus_dataset_destroy(whole);
    talus_network_destroy(network);
}
END_TEST

START_TEST(scaling_is_copied_and_removed)
{
    double shift[INPUTS] = {1, 2, 3}, scale[INPUTS] = {-4, 5, 6};
    const double zeros[INPUTS] = {0}, ones[INPUTS] = {1, 1, 1}, *own_shift, *own_scale;
    talus_network *network = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    input_scaling_is(network, 0, NULL, NULL);
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
    memset(shift, 0, sizeof shift), memset(scale, 0, sizeof scale);
    input_scaling_is(network, INPUTS, (double[]){1, 2, 3}, (double[]){-4, 5, 6});
    expect_ok(context, talus_network_input_scaling(network, NULL, &own_shift, &own_scale));
    expect_ok(context, talus_network_scale_inputs(network, own_shift, own_scale, INPUTS));
    input_scaling_is(network, INPUTS, (double[]){1, 2, 3}, (double[]){-4, 5, 6});
    expect_ok(context, talus_network_scale_inputs(network, NULL, (double[]){0.5}, 1));
    input_scaling_is(network, 1, zeros, (double[]){0.5});
    expect_ok(context, talus_network_scale_inputs(network, ones, NULL, INPUTS));
    input_scaling_is(network, INPUTS, ones, ones);
    expect_ok(context, talus_network_initialize(network, 9)); /* draws weights, and no more */
    input_scaling_is(network, INPUTS, ones, ones);
    expect_ok(context, talus_network_scale_inputs(network, NULL, NULL, 0));
    input_scaling_is(network, 0, NULL, NULL);
    expect_ok(context, talus_network_input_scaling(network, NULL, NULL, NULL));
    talus_network_destroy(network);
}
END_TEST

START_TEST(scalings_that_cannot_be)
{
    static const int64_t counts[] = {-1, 0, 2, 4, INT64_MAX};
    static const double bad_scales[] = {0, 1e-310, 1e308, (double)INFINITY, (double)NAN};
    const double shift[INPUTS] = {1, 2, 3}, scale[INPUTS] = {4, 5, 6}, bad[] = {1, 2, (double)NAN};
    talus_network *network = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
    for (int i = 0; i < 5; i++) {
        expect_status(context, TALUS_ERROR_SHAPE,
                      talus_network_scale_inputs(network, scale, shift, counts[i]));
        expect_message(context, "scale_inputs: count must be 1 or 3, got ");
        expect_status(context, TALUS_ERROR_DATA,
                      talus_network_scale_inputs(network, NULL, &bad_scales[i], 1));
        expect_message(context,
                       "scale_inputs: scale[0] must be a finite number other than 0 (2^-1022 … 2^1022 "
                       "in size), got ");
    }
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_scale_targets(network, shift, scale, 3));
    expect_message(context, "scale_targets: count must be 1 or 2, got 3");
    expect_status(context, TALUS_ERROR_DATA, talus_network_scale_inputs(network, bad, shift, INPUTS));
    expect_message(context, "scale_inputs: shift[2] must be a finite number, got nan");
    refuse_from_now(&book, 1);
    expect_status(context, TALUS_ERROR_MEMORY, talus_network_scale_inputs(network, scale, shift, INPUTS));
    expect_message(context, "scale_inputs: there is no memory for the scaling of 3 columns");
    input_scaling_is(network, INPUTS, shift, scale);
    talus_network_destroy(network);

    ck_assert_int_eq(talus_network_scale_inputs(NULL, shift, scale, 1), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_scale_targets(NULL, shift, scale, 1), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_input_scaling(NULL, NULL, NULL, NULL), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_target_scaling(NULL, NULL, NULL, NULL), TALUS_ERROR_ARGUMENT);
}
END_TEST

/* A network whose targets cannot be scaled refuses both calls with these words. */
static void refuses_targets(int loss, int activation, const char *words)
{
    double number = 2, values[4] = {0, 1, 1, 0};
    talus_layer layer = {.width = 2, .activation = activation};
    talus_network_spec spec = {.inputs = 2, .layers = &layer, .layer_count = 1, .loss = loss};
    talus_network *network;
    talus_matrix x = talus_matrix_view(values, TALUS_DTYPE_F64, 2, 2);
    talus_dataset *dataset = dataset_of(&x, &x);
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_scale_targets(network, NULL, &number, 1));
    expect_message(context, "scale_targets: ");
    expect_message(context, words);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_target_scaling(network, dataset, 0));
    expect_message(context, "fit_target_scaling: ");
    expect_message(context, words);
    int64_t count = 7;
    expect_ok(context, talus_network_target_scaling(network, &count, NULL, NULL));
    ck_assert_int_eq(count, 0);
    talus_network_destroy(network);
    talus_dataset_destroy(dataset);
}

START_TEST(targets_that_cannot_be_scaled)
{
    refuses_targets(
        TALUS_CROSS_ENTROPY, TALUS_SOFTMAX,
        "the loss must be one whose targets may be any number, got cross_entropy, whose target is a "
        "finite number of at least 0");
    refuses_targets(TALUS_BINARY_CROSS_ENTROPY, TALUS_SIGMOID,
                    "got binary_cross_entropy, whose target is a "
                    "number in 0 … 1");
    refuses_targets(
        TALUS_SQUARED_ERROR, TALUS_SOFTMAX,
        "the last layer must have an activation whose outputs do not depend on each other, got softmax");
}
END_TEST

START_TEST(fits_that_cannot_be)
{
    double values[6] = {1, 2, 3, 4, 5, 7};
    int32_t labels[2] = {0, 1};
    talus_matrix three = talus_matrix_view(values, TALUS_DTYPE_F64, 2, 3),
                 two = talus_matrix_view(values, TALUS_DTYPE_F64, 2, 2);
    talus_matrix y = talus_matrix_view(labels, TALUS_DTYPE_I32, 2, 1);
    talus_network *network = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    talus_dataset *narrow = dataset_of(&two, NULL), *wide = dataset_of(&three, &three),
                  *labelled = dataset_of(&three, &y);
    scale_inputs(network);
    ck_assert_int_eq(talus_network_fit_input_scaling(NULL, wide, 0), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_network_fit_target_scaling(NULL, wide, 0), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_input_scaling(network, NULL, 0));
    expect_message(context, "fit_input_scaling: dataset must be a data set, got NULL");
    for (int kind = -1; kind <= TALUS_SCALING_COUNT; kind += TALUS_SCALING_COUNT + 1) {
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_input_scaling(network, wide, kind));
        expect_message(context, "fit_input_scaling: kind must be 0 … 1, got ");
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_target_scaling(network, wide, kind));
    }
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_fit_input_scaling(network, narrow, 0));
    expect_message(context, "dataset must have 3 columns of inputs, as the network has, got 2");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_target_scaling(network, narrow, 0));
    expect_message(context, "fit_target_scaling: dataset must have targets, got a data set without");
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_fit_target_scaling(network, wide, 0));
    expect_message(context, "targets must have 2 columns");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_fit_target_scaling(network, labelled, 0));
    expect_message(context, "got labels (i32)");
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY, talus_network_fit_input_scaling(network, wide, 0));
        expect_message(context, "there is no memory for");
    }
    input_scaling_is(network, INPUTS, in_shift, in_scale);
    fit_inputs(network, wide, TALUS_SCALING_RANGE);
    talus_dataset_destroy(narrow), talus_dataset_destroy(wide), talus_dataset_destroy(labelled);
    talus_network_destroy(network);
}
END_TEST

/* Each of two networks sees the same data set in its own way. */
START_TEST(networks_share_a_data_set)
{
    talus_matrix x = raw_inputs(TALUS_DTYPE_U8, 5), y = raw_targets(TALUS_DTYPE_F32);
    talus_dataset *data = dataset_of(&x, &y);
    talus_network *first = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY),
                  *second = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    double cost[3];
    for (int round = 0; round < 2; round++) {
        fit_inputs(first, data, TALUS_SCALING_STANDARD);
        fit_inputs(second, data, TALUS_SCALING_RANGE);
        expect_ok(context, talus_network_fit_target_scaling(first, data, TALUS_SCALING_STANDARD));
        talus_workspace *of_first = workspace_of(first), *of_second = workspace_of(second);
        talus_metrics a, b;
        expect_ok(context, talus_evaluate(first, of_first, data, &a));
        expect_ok(context, talus_evaluate(second, of_second, data, &b));
        if (round == 0)
            cost[0] = a.cost, cost[1] = b.cost;
        ck_assert(a.cost == cost[0] && b.cost == cost[1] && a.cost != b.cost);
        talus_workspace_destroy(of_first), talus_workspace_destroy(of_second);
    }
    ck_assert_double_lt(cost[0], 5);    /* targets of variance 1 */
    ck_assert_double_gt(cost[1], 1000); /* targets near 1000 */
    talus_network_destroy(first), talus_network_destroy(second);
    talus_dataset_destroy(data);
    free(x.data), free(y.data);
}
END_TEST

/* Two callers, each with a context and a workspace, take turns on one const network. */
START_TEST(workspaces_share_a_network)
{
    talus_context *other = context_with(1, NULL);
    talus_network *network = network_of(TALUS_DTYPE_F64, TALUS_IDENTITY);
    scale_inputs(network), scale_targets(network);
    const talus_network *shared = network;
    talus_workspace *mine = workspace_of(shared), *theirs;
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

/* A value that cannot be used is named as the caller gave it. */
START_TEST(bad_values_are_named_as_they_were_given)
{
    double x[4 * INPUTS] = {0}, out[4 * OUTPUTS] = {0}, cost, scale[INPUTS] = {1, 1e30, 1};
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, 4, INPUTS);
    talus_matrix y = talus_matrix_view(out, TALUS_DTYPE_F64, 4, OUTPUTS);
    talus_network *network = network_of(TALUS_DTYPE_F32, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network);
    x[2 * INPUTS + 1] = 1e20;
    expect_ok(context, talus_predict(network, workspace, &in, &y));
    expect_ok(context, talus_network_scale_inputs(network, NULL, scale, INPUTS));
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &in, &y));
    expect_message(context,
                   "inputs, row 2, column 1 (counted from 0): the value must be within the range of f32 "
                   "when it is scaled, got 1e+20, which becomes 1e+50");
    x[2 * INPUTS + 1] = (double)NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &in, &y));
    expect_message(context,
                   "inputs, row 2, column 1 (counted from 0): the value must be a finite number, got nan");
    x[2 * INPUTS + 1] = 0, x[0] = 1e300;
    expect_ok(context, talus_network_scale_inputs(network, NULL, NULL, 0));
    expect_status(context, TALUS_ERROR_DATA, talus_predict(network, workspace, &in, &y));
    expect_message(context,
                   "inputs, row 0, column 0 (counted from 0): the value must be within the range of f32, "
                   "got 1e+300");
    x[0] = 0;
    expect_ok(context, talus_network_scale_targets(network, NULL, (double[]){1e25}, 1));
    memset(out, 0, sizeof out);
    out[5] = -1e15;
    expect_status(context, TALUS_ERROR_DATA, talus_gradient(network, workspace, BATCH(in, y), &cost, NULL));
    expect_message(context,
                   "targets, row 2, column 1 (counted from 0): the value must be within the range of f32 "
                   "when it is scaled, got -1e+15, which becomes -1e+40");
    expect_ok(context, talus_network_scale_targets(network, NULL, (double[]){1e-25}, 1));
    expect_ok(context, talus_forward(network, workspace, &in, NULL));
    expect_status(context, TALUS_ERROR_DATA, talus_backward(network, workspace, &y, NULL, NULL));
    expect_message(context,
                   "output_gradient, row 2, column 1 (counted from 0): the value must be within the range "
                   "of f32 when it is scaled, got -1e+15, which becomes -1e+40");
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* 1e300 in f64, and 10⁹ ± 1 in f64, reach a network of f32 with all that matters of them. */
START_TEST(wide_numbers_reach_narrow_networks)
{
    double x[4] = {1e300, 1e9 + 1, -1e300, 1e9 - 1}, out[4];
    talus_network *network = network_for(2, TALUS_DTYPE_F32);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, 2, 2),
                 to = talus_matrix_view(out, TALUS_DTYPE_F64, 2, 2), weights;
    talus_dataset *dataset = dataset_of(&in, &in);
    talus_workspace *workspace = workspace_of(network);
    expect_ok(context, talus_network_weights(network, NULL, 1, &weights));
    memcpy(weights.data, (float[]){1, 0, 0, 1}, 4 * sizeof(float));
    fit_inputs(network, dataset, TALUS_SCALING_STANDARD);
    expect_ok(context, talus_predict(network, workspace, &in, &to));
    ck_assert(out[0] == 1 && out[1] == 1 && out[2] == -1 && out[3] == -1);
    expect_ok(context, talus_network_fit_target_scaling(network, dataset, TALUS_SCALING_STANDARD));
    expect_ok(context, talus_predict(network, workspace, &in, &to));
    for (int i = 0; i < 4; i++)
        ck_assert_double_le(fabs(out[i] / x[i] - 1), 1e-15);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scaling");
    TCase *tests = tcase_create("scaling");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_set_timeout(tests, 0);
    tcase_add_test(tests, raw_rows_are_predicted_as_they_are_evaluated);
    tcase_add_loop_test(tests, predictions_are_those_of_scaled_copies, 0, 6);
    tcase_add_test(tests, one_number_serves_all_columns);
    tcase_add_loop_test(tests, training_is_that_on_scaled_copies, 0, 6);
    tcase_add_loop_test(tests, outputs_are_in_units_of_the_caller, 0, 2);
    tcase_add_test(tests, wide_layers_are_scaled_in_every_column);
    tcase_add_loop_test(tests, backward_agrees_with_central_differences, 0, 3);
    tcase_add_test(tests, cost_and_gradient_are_those_of_the_scaled_problem);
    tcase_add_test(tests, fitted_numbers_are_those_of_closed_forms);
    tcase_add_test(tests, columns_that_do_not_vary_become_0);
    tcase_add_test(tests, large_and_small_numbers_are_fitted);
    tcase_add_test(tests, spreads_beyond_all_scales_are_refused);
    tcase_add_loop_test(tests, every_column_of_every_dtype_is_fitted, 0, 3);
    tcase_add_test(tests, parts_are_fitted_by_their_own_samples);
    tcase_add_test(tests, scaling_is_copied_and_removed);
    tcase_add_test(tests, scalings_that_cannot_be);
    tcase_add_test(tests, targets_that_cannot_be_scaled);
    tcase_add_test(tests, fits_that_cannot_be);
    tcase_add_test(tests, networks_share_a_data_set);
    tcase_add_test(tests, workspaces_share_a_network);
    tcase_add_test(tests, bad_values_are_named_as_they_were_given);
    tcase_add_test(tests, wide_numbers_reach_narrow_networks);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
