/* Minimising a function of the caller's: closed forms, every way to end, points without a value. */
#include <float.h>

#include "minimize_support.h"

/* Σ x_i − log x_i, without a value at x_i ≤ 0; its minimum N at 1. */
static void barrier(const talus_matrix *x, double *value, const talus_matrix *gradient)
{
    const double *at = x->data;
    double *g = gradient->data;
    *value = 0;
    for (int64_t i = 0; i < x->cols; i++) {
        *value += at[i] > 0 ? at[i] - log(at[i]) : NAN;
        g[i] = 1 - 1 / at[i];
    }
}

/* −x_0, which has no minimum; |x_0|, whose gradient jumps there; 7 */
static void fall(const talus_matrix *x, double *value, const talus_matrix *gradient)
{
    memset(gradient->data, 0, (size_t)x->cols * sizeof(double));
    *value = -*(const double *)x->data;
    *(double *)gradient->data = -1;
}

static void kink(const talus_matrix *x, double *value, const talus_matrix *gradient)
{
    memset(gradient->data, 0, (size_t)x->cols * sizeof(double));
    *value = fabs(*(const double *)x->data);
    *(double *)gradient->data = copysign(1, *(const double *)x->data);
}

static void plain(const talus_matrix *x, double *value, const talus_matrix *gradient)
{
    memset(gradient->data, 0, (size_t)x->cols * sizeof(double));
    *value = 7;
}

static int run(setup *s)
{
    expect_ok(context, talus_minimize(context, evaluate, &s->watched, &s->x, &s->options, &s->result));
    ck_assert_int_eq(s->result.evaluations, s->watched.evaluations);
    return s->result.outcome;
}

/* f at the end is what the result says, and nothing lower was seen. */
static void check_end(setup *s)
{
    double value, g[N];
    talus_matrix gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, N);
    s->watched.f(&s->x, &value, &gradient);
    ck_assert_double_eq(s->result.value, value);
    ck_assert_double_eq(s->result.gradient_norm, largest(g, N));
    ck_assert_double_le(value, s->watched.lowest);
}

/* Closed forms ------------------------------------------------------------------------------------------- */

/* Plain descent: x_t = (1 − η·λ)ᵗ·x_0, so f_t, max |g_i| and max |Δx_i| are known too. */
START_TEST(plain_descent_has_a_closed_form)
{
    enum { STEPS = 40 };
    static double history[STEPS + 1][3];
    setup s;
    set_up(&s, TALUS_GRADIENT_DESCENT, bowl);
    talus_matrix rows = talus_matrix_view(history, TALUS_DTYPE_F64, STEPS + 1, 3);
    const double start[N] = {s.at[0], s.at[1], s.at[2]}, rate = s.spec.rate = 0.15;
    s.options.history = &rows;
    s.options.iterations = STEPS;
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_LIMIT);
    ck_assert_int_eq(s.result.iterations, STEPS);
    ck_assert_int_eq(s.result.evaluations, STEPS + 1);
    for (int t = 0; t <= STEPS; t++) {
        double value = 0, norm = 0, step = 0;
        for (int i = 0; i < N; i++) {
            double at = pow(1 - rate * lambda[i], t) * start[i];
            value += lambda[i] * at * at / 2;
            norm = fmax(norm, fabs(lambda[i] * at));
            step = t == 0 ? 0
                          : fmax(step, fabs(rate * lambda[i] * pow(1 - rate * lambda[i], t - 1) * start[i]));
        }
        ck_assert_double_eq_tol(history[t][0], value, 8 * DBL_EPSILON * (t + 1) * value);
        ck_assert_double_eq_tol(history[t][1], norm, 8 * DBL_EPSILON * (t + 1) * norm);
        ck_assert_double_eq_tol(history[t][2], step, 16 * DBL_EPSILON * 3);
    }
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(s.at[i], pow(1 - rate * lambda[i], STEPS) * start[i],
                                16 * DBL_EPSILON * STEPS);
    check_end(&s);
}
END_TEST

/* An update rule is the same steps of talus_optimizer_step; the best of the points is kept. */
START_TEST(update_rules_are_steps_of_an_optimizer)
{
    setup s;
    talus_optimizer *optimizer;
    double g[N], at[N], best[N], value, least;
    if (!is_update_rule(_i))
        return;
    set_up(&s, _i, bowl);
    s.options.iterations = 30;
    memcpy(at, s.at, sizeof at), memcpy(best, s.at, sizeof best);
    talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, N),
                 gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, N);
    expect_ok(context, talus_optimizer_create(context, &s.spec, TALUS_DTYPE_F64, N, &optimizer));
    bowl(&x, &least, &gradient);
    value = least;
    for (int step = 0; step < 30; step++) {
        if (_i == TALUS_IRPROP_PLUS)
            expect_ok(context, talus_optimizer_set_cost(optimizer, value));
        expect_ok(context, talus_optimizer_step(optimizer, &x, &gradient));
        bowl(&x, &value, &gradient);
        if (value < least)
            least = value, memcpy(best, at, sizeof best);
    }
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_LIMIT);
    ck_assert_mem_eq(s.at, best, sizeof best);
    ck_assert_double_eq(s.result.value, least);
    talus_optimizer_destroy(optimizer);
}
END_TEST

/* In one dimension the first pair gives L-BFGS the curvature λ, and the step −g/λ that follows ends at the minimum. */
START_TEST(lbfgs_learns_a_parabola_from_one_pair)
{
    setup s;
    set_up(&s, TALUS_LBFGS, bowl);
    s.at[0] = s.at[1] = 0;
    s.options.gradient_tolerance = 1e-12;
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_CONVERGED);
    ck_assert_int_le(s.result.iterations, 2);
    ck_assert_double_eq_tol(s.at[2], 0, 1e-13);
    check_end(&s);
}
END_TEST

START_TEST(defaults_find_a_minimum)
{
    setup s;
    set_up(&s, TALUS_LBFGS, bowl);
    expect_ok(context, talus_minimize(context, evaluate, &s.watched, &s.x, NULL, &s.result));
    ck_assert_int_eq(s.result.outcome, TALUS_OUTCOME_CONVERGED);
    ck_assert_double_le(s.result.gradient_norm, 1e-5);
    for (int i = 0; i < N; i++)
        ck_assert_double_eq_tol(s.at[i], 0, 1e-5 / lambda[i]);
    ck_assert(s.result.seconds > 0);
    expect_ok(context, talus_minimize(context, evaluate, &s.watched, &s.x, NULL, NULL));
}
END_TEST

/* Ends --------------------------------------------------------------------------------------------------- */

static int stop_at_five(const talus_minimize_step *step, void *user)
{
    int64_t *seen = user;
    ck_assert_int_eq(step->iteration, ++*seen);
    ck_assert_int_ge(step->evaluations, step->iteration);
    ck_assert(step->step > 0 && step->gradient_norm > 0 && step->seconds >= 0);
    double value, g[N];
    talus_matrix gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, N);
    bowl(step->x, &value, &gradient);
    ck_assert_double_eq(step->value, value);
    talus_optimizer *other; /* calls with the context are allowed */
    talus_optimizer_spec spec;
    talus_optimizer_defaults(&spec, TALUS_ADAM);
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, N, &other));
    talus_optimizer_destroy(other);
    return *seen == 5;
}

START_TEST(a_minimisation_ends_as_it_is_asked_to)
{
    setup s;
    int64_t seen = 0;
    set_up(&s, TALUS_GRADIENT_DESCENT, bowl);
    s.options.on_step = stop_at_five, s.options.user = &seen;
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_STOPPED);
    ck_assert_int_eq(s.result.iterations, 5);

    set_up(&s, TALUS_GRADIENT_DESCENT, bowl);
    s.options.target = 1;
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_TARGET);
    ck_assert(s.result.value <= 1 && s.result.value > 0.5);

    set_up(&s, TALUS_GRADIENT_DESCENT, bowl);
    s.options.gradient_tolerance = 0.1, s.options.target = 100; /* f_0 = 17.5 */
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_TARGET);
    ck_assert_int_eq(s.result.iterations, 0);
    check_end(&s);

    set_up(&s, TALUS_GRADIENT_DESCENT, bowl);
    s.options.value_tolerance = 0.25; /* (1 − η·λ)² = 0.81 is what f falls by, at last */
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_STALLED);
    ck_assert_int_lt(s.result.iterations, 20);

    set_up(&s, TALUS_GRADIENT_DESCENT, bowl);
    s.options.step_tolerance = 0.01; /* 0.1·3·0.9ᵗ⁻¹ ≤ 0.01: t ≥ 33.3 */
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_STALLED);
    ck_assert_int_eq(s.result.iterations, 34);

    set_up(&s, TALUS_LBFGS, plain);
    s.options.gradient_tolerance = 1e-9; /* already there */
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_CONVERGED);
    ck_assert_int_eq(s.result.evaluations, 1);
    set_up(&s, TALUS_LBFGS, plain); /* nowhere to go */
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_STALLED);
}
END_TEST

/* Whatever ends it on the way, x is the lowest point that was evaluated: the limit before evaluation number 2, 3, … of each
 * method, on a smooth function and on one whose searches fail. */
START_TEST(ended_within_a_search_it_keeps_the_lowest_point)
{
    static const int methods[] = {TALUS_LBFGS, TALUS_CONJUGATE_GRADIENT, TALUS_GRADIENT_DESCENT, TALUS_ADAM};
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++)
        for (int evaluations = 1; evaluations < 80; evaluations++) {
            setup s;
            set_up(&s, methods[k], kink);
            s.options.evaluations = evaluations;
            if (run(&s) == TALUS_OUTCOME_LIMIT)
                ck_assert_int_le(s.watched.evaluations, evaluations);
            check_end(&s);
        }
    for (size_t k = 0; k < sizeof methods / sizeof *methods; k++)
        for (int evaluations = 1; evaluations < 30; evaluations++)
            for (int by_limit = 0; by_limit < 2; by_limit++) {
                setup s;
                set_up(&s, methods[k], barrier);
                s.at[1] = 2, s.at[2] = 0.01;
                if (by_limit)
                    s.options.evaluations = evaluations;
                else
                    s.watched.stop_after = evaluations;
                int outcome = run(&s);
                if (outcome == TALUS_OUTCOME_STALLED || outcome == TALUS_OUTCOME_DIVERGED)
                    break; /* earlier than that */
                ck_assert_int_eq(outcome, by_limit ? TALUS_OUTCOME_LIMIT : TALUS_OUTCOME_STOPPED);
                ck_assert_int_eq(s.watched.evaluations, evaluations);
                bool at_once = !by_limit && evaluations == 1; /* then there is no value */
                ck_assert(at_once ? isnan(s.result.value) && isnan(s.result.gradient_norm)
                                  : s.result.value > 0);
                if (by_limit)
                    check_end(&s);
            }
}
END_TEST

START_TEST(time_is_a_limit)
{
    setup s;
    set_up(&s, TALUS_LBFGS, bowl);
    s.options.seconds = 1e-9;
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_TIME);
    ck_assert_int_eq(s.result.evaluations, 1);
    ck_assert_double_eq(s.at[0], 3);
    check_end(&s);
}
END_TEST

/* Points without a value --------------------------------------------------------------------------------- */

START_TEST(searches_stay_clear_of_points_without_a_value)
{
    for (int method = TALUS_LBFGS; method <= TALUS_CONJUGATE_GRADIENT; method++)
        for (double start = 1e-5; start < 1e6; start *= 9) {
            setup s;
            set_up(&s, method, barrier);
            s.at[0] = start, s.at[1] = 1, s.at[2] = 2;
            s.options.gradient_tolerance = 1e-6;
            s.options.iterations = 1000;
            ck_assert_int_eq(run(&s), TALUS_OUTCOME_CONVERGED);
            for (int i = 0; i < N; i++)
                ck_assert_double_eq_tol(s.at[i], 1, 2e-6);
        }
}
END_TEST

START_TEST(what_has_no_value_at_first_has_diverged)
{
    for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
        setup s;
        set_up(&s, method, barrier);
        s.at[0] = -1;
        ck_assert_int_eq(run(&s), TALUS_OUTCOME_DIVERGED);
        ck_assert_int_eq(s.result.iterations, 0);
        ck_assert(isnan(s.result.value) && isnan(s.result.gradient_norm));
        ck_assert(s.at[0] == -1 && s.at[1] == -2 && s.at[2] == 1);
    }
    setup s;
    set_up(&s, TALUS_GRADIENT_DESCENT,
           barrier); /* 0.01 − 1·(1 − 100) = 99, and back by less than 1 a step: fine */
    s.at[0] = 5, s.at[1] = 5, s.at[2] = 0.2, s.spec.rate = 6; /* 5 − 6·0.8 = 0.2, 0.2 + 6·4 = 24.2 */
    s.options.iterations = 3;
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_LIMIT);
    check_end(&s);
    set_up(&s, TALUS_GRADIENT_DESCENT, barrier);
    s.at[0] = s.at[1] = s.at[2] = 5, s.spec.rate = 7; /* 5 − 7·0.8 < 0 */
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_DIVERGED);
    ck_assert(s.at[0] == 5 && s.at[2] == 5);
    ck_assert_double_eq(s.result.value, 3 * (5 - log(5)));
    set_up(&s, TALUS_GRADIENT_DESCENT, fall);
    s.at[0] = 1.7e308, s.spec.rate = 1e308; /* the step itself would overflow */
    ck_assert_int_eq(run(&s), TALUS_OUTCOME_DIVERGED);
    ck_assert_double_eq(s.at[0], 1.7e308);
}
END_TEST

START_TEST(functions_without_a_minimum_end)
{
    for (int method = TALUS_LBFGS; method <= TALUS_CONJUGATE_GRADIENT; method++) {
        setup s;
        set_up(&s, method, fall);
        run(&s);
        ck_assert(isfinite(s.at[0]) && s.at[0] > 1e6);
        set_up(&s, method, kink);
        ck_assert_int_eq(run(&s), TALUS_OUTCOME_STALLED);
        ck_assert_double_eq_tol(s.at[0], 0, 1e-6);
        check_end(&s);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("minimize");
    TCase *tests = case_with(suite, begin, finish);
    tcase_add_test(tests, plain_descent_has_a_closed_form);
    tcase_add_loop_test(tests, update_rules_are_steps_of_an_optimizer, 0, TALUS_METHOD_COUNT);
    tcase_add_test(tests, lbfgs_learns_a_parabola_from_one_pair);
    tcase_add_test(tests, defaults_find_a_minimum);
    tcase_add_test(tests, a_minimisation_ends_as_it_is_asked_to);
    tcase_add_test(tests, ended_within_a_search_it_keeps_the_lowest_point);
    tcase_add_test(tests, time_is_a_limit);
    tcase_add_test(tests, searches_stay_clear_of_points_without_a_value);
    tcase_add_test(tests, what_has_no_value_at_first_has_diverged);
    tcase_add_test(tests, functions_without_a_minimum_end);
    return run_suite(suite);
}
