/* Least squares: closed forms, uncertainty, weights, derivatives by differences. */
#include <float.h>

#include "least_squares_support.h"

enum { ROWS = 7 };
static const double line[ROWS * 2] = {1, -3, 1, -1.5, 1, 0.25, 1, 1, 1, 2, 1, 4, 1, 7};
static const double heights[ROWS] = {0.3, -0.8, 1.1, 2.4, 2.2, 5.9, 8.1};

/* The closed form of the regression of y on x: intercept and slope, their covariance, and half the sum of squares. */
typedef struct closed_form {
    double b[2], covariance[4], cost;
} closed_form;

static closed_form straight_line(void)
{
    closed_form known = {0};
    double x = 0, y = 0, sxx = 0, sxy = 0;
    for (int i = 0; i < ROWS; i++)
        x += line[2 * i + 1] / ROWS, y += heights[i] / ROWS;
    for (int i = 0; i < ROWS; i++) {
        sxx += (line[2 * i + 1] - x) * (line[2 * i + 1] - x);
        sxy += (line[2 * i + 1] - x) * (heights[i] - y);
    }
    known.b[1] = sxy / sxx;
    known.b[0] = y - known.b[1] * x;
    for (int i = 0; i < ROWS; i++)
        known.cost += pow(known.b[0] + known.b[1] * line[2 * i + 1] - heights[i], 2) / 2;
    const double variance = 2 * known.cost / (ROWS - 2);
    known.covariance[0] = variance * (1. / ROWS + x * x / sxx);
    known.covariance[1] = known.covariance[2] = -variance * x / sxx;
    known.covariance[3] = variance / sxx;
    return known;
}

/* The method of Gauss and Newton solves it in one step from anywhere, with or without a Jacobian. */
START_TEST(a_line_takes_one_step)
{
    const closed_form known = straight_line();
    for (int given = 0; given < 2; given++) {
        fit f = fit_of(2, ROWS, linear, given ? linear_slopes : NULL);
        f.design = line, f.response = heights;
        f.at[0] = 100, f.at[1] = -30;
        f.options.damping = 0;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
        if (given)
            ck_assert_int_eq(f.result.iterations, 1);
        ck_assert_int_eq(f.result.rank, 2);
        ck_assert_int_eq(f.result.errors_known, 1);
        ck_assert_double_eq(f.result.degrees_of_freedom, ROWS - 2);
        ck_assert_double_eq_tol(f.result.cost, known.cost, 1e-13);
        ck_assert_double_eq_tol(f.result.deviation, sqrt(2 * known.cost / (ROWS - 2)), 1e-13);
        /* a step of 100 has ε of that; differences have ε^(2/3) */
        ck_assert_double_le(largest_difference(f.at, known.b, 2), given ? 30 * DBL_EPSILON * 100 : 1e-9);
        ck_assert_double_le(largest_difference(f.covariance, known.covariance, 4), given ? 1e-14 : 1e-10);
        ck_assert_double_eq_tol(f.errors[1], sqrt(known.covariance[3]), 1e-10);
        ck_assert_double_eq(f.result.effective_parameters, 2);
        ck_assert_double_eq(f.result.weight_precision, 0);
        ck_assert_double_eq(f.result.noise_precision, 1);
    }
}
END_TEST

/* The condition of the design with columns of the length 1: (1 + |c|)/(1 − |c|) under the root, c the cosine between them. */
START_TEST(the_condition_is_that_of_columns_of_length_1)
{
    double one = 0, two = 0, both = 0;
    for (int i = 0; i < ROWS; i++)
        one += 1, two += line[2 * i + 1] * line[2 * i + 1], both += line[2 * i + 1];
    const double c = both / sqrt(one * two);
    fit f = fit_of(2, ROWS, linear, linear_slopes);
    f.design = line, f.response = heights;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
    ck_assert_double_eq_tol(f.result.condition, sqrt((1 + c) / (1 - c)), 1e-13);
}
END_TEST

/* A weight of w is the residual w times; of 0, as if it were not there, whatever it is. */
static void with_a_bad_end(const double *at, double *r, fit *f)
{
    linear(at, r, f);
    r[ROWS - 1] = NAN;
}

START_TEST(weights_repeat_residuals)
{
    static const double w[ROWS] = {1, 2, 3, 1, 2, 1, 0};
    double design[20], response[10];
    int64_t m = 0;
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < w[i]; k++, m++)
            design[2 * m] = 1, design[2 * m + 1] = line[2 * i + 1], response[m] = heights[i];
    for (int damped = 0; damped < 2; damped++) {
        fit f = fit_of(2, ROWS, with_a_bad_end, linear_slopes), g = fit_of(2, m, linear, linear_slopes);
        const talus_matrix weights = talus_matrix_view(w, TALUS_DTYPE_F64, 1, ROWS);
        f.design = line, f.response = heights, f.options.weights = &weights;
        g.design = design, g.response = response;
        f.options.damping = g.options.damping = damped ? 1e-3 : 0;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
        ck_assert_int_eq(solve(&g), TALUS_OUTCOME_CONVERGED);
        ck_assert_double_le(largest_difference(f.at, g.at, 2), 1e-14);
        ck_assert_double_eq_tol(f.result.cost, g.result.cost, 1e-14);
        ck_assert_double_eq(f.result.degrees_of_freedom,
                            ROWS - 1 - 2); /* not 10 − 2: weights repeat no knowledge */
        for (int i = 0; i < 4; i++)
            ck_assert_double_eq_tol(f.covariance[i] * (ROWS - 3), g.covariance[i] * (10 - 2), 1e-13);
    }
}
END_TEST

/* With as many parameters as residuals nothing is left to estimate σ from. */
START_TEST(rosenbrock_has_no_standard_errors)
{
    for (int scaling = 0; scaling < 2; scaling++) {
        fit f = fit_of(2, 2, rosenbrock, rosenbrock_slopes);
        f.at[0] = -1.2, f.at[1] = 1;
        f.options.scaling = scaling;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
        ck_assert_double_eq_tol(f.at[0], 1, 1e-12);
        ck_assert_double_eq_tol(f.at[1], 1, 1e-12);
        ck_assert_double_le(f.result.cost, 1e-24);
        ck_assert_int_eq(f.result.rank, 2);
        ck_assert_int_eq(f.result.errors_known, 0);
        ck_assert_double_eq(f.result.degrees_of_freedom, 0);
        ck_assert_double_nan(f.result.deviation);
        ck_assert_double_nan(f.errors[0]);
        ck_assert_double_nan(f.covariance[2]);
    }
}
END_TEST

START_TEST(exact_data_give_their_parameters)
{
    double response[TIMES];
    for (int i = 0; i < TIMES; i++)
        response[i] = 2.5 * exp(-0.75 * decay_times[i]);
    for (int given = 0; given < 2; given++) {
        fit f = fit_of(2, TIMES, decay, given ? decay_slopes : NULL);
        f.design = decay_times, f.response = response;
        f.at[0] = 1, f.at[1] = 0.1;
        int outcome = solve(&f);
        ck_assert(outcome == TALUS_OUTCOME_CONVERGED || outcome == TALUS_OUTCOME_STALLED);
        ck_assert_double_eq_tol(f.at[0], 2.5, 1e-12);
        ck_assert_double_eq_tol(f.at[1], 0.75, 1e-12);
    }
}
END_TEST

/* Forward differences have half the digits of a Jacobian, central ones two thirds; both ask for what they need. */
START_TEST(differences_have_their_digits)
{
    double errors[3];
    fit exact = fit_of(2, TIMES, decay, decay_slopes);
    exact.design = decay_times, exact.response = decay_values, exact.at[0] = exact.at[1] = 1;
    (void)solve(&exact);
    for (int kind = 0; kind < 2; kind++) {
        fit f = fit_of(2, TIMES, decay, NULL);
        f.design = decay_times, f.response = decay_values, f.at[0] = f.at[1] = 1;
        f.options.differences = kind == 0 ? TALUS_DIFFERENCES_CENTRAL : TALUS_DIFFERENCES_FORWARD;
        f.options.gradient_tolerance = 1e-6;
        (void)solve(&f);
        errors[kind] = largest_difference(f.errors, exact.errors, 2);
        const int64_t sides = kind == 0 ? 2 : 1;
        ck_assert_int_eq(f.residuals, f.result.evaluations + sides * 2 * (f.result.iterations + 1));
    }
    ck_assert_double_le(errors[0], 1e-7);
    ck_assert_double_le(errors[1], 1e-6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("least squares");
    TCase *all = case_with(suite, begin, finish);
    tcase_add_test(all, a_line_takes_one_step);
    tcase_add_test(all, the_condition_is_that_of_columns_of_length_1);
    tcase_add_test(all, weights_repeat_residuals);
    tcase_add_test(all, rosenbrock_has_no_standard_errors);
    tcase_add_test(all, exact_data_give_their_parameters);
    tcase_add_test(all, differences_have_their_digits);
    return run_suite(suite);
}
