/* Least squares: every way to end, points without a value, units, and the history. */
#include "least_squares_support.h"

START_TEST(rules_of_the_end)
{
    fit f = noisy_decay();
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_CONVERGED);
    ck_assert_double_le(f.result.gradient, f.options.gradient_tolerance);
    const double least = f.result.cost;

    f = noisy_decay();
    f.options.gradient_tolerance = 0, f.options.step_tolerance = 1e-3;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STALLED);
    ck_assert_double_gt(f.result.gradient, 1e-10);

    f = noisy_decay();
    f.options.gradient_tolerance = f.options.step_tolerance = 0, f.options.cost_tolerance = 0.1;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STALLED);
    ck_assert_double_gt(f.result.cost, least);

    f = noisy_decay(); /* no rule but rounding */
    f.options.gradient_tolerance = f.options.step_tolerance = 0;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STALLED);
    ck_assert_double_eq_tol(f.result.cost, least, 1e-12 * least);

    f = noisy_decay();
    f.options.iterations = 3;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_LIMIT);
    ck_assert_int_eq(f.result.iterations, 3);

    f = noisy_decay();
    f.options.evaluations = 4;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_LIMIT);
    ck_assert_int_eq(f.result.evaluations, 4);
    ck_assert_int_eq(f.residuals, 4);

    f = noisy_decay();
    f.options.seconds = 1e-9;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_TIME);
    ck_assert_int_eq(f.result.evaluations, 1);

    f = noisy_decay();
    f.options.target = 2 * least;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_TARGET);
    ck_assert_double_le(f.result.cost, 2 * least);
    ck_assert_double_gt(f.result.cost, least);
}
END_TEST

/* A slope of the wrong sign: no step lowers the cost, however much it is damped. */
static void wrong_slopes(const double *at, double *j, fit *f)
{
    decay_slopes(at, j, f);
    for (int64_t i = 0; i < 2 * f->m; i++)
        j[i] = -j[i];
}

START_TEST(the_damping_has_a_limit)
{
    fit f = noisy_decay();
    f.j = wrong_slopes;
    f.options.damping_limit = 1e4;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STALLED);
    ck_assert_int_eq(f.result.iterations, 0);
    ck_assert_double_eq(f.at[0], 1);
    ck_assert_double_eq(f.at[1], 3);
    /* 1e-3 times 2, 4, 8, …: the seventh product is above 1e4 */
    ck_assert_int_eq(f.result.evaluations, 1 + 7);
    f.options.damping = 0; /* nothing to damp: the first step that does not help is the last */
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STALLED);
    ck_assert_int_eq(f.result.evaluations, 2);
}
END_TEST

/* The cost of where it then stands. */
static double cost_of(fit *f)
{
    double r[TIMES], cost = 0;
    f->r(f->at, r, f);
    for (int i = 0; i < TIMES; i++)
        cost += r[i] * r[i] / 2;
    return cost;
}

/* Before the first residuals are known there is no cost; where the Jacobian stops, or a difference, it is that of x. */
START_TEST(functions_stop_it)
{
    for (int number = 1; number <= 3; number++) {
        fit f = noisy_decay();
        f.stop_residuals = number;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STOPPED);
        ck_assert_int_eq(f.residuals, number);
        ck_assert_int_eq(isnan(f.result.gradient), number == 1);
        if (number == 1)
            ck_assert_double_nan(f.result.cost);
        else
            ck_assert_double_eq_tol(f.result.cost, cost_of(&f), 1e-14);
        f = noisy_decay();
        f.stop_jacobians = number;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STOPPED);
        ck_assert_int_eq(f.jacobians, number);
        ck_assert_double_eq_tol(f.result.cost, cost_of(&f), 1e-14);
        ck_assert_double_nan(f.result.gradient);
        ck_assert_double_nan(f.errors[1]);
        ck_assert_int_eq(f.result.rank, -1);
        ck_assert_int_eq(f.result.iterations, number - 1);
        if (number == 1)
            ck_assert_double_eq(f.at[1], 3);
        f = noisy_decay();
        f.j = NULL, f.stop_residuals = number + 1; /* the start, and a difference */
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STOPPED);
        ck_assert_double_eq(f.at[1], 3);
        ck_assert_double_eq_tol(f.result.cost, cost_of(&f), 1e-14);
        ck_assert_double_nan(f.result.gradient);
    }
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
    enum { KEPT = 40, COLUMNS = 5 };
    static double history[2][KEPT][COLUMNS];
    fit f[2];
    for (int k = 0; k < 2; k++) {
        const talus_matrix rows = talus_matrix_view(history[k], TALUS_DTYPE_F64, KEPT, COLUMNS);
        unit = k == 0 ? 1 : 1024;
        f[k] = fit_of(2, TIMES, in_units, slopes_in_units);
        f[k].design = decay_times, f[k].response = decay_values;
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

/* Of one parameter every step is −g/(a + μ·D²) with g = J·r and a = J²: J of x³ − 8 grows and falls again on the way from 1 to 2. */
static void cube(const double *at, double *r, fit *f)
{
    (void)f;
    r[0] = at[0] * at[0] * at[0] - 8;
}

static void cube_slope(const double *at, double *j, fit *f)
{
    (void)f;
    j[0] = 3 * at[0] * at[0];
}

typedef struct path {
    double x[9], damping[9];
    int count;
} path;

static int follow(const talus_least_squares_step *step, void *user)
{
    path *p = user;
    p->x[++p->count] = *(const double *)step->x->data;
    p->damping[p->count] = step->damping;
    return p->count == 8;
}

START_TEST(damping_is_measured_by_lengths)
{
    for (int scaling = 0; scaling <= TALUS_DAMPING_CURRENT; scaling++) {
        path p = {.x = {1}};
        fit f = fit_of(1, 1, cube, cube_slope);
        double most = 0;
        f.at[0] = 1, f.options.scaling = scaling, f.options.damping = 1;
        f.options.on_step = follow, f.options.user = &p;
        (void)solve(&f);
        ck_assert_int_ge(p.count, 5);
        for (int i = 0; i < 5; i++) {
            const double x = p.x[i], length = 3 * x * x;
            most = fmax(most, length);
            const double d = scaling == TALUS_DAMPING_DIAGONAL   ? most
                             : scaling == TALUS_DAMPING_IDENTITY ? 3
                                                                 : length;
            const double step = -length * (x * x * x - 8) / (length * length + p.damping[i + 1] * d * d);
            ck_assert_double_eq_tol(p.x[i + 1], x + step, 1e-14 * (1 + fabs(step)));
        }
    }
}
END_TEST

enum { KEPT = 6, COLUMNS = 5 };

typedef struct seen {
    talus_least_squares_step steps[KEPT];
    double x[KEPT][2];
    int count, stop_after;
} seen;

static int watch(const talus_least_squares_step *step, void *user)
{
    seen *s = user;
    ck_assert_int_eq(step->iteration, s->count + 1);
    if (s->count < KEPT) {
        s->steps[s->count] = *step;
        memcpy(s->x[s->count], step->x->data, sizeof s->x[0]);
    }
    return ++s->count == s->stop_after;
}

START_TEST(the_history_is_what_was_reported)
{
    static double history[KEPT][COLUMNS];
    const talus_matrix rows = talus_matrix_view(history, TALUS_DTYPE_F64, KEPT, COLUMNS);
    seen s = {.stop_after = 4};
    fit f = noisy_decay();
    f.options.history = &rows, f.options.on_step = watch, f.options.user = &s;
    ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STOPPED);
    ck_assert_int_eq(f.result.iterations, 4);
    ck_assert_double_eq(history[0][2], 0);
    ck_assert_double_eq(history[0][3], 0);
    for (int i = 1; i <= 4; i++) {
        const talus_least_squares_step *step = &s.steps[i - 1];
        const double expected[COLUMNS] = {step->cost, step->gradient, step->step, step->damping, 2};
        ck_assert_mem_eq(history[i], expected, sizeof expected);
        ck_assert_double_lt(history[i][0], history[i - 1][0]);
        ck_assert_double_gt(step->damping, 0);
        ck_assert_double_ge(step->seconds, 0);
    }
    for (int i = 0; i < COLUMNS; i++)
        ck_assert_double_eq(history[5][i], 0); /* not reached */
    ck_assert_mem_eq(f.at, s.x[3], sizeof s.x[3]);
    ck_assert_double_eq(f.result.cost, history[4][0]);
    ck_assert_double_eq(f.result.damping, history[4][3]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("courses of least squares");
    TCase *all = case_with(suite, begin, finish);
    tcase_add_test(all, rules_of_the_end);
    tcase_add_test(all, the_damping_has_a_limit);
    tcase_add_test(all, functions_stop_it);
    tcase_add_test(all, no_step_goes_where_there_is_no_value);
    tcase_add_test(all, a_jacobian_that_is_no_number_ends_it);
    tcase_add_test(all, units_play_no_part);
    tcase_add_test(all, damping_is_measured_by_lengths);
    tcase_add_test(all, the_history_is_what_was_reported);
    return run_suite(suite);
}
