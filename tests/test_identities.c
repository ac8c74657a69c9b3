/* What a network computes: by hand, and what follows from the mathematics. */
#include "problem.h"

START_TEST(a_batch_is_the_mean_of_its_halves)
{
    problem p = make_problem(&(problem_spec){.n = 100,
                                             .widths = {17, 31, 5},
                                             .hidden = TALUS_ELU,
                                             .output = TALUS_SOFTMAX,
                                             .loss = TALUS_CROSS_ENTROPY,
                                             .precision = TALUS_DTYPE_F64});
    double *whole = malloc((size_t)p.parameters * sizeof *whole),
           *halves = calloc((size_t)p.parameters, sizeof *halves);
    double cost = library_gradient(&p, whole), sum = 0;
    for (int half = 0; half < 2; half++) {
        double *part = malloc((size_t)p.parameters * sizeof *part), part_cost;
        talus_matrix x = f64_view(p.x + half * 50 * p.inputs, 50, p.inputs);
        talus_matrix y = f64_view(p.y + half * 50 * p.outputs, 50, p.outputs),
                     g = f64_view(part, 1, p.parameters);
        expect_ok(p.context, talus_gradient(p.network, p.workspace, BATCH(x, y), &part_cost, &g));
        sum += part_cost / 2;
        for (int64_t i = 0; i < p.parameters; i++)
            halves[i] += part[i] / 2;
        free(part);
    }
    ck_assert_double_le(fabs(cost - sum), C_PRODUCTS * EPSILON_64 * 100 * cost);
    ck_assert_double_le(largest_difference(whole, halves, p.parameters),
                        C_PRODUCTS * EPSILON_64 * 100 * largest(whole, p.parameters));
    free_problem(&p);
    free(whole), free(halves);
}
END_TEST

START_TEST(permuting_samples_permutes_outputs)
{
    problem p = make_problem(&(problem_spec){.n = 67,
                                             .widths = {9, 33, 7},
                                             .hidden = TALUS_TANH,
                                             .output = TALUS_SOFTMAX,
                                             .loss = TALUS_CROSS_ENTROPY,
                                             .precision = TALUS_DTYPE_F64,
                                             .threads = 2});
    double *out = random_array(1, p.n * p.outputs), *turned = random_array(2, p.n * p.outputs);
    double *x = malloc((size_t)(p.n * p.inputs) * sizeof *x);
    for (int64_t i = 0; i < p.n; i++)
        memcpy(x + i * p.inputs, p.x + (p.n - 1 - i) * p.inputs, (size_t)p.inputs * sizeof *x);
    talus_matrix in = inputs_of(&p), in_turned = f64_view(x, p.n, p.inputs);
    talus_matrix a = f64_view(out, p.n, p.outputs), a_turned = f64_view(turned, p.n, p.outputs);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &in, &a));
    expect_ok(p.context, talus_predict(p.network, p.workspace, &in_turned, &a_turned));
    for (int64_t i = 0; i < p.n; i++)
        ck_assert_double_le(
            largest_difference(out + i * p.outputs, turned + (p.n - 1 - i) * p.outputs, p.outputs),
            C_PRODUCTS * EPSILON_64 * 33);
    free_problem(&p);
    free(out), free(turned), free(x);
}
END_TEST

START_TEST(softmax_ignores_a_shift_of_all_biases)
{
    problem p = make_problem(&(problem_spec){.n = 20,
                                             .widths = {4, 6},
                                             .hidden = TALUS_RELU,
                                             .output = TALUS_SOFTMAX,
                                             .loss = TALUS_CROSS_ENTROPY,
                                             .precision = TALUS_DTYPE_F64});
    double *before = random_array(1, p.n * p.outputs), *after = random_array(2, p.n * p.outputs);
    talus_matrix x = inputs_of(&p), a = f64_view(before, p.n, p.outputs), b = f64_view(after, p.n, p.outputs);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &a));
    for (int64_t k = 0; k < p.outputs; k++)
        p.theta[naive_biases_at(&p.naive, 1) + k] += 64;
    put_parameters(&p);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &b));
    ck_assert_double_le(largest_difference(before, after, p.n * p.outputs), 64 * C_PRODUCTS * EPSILON_64);
    for (int64_t i = 0; i < p.n; i++) {
        double sum = 0;
        for (int64_t k = 0; k < p.outputs; k++)
            sum += after[i * p.outputs + k];
        ck_assert_double_le(fabs(sum - 1), 8 * EPSILON_64);
    }
    free_problem(&p);
    free(before), free(after);
}
END_TEST

START_TEST(a_linear_network_is_a_product)
{
    /* W_1 = (1 2; 3 4), b_1 = (5 6), W_2 = (1 −1), b_2 = (10): y = x_1·(1−3) + x_2·(2−4) + (5−6) + 10 */
    problem p = make_problem(&(problem_spec){.n = 3, .widths = {2, 2, 1}});
    memcpy(p.theta, (double[]){1, 2, 3, 4, 5, 6, 1, -1, 10}, 9 * sizeof(double));
    put_parameters(&p);
    const float x[] = {0, 0, 1, 0, 3, -2};
    double out[3];
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F32, 3, 2), a = f64_view(out, 3, 1);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &in, &a));
    ck_assert_double_eq(out[0], 9);
    ck_assert_double_eq(out[1], 7);
    ck_assert_double_eq(out[2], 9 - 6 + 4);
    free_problem(&p);
}
END_TEST

START_TEST(a_chain_of_scalar_relus_multiplies_its_weights)
{
    /* a_l = w_l·a_{l−1} for positive weights: ∂C/∂w_l = (a_L − y)·a_L/w_l */
    problem p = make_problem(&(problem_spec){.n = 1,
                                             .widths = {1, 1, 1, 1, 1},
                                             .hidden = TALUS_RELU,
                                             .output = TALUS_RELU,
                                             .precision = TALUS_DTYPE_F64});
    memcpy(p.theta, (double[]){2, 0, 0.5, 0, 3, 0, 1.5, 0}, 8 * sizeof(double));
    put_parameters(&p);
    p.x[0] = 2, p.y[0] = 1; /* a_4 = 2·2·½·3·1½ = 9 */
    double gradient[8], cost = library_gradient(&p, gradient);
    ck_assert_double_eq(cost, 32);
    ck_assert_double_eq(gradient[0], 8 * 9 / 2.0);
    ck_assert_double_eq(gradient[2], 8 * 9 / 0.5);
    ck_assert_double_eq(gradient[4], 8 * 9 / 3.0);
    ck_assert_double_eq(gradient[6], 8 * 9 / 1.5);
    p.x[0] = -2; /* the first ReLU is off: nothing but the last bias would move, and that is off too */
    cost = library_gradient(&p, gradient);
    ck_assert_double_eq(cost, 0.5);
    for (int i = 0; i < 8; i++)
        ck_assert_double_eq(gradient[i], 0);
    free_problem(&p);
}
END_TEST

/* A network of two layers and one sample, with parameters and gradient written out. */
static void check_by_hand(const problem_spec *spec, const double *theta, const double *x, const double *y,
                          double cost, const double *gradient)
{
    problem p = make_problem(spec);
    double *found = malloc((size_t)p.parameters * sizeof *found);
    memcpy(p.theta, theta, (size_t)p.parameters * sizeof *theta);
    memcpy(p.x, x, (size_t)p.inputs * sizeof *x);
    memcpy(p.y, y, (size_t)p.outputs * sizeof *y);
    put_parameters(&p);
    ck_assert_double_eq_tol(library_gradient(&p, found), cost, 8 * EPSILON_64);
    ck_assert_double_le(largest_difference(found, gradient, p.parameters), 8 * EPSILON_64);
    free(found);
    free_problem(&p);
}

/* z_1 = (3, −1), h = (3, 0), a = (3, 4), a − y = (2, −1): ∇W_2 = (a − y)·hᵀ, δ_1 = W_2ᵀ(a − y) ⊙ (1, 0) = (1, 0) */
START_TEST(regression_with_two_outputs_by_hand)
{
    check_by_hand(&(problem_spec){.n = 1,
                                  .widths = {2, 2, 2},
                                  .hidden = TALUS_RELU,
                                  .output = TALUS_IDENTITY,
                                  .loss = TALUS_SQUARED_ERROR,
                                  .precision = TALUS_DTYPE_F64},
                  (double[]){1, 2, -1, 1, /* b_1 */ 0, -1, /* W_2 */ 1, 1, 1, 0, /* b_2 */ 0, 1},
                  (double[]){1, 1}, (double[]){1, 5}, 2.5, (double[]){1, 1, 0, 0, 1, 0, 6, 0, -3, 0, 2, -1});
}
END_TEST

/* h = (½, ½), a = ½, δ_2 = a − y = −½: ∇W_2 = δ_2·hᵀ, δ_1 = W_2ᵀδ_2 ⊙ h(1−h) = (−⅛, ⅛), ∇W_1 = δ_1·xᵀ */
START_TEST(two_classes_by_hand)
{
    check_by_hand(&(problem_spec){.n = 1,
                                  .widths = {2, 2, 1},
                                  .hidden = TALUS_SIGMOID,
                                  .output = TALUS_SIGMOID,
                                  .loss = TALUS_BINARY_CROSS_ENTROPY,
                                  .precision = TALUS_DTYPE_F64},
                  (double[]){0, 0, 0, 0, 0, 0, 1, -1, 0}, (double[]){2, 4}, (double[]){1}, log(2),
                  (double[]){-0.25, -0.5, 0.25, 0.5, -0.125, 0.125, -0.25, -0.25, -0.5});
}
END_TEST

/* h = (½, ½), z_2 = (0, log 2, 0), a = (¼, ½, ¼), δ_2 = a − y = (−¾, ½, ¼), δ_1 = W_2ᵀδ_2 ⊙ ¼ = (−¼, 0) */
START_TEST(many_classes_by_hand)
{
    check_by_hand(&(problem_spec){.n = 1,
                                  .widths = {1, 2, 3},
                                  .hidden = TALUS_SIGMOID,
                                  .output = TALUS_SOFTMAX,
                                  .loss = TALUS_CROSS_ENTROPY,
                                  .precision = TALUS_DTYPE_F64},
                  (double[]){0, 0, 0, 0, /* W_2 */ 1, 0, 0, 0, -1, 0, /* b_2 */ -0.5, log(2), 0.5},
                  (double[]){2}, (double[]){1, 0, 0}, log(4),
                  (double[]){-0.5, 0, -0.25, 0, -0.375, -0.375, 0.25, 0.25, 0.125, 0.125, -0.75, 0.5, 0.25});
}
END_TEST

static void check_extreme(int loss, int output, int precision, double logit, double target,
                          double cost_expected)
{
    problem p = make_problem(&(problem_spec){.n = 1,
                                             .widths = {1, output == TALUS_SOFTMAX ? 2 : 1},
                                             .hidden = TALUS_RELU,
                                             .output = output,
                                             .loss = loss,
                                             .precision = precision});
    for (int64_t i = 0; i < p.parameters; i++)
        p.theta[i] = 0;
    p.theta[0] = logit;
    put_parameters(&p);
    p.x[0] = 1;
    p.y[0] = target;
    if (p.outputs == 2)
        p.y[1] = 1 - target;
    double gradient[4], cost = library_gradient(&p, gradient);
    ck_assert_double_le(fabs(cost - cost_expected), 1e-6 * cost_expected);
    for (int64_t i = 0; i < p.parameters; i++)
        ck_assert(isfinite(gradient[i]) && fabs(gradient[i]) <= 1);
    free_problem(&p);
}

START_TEST(losses_are_stable_at_large_logits)
{
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        check_extreme(TALUS_BINARY_CROSS_ENTROPY, TALUS_SIGMOID, precision, 1e4, 0, 1e4);
        check_extreme(TALUS_BINARY_CROSS_ENTROPY, TALUS_SIGMOID, precision, 1e4, 1, 0);
        check_extreme(TALUS_BINARY_CROSS_ENTROPY, TALUS_SIGMOID, precision, -1e4, 1, 1e4);
        check_extreme(TALUS_BINARY_CROSS_ENTROPY, TALUS_SIGMOID, precision, -1e4, 0, 0);
        check_extreme(TALUS_CROSS_ENTROPY, TALUS_SOFTMAX, precision, 1e4, 0, 1e4);
        check_extreme(TALUS_CROSS_ENTROPY, TALUS_SOFTMAX, precision, 1e4, 1, 0);
        check_extreme(TALUS_CROSS_ENTROPY, TALUS_SOFTMAX, precision, -1e4, 1, 1e4);
        check_extreme(TALUS_CROSS_ENTROPY, TALUS_SOFTMAX, precision, -1e4, 0, 0);
    }
}
END_TEST

START_TEST(labels_are_one_hot_targets)
{
    problem p = make_problem(&(problem_spec){.n = 70,
                                             .widths = {6, 8, 5},
                                             .hidden = TALUS_RELU,
                                             .output = TALUS_SOFTMAX,
                                             .loss = TALUS_CROSS_ENTROPY,
                                             .precision = TALUS_DTYPE_F64});
    int32_t labels[70];
    memset(p.y, 0, 350 * sizeof *p.y);
    for (int i = 0; i < 70; i++) {
        labels[i] = i * 7 % 5;
        p.y[i * 5 + labels[i]] = 1;
    }
    double *values = malloc((size_t)p.parameters * sizeof *values),
           *ours = malloc((size_t)p.parameters * sizeof *ours);
    double cost = library_gradient(&p, values), label_cost;
    talus_matrix x = inputs_of(&p), y = talus_matrix_view(labels, TALUS_DTYPE_I32, 70, 1);
    talus_matrix g = f64_view(ours, 1, p.parameters);
    expect_ok(p.context, talus_gradient(p.network, p.workspace, BATCH(x, y), &label_cost, &g));
    ck_assert_double_eq(cost, label_cost);
    ck_assert_double_eq(largest_difference(values, ours, p.parameters), 0);
    free_problem(&p);
    free(values), free(ours);
}
END_TEST

START_TEST(views_of_any_type_and_stride_are_the_same_batch)
{
    problem p = make_problem(&(problem_spec){.n = 20, .widths = {3, 4, 2}, .hidden = TALUS_TANH});
    enum { STRIDE = 7 };
    uint8_t bytes[20 * STRIDE];
    float singles[20 * STRIDE];
    double doubles[20 * STRIDE], from_bytes[20 * 5], from_singles[20 * 2];
    float from_doubles[20 * 2];
    for (int i = 0; i < 20 * STRIDE; i++) {
        bytes[i] = (uint8_t)(i * 37);
        singles[i] = (float)bytes[i];
        doubles[i] = (double)bytes[i];
    }
    talus_matrix a = {bytes, TALUS_DTYPE_U8, 20, 3, STRIDE}, out_a = {from_bytes, TALUS_DTYPE_F64, 20, 2, 5};
    talus_matrix b = {singles, TALUS_DTYPE_F32, 20, 3, STRIDE},
                 out_b = {from_singles, TALUS_DTYPE_F64, 20, 2, 0};
    talus_matrix c = {doubles, TALUS_DTYPE_F64, 20, 3, STRIDE},
                 out_c = {from_doubles, TALUS_DTYPE_F32, 20, 2, 0};
    expect_ok(p.context, talus_predict(p.network, p.workspace, &a, &out_a));
    expect_ok(p.context, talus_predict(p.network, p.workspace, &b, &out_b));
    expect_ok(p.context, talus_predict(p.network, p.workspace, &c, &out_c));
    for (int i = 0; i < 20; i++)
        for (int k = 0; k < 2; k++) {
            ck_assert_double_eq(from_bytes[i * 5 + k], from_singles[i * 2 + k]);
            ck_assert_double_eq(from_bytes[i * 5 + k], (double)from_doubles[i * 2 + k]);
        }
    free_problem(&p);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("identities");
    add_case(suite, "identities", a_batch_is_the_mean_of_its_halves, permuting_samples_permutes_outputs,
             softmax_ignores_a_shift_of_all_biases, labels_are_one_hot_targets,
             views_of_any_type_and_stride_are_the_same_batch);
    add_case(suite, "by hand", regression_with_two_outputs_by_hand, two_classes_by_hand, many_classes_by_hand,
             a_linear_network_is_a_product, a_chain_of_scalar_relus_multiplies_its_weights,
             losses_are_stable_at_large_logits);
    return run_suite(suite);
}
