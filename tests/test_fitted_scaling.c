/* Scalings that are fitted to a data set. */
#include "scaling_support.h"

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
        talus_workspace *of_first = workspace_of(first, N), *of_second = workspace_of(second, N);
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

/* 1e300 in f64, and 10⁹ ± 1 in f64, reach a network of f32 with all that matters of them. */
START_TEST(wide_numbers_reach_narrow_networks)
{
    double x[4] = {1e300, 1e9 + 1, -1e300, 1e9 - 1}, out[4];
    talus_network *network = network_for(2, TALUS_DTYPE_F32);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, 2, 2),
                 to = talus_matrix_view(out, TALUS_DTYPE_F64, 2, 2), weights;
    talus_dataset *dataset = dataset_of(&in, &in);
    talus_workspace *workspace = workspace_of(network, N);
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
    Suite *suite = suite_create("fitted scaling");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_test(tests, fitted_numbers_are_those_of_closed_forms);
    tcase_add_test(tests, columns_that_do_not_vary_become_0);
    tcase_add_test(tests, large_and_small_numbers_are_fitted);
    tcase_add_test(tests, spreads_beyond_all_scales_are_refused);
    tcase_add_loop_test(tests, every_column_of_every_dtype_is_fitted, 0, 3);
    tcase_add_test(tests, parts_are_fitted_by_their_own_samples);
    tcase_add_test(tests, networks_share_a_data_set);
    tcase_add_test(tests, wide_numbers_reach_narrow_networks);
    return run_suite(suite);
}
