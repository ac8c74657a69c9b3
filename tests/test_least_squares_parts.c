/* Least squares: threads, steps by conjugate gradients, and the seam to those that have residuals to give. */
#include "least_squares_support.h"

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

static talus_status fail_normal(void *user, const double *x, double *a, double *g)
{
    (void)user, (void)x, (void)a, (void)g;
    return tl_fail(context, TALUS_ERROR_MEMORY, "normal has failed");
}

START_TEST(what_a_function_returns_is_returned)
{
    fit f = fit_of(2, TIMES, linear, linear_slopes);
    double design[2 * TIMES];
    for (int i = 0; i < TIMES; i++)
        design[2 * i] = 1, design[2 * i + 1] = decay_times[i];
    f.design = design, f.response = decay_values;
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
    expect_message(
        context,
        "test: steps are factored for at most 23000 parameters, got 23001, which would take 16.9 GB: set "
        "steps to conjugate_gradients");
    free(at);
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
        design[2 * i] = 1, design[2 * i + 1] = decay_times[i];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fit f = fit_of(2, TIMES, linear, linear_slopes);
        f.design = design, f.response = decay_values;
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

int main(void)
{
    Suite *suite = suite_create("parts of least squares");
    TCase *all = case_with(suite, begin, finish);
    tcase_add_test(all, threads_change_no_bit_and_conjugate_gradients_agree);
    tcase_add_test(all, what_a_function_returns_is_returned);
    tcase_add_test(all, bytes_are_counted);
    tcase_add_test(all, products_may_fail_or_stop_or_be_flat);
    return run_suite(suite);
}
