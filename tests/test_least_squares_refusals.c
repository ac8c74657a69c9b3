/* Least squares: what is refused, and memory that fails. */
#include <stdio.h>

#include "least_squares_support.h"

static void refuse(fit *f, talus_status status, const char *message)
{
    const double before[] = {f->at[0], f->at[1]};
    expect_status(context, status, call_fit(f));
    ck_assert_str_eq(talus_error_message(context), message);
    ck_assert_int_eq(f->residuals, 0);
    ck_assert_mem_eq(f->at, before, sizeof before);
}

static int constants(const talus_matrix *x, const talus_matrix *r, void *user)
{
    (void)x, (void)user;
    for (int64_t i = 0; i < r->cols; i++)
        ((double *)r->data)[i] = 1;
    return 0;
}

static int no_slopes(const talus_matrix *x, const talus_matrix *j, void *user)
{
    (void)x, (void)user;
    memset(j->data, 0, (size_t)(j->rows * j->cols) * sizeof(double));
    return 0;
}

/* Before any memory of the size of n² is asked for. With conjugate gradients J alone is held, as it is: m × n. */
START_TEST(many_parameters_are_refused_at_once)
{
    enum { MANY = 23001 };
    counting_allocator allocator = {0};
    talus_context *own = context_with(1, &allocator);
    double *at = calloc(MANY, sizeof *at);
    talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F64, 1, MANY);
    talus_least_squares_options options;
    talus_least_squares_options_defaults(&options);
    allocator.largest = 0;
    expect_status(own, TALUS_ERROR_SHAPE,
                  talus_least_squares(own, constants, NULL, NULL, &x, 2, &options, NULL));
    ck_assert_str_eq(talus_error_message(own),
                     "least_squares: steps are factored for at most 23000 parameters, got 23001, which would "
                     "take 42.3 GB: set steps to conjugate_gradients");
    ck_assert_uint_lt(allocator.largest, MANY);
    options.steps = TALUS_STEP_CONJUGATE_GRADIENTS, options.iterations = 1;
    expect_ok(own, talus_least_squares(own, constants, no_slopes, NULL, &x, 2, &options, NULL));
    ck_assert_uint_lt(allocator.largest, 20 * MANY * sizeof *at);
    free(at);
    talus_context_destroy(own);
}
END_TEST

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
                 narrow = talus_matrix_view(f.at, TALUS_DTYPE_U8, 1, 2);
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

int main(void)
{
    Suite *suite = suite_create("refusals of least squares");
    TCase *all = case_with(suite, begin, finish);
    tcase_add_test(all, arguments_are_refused);
    tcase_add_test(all, many_parameters_are_refused_at_once);
    tcase_add_test(all, numbers_are_refused);
    tcase_add_test(all, what_does_not_apply_is_refused);
    tcase_add_test(all, every_allocation_may_fail);
    return run_suite(suite);
}
