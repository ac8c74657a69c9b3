/* Minimising within bounds: the same bits on all threads, the digits of floats, no memory, and what is refused. */
#include "minimize_support.h"
#include "optimize/minimizer.h"

enum { MANY = 40000 };

/* 100·(x_{i+1} − x_i²)² + (1 − x_i)² over pairs, in either precision. */
static double number_of(const talus_matrix *x, int64_t i)
{
    return x->dtype == TALUS_DTYPE_F64 ? ((double *)x->data)[i] : (double)((float *)x->data)[i];
}

static void set_number(const talus_matrix *x, int64_t i, double number)
{
    if (x->dtype == TALUS_DTYPE_F64)
        ((double *)x->data)[i] = number;
    else
        ((float *)x->data)[i] = (float)number;
}

static void valleys(const talus_matrix *x, double *value, const talus_matrix *gradient)
{
    *value = 0;
    for (int64_t i = 0; i < x->cols; i += 2) {
        double a = number_of(x, i), u = number_of(x, i + 1) - a * a, v = 1 - a;
        *value += 100 * u * u + v * v;
        set_number(gradient, i, -400 * a * u - 2 * v);
        set_number(gradient, i + 1, 200 * u);
    }
}

static int evaluate_valleys(const talus_matrix *x, double *value, const talus_matrix *gradient, void *user)
{
    (void)user;
    valleys(x, value, gradient);
    return 0;
}

static void minimise_valleys(int threads, int precision, int method, double *end)
{
    talus_context *own = context_with(threads, NULL);
    talus_optimizer_spec spec;
    talus_minimize_options options;
    talus_matrix x = talus_matrix_view(end, precision, 1, MANY);
    talus_optimizer_defaults(&spec, method);
    talus_minimize_options_defaults(&options);
    options.optimizer = &spec, options.iterations = 12;
    memset(end, 0, MANY * sizeof *end);
    for (int64_t i = 0; i < MANY; i++)
        set_number(&x, i, i % 2 == 0 ? -1.2 + 1e-5 * (double)i : 1);
    expect_ok(own, talus_minimize(own, evaluate_valleys, NULL, &x, &options, NULL));
    talus_context_destroy(own);
}

START_TEST(threads_do_not_change_a_bit)
{
    static double alone[MANY], end[MANY];
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++)
        for (int method = TALUS_LBFGS; method <= TALUS_CONJUGATE_GRADIENT; method++) {
            minimise_valleys(1, precision, method, alone);
            minimise_valleys(2, precision, method, end);
            ck_assert_mem_eq(alone, end, sizeof end);
            minimise_valleys(4, precision, method, end);
            ck_assert_mem_eq(alone, end, sizeof end);
        }
}
END_TEST

START_TEST(floats_are_minimised_to_their_digits)
{
    for (int method = TALUS_LBFGS; method <= TALUS_CONJUGATE_GRADIENT; method++) {
        float at[2] = {-1.2f, 1};
        talus_matrix x = talus_matrix_view(at, TALUS_DTYPE_F32, 1, 2);
        talus_optimizer_spec spec;
        talus_minimize_options options;
        talus_minimize_result result;
        talus_optimizer_defaults(&spec, method);
        talus_minimize_options_defaults(&options);
        options.optimizer = &spec;
        options.gradient_tolerance = 1e-3; /* of 200·x·ε = 2.4e-5 that rounding of x makes */
        expect_ok(context, talus_minimize(context, evaluate_valleys, NULL, &x, &options, &result));
        ck_assert_int_eq(result.outcome, TALUS_OUTCOME_CONVERGED);
        ck_assert_float_eq_tol(at[0], 1, 3e-3f); /* the smallest curvature there is 0.4 */
    }
}
END_TEST

static int count_calls(const talus_minimize_step *step, void *user)
{
    const counting_allocator *book = user;
    static int64_t calls;
    ck_assert(step->iteration == 1 || book->calls == calls);
    calls = book->calls;
    return 0;
}

START_TEST(every_allocation_may_fail_and_an_iteration_makes_none)
{
    for (int method = 0; method < TALUS_METHOD_COUNT; method++) {
        int64_t fail_at = 0;
        for (bool failed = true; failed; fail_at++) {
            counting_allocator book = {0};
            talus_context *own = context_with(1, &book);
            int64_t alive = book.alive;
            setup s;
            set_up(&s, method, bowl);
            s.options.on_step = count_calls, s.options.user = &book;
            refuse_from_now(&book, (int)fail_at + 1);
            talus_status status = talus_minimize(own, evaluate, &s.watched, &s.x, &s.options, &s.result);
            failed = status != TALUS_OK;
            if (failed) {
                ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
                ck_assert_int_eq(s.watched.evaluations, 0);
                ck_assert_double_eq(s.at[0], 3);
            }
            ck_assert_int_eq(book.alive, alive);
            talus_context_destroy(own);
        }
        ck_assert_int_ge(fail_at, 5); /* optimiser, minimiser, vectors, the best point */
    }
}
END_TEST

/* Refusals ----------------------------------------------------------------------------------------------- */

static void refuse(setup *s, talus_status status, const char *message)
{
    double before[N];
    memcpy(before, s->at, sizeof before);
    expect_status(context, status,
                  talus_minimize(context, evaluate, &s->watched, &s->x, &s->options, &s->result));
    ck_assert_str_eq(talus_error_message(context), message);
    ck_assert_mem_eq(before, s->at, sizeof before);
    ck_assert_int_eq(s->watched.evaluations, 0);
    set_up(s, TALUS_LBFGS, bowl);
}

START_TEST(what_does_not_fit_is_refused)
{
    setup s;
    double rows[8];
    talus_matrix history = talus_matrix_view(rows, TALUS_DTYPE_F64, 2, 4);
    set_up(&s, TALUS_LBFGS, bowl);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_minimize(context, NULL, NULL, &s.x, NULL, NULL));
    expect_message(context, "minimize: f must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_minimize(context, evaluate, &s, NULL, NULL, NULL));
    expect_message(context, "x must not be NULL");
    ck_assert_int_eq(talus_minimize(NULL, evaluate, &s, &s.x, NULL, NULL), TALUS_ERROR_ARGUMENT);
    s.x.dtype = TALUS_DTYPE_I32;
    refuse(&s, TALUS_ERROR_ARGUMENT, "x: dtype must be one of f32, f64; got i32");
    s.x.rows = 3, s.x.cols = s.x.stride = 1;
    refuse(&s, TALUS_ERROR_SHAPE, "x must be one row, got 3 × 1");
    s.at[1] = INFINITY;
    refuse(&s, TALUS_ERROR_DATA, "x must be finite, got inf among its numbers");
    s.options.history = &history;
    refuse(&s, TALUS_ERROR_SHAPE, "history must have 3 columns, got 4");
    s.options.gradient_tolerance = -1;
    refuse(&s, TALUS_ERROR_ARGUMENT,
           "minimize: gradient_tolerance must be a finite number at least 0, got -1");
    s.options.iterations = 0;
    refuse(&s, TALUS_ERROR_ARGUMENT, "minimize: iterations must be at least 1, got 0");
    s.spec.rate = 0.5;
    refuse(&s, TALUS_ERROR_ARGUMENT, "optimizer: lbfgs has no rate, which must be left at 0.001, got 0.5");
    s.spec.history = 0;
    refuse(&s, TALUS_ERROR_ARGUMENT, "optimizer: history must be 1 … 1000, got 0");
    s.spec.method = TALUS_CONJUGATE_GRADIENT, s.spec.history = 5;
    refuse(&s, TALUS_ERROR_ARGUMENT,
           "optimizer: conjugate_gradient has no history, which must be left at 10, got 5");
    s.spec.clip_norm = 1;
    refuse(&s, TALUS_ERROR_ARGUMENT, "optimizer: lbfgs has no clip_norm, which must be left at 0, got 1");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_minimize_sized(context, evaluate, &s, &s.x, &s.options, sizeof s.options,
                                       sizeof s.spec, &s.result, 8));
    expect_message(context, "the size of the result of minimize must be 48");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_minimize_sized(context, evaluate, &s, &s.x, &s.options, 8, sizeof s.spec, NULL, 0));
    expect_message(context, "minimize: the size of its struct must be");
}
END_TEST

/* Vectors of which one would fit in memory, but not all that L-BFGS keeps. */
START_TEST(a_history_must_fit_in_memory)
{
    talus_optimizer_spec spec;
    talus_optimizer *optimizer;
    tl_minimizer *minimizer = NULL;
    talus_optimizer_defaults(&spec, TALUS_LBFGS);
    spec.history = 1000;
    expect_ok(context, talus_optimizer_create(context, &spec, TALUS_DTYPE_F64, (int64_t)1 << 55, &optimizer));
    expect_status(context, TALUS_ERROR_MEMORY, tl_minimizer_create(optimizer, NULL, "test", &minimizer));
    ck_assert_str_eq(talus_error_message(context),
                     "test: the allocator returned no memory for the vectors of "
                     "lbfgs, of 36028797018963968 numbers each");
    ck_assert_ptr_null(minimizer);
    talus_optimizer_destroy(optimizer);
}
END_TEST

/* An optimiser of such a method makes no steps on its own, and has no rate. */
START_TEST(searches_take_no_single_step)
{
    setup s;
    talus_optimizer *optimizer;
    set_up(&s, TALUS_CONJUGATE_GRADIENT, bowl);
    double g[N] = {1, 1, 1};
    talus_matrix gradient = talus_matrix_view(g, TALUS_DTYPE_F64, 1, N);
    expect_ok(context, talus_optimizer_create(context, &s.spec, TALUS_DTYPE_F64, N, &optimizer));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_step(optimizer, &s.x, &gradient));
    ck_assert_str_eq(talus_error_message(context),
                     "optimizer: conjugate_gradient evaluates the function several "
                     "times a step: use talus_minimize, or a trainer");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_optimizer_set_rate(optimizer, 0.1));
    expect_message(context, "conjugate_gradient has no rate");
    ck_assert_double_eq(s.at[0], 3);
    talus_optimizer_destroy(optimizer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("minimize bounds");
    TCase *tests = case_with(suite, begin, finish);
    tcase_add_test(tests, threads_do_not_change_a_bit);
    tcase_add_test(tests, floats_are_minimised_to_their_digits);
    tcase_add_test(tests, every_allocation_may_fail_and_an_iteration_makes_none);
    tcase_add_test(tests, what_does_not_fit_is_refused);
    tcase_add_test(tests, a_history_must_fit_in_memory);
    tcase_add_test(tests, searches_take_no_single_step);
    return run_suite(suite);
}
