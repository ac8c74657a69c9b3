/* Least squares: every way to end, the history, refusals, memory, threads, steps by conjugate gradients, and the seam without rows. */
#include <stdio.h>

#include "least_squares_support.h"
#include "optimize/gauss_newton.h"

enum { TIMES = 8 };
static const double times[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
static const double response[TIMES] = {2.6, 1.6, 1.3, 0.7, 0.6, 0.3, 0.1, 0.05};

static fit noisy_decay(void)
{
    fit f = fit_of(2, TIMES, decay, decay_slopes);
    f.design = times, f.response = response;
    f.at[0] = 1, f.at[1] = 3;
    return f;
}

/* Ends --------------------------------------------------------------------------------------------------------- */

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

START_TEST(functions_stop_it)
{
    for (int number = 1; number <= 3; number++) {
        fit f = noisy_decay();
        f.stop_residuals = number;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STOPPED);
        ck_assert_int_eq(f.residuals, number);
        ck_assert_int_eq(isnan(f.result.cost), number == 1);
        f = noisy_decay();
        f.stop_jacobians = number;
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STOPPED);
        ck_assert_int_eq(f.jacobians, number);
        ck_assert_double_nan(f.result.gradient);
        ck_assert_int_eq(f.result.rank, -1);
        if (number == 1)
            ck_assert_double_eq(f.at[1], 3);
        f = noisy_decay();
        f.j = NULL, f.stop_residuals = number + 1; /* the start, and a difference */
        ck_assert_int_eq(solve(&f), TALUS_OUTCOME_STOPPED);
    }
}
END_TEST

/* History ------------------------------------------------------------------------------------------------------- */

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

/* Refusals --------------------------------------------------------------------------------------------------------- */

static void refuse(fit *f, talus_status status, const char *message)
{
    const double before[] = {f->at[0], f->at[1]};
    expect_status(context, status, call_fit(f));
    ck_assert_str_eq(talus_error_message(context), message);
    ck_assert_int_eq(f->residuals, 0);
    ck_assert_mem_eq(f->at, before, sizeof before);
}

static int nothing(const talus_matrix *x, const talus_matrix *r, void *user)
{
    (void)x, (void)r, (void)user;
    return 0;
}

START_TEST(arguments_are_refused)
{
    fit f = noisy_decay();
    (void)solve(&f); /* so that the views are there */
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_least_squares(context, NULL, NULL, NULL, &f.x, 2, NULL, NULL));
    expect_message(context, "least_squares: residuals must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_least_squares(context, nothing, NULL, NULL, NULL, 2, NULL, NULL));
    expect_message(context, "least_squares: x must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_least_squares(context, nothing, NULL, NULL, &f.x, 0, NULL, NULL));
    expect_message(context, "least_squares: m must be at least 1, got 0");
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_least_squares(context, nothing, NULL, NULL, &f.x, (int64_t)1 << 40, NULL, NULL));
    expect_message(context, "least_squares: a Jacobian of 1099511627776 × 2 is too large to be held");
    expect_status(context, TALUS_ERROR_DATA, /* it leaves the residuals as they are: NaN */
                  talus_least_squares(context, nothing, NULL, NULL, &f.x, 3, NULL, NULL));
    talus_matrix column = talus_matrix_view(f.at, TALUS_DTYPE_F64, 2, 1),
                 narrow = talus_matrix_view(f.at, TALUS_DTYPE_F32, 1, 2);
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_least_squares(context, nothing, NULL, NULL, &column, 3, NULL, NULL));
    expect_message(context, "least_squares: x must be one row, got 2 × 1");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_least_squares(context, nothing, NULL, NULL, &narrow, 3, NULL, NULL));
    expect_message(context, "least_squares: x");
    ck_assert_int_eq(talus_least_squares(NULL, nothing, NULL, NULL, &f.x, 3, NULL, NULL),
                     TALUS_ERROR_ARGUMENT);
    talus_least_squares_result result;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_least_squares_sized(context, nothing, NULL, NULL, &f.x, 3, NULL, 0, &result, 8));
    expect_message(context, "result of least_squares");
}
END_TEST

START_TEST(numbers_are_refused)
{
    fit f = noisy_decay();
    f.at[1] = INFINITY;
    refuse(&f, TALUS_ERROR_DATA, "least_squares: x must be finite, got inf at 1");
    double w[TIMES] = {1, 1, 1, -2, 1, 1, 1, 1};
    talus_matrix weights = talus_matrix_view(w, TALUS_DTYPE_F64, 1, TIMES);
    f = noisy_decay();
    f.options.weights = &weights;
    refuse(&f, TALUS_ERROR_DATA, "least_squares: weights must be finite and at least 0, got -2 at 3");
    w[3] = INFINITY;
    refuse(&f, TALUS_ERROR_DATA, "least_squares: weights must be finite and at least 0, got inf at 3");
    weights.cols = TIMES - 1;
    refuse(&f, TALUS_ERROR_SHAPE, "least_squares: weights must be 1 × 8, got 1 × 7");
    weights.data = NULL;
    expect_status(context, TALUS_ERROR_ARGUMENT, call_fit(&f));
    expect_message(context, "least_squares: weights");
}
END_TEST

START_TEST(what_does_not_apply_is_refused)
{
    fit f = noisy_decay();
    f.options.differences = TALUS_DIFFERENCES_FORWARD;
    refuse(&f, TALUS_ERROR_ARGUMENT,
           "least_squares: differences must be left at central with a jacobian, got forward");
    f = noisy_decay();
    f.m = 1, f.options.damping = 0;
    refuse(&f, TALUS_ERROR_ARGUMENT,
           "least_squares: damping must be above 0 where residuals are fewer than parameters, got 0 with 1 "
           "residuals "
           "and 2 parameters");
    f = noisy_decay();
    f.options.damping = -1;
    refuse(&f, TALUS_ERROR_ARGUMENT, "least_squares: damping must be a finite number at least 0, got -1");
    f = noisy_decay();
    double numbers[12];
    talus_matrix history = talus_matrix_view(numbers, TALUS_DTYPE_F64, 3, 4);
    f.options.history = &history;
    refuse(&f, TALUS_ERROR_SHAPE, "least_squares: history must be 3 × 5, got 3 × 4");
    history.dtype = TALUS_DTYPE_F32;
    expect_status(context, TALUS_ERROR_ARGUMENT, call_fit(&f));
    expect_message(context, "least_squares: history");
    history = talus_matrix_view(numbers, TALUS_DTYPE_F64, 2, 3);
    talus_least_squares_options options;
    talus_least_squares_options_defaults(&options);
    options.covariance = &history;
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_least_squares(context, nothing, NULL, NULL, &f.x, 3, &options, NULL));
    expect_message(context, "least_squares: covariance must be 2 × 2, got 2 × 3");
    const char *const names[] = {"bayesian", "covariance", "standard_errors"};
    for (int i = 0; i < 3; i++) {
        char message[160];
        f = noisy_decay();
        (void)solve(&f);
        f.options.steps = TALUS_STEP_CONJUGATE_GRADIENTS;
        f.options.bayesian = i == 0;
        f.options.covariance = i == 1 ? &f.c : NULL;
        f.options.standard_errors = i == 2 ? &f.e : NULL;
        f.residuals = 0;
        (void)snprintf(
            message, sizeof message,
            "least_squares: %s must be left at its default with steps by conjugate_gradients, which factor "
            "nothing",
            names[i]);
        refuse(&f, TALUS_ERROR_ARGUMENT, message);
    }
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    for (int iterative = 0; iterative < 2; iterative++) {
        bool failed = true;
        for (int64_t fail_at = 1; failed; fail_at++) {
            counting_allocator allocator = {0};
            talus_context *own = context, *failing = context_with(1, &allocator);
            fit f = noisy_decay();
            f.options.steps = iterative ? TALUS_STEP_CONJUGATE_GRADIENTS : TALUS_STEP_AUTO;
            refuse_from_now(&allocator, (int)fail_at);
            const int64_t calls = allocator.calls, alive = allocator.alive;
            context = failing;
            talus_status status = call_fit(&f);
            context = own;
            failed = allocator.calls >= calls + fail_at;
            ck_assert_int_eq(status, failed ? TALUS_ERROR_MEMORY : TALUS_OK);
            if (failed) {
                expect_message(failing, "least_squares: the allocator returned no memory");
                ck_assert_double_eq(f.at[1], 3);
                ck_assert_int_eq(f.residuals, 0);
            }
            ck_assert_int_eq(allocator.alive, alive);
            talus_context_destroy(failing);
            ck_assert_int_ge(fail_at, failed ? 1 : iterative ? 3 : 5);
        }
    }
}
END_TEST

/* Large ones ---------------------------------------------------------------------------------------------------------- */

enum { WIDE = 150, TALL = 400 };

typedef struct large {
    double *design, *response;
} large;

/* r_i = Σ_c X_ic·(b_c + b_c²/20) − y_i */
static int large_residuals(const talus_matrix *x, const talus_matrix *residuals, void *user)
{
    const large *l = user;
    const double *b = x->data;
    double *r = residuals->data;
    for (int64_t i = 0; i < TALL; i++) {
        r[i] = -l->response[i];
        for (int64_t c = 0; c < WIDE; c++)
            r[i] += l->design[i * WIDE + c] * (b[c] + b[c] * b[c] / 20);
    }
    return 0;
}

static int large_slopes(const talus_matrix *x, const talus_matrix *jacobian, void *user)
{
    const large *l = user;
    const double *b = x->data;
    double *j = jacobian->data;
    for (int64_t i = 0; i < TALL; i++)
        for (int64_t c = 0; c < WIDE; c++)
            j[i * WIDE + c] = l->design[i * WIDE + c] * (1 + b[c] / 10);
    return 0;
}

static talus_least_squares_result solve_large(const large *l, int threads, int steps, double *at)
{
    talus_context *own = context_with(threads, NULL);
    talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, WIDE);
    talus_least_squares_options options;
    talus_least_squares_result result;
    talus_least_squares_options_defaults(&options);
    options.steps = steps;
    memset(at, 0, WIDE * sizeof *at);
    expect_ok(own, talus_least_squares(own, large_residuals, large_slopes, (void *)(uintptr_t)l, &x, TALL,
                                       &options, &result));
    talus_context_destroy(own);
    return result;
}

START_TEST(threads_change_no_bit_and_conjugate_gradients_agree)
{
    large l = {random_array(1, TALL * WIDE), random_array(2, TALL)};
    double at[WIDE], again[WIDE];
    talus_least_squares_result first = solve_large(&l, 1, TALUS_STEP_AUTO, at);
    ck_assert_int_eq(first.outcome, TALUS_OUTCOME_CONVERGED);
    ck_assert_int_eq(first.rank, WIDE);
    for (int threads = 2; threads <= 4; threads++) {
        (void)solve_large(&l, threads, TALUS_STEP_FACTORED, again);
        ck_assert_mem_eq(at, again, sizeof at);
    }
    talus_least_squares_result by_products = solve_large(&l, 2, TALUS_STEP_CONJUGATE_GRADIENTS, again);
    ck_assert_int_eq(by_products.outcome, TALUS_OUTCOME_CONVERGED);
    ck_assert_int_eq(by_products.rank, -1);
    ck_assert_int_eq(by_products.errors_known, 0);
    ck_assert_double_nan(by_products.condition);
    ck_assert_double_eq_tol(by_products.cost, first.cost, 1e-12);
    ck_assert_double_eq_tol(by_products.deviation, first.deviation,
                            1e-12); /* of n, if the rank is not known */
    ck_assert_double_le(largest_difference(at, again, WIDE), 1e-8);
    free(l.design);
    free(l.response);
}
END_TEST

/* The seam without rows ---------------------------------------------------------------------------------------------------- */

static talus_status line_cost(void *user, const double *x, double *cost)
{
    fit *f = user;
    double r[10 * MOST];
    linear(x, r, f);
    *cost = 0;
    for (int64_t i = 0; i < f->m; i++)
        *cost += r[i] * r[i] / 2;
    return TALUS_OK;
}

static talus_status line_normal(void *user, const double *x, double *a, double *g)
{
    fit *f = user;
    double r[10 * MOST];
    linear(x, r, f);
    for (int64_t k = 0; k < f->n; k++) {
        g[k] = 0;
        for (int64_t i = 0; i < f->m; i++)
            g[k] += f->design[i * f->n + k] * r[i];
        for (int64_t c = 0; c < f->n; c++) {
            a[k * f->n + c] = c > k ? NAN : 0; /* which is not looked at */
            for (int64_t i = 0; i < f->m; i++)
                a[k * f->n + c] += f->design[i * f->n + k] * f->design[i * f->n + c];
        }
    }
    return TALUS_OK;
}

static talus_status fail_normal(void *user, const double *x, double *a, double *g)
{
    (void)user, (void)x, (void)a, (void)g;
    return tl_fail(context, TALUS_ERROR_MEMORY, "normal has failed");
}

static talus_status minimize_without_rows(fit *f,
                                          talus_status (*normal)(void *, const double *, double *, double *))
{
    const tl_squares squares = {.context = context,
                                .name = "test",
                                .n = f->n,
                                .m = f->m,
                                .user = f,
                                .evaluate = line_cost,
                                .normal = normal};
    tl_squares_options options;
    f->e = talus_matrix_view(f->errors, TALUS_DTYPE_F64, 1, f->n);
    f->c = talus_matrix_view(f->covariance, TALUS_DTYPE_F64, f->n, f->n);
    f->options.standard_errors = &f->e, f->options.covariance = &f->c;
    expect_ok(context, tl_squares_take(context, "test", f->n, &f->options, sizeof f->options, &options));
    return tl_squares_minimize(&squares, &options, f->at, &f->result);
}

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

START_TEST(what_a_function_returns_is_returned)
{
    fit f = fit_of(2, TIMES, linear, linear_slopes);
    double design[2 * TIMES];
    for (int i = 0; i < TIMES; i++)
        design[2 * i] = 1, design[2 * i + 1] = times[i];
    f.design = design, f.response = response;
    expect_status(context, TALUS_ERROR_MEMORY, minimize_without_rows(&f, fail_normal));
    ck_assert_str_eq(talus_error_message(context), "normal has failed");
}
END_TEST

/* What is said of the memory is at least what stands in it, and no number where LAPACK has none. */
START_TEST(bytes_are_counted)
{
    ck_assert_int_ge(tl_squares_bytes(4, false), 8 * (4 * 4 * 4 + 9 * 4));
    ck_assert_int_eq(tl_squares_bytes(4, true), 8 * 11 * 4);
    ck_assert_int_eq(tl_squares_bytes(INT64_MAX / 4, true), -1);
    ck_assert_int_eq(tl_squares_bytes((int64_t)1 << 32, false), -1);
    ck_assert_int_eq(tl_squares_bytes(23001, false), -1);
    fit f = fit_of(23001, 23001, linear, linear_slopes);
    const tl_squares squares = {.context = context,
                                .name = "test",
                                .n = f.n,
                                .m = f.m,
                                .user = &f,
                                .evaluate = line_cost,
                                .normal = line_normal};
    tl_squares_options options;
    double *at = random_array(1, f.n);
    expect_ok(context, tl_squares_take(context, "test", f.n, NULL, 0, &options));
    expect_status(context, TALUS_ERROR_SHAPE, tl_squares_minimize(&squares, &options, at, &f.result));
    expect_message(context,
                   "test: steps are factored for at most 23000 parameters, got 23001: conjugate_gradients");
    free(at);
}
END_TEST

/* Rank and condition are known without the covariance too, with rows and without, of a full rank and of less. */
START_TEST(ranks_need_no_covariance)
{
    double design[2 * TIMES];
    for (int deficient = 0; deficient < 2; deficient++) {
        for (int i = 0; i < TIMES; i++)
            design[2 * i] = 1 + times[i], design[2 * i + 1] = deficient ? 2 * (1 + times[i]) : times[i];
        fit with = fit_of(2, TIMES, linear, linear_slopes), without;
        with.design = design, with.response = response;
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

/* A product of the iterative way may fail, or stop it. */
static talus_status line_gradient(void *user, const double *x, double *diagonal, double *g)
{
    double a[4];
    (void)line_normal(user, x, a, g);
    diagonal[0] = a[0], diagonal[1] = a[3];
    return TALUS_OK;
}

static talus_status product_status;

static talus_status bad_product(void *user, const double *x, const double *v, double *product)
{
    (void)user, (void)x, (void)v;
    product[0] = product[1] = 0; /* no curvature */
    return product_status;
}

START_TEST(products_may_fail_or_stop_or_be_flat)
{
    static const struct {
        talus_status from, to;
        int outcome;
    } cases[] = {{TALUS_ERROR_MEMORY, TALUS_ERROR_MEMORY, 0},
                 {TALUS_STATUS_NONE, TALUS_OK, TALUS_OUTCOME_STOPPED},
                 {TALUS_OK, TALUS_OK, TALUS_OUTCOME_STALLED}};
    double design[2 * TIMES];
    for (int i = 0; i < TIMES; i++)
        design[2 * i] = 1, design[2 * i + 1] = times[i];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fit f = fit_of(2, TIMES, linear, linear_slopes);
        f.design = design, f.response = response;
        const tl_squares squares = {.context = context,
                                    .name = "test",
                                    .n = 2,
                                    .m = TIMES,
                                    .user = &f,
                                    .evaluate = line_cost,
                                    .gradient = line_gradient,
                                    .product = bad_product};
        tl_squares_options options;
        f.options.damping = 0;
        product_status = cases[i].from;
        expect_ok(context, tl_squares_take(context, "test", 2, &f.options, sizeof f.options, &options));
        ck_assert_int_eq(tl_squares_minimize(&squares, &options, f.at, &f.result), cases[i].to);
        if (cases[i].to == TALUS_OK)
            ck_assert_int_eq(f.result.outcome, cases[i].outcome);
        ck_assert_double_eq(f.at[0], 0);
        ck_assert_double_eq(f.at[1], 0);
    }
}
END_TEST

/* A parameter that plays no part stays where it is, with either scaling; and regularisation begins at x = 0 too. */
START_TEST(a_parameter_that_plays_no_part_stays)
{
    double design[2 * TIMES];
    for (int i = 0; i < TIMES; i++)
        design[2 * i] = 1 + times[i], design[2 * i + 1] = 0;
    for (int kind = 0; kind < 4; kind++) {
        fit f = fit_of(2, TIMES, linear, linear_slopes);
        f.design = design, f.response = response;
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
    Suite *suite = suite_create("courses of least squares");
    TCase *all = case_with(suite, begin, finish);
    tcase_add_test(all, rules_of_the_end);
    tcase_add_test(all, the_damping_has_a_limit);
    tcase_add_test(all, functions_stop_it);
    tcase_add_test(all, the_history_is_what_was_reported);
    tcase_add_test(all, arguments_are_refused);
    tcase_add_test(all, numbers_are_refused);
    tcase_add_test(all, what_does_not_apply_is_refused);
    tcase_add_test(all, every_allocation_may_fail);
    tcase_add_test(all, threads_change_no_bit_and_conjugate_gradients_agree);
    tcase_add_test(all, rows_are_not_needed);
    tcase_add_test(all, what_a_function_returns_is_returned);
    tcase_add_test(all, bytes_are_counted);
    tcase_add_test(all, ranks_need_no_covariance);
    tcase_add_test(all, products_may_fail_or_stop_or_be_flat);
    tcase_add_test(all, a_parameter_that_plays_no_part_stays);
    return run_suite(suite);
}
