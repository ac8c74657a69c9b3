/* Least squares: what is said of parameters that the data do not tell, with the rows of the Jacobian and without them. */
#include <float.h>

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
    for (int kind = 0; kind < 6; kind++) {
        fit f = fit_of(2, TIMES, linear, linear_slopes);
        f.design = design, f.response = decay_values;
        f.options.scaling = kind % 3;
        f.options.bayesian = kind / 3;
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

/* Columns of any length, alone, doubled, or multiples of one another ------------------------------------------------ */

enum { GROUPS = 3, M = 8 };

/* Column j of the design is factor_j·u_g for the group g of the parameter, of u_g = h_0 + h_(g+1) with orthogonal h of ±1. */
typedef struct column {
    int group;
    double factor;
} column;

static double sign_at(int row, int h)
{
    static const int masks[] = {7, 1, 2, 4};
    int ones = row & masks[h];
    return ((ones ^ ones >> 1 ^ ones >> 2) & 1) != 0 ? -1 : 1;
}

/* X = U·F with U (M × r) of full rank and F (r × n) of orthogonal rows: (XᵀX)⁺ = F⁺·(UᵀU)⁻¹·F⁺ᵀ, F⁺_jg = factor_j/Σ factor² over the
 * group, and UᵀU = M·(I + 1·1ᵀ), whose inverse is (I − 1·1ᵀ/(1 + r))/M. The result is r. */
static int closed_form_of(const column *columns, int n, double *inverse)
{
    double squares[GROUPS] = {0};
    int rank = 0;
    for (int j = 0; j < n; j++)
        squares[columns[j].group] += columns[j].factor * columns[j].factor;
    for (int g = 0; g < GROUPS; g++)
        rank += squares[g] > 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const column *a = &columns[i], *b = &columns[j];
            const double between = ((a->group == b->group) - 1. / (1 + rank)) / M;
            inverse[i * n + j] = a->factor == 0 || b->factor == 0
                                     ? 0
                                     : a->factor / squares[a->group] * (b->factor / squares[b->group]) *
                                           between;
        }
    return rank;
}

/* Every entry to a part of what its two standard errors allow for it: by QR of the rows, and by the eigenvalues of XᵀX. */
static void has_covariance(const double *design, int n, int rank, const double *inverse)
{
    static const double y[M] = {1, 3, -2, 0.5, 7, -4, 2, 1};
    for (int way = 0; way < 2; way++) {
        fit f = fit_of(n, M, linear, linear_slopes);
        f.design = design, f.response = y;
        f.options.iterations = 1;
        if (way == 0)
            (void)solve(&f);
        else
            expect_ok(context, minimize_without_rows(&f, line_normal));
        const double variance = f.result.deviation * f.result.deviation;
        ck_assert_int_eq(f.result.rank, rank);
        ck_assert_int_eq(f.result.errors_known, 1);
        ck_assert_double_eq(f.result.degrees_of_freedom, M - rank);
        for (int i = 0; i < n; i++) {
            ck_assert_double_eq(f.errors[i], sqrt(f.covariance[i * n + i]));
            for (int j = 0; j < n; j++) {
                const double allowed = sqrt(inverse[i * n + i]) * sqrt(inverse[j * n + j]),
                             error = fabs(f.covariance[i * n + j] / variance - inverse[i * n + j]);
                ck_assert_msg(error <= 64 * M * DBL_EPSILON * allowed, "%d, %d is wrong by %g of %g", i, j,
                              error, allowed);
            }
        }
    }
}

/* Up to four of these columns, in any order. */
START_TEST(lengths_of_columns_play_no_part)
{
    static const column kinds[] = {{0, 1}, {0, 3e10}, {1, 1}, {1, -1e-10 / 3}, {2, 7e5}, {2, 0}};
    enum { KINDS = sizeof kinds / sizeof *kinds, MOST_COLUMNS = 4 };
    for (int n = 1, cases = KINDS; n <= MOST_COLUMNS; n++, cases *= KINDS)
        for (int number = 0; number < cases; number++) {
            column columns[MOST_COLUMNS];
            double design[M * MOST_COLUMNS], inverse[MOST_COLUMNS * MOST_COLUMNS];
            for (int j = 0, rest = number; j < n; j++, rest /= KINDS) {
                columns[j] = kinds[rest % KINDS];
                for (int i = 0; i < M; i++)
                    design[i * n + j] = columns[j].factor *
                                        (sign_at(i, 0) + sign_at(i, 1 + columns[j].group));
            }
            const int rank = closed_form_of(columns, n, inverse);
            has_covariance(design, n, rank, inverse);
        }
}
END_TEST

/* Columns a·u₁, b·u₂ and c·(u₁ + u₂): with F = (a 0 c; 0 b c) and q = det F·Fᵀ = a²b² + c²·(a² + b²),
 * q·F⁺ = (a·(b² + c²) −a·c²; −b·c² b·(a² + c²); c·b² c·a²), and (UᵀU)⁻¹ as above. */
START_TEST(a_sum_of_columns_is_found_out)
{
    static const double factors[] = {1, 3e9, 1e-7};
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int number = 0; number < 27 * 6; number++) {
        const double a = factors[number % 3], b = factors[number / 3 % 3], c = factors[number / 9 % 3];
        const double q = a * a * b * b + c * c * (a * a + b * b);
        const double pseudo[3][2] = {{a * (b * b + c * c) / q, -a * c * c / q},
                                     {-b * c * c / q, b * (a * a + c * c) / q},
                                     {c * b * b / q, c * a * a / q}},
                     sums[3] = {a * b * b / q, b * a * a / q, c * (a * a + b * b) / q};
        const int *order = orders[number / 27];
        double design[M * 3], inverse[9];
        for (int i = 0; i < M; i++) {
            const double one = sign_at(i, 0) + sign_at(i, 1), two = sign_at(i, 0) + sign_at(i, 2);
            design[3 * i + order[0]] = a * one;
            design[3 * i + order[1]] = b * two;
            design[3 * i + order[2]] = c * (one + two);
        }
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                inverse[3 * order[i] + order[j]] = (pseudo[i][0] * pseudo[j][0] +
                                                    pseudo[i][1] * pseudo[j][1] - sums[i] * sums[j] / 3) /
                                                   M;
        has_covariance(design, 3, 2, inverse);
    }
}
END_TEST

/* Variances beyond the largest number are not known, nor what goes with them. */
START_TEST(variances_that_overflow_are_not_known)
{
    const double lengths[] = {1e-150, 1e-153};
    for (int i = 0; i < 2; i++) {
        double design[M], y[M];
        for (int row = 0; row < M; row++)
            design[row] = lengths[i], y[row] = 100 * sign_at(row, 1);
        fit f = fit_of(1, M, linear, linear_slopes);
        f.design = design, f.response = y;
        f.options.iterations = 1;
        (void)solve(&f);
        ck_assert_double_eq_tol(f.result.deviation, 100 * sqrt(M / (M - 1.)), 1e-11);
        ck_assert_int_eq(f.result.errors_known, i == 0);
        if (i == 0)
            ck_assert_double_eq_tol(f.errors[0] * lengths[0], f.result.deviation / sqrt(M), 1e-11);
        else
            ck_assert_double_nan(f.errors[0]);
        ck_assert_int_eq(isnan(f.covariance[0]), i == 1);
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
    tcase_add_test(all, lengths_of_columns_play_no_part);
    tcase_add_test(all, a_sum_of_columns_is_found_out);
    tcase_add_test(all, variances_that_overflow_are_not_known);
    return run_suite(suite);
}
