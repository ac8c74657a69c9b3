/* Least squares: closed forms, uncertainty, weights, ranks, points without a value, Bayesian regularisation. */
#include <float.h>

#include "least_squares_support.h"

enum { ROWS = 7 };
static const double line[ROWS * 2] = {1, -3, 1, -1.5, 1, 0.25, 1, 1, 1, 2, 1, 4, 1, 7};
static const double heights[ROWS] = {0.3, -0.8, 1.1, 2.4, 2.2, 5.9, 8.1};

/* A straight line -------------------------------------------------------------------------------------------- */

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

/* Ranks -------------------------------------------------------------------------------------------------------- */

/* Columns t and k·t tell b₁ + k·b₂ only: the pseudo-inverse of JᵀJ is (1, k)ᵀ·(1, k)/((1 + k²)²·Σt²). */
START_TEST(what_the_data_do_not_tell_stays_out)
{
    static const double times[] = {1, 2, 4};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        for (int damped = 0; damped < 2; damped++) {
            const double k = times[i];
            double design[2 * ROWS], squares = 0, along = 0, cost = 0;
            for (int row = 0; row < ROWS; row++) {
                const double t = design[2 * row] = line[2 * row + 1];
                design[2 * row + 1] = k * t;
                squares += t * t, along += t * heights[row];
            }
            for (int row = 0; row < ROWS; row++)
                cost += pow(design[2 * row] * along / squares - heights[row], 2) / 2;
            fit f = fit_of(2, ROWS, linear, linear_slopes);
            f.design = design, f.response = heights;
            f.options.damping = damped ? 1e-3 : 0;
            ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
            ck_assert_int_eq(f.result.rank, 1);
            ck_assert_double_eq_tol(f.result.condition, 1, 1e-12);
            /* damped, as exactly as the gradient was asked for */
            ck_assert_double_eq_tol(f.at[0] + k * f.at[1], along / squares, damped ? 1e-10 : 1e-14);
            ck_assert_double_eq_tol(f.at[0], k * f.at[1], 1e-13); /* the shortest in units of the columns */
            ck_assert_double_eq_tol(f.result.cost, cost, 1e-13);
            const double variance = 2 * cost / (ROWS - 1), all = (1 + k * k) * (1 + k * k) * squares;
            ck_assert_double_eq_tol(f.covariance[0], variance / all, 1e-14);
            ck_assert_double_eq_tol(f.covariance[1], variance * k / all, 1e-14);
            ck_assert_double_eq_tol(f.covariance[3], variance * k * k / all, 1e-14);
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

/* Fewer residuals than parameters: with damping, one solution of many. */
START_TEST(fewer_residuals_than_parameters)
{
    static const double design[] = {1, 2, -1, 0, 1, 3}, response[] = {4, 7};
    fit f = fit_of(3, 2, linear, linear_slopes);
    f.design = design, f.response = response;
    ck_assert_int_ne(solve(&f), TALUS_OUTCOME_LIMIT);
    ck_assert_int_eq(f.result.rank, 2);
    ck_assert_int_eq(f.result.errors_known, 0);
    ck_assert_double_le(f.result.cost, 1e-20);
}
END_TEST

/* Courses -------------------------------------------------------------------------------------------------------- */

static const double times[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
enum { TIMES = 8 };

START_TEST(exact_data_give_their_parameters)
{
    double response[TIMES];
    for (int i = 0; i < TIMES; i++)
        response[i] = 2.5 * exp(-0.75 * times[i]);
    for (int given = 0; given < 2; given++) {
        fit f = fit_of(2, TIMES, decay, given ? decay_slopes : NULL);
        f.design = times, f.response = response;
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
    static const double response[TIMES] = {2.6, 1.6, 1.3, 0.7, 0.6, 0.3, 0.1, 0.05};
    double errors[3];
    fit exact = fit_of(2, TIMES, decay, decay_slopes);
    exact.design = times, exact.response = response, exact.at[0] = exact.at[1] = 1;
    (void)solve(&exact);
    for (int kind = 0; kind < 2; kind++) {
        fit f = fit_of(2, TIMES, decay, NULL);
        f.design = times, f.response = response, f.at[0] = f.at[1] = 1;
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

/* log x has no value at x ≤ 0, where the first steps from 10 would go: 10 − 10·log 10 < 0. */
static void logarithm(const double *at, double *r, fit *f)
{
    (void)f;
    r[0] = log(at[0]);
}

static void logarithm_slope(const double *at, double *j, fit *f)
{
    (void)f;
    j[0] = 1 / at[0];
}

START_TEST(no_step_goes_where_there_is_no_value)
{
    fit f = fit_of(1, 1, logarithm, logarithm_slope);
    f.at[0] = 10;
    (void)solve(&f);
    ck_assert_double_eq_tol(f.at[0], 1, 1e-12);
    ck_assert_int_gt(f.result.evaluations, f.result.iterations + 1);
    f.at[0] = -1;
    expect_status(context, TALUS_ERROR_DATA, call_fit(&f));
    expect_message(context, "least_squares: the residuals must be finite at the start, got a cost of ");
    ck_assert_double_eq(f.at[0], -1);
}
END_TEST

/* x² + 1, whose slope is said to be no number at the start, or beyond x < 2. */
static double without_slope_below;

static void raised(const double *at, double *r, fit *f)
{
    (void)f;
    r[0] = at[0] * at[0] + 1;
}

static void raised_slope(const double *at, double *j, fit *f)
{
    (void)f;
    j[0] = at[0] < without_slope_below ? NAN : 2 * at[0];
}

START_TEST(a_jacobian_that_is_no_number_ends_it)
{
    fit f = fit_of(1, 1, raised, raised_slope);
    without_slope_below = 4, f.at[0] = 3;
    expect_status(context, TALUS_ERROR_DATA, call_fit(&f));
    expect_message(context, "least_squares: the Jacobian must be finite at the start");
    ck_assert_double_eq(f.at[0], 3);
    without_slope_below = 2;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_DIVERGED);
    ck_assert_double_lt(f.at[0], 2);
    ck_assert_double_eq(f.result.cost, pow(f.at[0] * f.at[0] + 1, 2) / 2);
    ck_assert_double_nan(f.result.gradient);
    ck_assert_int_eq(f.result.rank, -1);
    ck_assert_int_eq(f.result.errors_known, 0);
}
END_TEST

/* With D from the columns the units of the parameters play no part: in powers of two, not in one bit. */
static double unit;

static void in_units(const double *at, double *r, fit *f)
{
    const double plain[] = {at[0] * unit, at[1] / unit};
    decay(plain, r, f);
}

static void slopes_in_units(const double *at, double *j, fit *f)
{
    const double plain[] = {at[0] * unit, at[1] / unit};
    decay_slopes(plain, j, f);
    for (int64_t i = 0; i < f->m; i++)
        j[2 * i] *= unit, j[2 * i + 1] /= unit;
}

START_TEST(units_play_no_part)
{
    static const double response[TIMES] = {2.6, 1.6, 1.3, 0.7, 0.6, 0.3, 0.1, 0.05};
    enum { KEPT = 40, COLUMNS = 5 };
    static double history[2][KEPT][COLUMNS];
    fit f[2];
    for (int k = 0; k < 2; k++) {
        const talus_matrix rows = talus_matrix_view(history[k], TALUS_DTYPE_F64, KEPT, COLUMNS);
        unit = k == 0 ? 1 : 1024;
        f[k] = fit_of(2, TIMES, in_units, slopes_in_units);
        f[k].design = times, f[k].response = response;
        f[k].at[0] = 1 / unit, f[k].at[1] = 3 * unit;
        f[k].options.history = &rows;
        (void)solve(&f[k]);
    }
    ck_assert_mem_eq(history[0], history[1], sizeof history[0]);
    ck_assert_double_eq(f[0].at[0], f[1].at[0] * unit);
    ck_assert_double_eq(f[0].at[1], f[1].at[1] / unit);
    ck_assert_double_eq(f[0].result.condition, f[1].result.condition);
}
END_TEST

/* Bayesian regularisation -------------------------------------------------------------------------------------- */

/* With orthogonal columns of the lengths √λ_j, all is known one parameter at a time: b_j = βλ_j·c_j/(βλ_j + α) of the solution c
 * without regularisation, γ = Σ βλ_j/(βλ_j + α), α = γ/‖b‖², β = (m − γ)/(2·cost): repeated until nothing changes. */
START_TEST(evidence_has_a_fixed_point)
{
    enum { N = 3, M = 8 };
    static const double signs[M][N] = {{1, 1, 1},  {1, 1, -1},  {1, -1, 1},  {1, -1, -1},
                                       {-1, 1, 1}, {-1, 1, -1}, {-1, -1, 1}, {-1, -1, -1}};
    static const double lengths[N] = {1, 0.3, 0.05};
    static const double response[M] = {2.1, 1.4, 1.8, 1.1, -0.9, -1.6, -1.3, -2.2};
    double design[M * N], c[N] = {0}, b[N] = {0}, alpha = 0, beta = 1, gamma = 0;
    for (int i = 0; i < M; i++)
        for (int k = 0; k < N; k++)
            design[i * N + k] = signs[i][k] * lengths[k],
                           c[k] += signs[i][k] * response[i] / (M * lengths[k]);
    for (int round = 0; round < 3000; round++) {
        double size = 0, cost = 0;
        gamma = 0;
        for (int k = 0; k < N; k++) {
            const double known = beta * M * lengths[k] * lengths[k];
            b[k] = known * c[k] / (known + alpha);
            gamma += known / (known + alpha);
            size += b[k] * b[k];
        }
        for (int i = 0; i < M; i++) {
            double r = -response[i];
            for (int k = 0; k < N; k++)
                r += design[i * N + k] * b[k];
            cost += r * r / 2;
        }
        alpha = gamma / size;
        beta = (M - gamma) / (2 * cost);
    }
    fit f = fit_of(N, M, linear, linear_slopes);
    f.design = design, f.response = response;
    f.options.bayesian = 1;
    f.at[0] = f.at[1] = f.at[2] = 0.5;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
    ck_assert_double_lt(gamma, N - 0.01); /* it does something here */
    ck_assert_double_le(largest_difference(f.at, b, N), 1e-8);
    ck_assert_double_eq_tol(f.result.weight_precision / alpha, 1, 1e-8);
    ck_assert_double_eq_tol(f.result.noise_precision / beta, 1, 1e-8);
    ck_assert_double_eq_tol(f.result.effective_parameters, gamma, 1e-8);
    ck_assert_double_eq_tol(f.result.degrees_of_freedom, M - gamma, 1e-8);
    for (int k = 0; k < N; k++)
        ck_assert_double_eq_tol(f.covariance[k * N + k] * (beta * M * lengths[k] * lengths[k] + alpha), 1,
                                1e-7);
}
END_TEST

/* It makes one solution of many: what it says of α, β and γ holds with fewer residuals than parameters, without damping too. */
START_TEST(evidence_makes_up_for_missing_residuals)
{
    static const double design[] = {1, 0.5, 0.2, 0, 1, -0.3}, response[] = {1, -2};
    for (int damped = 0; damped < 2; damped++) {
        fit f = fit_of(3, 2, linear, linear_slopes);
        double slope[3], r[2];
        f.design = design, f.response = response;
        f.options.bayesian = 1;
        f.options.damping = damped ? 1e-3 : 0;
        f.options.iterations = 3000;
        f.at[0] = f.at[1] = f.at[2] = 0.5;
        (void)solve(&f);
        const double alpha = f.result.weight_precision, beta = f.result.noise_precision;
        linear(f.at, r, &f);
        for (int k = 0; k < 3; k++) {
            slope[k] = alpha * f.at[k] + beta * (design[k] * r[0] + design[3 + k] * r[1]);
            ck_assert_double_le(fabs(slope[k]), 1e-6 * (alpha + beta));
        }
        ck_assert_double_gt(f.result.effective_parameters, 0);
        ck_assert_double_lt(f.result.effective_parameters, 2);
    }
}
END_TEST

/* Where the data are exact nothing is left to regularise, so that α/β sinks below rounding, of a design of less than full rank too. */
START_TEST(exact_data_need_no_regularisation)
{
    static const double design[] = {1, 2, 0.5, 1, -1, -2, 3, 6, 2, 4}, response[] = {3, 1.5, -3, 9, 6};
    fit f = fit_of(2, 5, linear, linear_slopes);
    f.design = design, f.response = response;
    f.options.bayesian = 1;
    f.at[0] = 0.5;
    ck_assert_int_ne(solve(&f), TALUS_OUTCOME_LIMIT);
    ck_assert_double_eq_tol(f.at[0] + 2 * f.at[1], 3, 1e-10);
    ck_assert_double_lt(f.result.weight_precision / f.result.noise_precision, 1e-18);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("least squares");
    TCase *all = case_with(suite, begin, finish);
    tcase_add_test(all, a_line_takes_one_step);
    tcase_add_test(all, the_condition_is_that_of_columns_of_length_1);
    tcase_add_test(all, weights_repeat_residuals);
    tcase_add_test(all, what_the_data_do_not_tell_stays_out);
    tcase_add_test(all, rosenbrock_has_no_standard_errors);
    tcase_add_test(all, fewer_residuals_than_parameters);
    tcase_add_test(all, exact_data_give_their_parameters);
    tcase_add_test(all, differences_have_their_digits);
    tcase_add_test(all, no_step_goes_where_there_is_no_value);
    tcase_add_test(all, a_jacobian_that_is_no_number_ends_it);
    tcase_add_test(all, units_play_no_part);
    tcase_add_test(all, evidence_has_a_fixed_point);
    tcase_add_test(all, evidence_makes_up_for_missing_residuals);
    tcase_add_test(all, exact_data_need_no_regularisation);
    return run_suite(suite);
}
