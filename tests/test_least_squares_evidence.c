/* Least squares with Bayesian regularisation. */
#include "least_squares_support.h"

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

/* Where the data are exact nothing is left to regularise, so that α/β sinks below rounding, of a design of less than full rank too: γ is
 * then the rank, whatever the units are. */
START_TEST(exact_data_need_no_regularisation)
{
    static const double column[] = {1, 0.5, -1, 3, 2}, heights[] = {3, 1.5, -3, 9, 6};
    const double multiples[] = {2, 3e5 / 7, 1e-5 / 3};
    for (int number = 0; number < 3; number++) {
        const double k = multiples[number];
        double design[10];
        for (int i = 0; i < 5; i++)
            design[2 * i] = column[i], design[2 * i + 1] = k * column[i];
        fit f = fit_of(2, 5, linear, linear_slopes);
        f.design = design, f.response = heights;
        f.options.bayesian = 1;
        f.at[0] = 0.5;
        ck_assert_int_ne(solve(&f), TALUS_OUTCOME_LIMIT);
        ck_assert_double_eq_tol(f.at[0] + k * f.at[1], 3, 1e-10);
        ck_assert_double_lt(f.result.weight_precision / f.result.noise_precision, 1e-18);
        ck_assert_double_eq_tol(f.result.effective_parameters, 1, 1e-6);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("evidence of least squares");
    TCase *all = case_with(suite, begin, finish);
    tcase_add_test(all, evidence_has_a_fixed_point);
    tcase_add_test(all, evidence_makes_up_for_missing_residuals);
    tcase_add_test(all, exact_data_need_no_regularisation);
    return run_suite(suite);
}
