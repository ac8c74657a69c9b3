/* Weights scaled to unit variance on a batch. */
#include "problem.h"

static problem p;

static void make(const problem_spec *spec)
{
    p = make_problem(spec);
    expect_ok(p.context, talus_network_initialize(p.network, 5)); /* biases are 0 */
}

static void *parameters_of(const talus_network *network)
{
    talus_matrix view;
    expect_ok(p.context, talus_network_part(network, NULL, 1, TALUS_PART_WEIGHTS, &view));
    return view.data; /* of layer 1, which is where the flat vector begins */
}

static size_t bytes_of(const talus_network *network)
{
    return (size_t)p.parameters *
           (talus_network_precision(network) == TALUS_DTYPE_F32 ? sizeof(float) : sizeof(double));
}

static void *copy_of_parameters(void)
{
    void *copy = malloc(bytes_of(p.network));
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, parameters_of(p.network), bytes_of(p.network));
    return copy;
}

static double number_in(const void *numbers, int precision, int64_t i)
{
    return precision == TALUS_DTYPE_F32 ? (double)((const float *)numbers)[i] : ((const double *)numbers)[i];
}

static void read_parameters(void)
{
    for (int64_t i = 0; i < p.parameters; i++)
        p.theta[i] = number_in(parameters_of(p.network), talus_network_precision(p.network), i);
}

static double variance_of(const double *numbers, int64_t count)
{
    double mean = 0, squares = 0;
    for (int64_t i = 0; i < count; i++)
        mean += numbers[i] / (double)count;
    for (int64_t i = 0; i < count; i++)
        squares += (numbers[i] - mean) * (numbers[i] - mean);
    return squares / (double)count;
}

/* var Z_l of Z_l = A_{l−1}·W_lᵀ + 1·b_lᵀ, with the naive A_{l−1}; a normalisation comes after it. */
static double variance_of_layer(int l)
{
    const naive_network *net = &p.naive;
    const double *w = p.theta + naive_weights_at(net, l), *b = p.theta + naive_biases_at(net, l);
    double *z = malloc((size_t)(p.n * net->d[l]) * sizeof *z);
    ck_assert_ptr_nonnull(z);
    for (int64_t i = 0; i < p.n; i++)
        for (int64_t k = 0; k < net->d[l]; k++) {
            double sum = net->without_biases[l] ? 0 : b[k];
            for (int64_t j = 0; j < net->d[l - 1]; j++)
                sum += p.judge->A[l - 1][i * net->d[l - 1] + j] * w[k * net->d[l - 1] + j];
            z[i * net->d[l] + k] = sum;
        }
    double variance = variance_of(z, p.n * net->d[l]);
    free(z);
    return variance;
}

static double rounding(void)
{
    bool single = talus_network_precision(p.network) == TALUS_DTYPE_F32;
    return (single ? C_SINGLE * EPSILON_32 : C_PRODUCTS * EPSILON_64) * (double)p.longest;
}

static void check_layers(double tolerance)
{
    double error = 0;
    talus_unit_variance result;
    const talus_matrix x = inputs_of(&p);
    expect_ok(p.context, talus_network_unit_variance(p.network, &x, tolerance, 0, &result));
    read_parameters();
    naive_forward(p.judge, p.theta, p.x);
    for (int l = 1; l <= p.naive.L; l++)
        error = fmax(error, fabs(variance_of_layer(l) - 1));
    ck_assert_double_le(error, (tolerance == 0 ? 0.01 : tolerance) + rounding());
    ck_assert_double_le(fabs(error - result.error), rounding());
    ck_assert(result.converged == 1 && result.layer >= 1 && result.layer <= p.naive.L);
}

/* With f of all kinds; 600 samples are more than a pass takes at once. */
START_TEST(all_layers_have_the_variance_one)
{
    for (int f = 0; f < TALUS_ACTIVATION_COUNT; f++) {
        make(&(problem_spec){.n = f % 2 ? 600 : 37,
                             .widths = {5, 31, 17, 8, 3},
                             .hidden = f,
                             .output = f,
                             .precision = _i,
                             .threads = 2});
        check_layers(f == TALUS_STEP ? 0 : 1e-5);
        free_problem(&p);
    }
}
END_TEST

START_TEST(a_normalised_layer_has_it_before)
{
    for (int without_biases = 0; without_biases < 2; without_biases++) {
        make(&(problem_spec){.n = 40,
                             .widths = {5, 16, 7, 3},
                             .hidden = TALUS_TANH,
                             .output = TALUS_IDENTITY,
                             .precision = _i,
                             .normalization = TALUS_NORMALIZATION_LAYER,
                             .output_normalization = TALUS_NORMALIZATION_LAYER,
                             .without_biases = without_biases});
        check_layers(0);
        free_problem(&p);
    }
}
END_TEST

/* W becomes W/s for the deviation s of Z, biases stay. */
START_TEST(a_linear_layer_is_divided_by_its_deviation)
{
    make(&(problem_spec){.n = 50, .widths = {6, 4}, .precision = _i});
    double *before = copy_of_parameters();
    talus_unit_variance result;
    const talus_matrix x = inputs_of(&p);
    read_parameters();
    naive_forward(p.judge, p.theta, p.x);
    const double deviation = sqrt(variance_of_layer(1));
    expect_ok(p.context, talus_network_unit_variance(p.network, &x, 0, 0, &result));
    for (int64_t i = 0; i < p.parameters; i++) {
        double expected = number_in(before, _i, i) / deviation;
        ck_assert_double_le(fabs(number_in(parameters_of(p.network), _i, i) - expected),
                            rounding() * fabs(expected));
    }
    ck_assert_double_le(result.error, rounding());
    ck_assert(result.iterations == 1 && result.layer == 1 && result.converged == 1);
    free(before);
    free_problem(&p);
}
END_TEST

/* With biases whose variance is v < 1, s² = 1 − v of W's part is what it comes to; above 1 nothing helps. */
START_TEST(biases_take_more_iterations)
{
    make(&(problem_spec){.n = 50, .widths = {6, 4}, .precision = TALUS_DTYPE_F64});
    const talus_matrix x = inputs_of(&p);
    talus_unit_variance result;
    talus_matrix b;
    expect_ok(p.context, talus_network_biases(p.network, NULL, 1, &b));
    for (int k = 0; k < 4; k++)
        ((double *)b.data)[k] = k % 2 ? 0.5 : -0.5;
    check_layers(1e-3);
    expect_ok(p.context, talus_network_initialize(p.network, 5));
    for (int k = 0; k < 4; k++)
        ((double *)b.data)[k] = k % 2 ? 3 : -3;
    expect_ok(p.context, talus_network_unit_variance(p.network, &x, 0.5, 3, &result));
    ck_assert(result.converged == 0 && result.iterations == 3 && result.error > 5);
    for (int k = 0; k < 4; k++)
        ck_assert_double_eq(((double *)b.data)[k], k % 2 ? 3 : -3);
    free_problem(&p);
}
END_TEST

/* Inputs as they are scaled, and layer 1 by its running statistics: outputs of a linear layer are Z. */
START_TEST(the_way_up_is_that_of_predictions)
{
    make(&(problem_spec){.n = 30,
                         .widths = {4, 9, 3},
                         .hidden = TALUS_TANH,
                         .output = TALUS_IDENTITY,
                         .precision = TALUS_DTYPE_F64,
                         .normalization = TALUS_NORMALIZATION_BATCH});
    const double shift[] = {1, 2, 3, 4}, scale[] = {0.1, 10, 2, 7};
    double out[90], first[30 * 9];
    const talus_matrix x = inputs_of(&p), outputs = f64_view(out, 30, 3);
    talus_matrix means, variances, w;
    expect_ok(p.context, talus_network_scale_inputs(p.network, shift, scale, 4));
    expect_ok(p.context, talus_network_statistics(p.network, 1, &means, &variances));
    for (int k = 0; k < 9; k++) {
        ((double *)means.data)[k] = 0.1 * k;
        ((double *)variances.data)[k] = 1 + k;
    }
    expect_ok(p.context, talus_network_unit_variance(p.network, &x, 1e-9, 0, NULL));
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &outputs));
    ck_assert_double_le(fabs(variance_of(out, 90) - 1), 1e-9 + rounding());
    expect_ok(p.context, talus_network_weights(p.network, NULL, 1, &w));
    for (int i = 0; i < 30; i++)
        for (int k = 0; k < 9; k++) {
            first[9 * i + k] = 0;
            for (int j = 0; j < 4; j++)
                first[9 * i + k] += (p.x[4 * i + j] - shift[j]) * scale[j] * ((double *)w.data)[4 * k + j];
        }
    ck_assert_double_le(fabs(variance_of(first, 270) - 1), 1e-9 + rounding());
    ck_assert(((double *)means.data)[8] == 0.1 * 8 && ((double *)variances.data)[8] == 9);
    free_problem(&p);
}
END_TEST

/* Inputs that are clipped are taken as predictions take them: outputs of a linear layer are Z. */
START_TEST(clipped_inputs_are_read_clipped)
{
    make(&(problem_spec){.n = 30, .widths = {4, 3}, .precision = TALUS_DTYPE_F64});
    double out[90];
    const talus_matrix x = inputs_of(&p), outputs = f64_view(out, 30, 3);
    expect_ok(p.context, talus_network_clip_inputs(p.network, 0.3));
    expect_ok(p.context, talus_network_unit_variance(p.network, &x, 1e-9, 0, NULL));
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &outputs));
    ck_assert_double_le(fabs(variance_of(out, 90) - 1), 1e-9 + rounding());
    free_problem(&p);
}
END_TEST

/* The variance that is told is that of predictions in the mode of the network's products. */
START_TEST(modes_of_products_are_those_of_predictions)
{
    make(&(problem_spec){.n = 30, .widths = {40, 64, 3}, .hidden = TALUS_TANH, .products = _i});
    double out[90];
    talus_unit_variance result;
    for (int64_t i = 0; i < p.n; i++)
        p.x[i * p.inputs] += 30;
    const talus_matrix x = inputs_of(&p), outputs = f64_view(out, 30, 3);
    expect_ok(p.context, talus_network_unit_variance(p.network, &x, 1e-5, 0, &result));
    expect_ok(p.context, talus_predict(p.network, p.workspace, &x, &outputs));
    ck_assert_double_le(fabs(variance_of(out, 90) - 1), result.error + 64 * EPSILON_32);
    free_problem(&p);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    void *expected = NULL;
    for (int threads = 1; threads <= 8; threads *= 2) {
        make(&(problem_spec){.n = 700,
                             .widths = {13, 100, 50, 10},
                             .hidden = TALUS_RELU,
                             .precision = _i,
                             .threads = threads});
        const talus_matrix x = inputs_of(&p);
        expect_ok(p.context, talus_network_unit_variance(p.network, &x, 1e-6, 0, NULL));
        if (expected == NULL)
            expected = copy_of_parameters();
        ck_assert_mem_eq(expected, parameters_of(p.network), bytes_of(p.network));
        free_problem(&p);
    }
    free(expected);
}
END_TEST

/* Refuses, and changes nothing. */
static void refuse(const talus_matrix *x, double tolerance, int64_t iterations, talus_status status,
                   const char *message)
{
    void *before = copy_of_parameters();
    talus_unit_variance result = {.layer = 42};
    expect_status(p.context, status,
                  talus_network_unit_variance(p.network, x, tolerance, iterations, &result));
    expect_message(p.context, message);
    ck_assert_mem_eq(before, parameters_of(p.network), bytes_of(p.network));
    ck_assert_int_eq(result.layer, 42);
    free(before);
}

START_TEST(what_cannot_be_is_refused)
{
    make(&(problem_spec){.n = 20, .widths = {4, 5, 3}, .hidden = TALUS_RELU, .precision = _i});
    talus_matrix x = inputs_of(&p), bad = x;
    talus_unit_variance result;
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_network_unit_variance(NULL, &x, 0, 0, NULL));
    refuse(NULL, 0, 0, TALUS_ERROR_ARGUMENT, "inputs must not be NULL");
    bad.cols = 3, refuse(&bad, 0, 0, TALUS_ERROR_SHAPE, "inputs");
    bad = x, bad.dtype = TALUS_DTYPE_I32, refuse(&bad, 0, 0, TALUS_ERROR_ARGUMENT, "inputs");
    refuse(&x, -1, 0, TALUS_ERROR_ARGUMENT, "unit_variance: tolerance must be");
    refuse(&x, NAN, 0, TALUS_ERROR_ARGUMENT, "got nan");
    refuse(&x, INFINITY, 0, TALUS_ERROR_ARGUMENT, "got inf");
    refuse(&x, 0, -1, TALUS_ERROR_ARGUMENT, "unit_variance: iterations must be at least 0, got -1");
    expect_status(p.context, TALUS_ERROR_ARGUMENT,
                  talus_network_unit_variance_sized(p.network, &x, 0, 0, &result, sizeof result - 1));
    expect_message(p.context, "the size of the unit_variance");
    p.x[4 * 7 + 2] = NAN, refuse(&x, 0, 0, TALUS_ERROR_DATA, "inputs, row 7");
    free_problem(&p);
}
END_TEST

static void set_all(int layer, int part, double value)
{
    talus_matrix view;
    expect_ok(p.context, talus_network_part(p.network, NULL, layer, part, &view));
    for (int64_t i = 0; i < view.rows * view.cols; i++)
        if (view.dtype == TALUS_DTYPE_F32)
            ((float *)view.data)[i] = (float)value;
        else
            ((double *)view.data)[i] = value;
}

/* W = 0; or relu that is below 0 for all samples; or inputs that are all the same, of which 0.1 times 3 numbers is rounded. */
START_TEST(a_layer_that_does_not_vary_is_named)
{
    make(&(problem_spec){.n = 20, .widths = {3, 5, 3}, .hidden = TALUS_RELU, .precision = _i});
    const talus_matrix x = inputs_of(&p);
    set_all(2, TALUS_PART_WEIGHTS, 0);
    refuse(&x, 0, 0, TALUS_ERROR_DATA, "layer 2: Z must vary over samples and units, but all are 0");
    expect_ok(p.context, talus_network_initialize(p.network, 5));
    set_all(1, TALUS_PART_BIASES, -1e6);
    refuse(&x, 0, 0, TALUS_ERROR_DATA, "layer 2: Z must vary");
    for (int i = 0; i < 60; i++)
        p.x[i] = 0.1;
    set_all(1, TALUS_PART_WEIGHTS, 0.7);
    set_all(1, TALUS_PART_BIASES, 0);
    refuse(&x, 0, 0, TALUS_ERROR_DATA, "layer 1: Z must vary");
    free_problem(&p);
}
END_TEST

START_TEST(a_layer_that_is_not_finite_is_named)
{
    make(&(problem_spec){.n = 20, .widths = {3, 5, 3}, .hidden = TALUS_EXPONENTIAL, .precision = _i});
    const talus_matrix x = inputs_of(&p);
    set_all(1, TALUS_PART_BIASES, 1e6); /* exp of which overflows */
    refuse(&x, 0, 0, TALUS_ERROR_DATA, "layer 1: the outputs must be finite, got inf");
    set_all(1, TALUS_PART_BIASES, NAN);
    refuse(&x, 0, 0, TALUS_ERROR_DATA, "layer 1: the variance of Z must be finite, got nan");
    free_problem(&p);
}
END_TEST

START_TEST(without_memory_nothing_changes)
{
    counting_allocator allocator = {0};
    talus_context *own = context_with(2, &allocator);
    talus_layer layers[] = {
        {.width = 6, .activation = TALUS_RELU, .normalization = TALUS_NORMALIZATION_BATCH}, {.width = 3}};
    talus_network_spec spec = {.inputs = 4, .layers = layers, .layer_count = 2, .precision = _i};
    double *numbers = random_array(3, 40), shift = 0.5;
    const talus_matrix x = talus_matrix_view(numbers, TALUS_DTYPE_F64, 10, 4);
    talus_matrix w;
    expect_ok(own, talus_network_create(own, &spec, &p.network));
    expect_ok(own, talus_network_scale_inputs(p.network, &shift, NULL, 1));
    expect_ok(own, talus_network_parameters(p.network, &w));
    p.parameters = w.cols;
    void *before = copy_of_parameters();
    const int64_t alive = allocator.alive;
    talus_status status = TALUS_ERROR_MEMORY;
    int n = 0;
    while (status != TALUS_OK) {
        refuse_from_now(&allocator, ++n);
        status = talus_network_unit_variance(p.network, &x, 0, 0, NULL);
        ck_assert(status == TALUS_OK || status == TALUS_ERROR_MEMORY);
        ck_assert_int_eq(allocator.alive, alive);
        if (status != TALUS_OK) {
            expect_message(own, "no memory");
            ck_assert_mem_eq(before, w.data, bytes_of(p.network));
        }
    }
    ck_assert_int_gt(n, 10);
    ck_assert_int_ne(memcmp(before, w.data, bytes_of(p.network)), 0);
    allocator.fail_at = 0;
    const talus_matrix huge = talus_matrix_view(numbers, TALUS_DTYPE_U8, INT64_MAX / 16, 4);
    expect_status(own, TALUS_ERROR_MEMORY, talus_network_unit_variance(p.network, &huge, 0, 0, NULL));
    free(before);
    free(numbers);
    talus_network_destroy(p.network);
    talus_context_destroy(own);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unit variance");
    TCase *tests = tcase_create("unit variance");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, all_layers_have_the_variance_one, 0, 2);
    tcase_add_loop_test(tests, a_normalised_layer_has_it_before, 0, 2);
    tcase_add_loop_test(tests, a_linear_layer_is_divided_by_its_deviation, 0, 2);
    tcase_add_test(tests, biases_take_more_iterations);
    tcase_add_test(tests, the_way_up_is_that_of_predictions);
    tcase_add_test(tests, clipped_inputs_are_read_clipped);
    tcase_add_loop_test(tests, modes_of_products_are_those_of_predictions, 0, TALUS_PRODUCTS_COUNT);
    tcase_add_loop_test(tests, threads_do_not_change_a_bit, 0, 2);
    tcase_add_loop_test(tests, what_cannot_be_is_refused, 0, 2);
    tcase_add_loop_test(tests, a_layer_that_does_not_vary_is_named, 0, 2);
    tcase_add_loop_test(tests, a_layer_that_is_not_finite_is_named, 0, 2);
    tcase_add_loop_test(tests, without_memory_nothing_changes, 0, 2);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
