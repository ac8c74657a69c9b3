/* Targets that are missing: of networks with every loss. */
#include "loss_support.h"

START_TEST(gradients_without_missing_targets_are_differences)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(_i, layers);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    double plain = gradient_of(network, NULL);
    spec.missing_targets = 0;
    talus_network *strict = made(&spec);
    ck_assert_double_eq_tol(gradient_of(strict, NULL), plain, TOLERANCE); /* with nothing missing */
    lose_some(_i);
    ck_assert(isfinite(gradient_of(network, NULL)));
    expect_differences(network);
    talus_network_destroy(strict);
    talus_network_destroy(network);
}
END_TEST

/* C = Σ ½·(a − y)² over what is there / n */
START_TEST(the_mean_is_over_all_samples)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_SQUARED_ERROR, layers);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    talus_workspace *workspace = workspace_of(network, N);
    double out[N * OUTPUTS], sum = 0;
    talus_matrix in = f64(x, N, INPUTS), outputs = f64(out, N, OUTPUTS);
    expect_ok(context, talus_predict(network, workspace, &in, &outputs));
    lose_some(TALUS_SQUARED_ERROR);
    for (int i = 0; i < N * OUTPUTS; i++)
        sum += isnan(y[i]) ? 0 : (out[i] - y[i]) * (out[i] - y[i]) / 2;
    ck_assert_double_eq_tol(gradient_of(network, NULL), sum / N, TOLERANCE);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* A sample of a class loss with a missing target is as one of weight 0. */
START_TEST(losses_of_classes_drop_whole_samples)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_CROSS_ENTROPY, layers);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    talus_workspace *workspace = workspace_of(network, N);
    double weights[N], cost, weight = 0;
    for (int i = 0; i < N; i++)
        weight += weights[i] = i % 4 == 0 ? 0 : 1;
    talus_batch batch = talus_batch_of(f64(x, N, INPUTS), f64(y, N, OUTPUTS));
    talus_metrics some, all;
    batch.weights = f64(weights, N, 1);
    expect_ok(context, talus_evaluate_batch(network, workspace, &batch, &some));
    for (int i = 0; i < N; i += 4)
        y[i * OUTPUTS + i % OUTPUTS] = NAN;
    cost = gradient_of(network, NULL);
    ck_assert_double_eq_tol(cost * N, some.cost * weight, TOLERANCE * N);
    expect_ok(context,
              talus_evaluate_batch(network, workspace, BATCH(f64(x, N, INPUTS), f64(y, N, OUTPUTS)), &all));
    ck_assert_double_eq_tol(all.accuracy, some.accuracy, TOLERANCE);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

static talus_dataset *with_missing(void)
{
    talus_dataset *dataset = NULL;
    talus_matrix inputs = f64(x, N, INPUTS), targets = f64(y, N, OUTPUTS);
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &targets, &dataset));
    return dataset;
}

START_TEST(missing_targets_are_refused_unless_asked_for)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_SQUARED_ERROR, layers);
    talus_network *strict = made(&spec);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    talus_fit_options options;
    talus_fit_options_defaults(&options);
    options.epochs = 2, options.batch = 5;
    lose_some(TALUS_SQUARED_ERROR);
    talus_dataset *dataset = with_missing(), *none = NULL;
    talus_matrix inputs = f64(x, N, INPUTS), targets = f64(y, N, OUTPUTS);
    expect_status(context, TALUS_ERROR_DATA, talus_dataset_from_matrices(context, &inputs, &targets, &none));
    expect_message(context, "targets: row 0, column 0 (counted from 0) must be a finite number, got nan");
    expect_status(context, TALUS_ERROR_DATA, talus_fit(strict, dataset, NULL, &options, NULL));
    expect_message(context,
                   "targets, row 0, column 0 (counted from 0): the value must be a finite number, got nan");
    expect_ok(context, talus_fit(network, dataset, NULL, &options, NULL));
    talus_workspace *workspace = workspace_of(network, N);
    y[2 * OUTPUTS + 1] = INFINITY;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_gradient(network, workspace, BATCH(inputs, targets), NULL, NULL));
    expect_message(context,
                   "targets, row 2, column 1 (counted from 0): the value must be a finite number, got inf");
    expect_status(context, TALUS_ERROR_DATA,
                  talus_dataset_with_missing_targets(context, &inputs, &targets, &none));
    expect_message(context, "targets: row 2, column 1 (counted from 0) must be a finite number, got inf");
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
    talus_network_destroy(strict);
}
END_TEST

START_TEST(other_dtypes_may_be_given_as_with_missing_targets)
{
    const uint8_t bytes[N] = {1};
    const int32_t labels[N] = {-1};
    float single[N] = {NAN, 1, INFINITY};
    talus_matrix inputs = f64(x, N, INPUTS), byte = talus_matrix_view(bytes, TALUS_DTYPE_U8, N, 1),
                 label = talus_matrix_view(labels, TALUS_DTYPE_I32, N, 1),
                 floats = talus_matrix_view(single, TALUS_DTYPE_F32, N, 1);
    talus_dataset *dataset = NULL;
    expect_status(context, TALUS_ERROR_DATA,
                  talus_dataset_with_missing_targets(context, &inputs, &label, &dataset));
    expect_status(context, TALUS_ERROR_DATA,
                  talus_dataset_with_missing_targets(context, &inputs, &floats, &dataset));
    expect_message(context, "row 2, column 0");
    single[2] = 0;
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &floats, &dataset));
    talus_dataset_destroy(dataset);
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &byte, &dataset));
    talus_dataset_destroy(dataset);
    expect_status(NULL, TALUS_ERROR_ARGUMENT,
                  talus_dataset_with_missing_targets(NULL, &inputs, &byte, &dataset));
}
END_TEST

/* A fitted scaling leaves out what is missing; a column without values stays as it is. */
START_TEST(scaling_is_of_what_is_there)
{
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_SQUARED_ERROR, layers);
    spec.missing_targets = 1;
    talus_network *network = made(&spec);
    int64_t count;
    const double *shift, *scale;
    for (int i = 0; i < N; i++) {
        y[i * OUTPUTS] = i < 4 ? (const double[]){1, 5, NAN, 9}[i] : NAN; /* mean 5, variance 32/3 */
        y[i * OUTPUTS + 1] = NAN;
    }
    talus_dataset *dataset = with_missing();
    expect_ok(context, talus_network_fit_target_scaling(network, dataset, TALUS_SCALING_STANDARD));
    expect_ok(context, talus_network_target_scaling(network, &count, &shift, &scale));
    ck_assert_double_eq_tol(shift[0], 5, 1e-15 * 5);
    ck_assert_double_eq_tol(scale[0], sqrt(3.0 / 32), 1e-15);
    ck_assert(shift[1] == 0 && scale[1] == 1);
    expect_ok(context, talus_network_fit_target_scaling(network, dataset, TALUS_SCALING_RANGE));
    expect_ok(context, talus_network_target_scaling(network, &count, &shift, &scale));
    ck_assert(shift[0] == 1 && scale[0] == 0.125 && shift[1] == 0 && scale[1] == 1);
    ck_assert(isfinite(gradient_of(network, NULL)));
    talus_dataset_destroy(dataset);
    talus_network_destroy(network);
}
END_TEST

/* For outputs (μ, s) in the caller's units, the mean of ½·(s + (y − μ)²·exp(−s)) is the cost less Σ log |scale|. */
static void check_variances(talus_network *network, const double *shift, const double *scale, int64_t count)
{
    talus_workspace *workspace = workspace_of(network, N);
    double out[N * OUTPUTS], sum = 0, logs = 0;
    const int64_t k = OUTPUTS / 2;
    talus_matrix in = f64(x, N, INPUTS), outputs = f64(out, N, OUTPUTS);
    expect_ok(context, talus_network_scale_targets(network, shift, scale, count));
    expect_ok(context, talus_predict(network, workspace, &in, &outputs));
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < k; j++) {
            double mean = out[i * OUTPUTS + j], s = out[i * OUTPUTS + k + j], e = y[i * k + j] - mean;
            sum += (s + e * e * exp(-s)) / 2;
        }
    for (int64_t j = 0; j < k; j++)
        logs += log(fabs(scale[count == 1 ? 0 : j]));
    ck_assert_double_eq_tol(sum / N, gradient_of(network, NULL) - logs, TOLERANCE * 100);
    expect_differences(network);
    talus_workspace_destroy(workspace);
}

/* ∂/∂θ of Σ G ⊙ (outputs in the caller's units), against differences. */
static void check_backward(talus_network *network)
{
    talus_workspace *workspace = workspace_of(network, N);
    double out[N * OUTPUTS], gradient[MOST];
    double *g = random_array(8, N * OUTPUTS);
    talus_matrix in = f64(x, N, INPUTS), outputs = f64(out, N, OUTPUTS), of_outputs = f64(g, N, OUTPUTS),
                 flat = f64(gradient, 1, talus_network_parameter_count(network)), parameters;
    expect_ok(context, talus_forward(network, workspace, &in, NULL));
    expect_ok(context, talus_backward(network, workspace, &of_outputs, &flat, NULL));
    expect_ok(context, talus_network_parameters(network, &parameters));
    for (int64_t i = 0; i < parameters.cols; i++) {
        double *at = (double *)parameters.data + i, kept = *at, h = 6e-6, difference = 0;
        for (int sign = -1; sign <= 1; sign += 2) {
            *at = kept + sign * h;
            expect_ok(context, talus_predict(network, workspace, &in, &outputs));
            for (int e = 0; e < N * OUTPUTS; e++)
                difference += sign * g[e] * out[e] / (2 * h);
        }
        *at = kept;
        ck_assert_double_eq_tol(gradient[i], difference, DIFFERENCES * 10);
    }
    free(g);
    talus_workspace_destroy(workspace);
}

START_TEST(variances_are_in_the_callers_units)
{
    const double shift[] = {0.5, -2}, scale[] = {4, -0.25};
    talus_layer layers[2];
    talus_network_spec spec = spec_of(TALUS_GAUSSIAN_NLL, layers);
    talus_network *network = made(&spec);
    check_variances(network, shift, scale, 2);
    check_backward(network);
    check_variances(network, shift, scale, 1);
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_scale_targets(network, shift, scale, OUTPUTS));
    expect_message(context, "scale_targets: count must be 1 or 2, got 4");
    int64_t count;
    const double *kept;
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&book, n);
        expect_status(context, TALUS_ERROR_MEMORY, talus_network_scale_targets(network, shift, scale, 2));
        book.fail_at = 0;
        expect_ok(context, talus_network_target_scaling(network, &count, NULL, &kept));
        ck_assert(count == 1 && kept[0] == 4);
    }
    expect_ok(context, talus_network_scale_targets(network, NULL, NULL, 0));
    check_backward(network);
    talus_network_destroy(network);
}
END_TEST

START_TEST(missing_targets_have_a_class_where_one_is_there)
{
    double hot[] = {NAN, 0, 1, 0.5, NAN, 0}; /* of classes 2 and 0 */
    const double given[] = {3, 5, 9};
    talus_matrix inputs = f64(x, 2, INPUTS), targets = f64(hot, 2, 3), weights;
    talus_dataset *dataset = NULL;
    expect_ok(context, talus_dataset_with_missing_targets(context, &inputs, &targets, &dataset));
    expect_ok(context, talus_dataset_weight_classes(dataset, given, 3));
    expect_ok(context, talus_dataset_weights(dataset, &weights));
    ck_assert(((double *)weights.data)[0] == 9 && ((double *)weights.data)[1] == 3);
    talus_dataset_destroy(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("missing targets");
    TCase *all = case_with(suite, begin_losses, end_counted);
    tcase_add_loop_test(all, gradients_without_missing_targets_are_differences, 0, TALUS_LOSS_COUNT);
    tcase_add_test(all, the_mean_is_over_all_samples);
    tcase_add_test(all, losses_of_classes_drop_whole_samples);
    tcase_add_test(all, missing_targets_are_refused_unless_asked_for);
    tcase_add_test(all, other_dtypes_may_be_given_as_with_missing_targets);
    tcase_add_test(all, scaling_is_of_what_is_there);
    tcase_add_test(all, variances_are_in_the_callers_units);
    tcase_add_test(all, missing_targets_have_a_class_where_one_is_there);
    return run_suite(suite);
}
