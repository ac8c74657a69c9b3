/* Least squares: what is said of parameters that the data do not tell, with the rows of the Jacobian and without them. */
#include "least_squares_support.h"

enum { ROWS = 7 };
static const double line[ROWS * 2] = {1, -3, 1, -1.5, 1, 0.25, 1, 1, 1, 2, 1, 4, 1, 7};
static const double heights[ROWS] = {0.3, -0.8, 1.1, 2.4, 2.2, 5.9, 8.1};

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

/* Whether the rows are there or only JᵀJ: the same solution, covariance and rank, of a design of full rank and of one whose last
 * column is three times the first, damped or not, with regularisation or not. */
START_TEST(rows_are_not_needed)
{
    enum { M = 12, N = 4 };
    double *numbers = random_array(7, M * N), *y = random_array(8, M);
    for (int i = 0; i < M; i++)
        y[i] += 3 * numbers[i * N] - numbers[i * N + 1];
    for (int kind = 0; kind < 8; kind++) {
        const bool deficient = kind % 2 == 1;
        fit f = fit_of(N, M, linear, linear_slopes);
        double design[M * N];
        memcpy(design, numbers, sizeof design);
        for (int i = 0; i < M && deficient; i++)
            design[i * N + 3] = 3 * design[i * N];
        f.design = design, f.response = y;
        f.options.damping = kind & 2 ? 1e-3 : 0;
        f.options.bayesian = kind & 4 ? 1 : 0;
        f.at[0] = 0.3, f.at[1] = f.at[2] = f.at[3] = 0.1;
        fit g = f;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
        expect_ok(context, minimize_without_rows(&g, line_normal));
        ck_assert_int_eq(g.result.outcome, TALUS_OUTCOME_CONVERGED);
        ck_assert_int_eq(f.result.rank, deficient && !f.options.bayesian ? 3 : 4);
        ck_assert_int_eq(g.result.rank, f.result.rank);
        ck_assert_double_le(largest_difference(f.at, g.at, N), 1e-8);
        const double size = largest(f.covariance, N * N);
        ck_assert_double_le(largest_difference(f.covariance, g.covariance, N * N), 1e-8 * size);
        for (int i = 0; i < N; i++)
            ck_assert_double_eq(g.errors[i], sqrt(g.covariance[i * N + i]));
        ck_assert_double_ge(g.result.condition, 1);
        ck_assert_double_le(g.result.condition, 4 * f.result.condition); /* of another norm */
        ck_assert_double_le(f.result.condition, 4 * g.result.condition);
    }
    free(numbers);
    free(y);
}
END_TEST

/* Rank and condition are known without the covariance too, with rows and without, of a full rank and of less. */
START_TEST(ranks_need_no_covariance)
{
    double design[2 * TIMES];
    for (int deficient = 0; deficient < 2; deficient++) {
        for (int i = 0; i < TIMES; i++)
            design[2 * i] = 1 + decay_times[i],
                       design[2 * i + 1] = deficient ? 2 * (1 + decay_times[i]) : decay_times[i];
        fit with = fit_of(2, TIMES, linear, linear_slopes), without;
        with.design = design, with.response = decay_values;
        without = with;
        (void)solve(&with);
        const tl_squares squares = {.context = context,
                                    .name = "test",
                                    .n = 2,
                                    .m = TIMES,
                                    .user = &without,
                                    .evaluate = line_cost,
                                    .normal = line_normal};
        tl_squares_options options;
        expect_ok(context, tl_squares_take(context, "test", 2, NULL, 0, &options));
        expect_ok(context, tl_squares_minimize(&squares, &options, without.at, &without.result));
        ck_assert_int_eq(with.result.rank, deficient ? 1 : 2);
        ck_assert_int_eq(without.result.rank, with.result.rank);
        ck_assert_int_eq(without.result.errors_known, 1);
        ck_assert_double_eq_tol(without.result.deviation, with.result.deviation, 1e-12);
    }
}
END_TEST

/* A parameter that plays no part stays where it is, with either scaling; and regularisation begins at x = 0 too. */
START_TEST(a_parameter_that_plays_no_part_stays)
{
    double design[2 * TIMES];
    for (int i = 0; i < TIMES; i++)
        design[2 * i] = 1 + decay_times[i], design[2 * i + 1] = 0;
    for (int kind = 0; kind < 4; kind++) {
        fit f = fit_of(2, TIMES, linear, linear_slopes);
        f.design = design, f.response = decay_values;
        f.options.scaling = kind % 2;
        f.options.bayesian = kind / 2;
        f.at[1] = f.options.bayesian ? 0 : 5;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
        ck_assert_double_eq(f.at[1], f.options.bayesian ? 0 : 5);
        if (f.options.bayesian)
            ck_assert_double_gt(f.at[0], 0);
        else
            ck_assert_double_eq_tol(f.at[0], 13.2 / 112.5, 1e-9); /* Σ (1 + t)·y/Σ (1 + t)² */
        ck_assert_int_eq(f.result.rank, f.options.bayesian ? 2 : 1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranks of least squares");
    TCase *all = case_with(suite, begin, finish);
    tcase_add_test(all, what_the_data_do_not_tell_stays_out);
    tcase_add_test(all, fewer_residuals_than_parameters);
    tcase_add_test(all, rows_are_not_needed);
    tcase_add_test(all, ranks_need_no_covariance);
    tcase_add_test(all, a_parameter_that_plays_no_part_stays);
    return run_suite(suite);
}
