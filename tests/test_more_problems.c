/* L-BFGS and conjugate gradients find the published minima of the problems of Moré, Garbow and Hillstrom. */
#include <float.h>
#include <stdio.h>

#include "more_problems.h"
#include "support.h"

static talus_context *context;

static void begin(void)
{
    context = context_with(1, NULL);
}

static void finish(void)
{
    talus_context_destroy(context);
}

static int evaluate(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
{
    *value = more_value(user, x->data, gradient->data);
    return 0;
}

/* Where f is convex, f(x) − f* ≤ ∇fᵀ·(x − x*) ≤ max |∂f/∂x_i|·Σ |x_i − x*_i|, and the last sum is at most about 2·Σ |x_i|.
 * A search that finds nothing lower ends where rounding of f at the start would hide more. The minima are printed with six
 * digits. */
static bool is_minimum(const more_problem *problem, const double *x, const talus_minimize_result *result,
                       double start)
{
    double size = 0, error = DBL_EPSILON * start;
    for (int j = 0; j < problem->variables; j++)
        size += fabs(x[j]);
    if (result->outcome == TALUS_OUTCOME_CONVERGED)
        error = 2 * result->gradient_norm * size;
    for (const double *minimum = problem->minima; !isnan(*minimum); minimum++)
        if (fabs(result->value - *minimum) <= error + 1e-5 * *minimum)
            return true;
    return false;
}

static void find_minimum(const more_problem *problem, int method, double tolerance)
{
    double at[MOST_VARIABLES], g[MOST_VARIABLES];
    talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, problem->variables);
    talus_optimizer_spec spec;
    talus_minimize_options options;
    talus_minimize_result result;
    talus_optimizer_defaults(&spec, method);
    talus_minimize_options_defaults(&options);
    options.optimizer = &spec;
    options.iterations = 2000;
    options.gradient_tolerance = tolerance;
    more_start(problem, at);
    double start = more_value(problem, at, g);
    expect_ok(context, talus_minimize(context, evaluate, (void *)(uintptr_t)problem, &x, &options, &result));
    printf("%-24s %2d  %-18s %-9s %4lld iterations %4lld evaluations   f = %-12.6g |g| = %.1e\n",
           problem->name, problem->variables, talus_method_name(method), talus_outcome_name(result.outcome),
           (long long)result.iterations, (long long)result.evaluations, result.value, result.gradient_norm);
    ck_assert(result.outcome == TALUS_OUTCOME_CONVERGED ||
              (method == TALUS_CONJUGATE_GRADIENT && result.outcome == TALUS_OUTCOME_STALLED));
    ck_assert(is_minimum(problem, at, &result, start));
    ck_assert_double_eq(more_value(problem, at, g), result.value);
    ck_assert_double_eq(largest(g, problem->variables), result.gradient_norm);
    if (result.outcome == TALUS_OUTCOME_CONVERGED)
        ck_assert_double_le(result.gradient_norm, tolerance);
}

START_TEST(lbfgs_finds_published_minima)
{
    find_minimum(&more_problems[_i], TALUS_LBFGS, 1e-8);
}
END_TEST

START_TEST(conjugate_gradients_find_published_minima)
{
    find_minimum(&more_problems[_i], TALUS_CONJUGATE_GRADIENT, 1e-6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("problems of Moré, Garbow and Hillstrom");
    TCase *tests = case_with(suite, begin, finish);
    tcase_add_loop_test(tests, lbfgs_finds_published_minima, 0, more_problem_count);
    tcase_add_loop_test(tests, conjugate_gradients_find_published_minima, 0, more_problem_count);
    return run_suite(suite);
}
