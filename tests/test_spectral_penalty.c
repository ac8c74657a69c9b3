/* The penalty on the spectral norm of weights. */
#include <float.h>
#include <stdio.h>
#include <unistd.h>

#include "../bench/naive/naive.h"
#include "fixture.h"

enum { N = 30, INPUTS = 12, HIDDEN = 20, OUTPUTS = 3, P = HIDDEN * (INPUTS + 1) + OUTPUTS * (HIDDEN + 1) };
static const double FIRST = 0.3, SECOND = 0.7;
static double x[N * INPUTS], y[N * OUTPUTS];

static talus_matrix inputs(void)
{
    return talus_matrix_view(x, TALUS_DTYPE_F64, N, INPUTS);
}

static talus_matrix targets(void)
{
    return talus_matrix_view(y, TALUS_DTYPE_F64, N, OUTPUTS);
}

static void draw_numbers(void)
{
    number_stream numbers = numbers_from(1);
    for (int i = 0; i < N * INPUTS; i++)
        x[i] = next_number(&numbers);
    for (int i = 0; i < N * OUTPUTS; i++)
        y[i] = next_number(&numbers);
}

static void begin(void)
{
    begin_counted();
    draw_numbers();
}

static void put(talus_network *network, int64_t at, double value)
{
    talus_matrix theta;
    (void)talus_network_parameters(network, &theta);
    if (theta.dtype == TALUS_DTYPE_F64)
        ((double *)theta.data)[at] = value;
    else
        ((float *)theta.data)[at] = (float)value;
}

static double get(talus_network *network, int64_t at)
{
    talus_matrix theta;
    (void)talus_network_parameters(network, &theta);
    return theta.dtype == TALUS_DTYPE_F64 ? ((double *)theta.data)[at] : (double)((float *)theta.data)[at];
}

static talus_network *create(talus_context *with, int precision, double first, double second, double limit)
{
    talus_network *network;
    talus_layer layers[] = {{.width = HIDDEN,
                             .activation = TALUS_TANH,
                             .spectral_penalty = first,
                             .spectral_norm = limit,
                             .l1 = 0.01 * first},
                            {.width = OUTPUTS, .spectral_penalty = second}};
    const talus_network_spec spec = {
        .inputs = INPUTS, .layers = layers, .layer_count = 2, .precision = precision, .seed = 4};
    expect_ok(with, talus_network_create(with, &spec, &network));
    /* First singular values that stand out, so that iterations come to an end. */
    for (int64_t i = 0; i < HIDDEN * INPUTS; i++)
        put(network, i, get(network, i) + 0.3 * cos((double)(i / INPUTS)) * sin(1 + (double)(i % INPUTS)));
    for (int64_t i = 0, at = HIDDEN * (INPUTS + 1); i < OUTPUTS * HIDDEN; i++)
        put(network, at + i,
            get(network, at + i) + 0.4 * cos(1 + (double)(i / HIDDEN)) * sin((double)(i % HIDDEN)));
    return network;
}

static talus_trainer *trainer_of(talus_network *network, int method, double rate)
{
    talus_trainer *trainer;
    talus_optimizer_spec optimizer;
    talus_optimizer_defaults(&optimizer, method);
    if (rate > 0)
        optimizer.rate = rate;
    talus_status status = talus_trainer_create(network, &optimizer, N, &trainer);
    ck_assert_int_eq(status, TALUS_OK);
    return trainer;
}

static void step(talus_trainer *trainer, int times, double *cost)
{
    for (int i = 0; i < times; i++)
        ck_assert_int_eq(talus_trainer_step(trainer, BATCH(inputs(), targets()), cost), TALUS_OK);
}

static double gradient_of(talus_network *network, double *gradient)
{
    double cost;
    float singles[P];
    const bool doubles = talus_network_precision(network) == TALUS_DTYPE_F64;
    talus_workspace *workspace = workspace_of(network, N);
    const talus_matrix flat = talus_matrix_view(doubles ? (void *)gradient : (void *)singles,
                                                talus_network_precision(network), 1, P);
    expect_ok(context, talus_gradient(network, workspace, BATCH(inputs(), targets()), &cost, &flat));
    for (int i = 0; !doubles && i < P; i++)
        gradient[i] = (double)singles[i];
    talus_workspace_destroy(workspace);
    return cost;
}

/* Plain loops: one power iteration of W (m × n) from v, or many. Adds λ/2·s² to the cost and λ·u·(Wᵀ·u)ᵀ to the gradient. */
static void plain_penalty(const double *w, int m, int n, double lambda, int iterations, double *v,
                          double *cost, double *gradient)
{
    double u[HIDDEN], back[HIDDEN], norm = 0;
    for (int k = 0; k < iterations; k++) {
        double squares = 0;
        for (int i = 0; i < m; i++) {
            u[i] = 0;
            for (int j = 0; j < n; j++)
                u[i] += w[i * n + j] * v[j];
            squares += u[i] * u[i];
        }
        norm = 0;
        for (int j = 0; j < n; j++) {
            back[j] = 0;
            for (int i = 0; i < m; i++)
                back[j] += w[i * n + j] * u[i] / sqrt(squares);
            norm += back[j] * back[j];
        }
        norm = sqrt(norm);
        for (int i = 0; i < m; i++)
            u[i] /= sqrt(squares);
        for (int j = 0; j < n; j++)
            v[j] = back[j] / norm;
    }
    *cost += lambda / 2 * norm * norm;
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++)
            gradient[i * n + j] += lambda * norm * u[i] * v[j];
}

static void ones(int count, double *v)
{
    for (int j = 0; j < count; j++)
        v[j] = 1 + 0.1 * j;
}

/* The naive network's cost and gradient, and those of the penalties. */
static double plain_gradient(const double *theta, double *gradient)
{
    const naive_network plain = {.L = 2,
                                 .d = {INPUTS, HIDDEN, OUTPUTS},
                                 .f = {0, TALUS_TANH, TALUS_IDENTITY},
                                 .loss = TALUS_SQUARED_ERROR};
    naive_pass *pass = naive_pass_create(&plain, N);
    double cost = naive_gradient(pass, theta, x, &(naive_targets){y, NULL}, gradient), v[HIDDEN];
    naive_pass_destroy(pass);
    for (int i = 0; i < HIDDEN * INPUTS; i++) {
        cost += 0.01 * FIRST * fabs(theta[i]);
        gradient[i] += 0.01 * FIRST * (theta[i] > 0 ? 1 : -1);
    }
    ones(INPUTS, v);
    plain_penalty(theta, HIDDEN, INPUTS, FIRST, 1000, v, &cost, gradient);
    const int second = HIDDEN * (INPUTS + 1);
    ones(HIDDEN, v);
    plain_penalty(theta + second, OUTPUTS, HIDDEN, SECOND, 1000, v, &cost, gradient + second);
    return cost;
}

START_TEST(cost_and_gradient_have_the_penalty)
{
    for (int precision = 0; precision < 2; precision++) {
        const double epsilon = precision == TALUS_DTYPE_F64 ? DBL_EPSILON : FLT_EPSILON;
        talus_network *network = create(context, precision, FIRST, SECOND, 0);
        double ours[P], theirs[P], theta[P];
        for (int i = 0; i < P; i++)
            theta[i] = get(network, i);
        const double cost = gradient_of(network, ours), plain = plain_gradient(theta, theirs);
        ck_assert_double_eq_tol(cost, plain, 16 * epsilon * plain);
        ck_assert_double_le(largest_difference(ours, theirs, P), 64 * epsilon * largest(theirs, P));
        double again[P]; /* nothing was moved */
        ck_assert_double_eq(gradient_of(network, again), cost);
        same_bytes(ours, again, sizeof ours);
        talus_network_destroy(network);
    }
}
END_TEST

START_TEST(the_gradient_agrees_with_differences)
{
    talus_network *network = create(context, TALUS_DTYPE_F64, FIRST, SECOND, 0);
    talus_workspace *workspace = workspace_of(network, N);
    talus_gradient_check_result result;
    expect_ok(context, talus_gradient_check(network, workspace, BATCH(inputs(), targets()), 0, 0, &result));
    ck_assert_int_eq(result.checked, P);
    ck_assert_double_le(result.error, 4e-6); /* ε^⅓ is 6e-6 */
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* With inputs of 0 only the penalty moves W: each step takes s₁ to (1 − ηλ)·s₁, and leaves the other singular values. */
START_TEST(the_first_singular_value_shrinks)
{
    enum { WIDTH = 3, STEPS = 7 };
    static const double RATE = 0.1, LAMBDA = 0.5, values[WIDTH] = {4, 1, 0.5};
    for (int precision = 0; precision < 2; precision++) {
        const double epsilon = precision == TALUS_DTYPE_F64 ? DBL_EPSILON : FLT_EPSILON;
        double none[WIDTH] = {0}, s[WIDTH];
        talus_layer layer = {.width = WIDTH, .spectral_penalty = LAMBDA};
        const talus_network_spec spec = {
            .inputs = WIDTH, .layers = &layer, .layer_count = 1, .precision = precision};
        const talus_matrix zeros = talus_matrix_view(none, TALUS_DTYPE_F64, 1, WIDTH),
                           spectrum = talus_matrix_view(s, TALUS_DTYPE_F64, 1, WIDTH);
        talus_network *network;
        expect_ok(context, talus_network_create(context, &spec, &network));
        for (int i = 0; i < WIDTH * WIDTH; i++)
            put(network, i, i % (WIDTH + 1) == 0 ? values[i / WIDTH] : 0);
        talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, RATE);
        for (int k = 0; k < STEPS; k++) {
            const double norm = values[0] * pow(1 - RATE * LAMBDA, k);
            double cost;
            expect_ok(context, talus_trainer_step(trainer, BATCH(zeros, zeros), &cost));
            ck_assert_double_eq_tol(cost, LAMBDA / 2 * norm * norm, 8 * (k + 1) * epsilon * cost);
        }
        expect_ok(context, talus_network_weight_spectrum(network, 1, &spectrum, NULL));
        ck_assert_double_eq_tol(s[0], values[0] * pow(1 - RATE * LAMBDA, STEPS), 8 * STEPS * epsilon);
        for (int i = 1; i < WIDTH; i++)
            ck_assert_double_eq_tol(s[i], values[i], 8 * epsilon);
        talus_trainer_destroy(trainer);
        talus_network_destroy(network);
    }
}
END_TEST

/* A step takes one iteration from where the one before has left v, also as W has been changed in between. */
START_TEST(a_step_takes_one_iteration)
{
    enum { WIDTH = 4, SIZE = WIDTH * WIDTH };
    const double rate = 0.1;
    double none[WIDTH] = {0}, w[SIZE], v[WIDTH], *noise = random_array(5, 6 * SIZE);
    talus_layer layer = {.width = WIDTH, .spectral_penalty = SECOND};
    const talus_network_spec spec = {
        .inputs = WIDTH, .layers = &layer, .layer_count = 1, .precision = TALUS_DTYPE_F64};
    const talus_matrix zeros = talus_matrix_view(none, TALUS_DTYPE_F64, 1, WIDTH);
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, rate);
    for (int k = 0; k < 6; k++) {
        double cost, plain = 0, gradient[SIZE] = {0};
        for (int i = 0; i < SIZE; i++)
            put(network, i, w[i] = noise[k * SIZE + i] + (k == 0 && i == 0 ? 9 : 0));
        expect_ok(context, talus_trainer_step(trainer, BATCH(zeros, zeros), &cost));
        if (k == 0)
            ones(WIDTH, v);
        plain_penalty(w, WIDTH, WIDTH, SECOND, k == 0 ? 500 : 1, v, &plain, gradient);
        ck_assert_double_eq_tol(cost, plain, 1e-12 * plain);
        for (int i = 0; i < SIZE; i++)
            ck_assert_double_eq_tol(get(network, i), w[i] - rate * gradient[i], 1e-12);
    }
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
    free(noise);
}
END_TEST

static double norm_of(const talus_network *network, int layer)
{
    talus_weight_spectrum spectrum;
    expect_ok(context, talus_network_weight_spectrum(network, layer, NULL, &spectrum));
    return spectrum.largest;
}

/* Whatever the method, training comes to smaller norms. */
START_TEST(methods_of_all_sorts_have_it)
{
    for (int method = 0; method < talus_enumeration_count(TALUS_ENUMERATION_METHOD); method++) {
        talus_network *with = create(context, TALUS_DTYPE_F64, 5, 5, 0),
                      *without = create(context, TALUS_DTYPE_F64, 0, 0, 0);
        const double rate = is_update_rule(method) ? 1e-2 : 0;
        talus_trainer *one = trainer_of(with, method, rate), *other = trainer_of(without, method, rate);
        double cost, plain;
        step(one, 30, &cost), step(other, 30, &plain);
        ck_assert_msg(norm_of(with, 1) < norm_of(without, 1), "method %d: %g, %g", method, norm_of(with, 1),
                      norm_of(without, 1));
        ck_assert_double_gt(cost, plain);
        talus_trainer_destroy(one), talus_trainer_destroy(other);
        talus_network_destroy(with), talus_network_destroy(without);
    }
}
END_TEST

/* Both go on from one v, which the limit moves. */
START_TEST(a_limit_holds_beside_it)
{
    talus_network *network = create(context, TALUS_DTYPE_F64, 1e-3, 0, 0.7);
    talus_trainer *trainer = trainer_of(network, TALUS_ADAM, 0.01);
    for (int i = 0; i < 20; i++) {
        double cost;
        step(trainer, 1, &cost);
        ck_assert_double_le(norm_of(network, 1), 0.7 * 1.05);
    }
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

/* Frozen weights have the penalty in the cost, and stay. */
START_TEST(frozen_weights_stay)
{
    talus_network *network = create(context, TALUS_DTYPE_F64, FIRST, 0, 0);
    talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, 0.1);
    const double before = norm_of(network, 1);
    double cost, gradient[P];
    expect_ok(context, talus_trainer_set_layer_factors(trainer, 1, 0, 1));
    step(trainer, 3, NULL);
    const double expected = gradient_of(network, gradient);
    step(trainer, 1, &cost);
    ck_assert_double_eq(norm_of(network, 1), before);
    ck_assert_double_eq_tol(cost, expected, 1e-14 * cost);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

static talus_network *trained(int threads, int precision, bool stored, talus_context **with)
{
    talus_optimizer_spec optimizer;
    talus_trainer *trainer;
    *with = context_with(threads, NULL);
    talus_network *network = create(*with, precision, FIRST, SECOND, 0);
    talus_optimizer_defaults(&optimizer, TALUS_ADAM);
    optimizer.clip_norm = stored ? FLT_MAX : 0;
    expect_ok(*with, talus_trainer_create(network, &optimizer, N, &trainer));
    step(trainer, 10, NULL);
    talus_trainer_destroy(trainer);
    return network;
}

START_TEST(steps_do_not_depend_on_threads_or_on_a_stored_gradient)
{
    for (int precision = 0; precision < 2; precision++) {
        talus_context *first, *other;
        talus_network *one = trained(1, precision, false, &first);
        for (int threads = 1; threads <= 8; threads *= 2)
            for (int stored = 0; stored < 2; stored++) {
                talus_network *network = trained(threads, precision, stored, &other);
                same_parameters(one, network);
                talus_network_destroy(network);
                talus_context_destroy(other);
            }
        talus_network_destroy(one);
        talus_context_destroy(first);
    }
}
END_TEST

/* Two batches that are taken together have the penalty once. */
START_TEST(batches_together_have_it_once)
{
    talus_network *whole = create(context, TALUS_DTYPE_F64, FIRST, SECOND, 0),
                  *halves = create(context, TALUS_DTYPE_F64, FIRST, SECOND, 0);
    talus_dataset *data = dataset_of(
        &(talus_matrix){.data = x, .dtype = TALUS_DTYPE_F64, .rows = N, .cols = INPUTS},
        &(talus_matrix){.data = y, .dtype = TALUS_DTYPE_F64, .rows = N, .cols = OUTPUTS});
    talus_optimizer_spec descent;
    talus_fit_options options;
    talus_optimizer_defaults(&descent, TALUS_GRADIENT_DESCENT);
    talus_fit_options_defaults(&options);
    options.optimizer = &descent, options.epochs = 5, options.batch = N;
    expect_ok(context, talus_fit(whole, data, NULL, &options, NULL));
    options.batch = N / 2, options.accumulate = 2;
    expect_ok(context, talus_fit(halves, data, NULL, &options, NULL));
    for (int i = 0; i < P; i++)
        ck_assert_double_eq_tol(get(whole, i), get(halves, i), 1e-13);
    talus_dataset_destroy(data);
    talus_network_destroy(whole), talus_network_destroy(halves);
}
END_TEST

/* A network that is saved and loaded goes on as if it had not been. */
START_TEST(a_file_keeps_the_direction)
{
    char place[] = "/tmp/talus-spectral-XXXXXX", file[64];
    ck_assert_ptr_nonnull(mkdtemp(place));
    snprintf(file, sizeof file, "%s/model.safetensors", place);
    talus_network *network = create(context, TALUS_DTYPE_F32, FIRST, SECOND, 0), *again;
    talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, 0.01);
    step(trainer, 5, NULL);
    expect_ok(context, talus_model_save(network, NULL, file));
    expect_ok(context, talus_model_load(context, file, &again));
    talus_layer layer;
    expect_ok(context, talus_network_get_layer(again, 2, &layer));
    ck_assert_double_eq(layer.spectral_penalty, SECOND);
    talus_trainer *other = trainer_of(again, TALUS_GRADIENT_DESCENT, 0.01);
    step(trainer, 5, NULL), step(other, 5, NULL);
    same_parameters(network, again);
    talus_trainer_destroy(trainer), talus_trainer_destroy(other);
    talus_network_destroy(network), talus_network_destroy(again);
    unlink(file), rmdir(place);
}
END_TEST

/* Weights whose norm exceeds every number, and 0. */
START_TEST(numbers_at_the_ends)
{
    for (int precision = 0; precision < 2; precision++) {
        const double huge = precision == TALUS_DTYPE_F64 ? 1e200 : 1e30;
        talus_network *network = create(context, precision, FIRST, SECOND, 0);
        talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, 0.01);
        const double next = get(network, 6), before = get(network, 5);
        double cost, gradient[P];
        put(network, 5, huge);
        step(trainer, 1, &cost);
        ck_assert_double_infinite(cost);
        ck_assert_double_eq(get(network, 6), next);
        put(network, 5, before);
        step(trainer, 1, &cost); /* nothing is left of it */
        ck_assert(isfinite(cost) && get(network, 6) != next);
        for (int i = 0; i < P; i++)
            put(network, i, 0);
        memset(y, 0, sizeof y);
        ck_assert_double_eq(gradient_of(network, gradient), 0);
        ck_assert_double_eq(largest(gradient, P), 0);
        talus_trainer_destroy(trainer);
        talus_network_destroy(network);
        draw_numbers();
    }
}
END_TEST

/* A slope that overflows f32 stops the step. */
START_TEST(a_steep_penalty_stops_the_step)
{
    talus_network *network = create(context, TALUS_DTYPE_F32, 0, 1e30, 0);
    talus_trainer *trainer = trainer_of(network, TALUS_GRADIENT_DESCENT, 1);
    double cost;
    put(network, HIDDEN * (INPUTS + 1), 1e12);
    step(trainer, 1, &cost);
    ck_assert(isinf(cost) && get(network, HIDDEN * (INPUTS + 1)) == (double)1e12f);
    talus_trainer_destroy(trainer);
    talus_network_destroy(network);
}
END_TEST

START_TEST(what_cannot_have_it_is_refused)
{
    const double bad[] = {-1, NAN, INFINITY};
    talus_layer layer = {.width = OUTPUTS};
    const talus_network_spec spec = {.inputs = INPUTS, .layers = &layer, .layer_count = 1};
    talus_network *network = NULL;
    for (int i = 0; i < 3; i++) {
        layer.spectral_penalty = bad[i];
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, &network));
        expect_message(context, "layer 1: spectral_penalty must be");
    }
    network = create(context, TALUS_DTYPE_F64, 0, SECOND, 0);
    talus_workspace *workspace = workspace_of(network, N);
    double v[P] = {1}, product[P];
    const talus_matrix from = talus_matrix_view(v, TALUS_DTYPE_F64, 1, P),
                       to = talus_matrix_view(product, TALUS_DTYPE_F64, 1, P);
    talus_spectrum spectrum;
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_hessian_product(network, workspace, BATCH(inputs(), targets()), &from, &to));
    expect_message(context, "hessian_product: layer 2 must have no spectral_penalty, got 0.7");
    expect_status(context, TALUS_ERROR_UNSUPPORTED,
                  talus_hessian_spectrum(network, workspace, BATCH(inputs(), targets()), 3, 0, 0, &spectrum));
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Calls that look at single layers do without it. */
START_TEST(other_calls_go_on)
{
    const talus_matrix all = inputs();
    talus_network *network = create(context, TALUS_DTYPE_F64, FIRST, SECOND, 0);
    talus_unit_variance result;
    expect_ok(context, talus_network_unit_variance(network, &all, 0, 0, &result));
    ck_assert_int_eq(result.converged, 1);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("spectral penalty");
    TCase *tests = case_with(suite, begin, end_counted);
    tcase_add_test(tests, cost_and_gradient_have_the_penalty);
    tcase_add_test(tests, the_gradient_agrees_with_differences);
    tcase_add_test(tests, the_first_singular_value_shrinks);
    tcase_add_test(tests, a_step_takes_one_iteration);
    tcase_add_test(tests, methods_of_all_sorts_have_it);
    tcase_add_test(tests, a_limit_holds_beside_it);
    tcase_add_test(tests, frozen_weights_stay);
    tcase_add_test(tests, steps_do_not_depend_on_threads_or_on_a_stored_gradient);
    tcase_add_test(tests, batches_together_have_it_once);
    tcase_add_test(tests, a_file_keeps_the_direction);
    tcase_add_test(tests, numbers_at_the_ends);
    tcase_add_test(tests, a_steep_penalty_stops_the_step);
    tcase_add_test(tests, what_cannot_have_it_is_refused);
    tcase_add_test(tests, other_calls_go_on);
    return run_suite(suite);
}
