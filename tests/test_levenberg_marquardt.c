/* Levenberg and Marquardt's method on networks: exact on linear data, the minimum of C on others, with the uncertainty that a straight
 * line has. */
#include "levenberg_marquardt_support.h"

/* Closed forms ----------------------------------------------------------------------------------------------- */

/* A linear network is a straight line: one step without damping is the solution, and exact data are recovered. */
START_TEST(linear_data_are_recovered_in_a_step)
{
    const talus_layer line[] = {{.width = OUTPUTS}};
    const double weights[OUTPUTS * INPUTS] = {1, -2, 3, 0.5, 0.25, -4}, biases[OUTPUTS] = {7, -1};
    for (int i = 0; i < N * OUTPUTS; i++) {
        y[i] = biases[i % 2];
        for (int j = 0; j < INPUTS; j++)
            y[i] += weights[(i % 2) * INPUTS + j] * x[i / 2 * INPUTS + j];
    }
    talus_network *network = network_with(line, 1, INPUTS, TALUS_DTYPE_F64);
    int64_t count;
    method.damping = 0;
    method.iterations = 1;
    fit(network, NULL);
    const double *theta = parameters_of(network, &count);
    for (int i = 0; i < OUTPUTS * INPUTS; i++)
        ck_assert_double_eq_tol(theta[i], weights[i], 1e-12);
    for (int k = 0; k < OUTPUTS; k++)
        ck_assert_double_eq_tol(theta[OUTPUTS * INPUTS + k], biases[k], 1e-12);
    ck_assert_double_lt(result.cost, 1e-24);
    ck_assert_int_eq(result.iterations, 1);
    ck_assert_int_eq(result.residuals, N * OUTPUTS);
    ck_assert_int_eq(result.steps, TALUS_STEP_FACTORED);
    talus_network_destroy(network);
}
END_TEST

/* Of a line y = a + b·x with σ² = Σ r²/(n − 2) and S = Σ (x − x̄)²: the standard error of b is σ/√S, that of a
 * σ·√(1/n + x̄²/S), and that of the line at x σ·√(1/n + (x − x̄)²/S).   Any textbook of regression; with scaled targets, too */
START_TEST(errors_are_those_of_a_straight_line)
{
    enum { FEW = 12 };
    const double shift = 3, scale = 0.5, at = 2.5;
    static double covariance[4], errors[2];
    const talus_layer line[] = {{.width = 1}};
    double mean_x = 0, mean_y = 0, s = 0, s_xy = 0, squares = 0, error = 0, predicted = 0;
    for (int i = 0; i < FEW; i++)
        mean_x += x[i] / FEW, mean_y += y[i] / FEW;
    for (int i = 0; i < FEW; i++)
        s += (x[i] - mean_x) * (x[i] - mean_x), s_xy += (x[i] - mean_x) * (y[i] - mean_y);
    const double slope = s_xy / s;
    for (int i = 0; i < FEW; i++)
        squares += pow(y[i] - mean_y - slope * (x[i] - mean_x), 2);
    const double sigma = sqrt(squares / (FEW - 2));

    talus_network *network = network_with(line, 1, 1, TALUS_DTYPE_F64);
    talus_matrix in = view(x, FEW, 1), to = view(y, FEW, 1), of = view(covariance, 2, 2),
                 of_each = view(errors, 1, 2), new_in = view(&at, 1, 1), band = view(&error, 1, 1),
                 out = view(&predicted, 1, 1);
    talus_dataset *few = dataset_of(&in, &to);
    expect_ok(context, talus_network_scale_targets(network, &shift, &scale, 1));
    method.covariance = &of, method.standard_errors = &of_each;
    expect_ok(context, talus_levenberg_marquardt(network, few, NULL, &options, &result));
    ck_assert_int_eq(result.errors_known, 1);
    ck_assert_int_eq(result.rank, 2);
    ck_assert_double_eq(result.degrees_of_freedom, FEW - 2);
    ck_assert_double_eq_tol(result.deviation, sigma * scale, 1e-9 * sigma);
    ck_assert_double_eq_tol(errors[0], scale * sigma / sqrt(s), 1e-9);
    ck_assert_double_eq_tol(errors[1], scale * sigma * sqrt(1.0 / FEW + mean_x * mean_x / s), 1e-9);
    ck_assert_double_eq_tol(covariance[1], -scale * scale * sigma * sigma * mean_x / s, 1e-9);
    ck_assert_double_eq_tol(covariance[1], covariance[2], 1e-12);

    talus_workspace *workspace = workspace_of(network, 4);
    const double of_line = sigma * sqrt(1.0 / FEW + (at - mean_x) * (at - mean_x) / s);
    expect_ok(context, talus_prediction_bands(network, workspace, &new_in, &of, 0, 1, &out, &band));
    ck_assert_double_eq_tol(error, of_line, 1e-9 * of_line);
    ck_assert_double_eq_tol(predicted, mean_y + slope * (at - mean_x), 1e-9);
    expect_ok(context,
              talus_prediction_bands(network, workspace, &new_in, &of, result.deviation, 1, NULL, &band));
    ck_assert_double_eq_tol(error, hypot(of_line, sigma), 1e-9 * sigma);
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(few);
    talus_network_destroy(network);
}
END_TEST

/* Minima ------------------------------------------------------------------------------------------------------ */

/* Several outputs, scaled targets; f32 networks get as low as their rounding lets them. */
START_TEST(it_ends_at_a_minimum_of_the_cost)
{
    const double shift[OUTPUTS] = {1, 0}, scale[OUTPUTS] = {0.5, 2};
    const talus_batch batch = talus_batch_of(view(x, N, INPUTS), view(y, N, OUTPUTS));
    double costs[2], validation;
    for (int precision = 0; precision < 2; precision++) {
        const talus_layer layers[] = {{.width = 2, .activation = TALUS_TANH}, {.width = OUTPUTS}};
        talus_network *network = network_with(layers, 2, INPUTS, precision);
        expect_ok(context, talus_network_scale_targets(network, shift, scale, OUTPUTS));
        fit(network, data);
        costs[precision] = result.cost;
        validation = result.validation_cost;
        ck_assert_double_eq_tol(validation, result.cost, 1e-6 * result.cost);
        if (precision == TALUS_DTYPE_F64)
            is_minimum(network, &batch);
        talus_network_destroy(network);
    }
    ck_assert_double_eq_tol(costs[0], costs[1], 1e-4 * costs[1]);
}
END_TEST

/* √l2·w are residuals too. */
START_TEST(penalties_are_part_of_the_cost)
{
    const talus_layer layers[] = {{.width = 4, .activation = TALUS_TANH, .l2 = 1e-3},
                                  {.width = OUTPUTS, .l2 = 1e-2}};
    const talus_batch batch = talus_batch_of(view(x, N, INPUTS), view(y, N, OUTPUTS));
    for (int steps = TALUS_STEP_FACTORED; steps <= TALUS_STEP_CONJUGATE_GRADIENTS; steps++) {
        talus_network *network = network_with(layers, 2, INPUTS, TALUS_DTYPE_F64);
        method.steps = steps;
        fit(network, NULL);
        ck_assert_int_eq(result.residuals, N * OUTPUTS + 4 * INPUTS + 4 * OUTPUTS);
        is_minimum(network, &batch);
        talus_network_destroy(network);
    }
}
END_TEST

/* A weight of k is k times the sample. Of no sample with the weight 0 is anything left. */
START_TEST(weights_are_repetitions)
{
    static double many_x[3 * N * INPUTS], many_y[3 * N * OUTPUTS];
    int64_t rows = 0, count;
    w[5] = 0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < (int)w[i]; k++, rows++) {
            memcpy(many_x + rows * INPUTS, x + i * INPUTS, INPUTS * sizeof *x);
            memcpy(many_y + rows * OUTPUTS, y + i * OUTPUTS, OUTPUTS * sizeof *y);
        }
    const talus_matrix weights = view(w, N, 1), in = view(many_x, rows, INPUTS),
                       to = view(many_y, rows, OUTPUTS);
    const talus_layer line[] = {{.width = OUTPUTS, .activation = TALUS_SOFTPLUS}};
    talus_dataset *repeated = dataset_of(&in, &to);
    talus_network *weighted = network_with(line, 1, INPUTS, TALUS_DTYPE_F64),
                  *plain = network_with(line, 1, INPUTS, TALUS_DTYPE_F64);
    expect_ok(context, talus_dataset_set_weights(data, &weights));
    fit(weighted, NULL);
    ck_assert_int_eq(result.residuals, (N - 1) * OUTPUTS);
    const double cost = result.cost;
    expect_ok(context, talus_levenberg_marquardt(plain, repeated, NULL, &options, &result));
    ck_assert_double_eq_tol(cost, result.cost, 1e-12);
    const double *a = parameters_of(weighted, &count), *b = parameters_of(plain, &count);
    ck_assert_double_le(largest_difference(a, b, count), 1e-8);
    talus_network_destroy(weighted);
    talus_network_destroy(plain);
    talus_dataset_destroy(repeated);
}
END_TEST

/* Targets that are missing leave no residual, nor do outputs of the weight 0. */
START_TEST(missing_targets_and_weights_of_outputs)
{
    const talus_layer layers[] = {{.width = 4, .activation = TALUS_SIGMOID}, {.width = OUTPUTS}};
    const double weights[OUTPUTS] = {3, 0};
    const talus_matrix in = view(x, N, INPUTS), to = view(y, N, OUTPUTS);
    talus_network_spec spec;
    talus_network *network;
    talus_dataset *holes;
    talus_network_defaults(&spec);
    spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 2, spec.precision = TALUS_DTYPE_F64;
    spec.missing_targets = 1, spec.output_weights = weights, spec.output_weight_count = OUTPUTS;
    for (int i = 0; i < 10; i++)
        y[2 * i * OUTPUTS] = NAN;
    expect_ok(context, talus_dataset_with_missing_targets(context, &in, &to, &holes));
    expect_ok(context, talus_network_create(context, &spec, &network));
    method.iterations = 200;
    expect_ok(context, talus_levenberg_marquardt(network, holes, NULL, &options, &result));
    ck_assert_int_eq(result.residuals, N - 10);
    const talus_batch batch = talus_batch_of(in, to);
    is_minimum(network, &batch);
    talus_dataset_destroy(holes);
    talus_network_destroy(network);
}
END_TEST

/* The conjugate gradients find the same minimum of a problem that has one, in blocks of few samples. */
START_TEST(conjugate_gradients_find_the_same)
{
    const talus_layer line[] = {{.width = OUTPUTS, .activation = TALUS_SOFTPLUS}};
    int64_t count;
    talus_network *a = network_with(line, 1, INPUTS, TALUS_DTYPE_F64),
                  *b = network_with(line, 1, INPUTS, TALUS_DTYPE_F64);
    fit(a, NULL);
    ck_assert_int_eq(result.steps, TALUS_STEP_FACTORED);
    options.parameter_limit = 7;
    fit(b, NULL);
    ck_assert_int_eq(result.steps, TALUS_STEP_CONJUGATE_GRADIENTS);
    const double *first = parameters_of(a, &count), *second = parameters_of(b, &count);
    ck_assert_double_le(largest_difference(first, second, count), 1e-6);
    talus_network_destroy(a);
    talus_network_destroy(b);
}
END_TEST

/* Bayesian regularisation: γ of P parameters are determined by the data, and α weighs them against β. */
START_TEST(bayesian_regularisation_finds_its_weights)
{
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    int64_t count;
    double squares = 0;
    method.bayesian = 1;
    fit(network, NULL);
    const double *theta = parameters_of(network, &count);
    for (int64_t i = 0; i < count; i++)
        squares += theta[i] * theta[i];
    ck_assert_double_gt(result.effective_parameters, 1);
    ck_assert_double_lt(result.effective_parameters, (double)count);
    ck_assert_double_eq_tol(result.weight_precision * squares, result.effective_parameters,
                            0.02 * (double)count);
    /* β = (m − γ)/Σ r² */
    ck_assert_double_eq_tol(result.noise_precision * 2 * N * result.cost,
                            (double)result.residuals - result.effective_parameters,
                            0.02 * (double)result.residuals);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("levenberg_marquardt");
    TCase *all = case_with(suite, begin, end);
    tcase_add_test(all, linear_data_are_recovered_in_a_step);
    tcase_add_test(all, errors_are_those_of_a_straight_line);
    tcase_add_test(all, it_ends_at_a_minimum_of_the_cost);
    tcase_add_test(all, penalties_are_part_of_the_cost);
    tcase_add_test(all, weights_are_repetitions);
    tcase_add_test(all, missing_targets_and_weights_of_outputs);
    tcase_add_test(all, conjugate_gradients_find_the_same);
    tcase_add_test(all, bayesian_regularisation_finds_its_weights);
    return run_suite(suite);
}
