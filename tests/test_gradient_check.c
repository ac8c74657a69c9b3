/* Gradients against central differences: right ones pass, of every kind; a wrong one is caught and named. */
#include "fixture.h"
#include "problem.h"

/* The header bounds the errors: differences resolve about ε^⅔·C, and nothing below ε^⅓·C counts, so a right gradient errs by
 * a few times ε^⅓; the few are the derivative C‴ and the roundings of a cost. */
#define RIGHT (16 * cbrt(2.220446049250313e-16))

static talus_gradient_check_result check(problem *p, const talus_batch *batch, int64_t count, int64_t seed)
{
    talus_gradient_check_result result;
    expect_ok(p->context, talus_gradient_check(p->network, p->workspace, batch, count, seed, &result));
    return result;
}

/* Every activation hidden and last, with every loss that goes with it. */
START_TEST(right_gradients_pass)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++) {
            if (!learns(f))
                continue;
            int fused = tl_loss_kind_of(loss)->fused;
            problem p = make_problem(&(problem_spec){.n = 5,
                                                     .widths = {3, 6, 4, 4},
                                                     .hidden = f,
                                                     .output = fused >= 0 ? fused : f,
                                                     .loss = loss,
                                                     .precision = TALUS_DTYPE_F64});
            double *before = malloc((size_t)p.parameters * sizeof *before);
            memcpy(before, p.theta, (size_t)p.parameters * sizeof *before);
            talus_gradient_check_result result = check(&p, BATCH(inputs_of(&p), targets_of(&p)), 0, 0);
            ck_assert_int_eq(result.checked, p.parameters);
            ck_assert_msg(result.error <= RIGHT, "%s under %s: %g at layer %d, %s, row %d, column %d: %g, %g",
                          talus_activation_name(f), talus_loss_name(loss), result.error, result.layer,
                          talus_part_name(result.part), (int)result.row, (int)result.col, result.analytic,
                          result.numeric);
            talus_matrix now;
            expect_ok(p.context, talus_network_parameters(p.network, &now));
            same_bytes(now.data, before, (size_t)p.parameters * sizeof *before);
            free(before);
            free_problem(&p);
        }
}
END_TEST

START_TEST(weights_of_samples_and_scaling_count)
{
    problem p = make_problem(&(problem_spec){
        .n = 6, .widths = {4, 5, 2}, .hidden = TALUS_TANH, .precision = TALUS_DTYPE_F64, .threads = 2});
    double weights[] = {1, 0, 2, 0.5, 3, 1}, shift[] = {0.5}, scale[] = {2};
    talus_batch batch = talus_batch_of(inputs_of(&p), targets_of(&p));
    batch.weights = f64_view(weights, 6, 1);
    expect_ok(p.context, talus_network_scale_inputs(p.network, shift, scale, 1));
    ck_assert_double_le(check(&p, &batch, 0, 0).error, RIGHT);
    free_problem(&p);
}
END_TEST

/* The same seed draws the same parameters, another one others; as many as there are is all. */
START_TEST(a_subset_is_drawn_by_seed)
{
    problem p = make_problem(
        &(problem_spec){.n = 4, .widths = {7, 9, 3}, .hidden = TALUS_TANH, .precision = TALUS_DTYPE_F64});
    talus_batch *batch = BATCH(inputs_of(&p), targets_of(&p));
    talus_gradient_check_result all = check(&p, batch, 0, 0), same = check(&p, batch, p.parameters, 5);
    ck_assert_int_eq(same.index, all.index);
    ck_assert_double_eq(same.error, all.error);
    int others = 0;
    for (int seed = 0; seed < 8; seed++) {
        talus_gradient_check_result once = check(&p, batch, 5, seed), again = check(&p, batch, 5, seed);
        ck_assert_int_eq(once.checked, 5);
        ck_assert_int_eq(once.index, again.index);
        ck_assert_double_eq(once.error, again.error);
        ck_assert_double_le(once.error, all.error);
        others += once.index != check(&p, batch, 5, seed + 8).index;
    }
    ck_assert_int_gt(others, 0);
    free_problem(&p);
}
END_TEST

/* Where the part of a parameter begins is said in its layer, part, row and column. */
START_TEST(the_worst_parameter_is_named)
{
    problem p = make_problem(
        &(problem_spec){.n = 4, .widths = {3, 4, 2}, .hidden = TALUS_TANH, .precision = TALUS_DTYPE_F64});
    bool seen[2][TALUS_PART_COUNT] = {{false}};
    for (int seed = 0; seed < 60; seed++) {
        talus_gradient_check_result worst = check(&p, BATCH(inputs_of(&p), targets_of(&p)), 1, seed);
        talus_matrix parameters, part;
        expect_ok(p.context, talus_network_parameters(p.network, &parameters));
        expect_ok(p.context, talus_network_part(p.network, NULL, worst.layer, worst.part, &part));
        ck_assert_int_lt(worst.row, part.rows);
        ck_assert_int_lt(worst.col, part.cols);
        ck_assert_ptr_eq((double *)part.data + worst.row * part.cols + worst.col,
                         (double *)parameters.data + worst.index);
        seen[worst.layer - 1][worst.part] = true;
    }
    ck_assert(seen[0][0] && seen[0][1] && seen[1][0] && seen[1][1]);
    free_problem(&p);
}
END_TEST

/* f = Σ_i (i+1)·x_i² + x_0·x_1 with the gradient that stands there, but for x_`wrong`, which is wrong by a tenth. */
typedef struct quadratic {
    int64_t wrong, calls, fails_at;
    double huge;
} quadratic;

static int evaluate(const talus_matrix *at, double *value, const talus_matrix *slope, void *user)
{
    const double *x = at->data;
    double *gradient = slope->data;
    const int64_t n = at->cols;
    quadratic *q = user;
    if (++q->calls == q->fails_at)
        return 7;
    *value = x[0] * x[1];
    for (int64_t i = 0; i < n; i++)
        *value += (double)(i + 1) * x[i] * x[i];
    if (q->calls > 1)
        *value += q->huge;
    for (int64_t i = 0; i < n; i++)
        gradient[i] = 2 * (double)(i + 1) * x[i] + (i < 2 ? x[1 - i] : 0);
    if (q->wrong >= 0)
        gradient[q->wrong] *= 1.1;
    return 0;
}

static const double point[] = {3, -2, 0.5, 100, -0.25};

START_TEST(a_wrong_gradient_of_a_function_is_named)
{
    quadratic q = {.wrong = -1};
    talus_matrix x = f64_view(point, 1, 5);
    talus_gradient_check_result result;
    expect_ok(context, talus_gradient_check_function(context, evaluate, &q, &x, 0, 0, &result));
    ck_assert_double_le(result.error, RIGHT);
    ck_assert_int_eq(q.calls, 1 + 2 * 5);
    for (q.wrong = 0; q.wrong < 5; q.wrong++) {
        q.calls = 0;
        expect_ok(context, talus_gradient_check_function(context, evaluate, &q, &x, 0, 0, &result));
        ck_assert_int_eq(result.index, q.wrong);
        ck_assert_int_eq(result.col, q.wrong);
        ck_assert_int_eq(result.row, 0);
        ck_assert_int_eq(result.layer, 0);
        ck_assert_int_eq(result.part, -1);
        ck_assert_double_eq_tol(result.error, 1 - 1 / 1.1, 1e-4); /* |1.1·g − g|/(1.1·g) */
        ck_assert_double_eq_tol(result.analytic / result.numeric, 1.1, 1e-4);
    }
    no_memory_is_left();
}
END_TEST

START_TEST(what_is_not_finite_has_an_infinite_error)
{
    quadratic q = {.wrong = -1, .huge = NAN};
    talus_matrix x = f64_view(point, 1, 5);
    talus_gradient_check_result result;
    expect_ok(context, talus_gradient_check_function(context, evaluate, &q, &x, 0, 0, &result));
    ck_assert_double_eq(result.error, (double)INFINITY);
    ck_assert_int_eq(result.index, 0);
}
END_TEST

START_TEST(functions_are_refused_in_a_sentence)
{
    quadratic q = {.wrong = -1, .fails_at = 4};
    talus_matrix x = f64_view(point, 1, 5), two = f64_view(point, 2, 2),
                 single = talus_matrix_view(point, TALUS_DTYPE_F32, 1, 5);
    talus_gradient_check_result result = {.checked = 42};
    ck_assert_int_eq(talus_gradient_check_function(NULL, evaluate, &q, &x, 0, 0, &result),
                     TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient_check_function(context, NULL, &q, &x, 0, 0, &result));
    expect_message(context, "function must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient_check_function(context, evaluate, &q, &x, 0, 0, NULL));
    expect_message(context, "result must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient_check_function_sized(context, evaluate, &q, &x, 0, 0, &result, 8));
    expect_message(context, "the size of the result of gradient_check must be");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient_check_function(context, evaluate, &q, &single, 0, 0, &result));
    expect_message(context, "x: dtype must be one of f64");
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_gradient_check_function(context, evaluate, &q, &two, 0, 0, &result));
    expect_message(context, "x must have 1 row, got 2");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient_check_function(context, evaluate, &q, &x, -1, 0, &result));
    expect_message(context, "count must be at least 0, got -1");
    for (q.fails_at = 1; q.fails_at <= 3; q.fails_at++) { /* the gradient, above, below */
        q.calls = 0;
        expect_status(context, TALUS_ERROR_STATE,
                      talus_gradient_check_function(context, evaluate, &q, &x, 0, 0, &result));
        ck_assert_str_eq(talus_error_message(context), "gradient_check: the function must return 0, got 7");
    }
    ck_assert_int_eq(result.checked, 42);
    no_memory_is_left();
}
END_TEST

START_TEST(networks_are_refused_in_a_sentence)
{
    talus_network *network = two_layers(TALUS_DTYPE_F32, 2, 3, 2, TALUS_IDENTITY),
                  *wide = two_layers(TALUS_DTYPE_F64, 2, 3, 2, TALUS_IDENTITY);
    talus_workspace *workspace = workspace_of(network, 2), *of_wide = workspace_of(wide, 2);
    talus_matrix x = f64_view(point, 2, 2), y = f64_view(point, 2, 2), bad = f64_view(point, 2, 1);
    talus_gradient_check_result result;
    ck_assert_int_eq(talus_gradient_check(network, NULL, BATCH(x, y), 0, 0, &result), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient_check(NULL, workspace, BATCH(x, y), 0, 0, &result));
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_gradient_check(wide, of_wide, BATCH(x, y), 0, 0, NULL));
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_gradient_check(network, workspace, BATCH(x, y), 0, 0, &result));
    expect_message(context, "precision must be f64");
    expect_status(context, TALUS_ERROR_SHAPE,
                  talus_gradient_check(wide, of_wide, BATCH(x, bad), 0, 0, &result));
    talus_workspace_destroy(workspace);
    talus_workspace_destroy(of_wide);
    talus_network_destroy(network);
    talus_network_destroy(wide);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    quadratic q = {.wrong = -1};
    talus_matrix x = f64_view(point, 1, 5);
    talus_gradient_check_result result;
    talus_status status = TALUS_ERROR_MEMORY;
    int n = 1;
    for (; status == TALUS_ERROR_MEMORY; n++) {
        refuse_from_now(&book, n);
        status = talus_gradient_check_function(context, evaluate, &q, &x, 2, 0, &result);
        ck_assert(status == TALUS_OK || strstr(talus_error_message(context), "no memory") != NULL);
        no_memory_is_left();
    }
    ck_assert_int_eq(status, TALUS_OK);
    ck_assert_int_eq(n, 5); /* the point, the gradient and the order were refused */
    book.fail_at = 0;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gradient_check");
    add_case(suite, "networks", right_gradients_pass, weights_of_samples_and_scaling_count,
             a_subset_is_drawn_by_seed, the_worst_parameter_is_named);
    TCase *counted = case_with(suite, begin_counted, end_counted);
    tcase_add_test(counted, a_wrong_gradient_of_a_function_is_named);
    tcase_add_test(counted, what_is_not_finite_has_an_infinite_error);
    tcase_add_test(counted, functions_are_refused_in_a_sentence);
    tcase_add_test(counted, networks_are_refused_in_a_sentence);
    tcase_add_test(counted, every_allocation_may_fail);
    return run_suite(suite);
}
