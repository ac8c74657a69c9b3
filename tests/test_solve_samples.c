/* Last layers solved exactly: samples that do not count, and targets that do not vary. */
#include <float.h>

#include "solve_support.h"

enum { N = 300, D = 6 };

/* R² knows no value where all targets are equal. */
START_TEST(equal_targets_have_no_r2)
{
    static const double values[] = {0.137, -3.3e5, 1e-20, 0};
    readout_case of = {.precision = _i % 2, .inputs = D, .outputs = 1, .without_biases = _i / 2};
    double *x = random_array(71, N * D), y[N];
    for (int v = 0; v < 4; v++) {
        for (int64_t i = 0; i < N; i++)
            y[i] = (double)(float)values[v];
        talus_matrix in = f64_view(x, N, D), to = f64_view(y, N, 1);
        talus_dataset *data = dataset_of(&in, &to);
        talus_network *network = network_of(context, &of);
        talus_solve_result result = solve(network, data, 0, 0);
        ck_assert_msg(isnan(result.r2), "%g: R² is %g", y[0], result.r2);
        if (!of.without_biases)
            ck_assert_double_eq(bias_at(network, 0), y[0]);
        talus_network_destroy(network);
        talus_dataset_destroy(data);
    }
    free(x);
}
END_TEST

/* Samples of weight 0 in front, far from all others, more than a batch of them or less: the solution is that without them. */
START_TEST(samples_without_weight_change_nothing)
{
    const int64_t idle = _i / 4 == 0 ? 70 : 1100, all = idle + N;
    readout_case of = {.precision = _i % 2, .inputs = D, .outputs = 1, .without_biases = _i / 2 % 2};
    double *x = random_array(72, all * D), *y = random_array(73, all), *weights = random_array(74, all);
    for (int64_t i = 0; i < all; i++) {
        weights[i] = i >= idle;
        for (int j = 0; j < D; j++)
            x[i * D + j] = (double)(float)x[i * D + j];
        for (int j = 0; j < D; j++)
            y[i] += (j + 1) * x[i * D + j];
        if (i < idle)
            x[i * D] = 1e5, y[i] = 1e9;
    }
    talus_matrix in = f64_view(x, all, D), to = f64_view(y, all, 1), w = f64_view(weights, all, 1),
                 in_part = f64_view(x + idle * D, N, D), to_part = f64_view(y + idle, N, 1);
    talus_dataset *whole = dataset_of(&in, &to), *part = dataset_of(&in_part, &to_part);
    talus_network *a = network_of(context, &of), *b = network_of(context, &of);
    expect_ok(context, talus_dataset_set_weights(whole, &w));
    const talus_solve_result of_a = solve(a, whole, 0, 0), of_b = solve(b, part, 0, 0);
    ck_assert_int_eq(of_a.orthogonal, 0);
    ck_assert_double_eq_tol(of_a.squares / of_b.squares, 1, 1e-12);
    ck_assert_double_eq_tol(of_a.cost_before / of_b.cost_before, 1, 1e-12);
    ck_assert_double_eq_tol(of_a.r2, of_b.r2, 1e-12);
    const double eps = of.precision == TALUS_DTYPE_F32 ? FLT_EPSILON : 64 * DBL_EPSILON;
    for (int j = 0; j < D; j++)
        ck_assert_double_eq_tol(weight_at(a, 0, j), weight_at(b, 0, j), eps * fabs(weight_at(b, 0, j)));
    talus_dataset_destroy(whole);
    talus_dataset_destroy(part);
    talus_network_destroy(a);
    talus_network_destroy(b);
    free(x), free(y), free(weights);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("solve: samples");
    TCase *tests = case_with(suite, begin_counted, end_counted);
    tcase_add_loop_test(tests, equal_targets_have_no_r2, 0, 4);
    tcase_add_loop_test(tests, samples_without_weight_change_nothing, 0, 8);
    return run_suite(suite);
}
