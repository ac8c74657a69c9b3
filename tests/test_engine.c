/* The engine against the naive reference, against differences, and against itself. */
#include "../bench/naive/naive.h"
#include "support.h"

/* Tolerances are c·ε·k relative to the largest number compared, with k the length of the longest reduction. */
#define C_PRODUCTS  4.0  /* sums in another order */
#define C_SINGLE    16.0 /* f32 against f64: also the rounding of every layer's input */
#define DIFFERENCES 1e-7 /* central differences in f64, h = ∛ε */

/* A network, a batch for it, and a judge. */
typedef struct problem {
    talus_context *context;
    talus_network *network;
    talus_workspace *workspace;
    naive_network naive;
    naive_pass *judge;
    int64_t n, inputs, outputs, parameters, longest;
    double *x, *y, *theta;
} problem;

static void put_parameters(problem *p)
{
    talus_matrix view;
    expect_ok(p->context, talus_network_parameters(p->network, &view));
    for (int64_t i = 0; i < p->parameters; i++) {
        if (view.dtype == TALUS_F64)
            ((double *)view.data)[i] = p->theta[i];
        else
            ((float *)view.data)[i] = (float)p->theta[i];
    }
}

/* Targets that every loss takes: positive, and for cross-entropy of any sum. */
static double *make_targets(int loss, int64_t count)
{
    double *y = random_array(77, count);
    for (int64_t i = 0; i < count && loss != TALUS_SQUARED_ERROR; i++)
        y[i] = fabs(y[i]);
    return y;
}

static problem make_problem(int precision, int threads, int64_t n, const int64_t *widths, int layers,
                            int hidden, int output, int loss)
{
    problem p = {
        .context = context_with(threads, NULL), .n = n, .inputs = widths[0], .outputs = widths[layers]};
    talus_layer spec[8] = {0};
    p.naive = (naive_network){.L = layers, .loss = loss};
    p.naive.d[0] = widths[0];
    p.longest = n;
    for (int l = 1; l <= layers; l++) {
        int activation = l < layers ? hidden : output;
        spec[l - 1] = (talus_layer){.width = widths[l], .activation = activation, .alpha = 0};
        p.naive.d[l] = widths[l];
        p.naive.f[l] = activation;
        p.longest = widths[l] > p.longest ? widths[l] : p.longest;
    }
    p.longest = widths[0] > p.longest ? widths[0] : p.longest;
    talus_network_spec network = {.inputs = widths[0],
                                  .layers = spec,
                                  .layer_count = layers,
                                  .loss = loss,
                                  .precision = precision,
                                  .seed = 3};
    expect_ok(p.context, talus_network_create(p.context, &network, &p.network));
    expect_ok(p.context, talus_workspace_create(p.context, p.network, n, &p.workspace));
    p.parameters = talus_network_parameter_count(p.network);
    p.judge = naive_pass_create(&p.naive, n);
    ck_assert_ptr_nonnull(p.judge);
    p.x = random_array(5, n * p.inputs);
    p.y = make_targets(loss, n * p.outputs);
    p.theta = random_array(9, p.parameters);
    for (int l = 1; l <= layers; l++) { /* weights of the size that keeps activations of order 1 */
        double size = sqrt(3.0 / (double)widths[l - 1]);
        for (int64_t i = 0; i < widths[l] * widths[l - 1]; i++)
            p.theta[naive_weights_at(&p.naive, l) + i] *= size;
    }
    put_parameters(&p);
    return p;
}

static void free_problem(problem *p)
{
    talus_workspace_destroy(p->workspace);
    talus_network_destroy(p->network);
    talus_context_destroy(p->context);
    naive_pass_destroy(p->judge);
    free(p->x);
    free(p->y);
    free(p->theta);
}

static talus_matrix f64_view(const double *data, int64_t rows, int64_t cols)
{
    return talus_matrix_view(data, TALUS_F64, rows, cols);
}

/* Cost and gradient of the library, the gradient as doubles. */
static double library_gradient(problem *p, double *gradient)
{
    talus_matrix x = f64_view(p->x, p->n, p->inputs), y = f64_view(p->y, p->n, p->outputs);
    int precision = talus_network_precision(p->network);
    float *single = malloc((size_t)p->parameters * sizeof *single);
    talus_matrix view = precision == TALUS_F64 ? f64_view(gradient, 1, p->parameters)
                                               : talus_matrix_view(single, TALUS_F32, 1, p->parameters);
    double cost = NAN;
    expect_ok(p->context, talus_gradient(p->network, p->workspace, &x, &y, &cost, &view));
    for (int64_t i = 0; precision == TALUS_F32 && i < p->parameters; i++)
        gradient[i] = (double)single[i];
    free(single);
    return cost;
}

static void compare_with_naive(problem *p, double epsilon, double c)
{
    double *ours = malloc((size_t)p->parameters * sizeof *ours),
           *theirs = malloc((size_t)p->parameters * sizeof *theirs);
    naive_targets targets = {.values = p->y};
    double cost = library_gradient(p, ours);
    double judged = naive_gradient(p->judge, p->theta, p->x, &targets, theirs);
    double tolerance = c * epsilon * (double)p->longest;
    ck_assert_double_le(fabs(cost - judged), tolerance * (1 + fabs(judged)));
    ck_assert_double_le(largest_difference(ours, theirs, p->parameters),
                        tolerance * largest(theirs, p->parameters));
    free(ours);
    free(theirs);
}

/* All activations and losses that go together, over odd shapes. */
static const int hidden_activations[] = {TALUS_IDENTITY, TALUS_RELU, TALUS_LEAKY_RELU, TALUS_ELU,
                                         TALUS_SIGMOID,  TALUS_TANH, TALUS_SOFTPLUS};
#define HIDDEN ((int)(sizeof hidden_activations / sizeof hidden_activations[0]))

static bool goes_together(int output, int loss)
{
    return loss == TALUS_SQUARED_ERROR || (loss == TALUS_BINARY_CROSS_ENTROPY && output == TALUS_SIGMOID) ||
           (loss == TALUS_CROSS_ENTROPY && output == TALUS_SOFTMAX);
}

static const struct {
    int64_t n, widths[5];
    int layers;
} shapes[] = {
    {1, {1, 1}, 1},        {2, {3, 5, 2}, 2},           {5, {17, 31, 1}, 2},       {3, {2, 1, 3}, 2},
    {31, {5, 17, 3}, 2},   {64, {31, 64, 10}, 2},       {65, {100, 37, 17, 5}, 3}, {100, {64, 100, 3}, 2},
    {130, {3, 100, 1}, 2}, {17, {260, 130, 270, 2}, 3}, {200, {150, 140, 131}, 2},
};
#define SHAPES ((int)(sizeof shapes / sizeof shapes[0]))

static void compare_all(int precision, int threads, double epsilon, double c)
{
    for (int s = 0; s < SHAPES; s++)
        for (int h = 0; h < HIDDEN; h++)
            for (int output = 0; output < TALUS_ACTIVATION_COUNT; output++)
                for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
                    if (!goes_together(output, loss))
                        continue;
                    problem p = make_problem(precision, threads, shapes[s].n, shapes[s].widths,
                                             shapes[s].layers, hidden_activations[h], output, loss);
                    compare_with_naive(&p, epsilon, c);
                    free_problem(&p);
                }
}

START_TEST(f64_gradient_is_the_naive_one)
{
    compare_all(TALUS_F64, 1, 2.3e-16, C_PRODUCTS);
}
END_TEST

START_TEST(f64_gradient_on_three_threads_is_the_naive_one)
{
    compare_all(TALUS_F64, 3, 2.3e-16, C_PRODUCTS);
}
END_TEST

START_TEST(f32_gradient_is_near_the_f64_one)
{
    compare_all(TALUS_F32, 2, 1.2e-7, C_SINGLE);
}
END_TEST

static double cost_at(problem *p, int64_t i, double value)
{
    double kept = p->theta[i], cost;
    talus_matrix x = f64_view(p->x, p->n, p->inputs), y = f64_view(p->y, p->n, p->outputs);
    p->theta[i] = value;
    put_parameters(p);
    expect_ok(p->context, talus_gradient(p->network, p->workspace, &x, &y, &cost, NULL));
    p->theta[i] = kept;
    return cost;
}

/* Differences across the kink of a ReLU mean nothing: parameters where the second difference shows one are left
 * out, and there are few. */
static void compare_with_differences(problem *p)
{
    double *gradient = malloc((size_t)p->parameters * sizeof *gradient);
    double centre = library_gradient(p, gradient), size = largest(gradient, p->parameters);
    int64_t kinks = 0;
    for (int64_t i = 0; i < p->parameters; i++) {
        double h = 6e-6, above = cost_at(p, i, p->theta[i] + h), below = cost_at(p, i, p->theta[i] - h);
        if (fabs(above - 2 * centre + below) > 1e-3 * h * (size + 1e-3)) {
            kinks++;
            continue;
        }
        ck_assert_double_le(fabs((above - below) / (2 * h) - gradient[i]), DIFFERENCES * (1 + size));
    }
    ck_assert_int_le(kinks, p->parameters / 20 + 1);
    free(gradient);
}

START_TEST(gradient_is_the_limit_of_differences)
{
    for (int s = 0; s < 6; s++)
        for (int h = 0; h < HIDDEN; h++)
            for (int output = 0; output < TALUS_ACTIVATION_COUNT; output++)
                for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++) {
                    if (!goes_together(output, loss) || (s > 3 && h % 3 != 0))
                        continue;
                    problem p = make_problem(TALUS_F64, 1, shapes[s].n, shapes[s].widths, shapes[s].layers,
                                             hidden_activations[h], output, loss);
                    compare_with_differences(&p);
                    free_problem(&p);
                }
}
END_TEST

START_TEST(own_output_gradient_goes_back_as_in_the_naive_pass)
{
    for (int s = 0; s < SHAPES; s++)
        for (int output = 0; output < TALUS_ACTIVATION_COUNT; output++) {
            problem p = make_problem(TALUS_F64, 2, shapes[s].n, shapes[s].widths, shapes[s].layers,
                                     TALUS_TANH, output, TALUS_SQUARED_ERROR);
            int64_t inputs = p.n * p.inputs, outputs = p.n * p.outputs;
            double *gradient = random_array(1, p.parameters), *judged = random_array(2, p.parameters);
            double *in = random_array(3, inputs), *judged_in = random_array(4, inputs),
                   *out = random_array(6, outputs);
            talus_matrix x = f64_view(p.x, p.n, p.inputs), a = f64_view(out, p.n, p.outputs);
            talus_matrix g = f64_view(p.y, p.n, p.outputs), flat = f64_view(gradient, 1, p.parameters);
            talus_matrix dx = f64_view(in, p.n, p.inputs);
            naive_forward(p.judge, p.theta, p.x);
            naive_backward(p.judge, p.theta, p.y, judged, judged_in);
            double tolerance = C_PRODUCTS * 2.3e-16 * (double)p.longest;
            expect_ok(p.context, talus_forward(p.network, p.workspace, &x, &a));
            ck_assert_double_le(largest_difference(out, p.judge->A[p.naive.L], outputs),
                                tolerance * (1 + largest(out, outputs)));
            for (int again = 0; again < 2; again++) { /* backward leaves the forward pass as it is */
                expect_ok(p.context, talus_backward(p.network, p.workspace, &g, &flat, &dx));
                ck_assert_double_le(largest_difference(gradient, judged, p.parameters),
                                    tolerance * largest(judged, p.parameters));
                ck_assert_double_le(largest_difference(in, judged_in, inputs),
                                    tolerance * largest(judged_in, inputs));
            }
            free_problem(&p);
            free(gradient), free(judged), free(in), free(judged_in), free(out);
        }
}
END_TEST

START_TEST(a_batch_is_the_mean_of_its_halves)
{
    problem p = make_problem(TALUS_F64, 1, 100, (int64_t[]){17, 31, 5}, 2, TALUS_ELU, TALUS_SOFTMAX,
                             TALUS_CROSS_ENTROPY);
    double *whole = malloc((size_t)p.parameters * sizeof *whole),
           *halves = calloc((size_t)p.parameters, sizeof *halves);
    double cost = library_gradient(&p, whole), sum = 0;
    for (int half = 0; half < 2; half++) {
        double *part = malloc((size_t)p.parameters * sizeof *part), part_cost;
        talus_matrix x = f64_view(p.x + half * 50 * p.inputs, 50, p.inputs);
        talus_matrix y = f64_view(p.y + half * 50 * p.outputs, 50, p.outputs),
                     g = f64_view(part, 1, p.parameters);
        expect_ok(p.context, talus_gradient(p.network, p.workspace, &x, &y, &part_cost, &g));
        sum += part_cost / 2;
        for (int64_t i = 0; i < p.parameters; i++)
            halves[i] += part[i] / 2;
        free(part);
    }
    ck_assert_double_le(fabs(cost - sum), C_PRODUCTS * 2.3e-16 * 100 * cost);
    ck_assert_double_le(largest_difference(whole, halves, p.parameters),
                        C_PRODUCTS * 2.3e-16 * 100 * largest(whole, p.parameters));
    free_problem(&p);
    free(whole), free(halves);
}
END_TEST

START_TEST(permuting_samples_permutes_outputs)
{
    problem p = make_problem(TALUS_F64, 2, 67, (int64_t[]){9, 33, 7}, 2, TALUS_TANH, TALUS_SOFTMAX,
                             TALUS_CROSS_ENTROPY);
    double *out = random_array(1, p.n * p.outputs), *turned = random_array(2, p.n * p.outputs);
    double *x = malloc((size_t)(p.n * p.inputs) * sizeof *x);
    for (int64_t i = 0; i < p.n; i++)
        memcpy(x + i * p.inputs, p.x + (p.n - 1 - i) * p.inputs, (size_t)p.inputs * sizeof *x);
    talus_matrix in = f64_view(p.x, p.n, p.inputs), in_turned = f64_view(x, p.n, p.inputs);
    talus_matrix a = f64_view(out, p.n, p.outputs), a_turned = f64_view(turned, p.n, p.outputs);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &in, &a));
    expect_ok(p.context, talus_predict(p.network, p.workspace, &in_turned, &a_turned));
    for (int64_t i = 0; i < p.n; i++)
        ck_assert_double_le(
            largest_difference(out + i * p.outputs, turned + (p.n - 1 - i) * p.outputs, p.outputs),
            C_PRODUCTS * 2.3e-16 * 33);
    free_problem(&p);
    free(out), free(turned), free(x);
}
END_TEST

START_TEST(softmax_ignores_a_shift_of_all_biases)
{
    problem p = make_problem(TALUS_F64, 1, 20, (int64_t[]){4, 6}, 1, TALUS_RELU, TALUS_SOFTMAX,
                             TALUS_CROSS_ENTROPY);
    double *before = random_array(1, p.n * p.outputs), *after = random_array(2, p.n * p.outputs);
    talus_matrix x = f64_view(p.x, p.n, p.inputs), a = f64_view(before, p.n, p.outputs),
                 b = f64_view(after, p.n, p.outputs);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &a));
    for (int64_t k = 0; k < p.outputs; k++)
        p.theta[naive_biases_at(&p.naive, 1) + k] += 64;
    put_parameters(&p);
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &b));
    ck_assert_double_le(largest_difference(before, after, p.n * p.outputs), 64 * C_PRODUCTS * 2.3e-16);
    for (int64_t i = 0; i < p.n; i++) {
        double sum = 0;
        for (int64_t k = 0; k < p.outputs; k++)
            sum += after[i * p.outputs + k];
        ck_assert_double_le(fabs(sum - 1), 8 * 2.3e-16);
    }
    free_problem(&p);
    free(before), free(after);
}
END_TEST

START_TEST(a_linear_network_is_a_product)
{
    /* W_1 = (1 2; 3 4), b_1 = (5 6), W_2 = (1 −1), b_2 = (10): y = x_1·(1−3) + x_2·(2−4) + (5−6) + 10 */
    problem p = make_problem(TALUS_F32, 1, 3, (int64_t[]){2, 2, 1}, 2, TALUS_IDENTITY, TALUS_IDENTITY,
                             TALUS_SQUARED_ERROR);
    memcpy(p.theta, (double[]){1, 2, 3, 4, 5, 6, 1, -1, 10}, 9 * sizeof(double));
    put_parameters(&p);
    const float x[] = {0, 0, 1, 0, 3, -2};
    double out[3];
    talus_matrix in = talus_matrix_view(x, TALUS_F32, 3, 2), a = f64_view(out, 3, 1);
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
    problem p = make_problem(TALUS_F64, 1, 1, (int64_t[]){1, 1, 1, 1, 1}, 4, TALUS_RELU, TALUS_RELU,
                             TALUS_SQUARED_ERROR);
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
static void check_by_hand(const int64_t *widths, int hidden, int output, int loss, const double *theta,
                          const double *x, const double *y, double cost, const double *gradient)
{
    problem p = make_problem(TALUS_F64, 1, 1, widths, 2, hidden, output, loss);
    double *found = malloc((size_t)p.parameters * sizeof *found);
    memcpy(p.theta, theta, (size_t)p.parameters * sizeof *theta);
    memcpy(p.x, x, (size_t)p.inputs * sizeof *x);
    memcpy(p.y, y, (size_t)p.outputs * sizeof *y);
    put_parameters(&p);
    ck_assert_double_eq_tol(library_gradient(&p, found), cost, 8 * 2.3e-16);
    ck_assert_double_le(largest_difference(found, gradient, p.parameters), 8 * 2.3e-16);
    free(found);
    free_problem(&p);
}

/* z_1 = (3, −1), h = (3, 0), a = (3, 4), a − y = (2, −1): ∇W_2 = (a − y)·hᵀ, δ_1 = W_2ᵀ(a − y) ⊙ (1, 0) = (1, 0) */
START_TEST(regression_with_two_outputs_by_hand)
{
    check_by_hand((int64_t[]){2, 2, 2}, TALUS_RELU, TALUS_IDENTITY, TALUS_SQUARED_ERROR,
                  (double[]){1, 2, -1, 1, /* b_1 */ 0, -1, /* W_2 */ 1, 1, 1, 0, /* b_2 */ 0, 1},
                  (double[]){1, 1}, (double[]){1, 5}, 2.5, (double[]){1, 1, 0, 0, 1, 0, 6, 0, -3, 0, 2, -1});
}
END_TEST

/* h = (½, ½), a = ½, δ_2 = a − y = −½: ∇W_2 = δ_2·hᵀ, δ_1 = W_2ᵀδ_2 ⊙ h(1−h) = (−⅛, ⅛), ∇W_1 = δ_1·xᵀ */
START_TEST(two_classes_by_hand)
{
    check_by_hand((int64_t[]){2, 2, 1}, TALUS_SIGMOID, TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY,
                  (double[]){0, 0, 0, 0, 0, 0, 1, -1, 0}, (double[]){2, 4}, (double[]){1}, log(2),
                  (double[]){-0.25, -0.5, 0.25, 0.5, -0.125, 0.125, -0.25, -0.25, -0.5});
}
END_TEST

/* h = (½, ½), z_2 = (0, log 2, 0), a = (¼, ½, ¼), δ_2 = a − y = (−¾, ½, ¼), δ_1 = W_2ᵀδ_2 ⊙ ¼ = (−¼, 0) */
START_TEST(many_classes_by_hand)
{
    check_by_hand((int64_t[]){1, 2, 3}, TALUS_SIGMOID, TALUS_SOFTMAX, TALUS_CROSS_ENTROPY,
                  (double[]){0, 0, 0, 0, /* W_2 */ 1, 0, 0, 0, -1, 0, /* b_2 */ -0.5, log(2), 0.5},
                  (double[]){2}, (double[]){1, 0, 0}, log(4),
                  (double[]){-0.5, 0, -0.25, 0, -0.375, -0.375, 0.25, 0.25, 0.125, 0.125, -0.75, 0.5, 0.25});
}
END_TEST

static void check_extreme(int loss, int output, int precision, double logit, double target,
                          double cost_expected)
{
    problem p = make_problem(precision, 1, 1, (int64_t[]){1, output == TALUS_SOFTMAX ? 2 : 1}, 1, TALUS_RELU,
                             output, loss);
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
    for (int precision = TALUS_F32; precision <= TALUS_F64; precision++) {
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
    problem p = make_problem(TALUS_F64, 1, 70, (int64_t[]){6, 8, 5}, 2, TALUS_RELU, TALUS_SOFTMAX,
                             TALUS_CROSS_ENTROPY);
    int32_t labels[70];
    memset(p.y, 0, 350 * sizeof *p.y);
    for (int i = 0; i < 70; i++) {
        labels[i] = i * 7 % 5;
        p.y[i * 5 + labels[i]] = 1;
    }
    double *values = malloc((size_t)p.parameters * sizeof *values),
           *ours = malloc((size_t)p.parameters * sizeof *ours);
    double cost = library_gradient(&p, values), label_cost;
    talus_matrix x = f64_view(p.x, p.n, p.inputs), y = talus_matrix_view(labels, TALUS_I32, 70, 1);
    talus_matrix g = f64_view(ours, 1, p.parameters);
    expect_ok(p.context, talus_gradient(p.network, p.workspace, &x, &y, &label_cost, &g));
    ck_assert_double_eq(cost, label_cost);
    ck_assert_double_eq(largest_difference(values, ours, p.parameters), 0);
    free_problem(&p);
    free(values), free(ours);
}
END_TEST

START_TEST(views_of_any_type_and_stride_are_the_same_batch)
{
    problem p = make_problem(TALUS_F32, 1, 20, (int64_t[]){3, 4, 2}, 2, TALUS_TANH, TALUS_IDENTITY,
                             TALUS_SQUARED_ERROR);
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
    talus_matrix a = {bytes, TALUS_U8, 20, 3, STRIDE}, out_a = {from_bytes, TALUS_F64, 20, 2, 5};
    talus_matrix b = {singles, TALUS_F32, 20, 3, STRIDE}, out_b = {from_singles, TALUS_F64, 20, 2, 0};
    talus_matrix c = {doubles, TALUS_F64, 20, 3, STRIDE}, out_c = {from_doubles, TALUS_F32, 20, 2, 0};
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
    Suite *suite = suite_create("engine");
    add_case(suite, "naive", f64_gradient_is_the_naive_one, f64_gradient_on_three_threads_is_the_naive_one,
             f32_gradient_is_near_the_f64_one, own_output_gradient_goes_back_as_in_the_naive_pass);
    add_case(suite, "differences", gradient_is_the_limit_of_differences);
    add_case(suite, "identities", a_batch_is_the_mean_of_its_halves, permuting_samples_permutes_outputs,
             softmax_ignores_a_shift_of_all_biases, labels_are_one_hot_targets,
             views_of_any_type_and_stride_are_the_same_batch);
    add_case(suite, "by hand", regression_with_two_outputs_by_hand, two_classes_by_hand, many_classes_by_hand,
             a_linear_network_is_a_product, a_chain_of_scalar_relus_multiplies_its_weights,
             losses_are_stable_at_large_logits);
    return run_suite(suite);
}
