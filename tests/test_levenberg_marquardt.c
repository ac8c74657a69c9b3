/* Levenberg and Marquardt's method on networks: exact on linear data, the minimum of C on others, with the uncertainty that a straight
 * line has, within its memory, and the same bits on any threads. */
#include <talus/levenberg_marquardt.h>

#include <stdio.h>

#include "fixture.h"
#include "optimize/gauss_newton.h"

enum { N = 60, INPUTS = 3, OUTPUTS = 2 };

static double x[N * INPUTS], y[N * OUTPUTS], w[N];
static talus_dataset *data;
static talus_levenberg_marquardt_options options;
static talus_least_squares_options method;
static talus_levenberg_marquardt_result result;

static talus_matrix view(const double *values, int64_t rows, int64_t cols)
{
    return talus_matrix_view((void *)values, TALUS_DTYPE_F64, rows, cols);
}

/* y₁ = sin(x₁ + x₂) + x₃², y₂ = x₁·x₂, and noise. */
static void begin(void)
{
    begin_counted();
    number_stream stream = numbers_from(11);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = 2 * next_number(&stream);
    for (int i = 0; i < N; i++) {
        const double *at = x + i * INPUTS;
        y[2 * i] = sin(at[0] + at[1]) + at[2] * at[2] + 0.05 * next_number(&stream);
        y[2 * i + 1] = at[0] * at[1] + 0.05 * next_number(&stream);
        w[i] = 1 + i % 3;
    }
    talus_matrix in = view(x, N, INPUTS), to = view(y, N, OUTPUTS);
    data = dataset_of(&in, &to);
    talus_levenberg_marquardt_options_defaults(&options);
    talus_least_squares_options_defaults(&method);
    options.method = &method;
}

static void end(void)
{
    talus_dataset_destroy(data);
    end_counted();
}

static talus_network *network_with(const talus_layer *layers, int count, int64_t inputs, int precision)
{
    talus_network_spec spec;
    talus_network *network;
    talus_network_defaults(&spec);
    spec.inputs = inputs, spec.layers = layers, spec.layer_count = count, spec.precision = precision;
    spec.seed = 5;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

static talus_network *tanh_network(int precision)
{
    const talus_layer layers[] = {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    return network_with(layers, 2, INPUTS, precision);
}

static void fit(talus_network *network, const talus_dataset *validation)
{
    expect_ok(context, talus_levenberg_marquardt(network, data, validation, &options, &result));
}

static double *parameters_of(const talus_network *network, int64_t *count)
{
    talus_matrix theta;
    expect_ok(context, talus_network_parameters((talus_network *)network, &theta));
    *count = theta.cols;
    return theta.data;
}

/* C and max |∂C/∂θ_j| over the whole data set. */
static double cost_and_slope(const talus_network *network, const talus_batch *batch, double *slope)
{
    int64_t count;
    double cost = NAN;
    (void)parameters_of(network, &count);
    double *g = random_array(1, count);
    talus_matrix gradient = view(g, 1, count);
    talus_workspace *workspace = workspace_of(network, N);
    expect_ok(context, talus_gradient(network, workspace, batch, &cost, &gradient));
    *slope = largest(g, count);
    free(g);
    talus_workspace_destroy(workspace);
    return cost;
}

static void is_minimum(const talus_network *network, const talus_batch *batch)
{
    double slope;
    const double cost = cost_and_slope(network, batch, &slope);
    ck_assert_double_eq_tol(result.cost, cost, 1e-12 * (1 + cost));
    ck_assert_msg(slope < 1e-6, "the slope is %g after %d iterations, %s", slope, (int)result.iterations,
                  talus_outcome_name(result.outcome));
}

/* Closed forms ----------------------------------------------------------------------------------------------- */

/* A linear network is a straight line: one step without damping is the solution, and exact data are recovered. */
START_TEST(linear_data_are_recovered_in_a_step)
{
    const talus_layer line[] = {{.width = OUTPUTS}};
    const double weights[OUTPUTS * INPUTS] = {1, -2, 3, 0.5, 0.25, -4}, biases[OUTPUTS] = {7, -1};
    for (int i = 0; i < N * OUTPUTS; i++) {
        y[i] = biases[i % 2];
        for (int j = 0; j < INPUTS; j++)
            y[i] += weights[(i % 2) * INPUTS + j] * x[i / 2 * INPUTS + j];
    }
    talus_network *network = network_with(line, 1, INPUTS, TALUS_DTYPE_F64);
    int64_t count;
    method.damping = 0;
    method.iterations = 1;
    fit(network, NULL);
    const double *theta = parameters_of(network, &count);
    for (int i = 0; i < OUTPUTS * INPUTS; i++)
        ck_assert_double_eq_tol(theta[i], weights[i], 1e-12);
    for (int k = 0; k < OUTPUTS; k++)
        ck_assert_double_eq_tol(theta[OUTPUTS * INPUTS + k], biases[k], 1e-12);
    ck_assert_double_lt(result.cost, 1e-24);
    ck_assert_int_eq(result.iterations, 1);
    ck_assert_int_eq(result.residuals, N * OUTPUTS);
    ck_assert_int_eq(result.steps, TALUS_STEP_FACTORED);
    talus_network_destroy(network);
}
END_TEST

/* Of a line y = a + b·x with σ² = Σ r²/(n − 2) and S = Σ (x − x̄)²: the standard error of b is σ/√S, that of a
 * σ·√(1/n + x̄²/S), and that of the line at x σ·√(1/n + (x − x̄)²/S).   Any textbook of regression; with scaled targets, too */
START_TEST(errors_are_those_of_a_straight_line)
{
    enum { FEW = 12 };
    const double shift = 3, scale = 0.5, at = 2.5;
    static double covariance[4], errors[2];
    const talus_layer line[] = {{.width = 1}};
    double mean_x = 0, mean_y = 0, s = 0, s_xy = 0, squares = 0, error = 0, predicted = 0;
    for (int i = 0; i < FEW; i++)
        mean_x += x[i] / FEW, mean_y += y[i] / FEW;
    for (int i = 0; i < FEW; i++)
        s += (x[i] - mean_x) * (x[i] - mean_x), s_xy += (x[i] - mean_x) * (y[i] - mean_y);
    const double slope = s_xy / s;
    for (int i = 0; i < FEW; i++)
        squares += pow(y[i] - mean_y - slope * (x[i] - mean_x), 2);
    const double sigma = sqrt(squares / (FEW - 2));

    talus_network *network = network_with(line, 1, 1, TALUS_DTYPE_F64);
    talus_matrix in = view(x, FEW, 1), to = view(y, FEW, 1), of = view(covariance, 2, 2),
                 of_each = view(errors, 1, 2), new_in = view(&at, 1, 1), band = view(&error, 1, 1),
                 out = view(&predicted, 1, 1);
    talus_dataset *few = dataset_of(&in, &to);
    expect_ok(context, talus_network_scale_targets(network, &shift, &scale, 1));
    method.covariance = &of, method.standard_errors = &of_each;
    expect_ok(context, talus_levenberg_marquardt(network, few, NULL, &options, &result));
    ck_assert_int_eq(result.errors_known, 1);
    ck_assert_int_eq(result.rank, 2);
    ck_assert_double_eq(result.degrees_of_freedom, FEW - 2);
    ck_assert_double_eq_tol(result.deviation, sigma * scale, 1e-9 * sigma);
    ck_assert_double_eq_tol(errors[0], scale * sigma / sqrt(s), 1e-9);
    ck_assert_double_eq_tol(errors[1], scale * sigma * sqrt(1.0 / FEW + mean_x * mean_x / s), 1e-9);
    ck_assert_double_eq_tol(covariance[1], -scale * scale * sigma * sigma * mean_x / s, 1e-9);
    ck_assert_double_eq_tol(covariance[1], covariance[2], 1e-12);

    talus_workspace *workspace = workspace_of(network, 4);
    const double of_line = sigma * sqrt(1.0 / FEW + (at - mean_x) * (at - mean_x) / s);
    expect_ok(context, talus_prediction_bands(network, workspace, &new_in, &of, 0, 1, &out, &band));
    ck_assert_double_eq_tol(error, of_line, 1e-9 * of_line);
    ck_assert_double_eq_tol(predicted, mean_y + slope * (at - mean_x), 1e-9);
    expect_ok(context,
              talus_prediction_bands(network, workspace, &new_in, &of, result.deviation, 1, NULL, &band));
    ck_assert_double_eq_tol(error, hypot(of_line, sigma), 1e-9 * sigma);
    talus_workspace_destroy(workspace);
    talus_dataset_destroy(few);
    talus_network_destroy(network);
}
END_TEST

/* Minima ------------------------------------------------------------------------------------------------------ */

/* Several outputs, scaled targets; f32 networks get as low as their rounding lets them. */
START_TEST(it_ends_at_a_minimum_of_the_cost)
{
    const double shift[OUTPUTS] = {1, 0}, scale[OUTPUTS] = {0.5, 2};
    const talus_batch batch = talus_batch_of(view(x, N, INPUTS), view(y, N, OUTPUTS));
    double costs[2], validation;
    for (int precision = 0; precision < 2; precision++) {
        const talus_layer layers[] = {{.width = 2, .activation = TALUS_TANH}, {.width = OUTPUTS}};
        talus_network *network = network_with(layers, 2, INPUTS, precision);
        expect_ok(context, talus_network_scale_targets(network, shift, scale, OUTPUTS));
        fit(network, data);
        costs[precision] = result.cost;
        validation = result.validation_cost;
        ck_assert_double_eq_tol(validation, result.cost, 1e-6 * result.cost);
        if (precision == TALUS_DTYPE_F64)
            is_minimum(network, &batch);
        talus_network_destroy(network);
    }
    ck_assert_double_eq_tol(costs[0], costs[1], 1e-4 * costs[1]);
}
END_TEST

/* √l2·w are residuals too. */
START_TEST(penalties_are_part_of_the_cost)
{
    const talus_layer layers[] = {{.width = 4, .activation = TALUS_TANH, .l2 = 1e-3},
                                  {.width = OUTPUTS, .l2 = 1e-2}};
    const talus_batch batch = talus_batch_of(view(x, N, INPUTS), view(y, N, OUTPUTS));
    for (int steps = TALUS_STEP_FACTORED; steps <= TALUS_STEP_CONJUGATE_GRADIENTS; steps++) {
        talus_network *network = network_with(layers, 2, INPUTS, TALUS_DTYPE_F64);
        method.steps = steps;
        fit(network, NULL);
        ck_assert_int_eq(result.residuals, N * OUTPUTS + 4 * INPUTS + 4 * OUTPUTS);
        is_minimum(network, &batch);
        talus_network_destroy(network);
    }
}
END_TEST

/* A weight of k is k times the sample. Of no sample with the weight 0 is anything left. */
START_TEST(weights_are_repetitions)
{
    static double many_x[3 * N * INPUTS], many_y[3 * N * OUTPUTS];
    int64_t rows = 0, count;
    w[5] = 0;
    for (int i = 0; i < N; i++)
        for (int k = 0; k < (int)w[i]; k++, rows++) {
            memcpy(many_x + rows * INPUTS, x + i * INPUTS, INPUTS * sizeof *x);
            memcpy(many_y + rows * OUTPUTS, y + i * OUTPUTS, OUTPUTS * sizeof *y);
        }
    const talus_matrix weights = view(w, N, 1), in = view(many_x, rows, INPUTS),
                       to = view(many_y, rows, OUTPUTS);
    const talus_layer line[] = {{.width = OUTPUTS, .activation = TALUS_SOFTPLUS}};
    talus_dataset *repeated = dataset_of(&in, &to);
    talus_network *weighted = network_with(line, 1, INPUTS, TALUS_DTYPE_F64),
                  *plain = network_with(line, 1, INPUTS, TALUS_DTYPE_F64);
    expect_ok(context, talus_dataset_set_weights(data, &weights));
    fit(weighted, NULL);
    ck_assert_int_eq(result.residuals, (N - 1) * OUTPUTS);
    const double cost = result.cost;
    expect_ok(context, talus_levenberg_marquardt(plain, repeated, NULL, &options, &result));
    ck_assert_double_eq_tol(cost, result.cost, 1e-12);
    const double *a = parameters_of(weighted, &count), *b = parameters_of(plain, &count);
    ck_assert_double_le(largest_difference(a, b, count), 1e-8);
    talus_network_destroy(weighted);
    talus_network_destroy(plain);
    talus_dataset_destroy(repeated);
}
END_TEST

/* Targets that are missing leave no residual, nor do outputs of the weight 0. */
START_TEST(missing_targets_and_weights_of_outputs)
{
    const talus_layer layers[] = {{.width = 4, .activation = TALUS_SIGMOID}, {.width = OUTPUTS}};
    const double weights[OUTPUTS] = {3, 0};
    const talus_matrix in = view(x, N, INPUTS), to = view(y, N, OUTPUTS);
    talus_network_spec spec;
    talus_network *network;
    talus_dataset *holes;
    talus_network_defaults(&spec);
    spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 2, spec.precision = TALUS_DTYPE_F64;
    spec.missing_targets = 1, spec.output_weights = weights, spec.output_weight_count = OUTPUTS;
    for (int i = 0; i < 10; i++)
        y[2 * i * OUTPUTS] = NAN;
    expect_ok(context, talus_dataset_with_missing_targets(context, &in, &to, &holes));
    expect_ok(context, talus_network_create(context, &spec, &network));
    method.iterations = 200;
    expect_ok(context, talus_levenberg_marquardt(network, holes, NULL, &options, &result));
    ck_assert_int_eq(result.residuals, N - 10);
    const talus_batch batch = talus_batch_of(in, to);
    is_minimum(network, &batch);
    talus_dataset_destroy(holes);
    talus_network_destroy(network);
}
END_TEST

/* The conjugate gradients find the same minimum of a problem that has one, in blocks of few samples. */
START_TEST(conjugate_gradients_find_the_same)
{
    const talus_layer line[] = {{.width = OUTPUTS, .activation = TALUS_SOFTPLUS}};
    int64_t count;
    talus_network *a = network_with(line, 1, INPUTS, TALUS_DTYPE_F64),
                  *b = network_with(line, 1, INPUTS, TALUS_DTYPE_F64);
    fit(a, NULL);
    ck_assert_int_eq(result.steps, TALUS_STEP_FACTORED);
    options.parameter_limit = 7;
    fit(b, NULL);
    ck_assert_int_eq(result.steps, TALUS_STEP_CONJUGATE_GRADIENTS);
    const double *first = parameters_of(a, &count), *second = parameters_of(b, &count);
    ck_assert_double_le(largest_difference(first, second, count), 1e-6);
    talus_network_destroy(a);
    talus_network_destroy(b);
}
END_TEST

/* Bayesian regularisation: γ of P parameters are determined by the data, and α weighs them against β. */
START_TEST(bayesian_regularisation_finds_its_weights)
{
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    int64_t count;
    double squares = 0;
    method.bayesian = 1;
    fit(network, NULL);
    const double *theta = parameters_of(network, &count);
    for (int64_t i = 0; i < count; i++)
        squares += theta[i] * theta[i];
    ck_assert_double_gt(result.effective_parameters, 1);
    ck_assert_double_lt(result.effective_parameters, (double)count);
    ck_assert_double_eq_tol(result.weight_precision * squares, result.effective_parameters,
                            0.02 * (double)count);
    /* β = (m − γ)/Σ r² */
    ck_assert_double_eq_tol(result.noise_precision * 2 * N * result.cost,
                            (double)result.residuals - result.effective_parameters,
                            0.02 * (double)result.residuals);
    talus_network_destroy(network);
}
END_TEST

/* The course -------------------------------------------------------------------------------------------------- */

typedef struct seen {
    int64_t steps, stop_at;
    double last;
} seen;

static int watch(const talus_least_squares_step *step, void *user)
{
    seen *s = user;
    s->last = step->cost;
    return ++s->steps == s->stop_at;
}

/* Costs of steps are C; it can be stopped. */
START_TEST(steps_are_told)
{
    static double history[4 * 5];
    const talus_matrix rows = view(history, 4, 5);
    seen s = {.stop_at = 3};
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    double slope;
    const talus_batch batch = talus_batch_of(view(x, N, INPUTS), view(y, N, OUTPUTS));
    const double start = cost_and_slope(network, &batch, &slope);
    method.on_step = watch, method.user = &s, method.history = &rows;
    fit(network, NULL);
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STOPPED);
    ck_assert_int_eq(s.steps, 3);
    ck_assert_double_eq_tol(history[0], start, 1e-12);
    ck_assert_double_eq(history[15], s.last);
    ck_assert_double_eq_tol(cost_and_slope(network, &batch, &slope), s.last, 1e-12);
    talus_network_destroy(network);
}
END_TEST

/* With patience the network has the parameters with the least validation cost. */
START_TEST(patience_keeps_the_best)
{
    talus_dataset *training = slice_of(data, 0, 20), *validation = slice_of(data, 20, 40);
    const talus_layer layers[] = {{.width = 12, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    talus_network *network = network_with(layers, 2, INPUTS, TALUS_DTYPE_F64);
    talus_workspace *workspace = workspace_of(network, N);
    talus_metrics before, after, on_training;
    expect_ok(context, talus_evaluate(network, workspace, validation, &before));
    options.patience = 5;
    expect_ok(context, talus_levenberg_marquardt(network, training, validation, &options, &result));
    expect_ok(context, talus_evaluate(network, workspace, validation, &after));
    expect_ok(context, talus_evaluate(network, workspace, training, &on_training));
    ck_assert_int_eq(result.outcome, TALUS_OUTCOME_STALLED);
    ck_assert_double_lt(after.cost, before.cost);
    ck_assert_double_eq_tol(after.cost, result.validation_cost, 1e-13);
    ck_assert_double_eq_tol(on_training.cost, result.cost, 1e-13);
    /* without it training goes on, and what is validated gets worse */
    options.patience = 0;
    expect_ok(context, talus_levenberg_marquardt(network, training, validation, &options, &result));
    ck_assert_double_gt(result.validation_cost, after.cost);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    talus_dataset_destroy(training);
    talus_dataset_destroy(validation);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    static double found[4][64];
    const talus_layer layers[] = {{.width = 6, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    for (int steps = TALUS_STEP_FACTORED; steps <= TALUS_STEP_CONJUGATE_GRADIENTS; steps++)
        for (int threads = 1; threads <= 4; threads++) {
            talus_context *of = context_with(threads, NULL);
            talus_network_spec spec;
            talus_network *network;
            talus_matrix theta;
            talus_network_defaults(&spec);
            spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 2,
            spec.precision = TALUS_DTYPE_F64;
            expect_ok(of, talus_network_create(of, &spec, &network));
            method.iterations = 10, method.steps = steps;
            expect_ok(of, talus_levenberg_marquardt(network, data, NULL, &options, &result));
            expect_ok(of, talus_network_parameters(network, &theta));
            memcpy(found[threads - 1], theta.data, (size_t)theta.cols * sizeof(double));
            ck_assert_int_eq(memcmp(found[threads - 1], found[0], (size_t)theta.cols * sizeof(double)), 0);
            talus_network_destroy(network);
            talus_context_destroy(of);
        }
}
END_TEST

/* Memory ---------------------------------------------------------------------------------------------------- */

/* An allocator that knows how much is alive. */
typedef struct meter {
    int64_t alive, most;
} meter;

static void *take_memory(size_t size, void *user)
{
    meter *m = user;
    char *block = aligned_alloc(64, 64 + (size + 63) / 64 * 64);
    if (block == NULL)
        return NULL;
    memcpy(block, &size, sizeof size);
    m->alive += (int64_t)size;
    m->most = m->alive > m->most ? m->alive : m->most;
    return block + 64;
}

static void give_memory(void *memory, void *user)
{
    size_t size;
    memcpy(&size, (char *)memory - 64, sizeof size);
    ((meter *)user)->alive -= (int64_t)size;
    free((char *)memory - 64);
}

/* What is asked for is kept, down to few rows of J: beside the matrices of P × P, and without them. */
START_TEST(memory_is_kept)
{
    enum { MANY = 700, WIDE = 15, P = 15 * 100 + 100 + 2 * 100 + 2 };
    static double wide[MANY * WIDE], to[MANY * OUTPUTS];
    const int64_t matrices = tl_squares_bytes(P, false),
                  bounds[] = {matrices + 52000000, matrices + 42000000, 8000000, 500000};
    const talus_layer layers[] = {{.width = 100, .activation = TALUS_TANH}, {.width = OUTPUTS}};
    number_stream stream = numbers_from(3);
    for (int i = 0; i < MANY * WIDE; i++)
        wide[i] = next_number(&stream);
    for (int i = 0; i < MANY * OUTPUTS; i++)
        to[i] = next_number(&stream);
    talus_matrix in = view(wide, MANY, WIDE), out = view(to, MANY, OUTPUTS);
    talus_dataset *many = dataset_of(&in, &out);
    for (int i = 0; i < 4; i++) {
        meter m = {0};
        talus_context_options of;
        talus_context *metered;
        talus_network_spec spec;
        talus_network *network;
        talus_context_options_defaults(&of);
        of.threads = 2, of.allocate = take_memory, of.release = give_memory, of.allocator_user = &m;
        expect_ok(context, talus_context_create(&of, &metered));
        talus_network_defaults(&spec);
        spec.inputs = WIDE, spec.layers = layers, spec.layer_count = 2, spec.precision = TALUS_DTYPE_F64;
        expect_ok(metered, talus_network_create(metered, &spec, &network));
        const int64_t before = m.most = m.alive;
        options.memory = bounds[i], method.iterations = 1;
        expect_ok(metered, talus_levenberg_marquardt(network, many, NULL, &options, &result));
        ck_assert_int_eq(result.steps, i < 2 ? TALUS_STEP_FACTORED : TALUS_STEP_CONJUGATE_GRADIENTS);
        ck_assert_msg(m.most - before <= bounds[i], "it took %lld bytes of %lld",
                      (long long)(m.most - before), (long long)bounds[i]);
        ck_assert_int_eq(m.alive, before);
        talus_network_destroy(network);
        talus_context_destroy(metered);
    }
    talus_dataset_destroy(many);
}
END_TEST

static void refused(talus_network *network, talus_status expected, const char *piece)
{
    int64_t count;
    const double *theta = parameters_of(network, &count);
    double *before = malloc((size_t)count * sizeof *before);
    memcpy(before, theta, (size_t)count * sizeof *before);
    expect_status(context, expected, talus_levenberg_marquardt(network, data, NULL, &options, &result));
    expect_message(context, piece);
    ck_assert_int_eq(memcmp(before, theta, (size_t)count * sizeof *before), 0);
    free(before);
}

START_TEST(too_little_memory_is_refused)
{
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    options.memory = 10000;
    method.steps = TALUS_STEP_FACTORED;
    refused(network, TALUS_ERROR_SHAPE, "JTJ of 38 parameters needs at least");
    expect_message(context, "take the steps conjugate_gradients");
    method.steps = TALUS_STEP_AUTO;
    options.memory = 100;
    refused(network, TALUS_ERROR_SHAPE, "got memory for 100; take a method of talus_fit");
    talus_network_destroy(network);
}
END_TEST

START_TEST(every_allocation_may_fail)
{
    double numbers[38 * 38];
    const talus_matrix covariance = view(numbers, 38, 38);
    method.iterations = 2;
    for (int steps = TALUS_STEP_FACTORED; steps <= TALUS_STEP_CONJUGATE_GRADIENTS; steps++) {
        talus_network *network = tanh_network(TALUS_DTYPE_F64);
        bool failed = true;
        int n = 1;
        method.steps = steps;
        method.covariance = steps == TALUS_STEP_FACTORED ? &covariance : NULL;
        for (; failed; n++) {
            refuse_from_now(&book, n);
            const talus_status status = talus_levenberg_marquardt(network, data, data, &options, &result);
            failed = book.calls >= book.fail_at;
            book.fail_at = 0;
            ck_assert_int_eq(status, failed ? TALUS_ERROR_MEMORY : TALUS_OK);
            if (failed)
                expect_message(context, "no memory");
        }
        ck_assert_int_gt(n, 8);
        talus_network_destroy(network);
    }
}
END_TEST

/* Refusals --------------------------------------------------------------------------------------------------- */

START_TEST(options_that_are_refused)
{
    talus_network *network = tanh_network(TALUS_DTYPE_F64);
    double numbers[38 * 38];
    const talus_matrix some = view(numbers, 38, 38), row = view(numbers, 1, 38);
    method.weights = &row;
    refused(network, TALUS_ERROR_ARGUMENT, "levenberg_marquardt: weights must be NULL");
    method.weights = NULL, method.differences = TALUS_DIFFERENCES_FORWARD;
    refused(network, TALUS_ERROR_ARGUMENT,
            "differences must be at the default, since none are taken, got forward");
    method.differences = TALUS_DIFFERENCES_CENTRAL, options.patience = 3;
    refused(network, TALUS_ERROR_ARGUMENT, "patience must be 0 without a validation set, got 3");
    method.covariance = &some;
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_levenberg_marquardt(network, data, data, &options, &result));
    expect_message(context, "covariance and standard_errors must be NULL with patience");
    method.covariance = NULL, options.patience = -1;
    refused(network, TALUS_ERROR_ARGUMENT, "patience");
    options.patience = 0, options.memory = 0;
    refused(network, TALUS_ERROR_ARGUMENT, "memory must be at least 1");
    options.memory = 1 << 30, method.damping = -1;
    refused(network, TALUS_ERROR_ARGUMENT, "levenberg_marquardt: damping");
    method.damping = 0;
    const talus_matrix in = view(x, 10, INPUTS), to = view(y, 10, OUTPUTS);
    talus_dataset *few = dataset_of(&in, &to);
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_levenberg_marquardt(network, few, NULL, &options, &result));
    expect_message(context, "levenberg_marquardt: damping must be above 0 where residuals are fewer");
    talus_dataset_destroy(few);
    ck_assert_int_eq(talus_levenberg_marquardt(NULL, data, NULL, NULL, NULL), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_levenberg_marquardt(network, NULL, NULL, NULL, NULL));
    expect_message(context, "training must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT,
                  talus_levenberg_marquardt_sized(network, data, NULL, NULL, 0, 0, &result, 8));
    talus_matrix flat;
    expect_ok(context, talus_network_parameters(network, &flat));
    ((double *)flat.data)[3] = NAN;
    method.damping = 1e-3;
    refused(network, TALUS_ERROR_DATA, "finite");
    talus_network_destroy(network);
}
END_TEST

/* Networks whose cost is no sum of squares of single samples. */
START_TEST(networks_that_are_refused)
{
    const struct {
        talus_layer layer;
        double noise;
        int loss;
        const char *piece;
    } cases[] = {
        {{.width = 4, .dropout = 0.5}, 0, TALUS_SQUARED_ERROR, "layer 1 must have no dropout"},
        {{.width = 4, .l1 = 0.5},
         0,
         TALUS_SQUARED_ERROR,
         "layer 1 must have no l1, which is no square; take l2"},
        {{.width = 4, .max_norm = 2}, 0, TALUS_SQUARED_ERROR, "layer 1 must have no max_norm"},
        {{.width = 4, .spectral_norm = 2}, 0, TALUS_SQUARED_ERROR, "layer 1 must have no spectral_norm"},
        {{.width = 4, .normalization = TALUS_NORMALIZATION_BATCH},
         0,
         TALUS_SQUARED_ERROR,
         "layer 1 must not be normalised over the batch"},
        {{.width = 4, .activation = TALUS_STEP}, 0, TALUS_SQUARED_ERROR, "step"},
        {{.width = 4}, 0.1, TALUS_SQUARED_ERROR, "input_noise must be 0"},
        {{.width = 4}, 0, TALUS_HUBER, "the loss must be squared_error, the only sum of squares, got huber"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const talus_layer layers[] = {cases[i].layer, {.width = OUTPUTS}};
        talus_network_spec spec;
        talus_network *network;
        talus_network_defaults(&spec);
        spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 2, spec.precision = TALUS_DTYPE_F64;
        spec.input_noise = cases[i].noise, spec.loss = cases[i].loss;
        expect_ok(context, talus_network_create(context, &spec, &network));
        refused(network, TALUS_ERROR_ARGUMENT, cases[i].piece);
        talus_network_destroy(network);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("levenberg_marquardt");
    TCase *all = case_with(suite, begin, end);
    tcase_add_test(all, linear_data_are_recovered_in_a_step);
    tcase_add_test(all, errors_are_those_of_a_straight_line);
    tcase_add_test(all, it_ends_at_a_minimum_of_the_cost);
    tcase_add_test(all, penalties_are_part_of_the_cost);
    tcase_add_test(all, weights_are_repetitions);
    tcase_add_test(all, missing_targets_and_weights_of_outputs);
    tcase_add_test(all, conjugate_gradients_find_the_same);
    tcase_add_test(all, bayesian_regularisation_finds_its_weights);
    tcase_add_test(all, steps_are_told);
    tcase_add_test(all, patience_keeps_the_best);
    tcase_add_test(all, threads_do_not_matter);
    tcase_add_test(all, memory_is_kept);
    tcase_add_test(all, too_little_memory_is_refused);
    tcase_add_test(all, every_allocation_may_fail);
    tcase_add_test(all, options_that_are_refused);
    tcase_add_test(all, networks_that_are_refused);
    return run_suite(suite);
}
