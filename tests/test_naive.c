/* The naive reference by itself: worked by hand, and against central differences. */
#include "../bench/naive/naive.h"
#include "network/kinds.h"
#include "support.h"

/* Tolerances. Values here are of order 1. */
#define EXACT      1e-14 /* a few roundings of double */
#define DIFFERENCE 2e-8 /* central differences with h = ∛ε: truncation and rounding are each of order ε^⅔ */
#define H          6e-6 /* ∛ε */

/* A problem: a network, its parameters, a batch ---------------------------------------------------------- */

typedef struct problem {
    naive_network net;
    naive_pass *pass;
    int64_t n, count;
    double *theta, *X, *Y, *gradient;
} problem;

static void problem_open(problem *p, const naive_network *net, int64_t n)
{
    int64_t dL = net->d[net->L];
    p->net = *net;
    p->n = n;
    p->count = naive_count(net);
    p->pass = naive_pass_create(net, n);
    ck_assert_ptr_nonnull(p->pass);
    p->theta = random_array(11, p->count);
    for (int64_t i = 0; i < p->count; i++)
        p->theta[i] *= 0.5; /* exponentials of exponentials, too, are to be of order 1 */
    p->X = random_array(12, n * net->d[0]);
    p->Y = random_array(13, n * dL);
    p->gradient = random_array(14, p->count);
    const tl_loss_kind *loss = tl_loss_kind_of(net->loss);
    double least = fmax(loss->least, -1), most = fmin(loss->most, 1);
    for (int64_t e = 0; e < n * dL; e++)
        p->Y[e] = least + (most - least) * (p->Y[e] + 1) / 2;
}

static void problem_close(problem *p)
{
    naive_pass_destroy(p->pass);
    free(p->theta);
    free(p->X);
    free(p->Y);
    free(p->gradient);
}

static double cost_of(problem *p)
{
    naive_targets Y = {p->Y, NULL};
    naive_forward(p->pass, p->theta, p->X);
    return naive_cost(p->pass, &Y);
}

/* (C(x + h) − C(x − h))/2h for one number x of a problem */
static double central_difference(problem *p, double *x)
{
    double kept = *x;
    *x = kept + H;
    double above = cost_of(p);
    *x = kept - H;
    double below = cost_of(p);
    *x = kept;
    return (above - below) / (2 * H);
}

static void check_gradient(const naive_network *net, int64_t n)
{
    problem p;
    problem_open(&p, net, n);
    naive_targets Y = {p.Y, NULL};
    double C = naive_gradient(p.pass, p.theta, p.X, &Y, p.gradient);
    ck_assert_double_eq_tol(C, cost_of(&p), EXACT);
    for (int64_t i = 0; i < p.count; i++)
        ck_assert_msg(fabs(p.gradient[i] - central_difference(&p, &p.theta[i])) < DIFFERENCE,
                      "%s, %s, n = %d: parameter %d has gradient %g, central difference %g",
                      talus_activation_name(net->f[net->L]), talus_loss_name(net->loss), (int)n, (int)i,
                      p.gradient[i], central_difference(&p, &p.theta[i]));
    problem_close(&p);
}

static naive_network three_layers(int hidden, int output, int loss)
{
    return (naive_network){
        .L = 3, .d = {3, 5, 2, 4}, .f = {0, hidden, hidden, output}, .alpha = {0}, .loss = loss};
}

/* Gradients ---------------------------------------------------------------------------------------------- */

/* Every activation before the last layer, in it, and every loss that goes with it; those that go with any meet each
 * output once. */
START_TEST(gradients_are_central_differences)
{
    for (int output = 0; output < TALUS_ACTIVATION_COUNT; output++)
        for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
            naive_network net = three_layers(_i, output, loss);
            int fused = tl_loss_kind_of(loss)->fused;
            if (fused >= 0 ? fused != output : loss != TALUS_SQUARED_ERROR && output != _i)
                continue;
            check_gradient(&net, 1);
            check_gradient(&net, 7);
        }
}
END_TEST

START_TEST(alpha_is_taken_from_the_network)
{
    naive_network net = three_layers(TALUS_LEAKY_RELU, TALUS_ELU, TALUS_SQUARED_ERROR);
    net.alpha[1] = 0.3;
    net.alpha[3] = 0.7;
    check_gradient(&net, 4);
}
END_TEST

/* For C = Σ G ⊙ A_L, ∂C/∂A_L = G: both gradients of backward against central differences of C. */
static double weighted_outputs(problem *p, const double *G)
{
    double sum = 0;
    naive_forward(p->pass, p->theta, p->X);
    for (int64_t e = 0; e < p->n * p->net.d[p->net.L]; e++)
        sum += G[e] * p->pass->A[p->net.L][e];
    return sum;
}

static void check_backward(problem *p, const double *G, double *x, int64_t count, const double *gradient)
{
    for (int64_t i = 0; i < count; i++) {
        double kept = x[i];
        x[i] = kept + H;
        double above = weighted_outputs(p, G);
        x[i] = kept - H;
        double below = weighted_outputs(p, G);
        x[i] = kept;
        ck_assert_double_eq_tol(gradient[i], (above - below) / (2 * H), DIFFERENCE);
    }
}

START_TEST(backward_carries_the_callers_gradient_to_parameters_and_inputs)
{
    problem p;
    naive_network net = three_layers(TALUS_TANH, _i, TALUS_SQUARED_ERROR);
    problem_open(&p, &net, 6);
    double *input_gradient = random_array(15, p.n * net.d[0]), *alone = random_array(16, p.count);
    naive_forward(p.pass, p.theta, p.X);
    naive_backward(p.pass, p.theta, p.Y, p.gradient, input_gradient);
    naive_backward(p.pass, p.theta, p.Y, alone, NULL);
    ck_assert_mem_eq(alone, p.gradient, (size_t)p.count * sizeof *alone);
    check_backward(&p, p.Y, p.theta, p.count, p.gradient);
    check_backward(&p, p.Y, p.X, p.n * net.d[0], input_gradient);
    free(input_gradient);
    free(alone);
    problem_close(&p);
}
END_TEST

/* By hand ------------------------------------------------------------------------------------------------ */

/* Two inputs, two ReLUs, one linear output; x = (1, 2), y = 1:
 *   W_1 = (1 −1; 2 1), b_1 = (0, −1)   z_1 = (−1, 3)   a_1 = (0, 3)
 *   W_2 = (5 2), b_2 = −3              z_2 = 3         C = ½(3−1)² = 2
 *   Δ_2 = 2, ∇W_2 = (0 6), Δ_1 = 2·(5 2) ⊙ (0 1) = (0, 4), ∇W_1 = (0 0; 4 8), ∂C/∂X = (8, 4) */
START_TEST(a_relu_network_by_hand)
{
    naive_network net = {
        .L = 2, .d = {2, 2, 1}, .f = {0, TALUS_RELU, TALUS_IDENTITY}, .loss = TALUS_SQUARED_ERROR};
    const double theta[] = {1, -1, 2, 1, 0, -1, 5, 2, -3}, X[] = {1, 2}, y[] = {1}, G[] = {2};
    const double expected[] = {0, 0, 4, 8, 0, 4, 0, 6, 2};
    double gradient[9], input_gradient[2];
    naive_pass *pass = naive_pass_create(&net, 1);
    naive_targets Y = {y, NULL};
    ck_assert_double_eq(naive_gradient(pass, theta, X, &Y, gradient), 2);
    for (int i = 0; i < 9; i++)
        ck_assert_double_eq(gradient[i], expected[i]);
    naive_backward(pass, theta, G, NULL, input_gradient);
    ck_assert_double_eq(input_gradient[0], 8);
    ck_assert_double_eq(input_gradient[1], 4);
    naive_pass_destroy(pass);
}
END_TEST

START_TEST(parameters_stand_where_the_layout_says)
{
    naive_network net = three_layers(TALUS_RELU, TALUS_RELU, TALUS_SQUARED_ERROR); /* 3-5-2-4 */
    ck_assert_int_eq(naive_weights_at(&net, 1), 0);
    ck_assert_int_eq(naive_biases_at(&net, 1), 15);
    ck_assert_int_eq(naive_weights_at(&net, 2), 20);
    ck_assert_int_eq(naive_biases_at(&net, 3), 40);
    ck_assert_int_eq(naive_count(&net), 44);
}
END_TEST

/* One layer whose outputs Z are its biases: the value of a loss at a given z. */
static double loss_at(int f, int loss, int64_t d, const double *z, const double *y, double *delta)
{
    naive_network net = {.L = 1, .d = {1, d}, .f = {0, f}, .loss = loss};
    double theta[8] = {0}, gradient[8], x = 0;
    naive_targets Y = {y, NULL};
    naive_pass *pass = naive_pass_create(&net, 1);
    memcpy(theta + d, z, (size_t)d * sizeof *z);
    double C = naive_gradient(pass, theta, &x, &Y, gradient);
    memcpy(delta, gradient + d, (size_t)d * sizeof *delta);
    naive_pass_destroy(pass);
    return C;
}

START_TEST(losses_are_the_textbook_ones)
{
    const double z[] = {0.3, -1.2, 0.8}, y[] = {0.2, 0.5, 0.3};
    double delta[3], sum = exp(0.3) + exp(-1.2) + exp(0.8), entropy = 0, binary = 0;
    for (int k = 0; k < 3; k++) {
        double a = 1 / (1 + exp(-z[k]));
        entropy -= y[k] * log(exp(z[k]) / sum);
        binary -= y[k] * log(a) + (1 - y[k]) * log(1 - a);
    }
    ck_assert_double_eq_tol(loss_at(TALUS_SOFTMAX, TALUS_CROSS_ENTROPY, 3, z, y, delta), entropy, EXACT);
    ck_assert_double_eq_tol(delta[1], exp(-1.2) / sum - 0.5, EXACT);
    ck_assert_double_eq_tol(loss_at(TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY, 3, z, y, delta), binary,
                            EXACT);
    ck_assert_double_eq_tol(delta[1], 1 / (1 + exp(1.2)) - 0.5, EXACT);
}
END_TEST

START_TEST(losses_are_stable_at_large_z)
{
    const double z[] = {1e4, -1e4}, right[] = {1, 0}, wrong[] = {0, 1};
    double delta[2];
    ck_assert_double_eq(loss_at(TALUS_SOFTMAX, TALUS_CROSS_ENTROPY, 2, z, right, delta), 0);
    ck_assert_double_eq(loss_at(TALUS_SOFTMAX, TALUS_CROSS_ENTROPY, 2, z, wrong, delta), 2e4);
    ck_assert_double_eq(delta[0], 1);
    ck_assert_double_eq(delta[1], -1);
    ck_assert_double_eq(loss_at(TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY, 2, z, right, delta), 0);
    ck_assert_double_eq(loss_at(TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY, 2, z, wrong, delta), 2e4);
    ck_assert_double_eq(delta[0], 1);
    ck_assert_double_eq(delta[1], -1);
}
END_TEST

/* Identities --------------------------------------------------------------------------------------------- */

static void check_labels(const naive_network *net, const int32_t *labels, const double *values)
{
    problem p;
    problem_open(&p, net, 3);
    double *same = random_array(15, p.count);
    naive_targets by_label = {NULL, labels}, by_value = {values, NULL};
    double C = naive_gradient(p.pass, p.theta, p.X, &by_label, p.gradient);
    ck_assert_double_eq(C, naive_gradient(p.pass, p.theta, p.X, &by_value, same));
    ck_assert_mem_eq(same, p.gradient, (size_t)p.count * sizeof *same);
    free(same);
    problem_close(&p);
}

START_TEST(labels_are_rows_of_the_unit_matrix_or_single_targets)
{
    const int32_t labels[] = {2, 0, 3}, binary[] = {1, 0, 1};
    const double unit[] = {0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1}, single[] = {1, 0, 1};
    naive_network many = three_layers(TALUS_TANH, TALUS_SOFTMAX, TALUS_CROSS_ENTROPY);
    naive_network one = three_layers(TALUS_TANH, TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY);
    one.d[3] = 1;
    check_labels(&many, labels, unit);
    check_labels(&one, binary, single);
}
END_TEST

START_TEST(a_batch_is_the_mean_of_its_halves)
{
    problem p;
    naive_network net = three_layers(TALUS_SIGMOID, TALUS_SOFTMAX, TALUS_CROSS_ENTROPY);
    problem_open(&p, &net, 8);
    naive_pass *half = naive_pass_create(&net, 4);
    double *first = random_array(15, p.count), *second = random_array(16, p.count);
    naive_targets Y = {p.Y, NULL}, Y2 = {p.Y + 4 * net.d[3], NULL};
    double C = naive_gradient(p.pass, p.theta, p.X, &Y, p.gradient);
    double C1 = naive_gradient(half, p.theta, p.X, &Y, first);
    double C2 = naive_gradient(half, p.theta, p.X + 4 * net.d[0], &Y2, second);
    ck_assert_double_eq_tol(C, (C1 + C2) / 2, EXACT);
    for (int64_t i = 0; i < p.count; i++)
        ck_assert_double_eq_tol(p.gradient[i], (first[i] + second[i]) / 2, EXACT);
    free(first);
    free(second);
    naive_pass_destroy(half);
    problem_close(&p);
}
END_TEST

/* Updates: θ = 1, g = ½ then ¼ --------------------------------------------------------------------------- */

static double after_two_steps(const talus_optimizer_spec *spec)
{
    double theta = 1, m = 0, v = 0, u = 0;
    const double first = 0.5, second = 0.25;
    naive_optimizer o = {.spec = *spec, .m = &m, .v = &v, .u = &u};
    naive_update(&o, 1, &theta, &first);
    naive_update(&o, 1, &theta, &second);
    return theta;
}

START_TEST(updates_by_hand)
{
    talus_optimizer_spec descent = {.method = TALUS_GRADIENT_DESCENT, .rate = 0.5};
    ck_assert_double_eq(after_two_steps(&descent), 1 - 0.25 - 0.125);

    /* v = ½, then ½·½ + ¼ = ½ */
    talus_optimizer_spec heavy = {.method = TALUS_MOMENTUM, .rate = 0.5, .momentum = 0.5};
    ck_assert_double_eq(after_two_steps(&heavy), 1 - 0.25 - 0.25);

    /* g + μ·v = ½ + ¼, then ¼ + ¼ */
    heavy.nesterov = 1;
    ck_assert_double_eq(after_two_steps(&heavy), 1 - 0.375 - 0.25);

    /* t = 1: m̂ = ½, √v̂ = ½, quotient ½/(½ + ½) = ½
     * t = 2: m = ½·¼ + ½·¼ = ¼, m̂ = ¼/¾ = ⅓;  v = ¾·(1/16) + ¼·(1/16) = 1/16, v̂ = (1/16)/(7/16) = 1/7 */
    talus_optimizer_spec adam = {
        .method = TALUS_ADAM, .rate = 0.5, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.5};
    double expected = 1 - 0.5 * 0.5 - 0.5 * (1.0 / 3) / (sqrt(1.0 / 7) + 0.5);
    ck_assert_double_eq_tol(after_two_steps(&adam), expected, EXACT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("naive");
    TCase *tests = tcase_create("naive");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, gradients_are_central_differences, 0, TALUS_ACTIVATION_COUNT);
    tcase_add_test(tests, alpha_is_taken_from_the_network);
    tcase_add_loop_test(tests, backward_carries_the_callers_gradient_to_parameters_and_inputs, 0,
                        TALUS_ACTIVATION_COUNT);
    tcase_add_test(tests, a_relu_network_by_hand);
    tcase_add_test(tests, parameters_stand_where_the_layout_says);
    tcase_add_test(tests, losses_are_the_textbook_ones);
    tcase_add_test(tests, losses_are_stable_at_large_z);
    tcase_add_test(tests, labels_are_rows_of_the_unit_matrix_or_single_targets);
    tcase_add_test(tests, a_batch_is_the_mean_of_its_halves);
    tcase_add_test(tests, updates_by_hand);

    return run_suite(suite);
}
