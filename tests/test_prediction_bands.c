/* Prediction bands: against gradients of single outputs, the formulas of a straight line, and tables of Student's t. */
#include <talus/levenberg_marquardt.h>

#include "fixture.h"

enum { INPUTS = 3, OUTPUTS = 2, SAMPLES = 301, MOST = 64 };

static double x[SAMPLES * INPUTS], covariance[MOST * MOST];

/* A network of two layers in random places, and a covariance L·Lᵀ. */
static talus_network *sample(int precision)
{
    talus_network *network = two_layers(precision, INPUTS, 5, OUTPUTS, TALUS_TANH);
    const int64_t n = (INPUTS + 1) * 5 + 6 * OUTPUTS;
    double *values = random_array(3, SAMPLES * INPUTS), *l = random_array(4, n * n);
    memcpy(x, values, sizeof x);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++) {
            covariance[i * n + j] = 0;
            for (int64_t k = 0; k < n; k++)
                covariance[i * n + j] += l[i * n + k] * l[j * n + k];
        }
    free(values);
    free(l);
    return network;
}

static talus_matrix view(double *values, int64_t rows, int64_t cols)
{
    return talus_matrix_view(values, TALUS_DTYPE_F64, rows, cols);
}

/* √(j·Σ·jᵀ) of a sample and an output as the caller has it, with j from talus_backward. */
static double error_by_hand(const talus_network *network, talus_workspace *workspace, int64_t i, int64_t k,
                            int precision)
{
    float single[MOST];
    double slopes[MOST], one[OUTPUTS] = {0}, variance = 0;
    talus_matrix flat, in = view(x + i * INPUTS, 1, INPUTS), out = view(one, 1, OUTPUTS);
    expect_ok(context, talus_network_parameters((talus_network *)network, &flat));
    const int64_t n = flat.cols;
    talus_matrix gradient = talus_matrix_view(precision == TALUS_DTYPE_F64 ? (void *)slopes : single,
                                              precision, 1, n);
    one[k] = 1;
    expect_ok(context, talus_forward(network, workspace, &in, NULL));
    expect_ok(context, talus_backward(network, workspace, &out, &gradient, NULL));
    for (int64_t a = 0; a < n && precision == TALUS_DTYPE_F32; a++)
        slopes[a] = (double)single[a];
    for (int64_t a = 0; a < n; a++)
        for (int64_t b = 0; b < n; b++)
            variance += slopes[a] * covariance[a * n + b] * slopes[b];
    return sqrt(variance);
}

/* Blocks of 128 samples and a rest; targets that are scaled; both precisions of networks and of what is filled. */
START_TEST(errors_are_those_of_gradients)
{
    static double errors[SAMPLES * OUTPUTS], outputs[SAMPLES * OUTPUTS], expected[SAMPLES * OUTPUTS];
    static float few[SAMPLES * OUTPUTS];
    for (int precision = 0; precision < 2; precision++) {
        talus_network *network = sample(precision);
        talus_workspace *workspace = workspace_of(network, 400);
        const double shift[OUTPUTS] = {1, -2}, scale[OUTPUTS] = {0.25, 8},
                     tolerance = precision == TALUS_DTYPE_F64 ? 1e-12 : 1e-5;
        const int64_t n = (INPUTS + 1) * 5 + 6 * OUTPUTS;
        talus_matrix in = view(x, SAMPLES, INPUTS), of = view(covariance, n, n),
                     to = view(errors, SAMPLES, OUTPUTS), predicted = view(outputs, SAMPLES, OUTPUTS),
                     judge = view(expected, SAMPLES, OUTPUTS),
                     to_f32 = talus_matrix_view(few, TALUS_DTYPE_F32, SAMPLES, OUTPUTS);
        expect_ok(context, talus_network_scale_targets(network, shift, scale, OUTPUTS));
        expect_ok(context, talus_predict(network, workspace, &in, &judge));
        expect_ok(context, talus_prediction_bands(network, workspace, &in, &of, 0, 2, &predicted, &to));
        expect_ok(context, talus_prediction_bands(network, workspace, &in, &of, 0, 2, NULL, &to_f32));
        ck_assert_int_eq(memcmp(outputs, expected, sizeof outputs), 0);
        for (int64_t i = 0; i < SAMPLES; i++)
            for (int64_t k = 0; k < OUTPUTS; k++) {
                const double error = error_by_hand(network, workspace, i, k, precision),
                             got = errors[i * OUTPUTS + k];
                ck_assert_double_eq_tol(got, 2 * error, tolerance * error);
                ck_assert_double_eq_tol((double)few[i * OUTPUTS + k], got, 1e-7 * got);
            }
        /* and of observations, whose σ is in the network's units */
        memcpy(expected, errors, sizeof errors);
        expect_ok(context, talus_prediction_bands(network, workspace, &in, &of, 3, 2, NULL, &to));
        for (int64_t i = 0; i < SAMPLES * OUTPUTS; i++)
            ck_assert_double_eq_tol(errors[i], hypot(expected[i], 6 / scale[i % OUTPUTS]), 1e-12 * errors[i]);
        talus_workspace_destroy(workspace);
        talus_network_destroy(network);
    }
}
END_TEST

/* Of an output with the weight v an observation has the variance σ²/v; a layer normalisation is part of the way. */
START_TEST(outputs_have_weights)
{
    const double weights[OUTPUTS] = {4, 0.25};
    const talus_layer layers[] = {
        {.width = 4, .activation = TALUS_SINE, .normalization = TALUS_NORMALIZATION_LAYER},
        {.width = OUTPUTS}};
    talus_network_spec spec;
    talus_network_defaults(&spec);
    spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 2;
    spec.output_weights = weights, spec.output_weight_count = OUTPUTS;
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    talus_workspace *workspace = workspace_of(network, 2);
    talus_matrix flat;
    expect_ok(context, talus_network_parameters(network, &flat));
    static double zeros[MOST * MOST], errors[5 * OUTPUTS];
    talus_matrix in = view(x, 5, INPUTS), of = view(zeros, flat.cols, flat.cols),
                 to = view(errors, 5, OUTPUTS);
    expect_ok(context, talus_prediction_bands(network, workspace, &in, &of, 3, 1, NULL, &to));
    for (int i = 0; i < 5; i++) {
        ck_assert_double_eq_tol(errors[2 * i], 1.5, 1e-15);
        ck_assert_double_eq_tol(errors[2 * i + 1], 6, 1e-15);
    }
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

START_TEST(threads_do_not_matter)
{
    static double errors[4][SAMPLES * OUTPUTS];
    for (int threads = 1; threads <= 4; threads++) {
        talus_context *of = context_with(threads, NULL);
        talus_network *network = sample(TALUS_DTYPE_F64);
        talus_workspace *workspace;
        expect_ok(of, talus_workspace_create(of, network, 200, &workspace));
        talus_matrix in = view(x, SAMPLES, INPUTS), c = view(covariance, 32, 32),
                     to = view(errors[threads - 1], SAMPLES, OUTPUTS);
        expect_ok(of, talus_prediction_bands(network, workspace, &in, &c, 1, 1, NULL, &to));
        ck_assert_int_eq(memcmp(errors[threads - 1], errors[0], sizeof errors[0]), 0);
        talus_workspace_destroy(workspace);
        talus_network_destroy(network);
        talus_context_destroy(of);
    }
}
END_TEST

static void refused(talus_status status, talus_status expected, const char *piece)
{
    ck_assert_int_eq(status, expected);
    expect_message(context, piece);
}

START_TEST(refusals)
{
    static double errors[SAMPLES * OUTPUTS];
    talus_network *network = sample(TALUS_DTYPE_F64);
    talus_workspace *workspace = workspace_of(network, 10);
    talus_matrix in = view(x, 4, INPUTS), c = view(covariance, 32, 32), small = view(covariance, 31, 31),
                 to = view(errors, 4, OUTPUTS), other = view(errors, 3, OUTPUTS);
    ck_assert_int_eq(talus_prediction_bands(network, NULL, &in, &c, 0, 1, NULL, &to), TALUS_ERROR_ARGUMENT);
    refused(talus_prediction_bands(NULL, workspace, &in, &c, 0, 1, NULL, &to), TALUS_ERROR_ARGUMENT,
            "network");
    refused(talus_prediction_bands(network, workspace, NULL, &c, 0, 1, NULL, &to), TALUS_ERROR_ARGUMENT,
            "inputs must not be NULL");
    refused(talus_prediction_bands(network, workspace, &in, NULL, 0, 1, NULL, &to), TALUS_ERROR_ARGUMENT,
            "covariance must not be NULL");
    refused(talus_prediction_bands(network, workspace, &in, &small, 0, 1, NULL, &to), TALUS_ERROR_SHAPE,
            "covariance must be 32 × 32");
    refused(talus_prediction_bands(network, workspace, &in, &c, 0, 1, NULL, NULL), TALUS_ERROR_ARGUMENT,
            "errors must not be NULL");
    refused(talus_prediction_bands(network, workspace, &in, &c, 0, 1, NULL, &other), TALUS_ERROR_SHAPE,
            "errors must have 4 rows");
    refused(talus_prediction_bands(network, workspace, &in, &c, 0, 1, &other, &to), TALUS_ERROR_SHAPE,
            "outputs must have 4 rows");
    refused(talus_prediction_bands(network, workspace, &in, &c, -1, 1, NULL, &to), TALUS_ERROR_ARGUMENT,
            "deviation must be finite and at least 0, got -1");
    refused(talus_prediction_bands(network, workspace, &in, &c, 0, 0, NULL, &to), TALUS_ERROR_ARGUMENT,
            "factor must be finite and above 0, got 0");
    refused(talus_prediction_bands(network, workspace, &in, &c, 0, NAN, NULL, &to), TALUS_ERROR_ARGUMENT,
            "factor");
    for (int i = 0; i < 32; i++)
        covariance[i * 33] = -100;
    refused(talus_prediction_bands(network, workspace, &in, &c, 0, 1, NULL, &to), TALUS_ERROR_DATA,
            "no negative eigenvalues");
    covariance[32 * 3 + 7] = NAN;
    refused(talus_prediction_bands(network, workspace, &in, &c, 0, 1, NULL, &to), TALUS_ERROR_DATA,
            "covariance, row 3, column 7");
    covariance[32 * 3 + 7] = 0;
    x[4] = INFINITY;
    refused(talus_prediction_bands(network, workspace, &in, &c, 0, 1, NULL, &to), TALUS_ERROR_DATA,
            "inputs, row 1");
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

START_TEST(networks_that_are_refused)
{
    static double c[MOST * MOST];
    const talus_layer normalised[] = {{.width = 2, .normalization = TALUS_NORMALIZATION_BATCH}},
                      flat[] = {{.width = 2, .activation = TALUS_STEP}}, plain[] = {{.width = 2}};
    const struct {
        const talus_layer *layers;
        int loss;
        double deviation;
        const char *piece;
    } cases[] = {
        {normalised, TALUS_SQUARED_ERROR, 0, "normalised over the batch"},
        {flat, TALUS_SQUARED_ERROR, 0, "step"},
        {plain, TALUS_ABSOLUTE_ERROR, 1, "deviation must be 0 with a loss other than squared_error"}};
    for (int i = 0; i < 3; i++) {
        talus_network_spec spec;
        talus_network_defaults(&spec);
        spec.inputs = INPUTS, spec.layers = cases[i].layers, spec.layer_count = 1, spec.loss = cases[i].loss;
        talus_network *network;
        talus_matrix theta, in = view(x, 4, INPUTS), to = view(c, 4, 2);
        expect_ok(context, talus_network_create(context, &spec, &network));
        expect_ok(context, talus_network_parameters(network, &theta));
        talus_workspace *workspace = workspace_of(network, 10);
        talus_matrix of = view(c, theta.cols, theta.cols);
        refused(talus_prediction_bands(network, workspace, &in, &of, cases[i].deviation, 1, NULL, &to),
                TALUS_ERROR_ARGUMENT, cases[i].piece);
        talus_workspace_destroy(workspace);
        talus_network_destroy(network);
    }
}
END_TEST

START_TEST(memory_may_fail)
{
    static double errors[4 * OUTPUTS];
    talus_network *network = sample(TALUS_DTYPE_F64);
    talus_workspace *workspace = workspace_of(network, 10);
    talus_matrix in = view(x, 4, INPUTS), c = view(covariance, 32, 32), to = view(errors, 4, OUTPUTS);
    for (int n = 1; n <= 2; n++) {
        refuse_from_now(&book, n);
        refused(talus_prediction_bands(network, workspace, &in, &c, 0, 1, NULL, &to), TALUS_ERROR_MEMORY,
                "no memory for 8 rows");
    }
    refuse_from_now(&book, 3);
    expect_ok(context, talus_prediction_bands(network, workspace, &in, &c, 0, 1, NULL, &to));
    book.fail_at = 0;
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
}
END_TEST

/* Fisher and Yates, Statistical Tables, 1963, table III, of which these are 5 figures; and 1.95996 of the normal distribution. */
START_TEST(quantiles_are_those_of_tables)
{
    static const struct {
        double degrees, ninety, ninety_five, ninety_nine;
    } rows[] = {{1, 6.3138, 12.7062, 63.6567}, {2, 2.9200, 4.3027, 9.9248},
                {5, 2.0150, 2.5706, 4.0321},   {10, 1.8125, 2.2281, 3.1693},
                {30, 1.6973, 2.0423, 2.7500},  {60, 1.6706, 2.0003, 2.6603},
                {120, 1.6577, 1.9799, 2.6174}, {INFINITY, 1.6449, 1.9600, 2.5758}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_double_eq_tol(talus_student_quantile(0.90, rows[i].degrees), rows[i].ninety, 5.1e-5);
        ck_assert_double_eq_tol(talus_student_quantile(0.95, rows[i].degrees), rows[i].ninety_five, 5.1e-5);
        ck_assert_double_eq_tol(talus_student_quantile(0.99, rows[i].degrees), rows[i].ninety_nine, 5.1e-5);
    }
}
END_TEST

/* ν = 1: tan(π·p/2); ν = 2: p·√(2/(1 − p²)); ν = 4 by the probability p = t·(6 + t²)/(4 + t²)^(3/2); many degrees are normal, to
 * (t³ + t)/4ν. */
START_TEST(quantiles_have_closed_forms)
{
    for (int i = 1; i < 100; i++) {
        const double p = i / 100.0, pi = acos(-1), first = tan(pi * p / 2),
                     second = p * sqrt(2 / (1 - p * p)), t = talus_student_quantile(p, 4),
                     z = talus_student_quantile(p, INFINITY);
        ck_assert_double_eq_tol(talus_student_quantile(p, 1), first, 1e-12 * first);
        ck_assert_double_eq_tol(talus_student_quantile(p, 2), second, 1e-12 * second);
        ck_assert_double_eq_tol(t * (6 + t * t) / pow(4 + t * t, 1.5), p, 1e-13);
        ck_assert_double_eq_tol(erf(z / sqrt(2)), p, 1e-14);
        ck_assert_double_eq_tol(talus_student_quantile(p, 1e8) - z, (z * z * z + z) / 4e8, 1e-13 + 1e-9 * z);
    }
    ck_assert_double_eq(talus_student_quantile(0, 3), 0);
    ck_assert_double_gt(talus_student_quantile(1 - 1e-12, 3), 1e3);
}
END_TEST

/* P(|T| ≤ √ν·tan φ) = 2·Γ((ν + 1)/2)/(√π·Γ(ν/2))·∫₀^φ cos(u)^(ν − 1) du, by Simpson's rule. */
static double probability_of(double t, double degrees)
{
    enum { PIECES = 200000 };
    const double angle = atan(t / sqrt(degrees)), width = angle / PIECES;
    double sum = 0;
    for (int i = 0; i <= PIECES; i++)
        sum += (i == 0 || i == PIECES ? 1 : i % 2 == 1 ? 4 : 2) * pow(cos(width * i), degrees - 1);
    return 2 * exp(lgamma((degrees + 1) / 2) - lgamma(degrees / 2)) / sqrt(acos(-1)) * sum * width / 3;
}

START_TEST(quantiles_of_few_and_of_very_many_degrees)
{
    static const double few[] = {0.3, 0.5, 0.8, 1.5}, many[] = {1e9, 1e12, 1e14, 1e16, 1e20};
    for (int i = 0; i < 4; i++)
        for (int k = 1; k < 8; k++)
            ck_assert_double_eq_tol(probability_of(talus_student_quantile(k / 10.0, few[i]), few[i]),
                                    k / 10.0, 1e-9);
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(talus_student_quantile(0.95, many[i]), 1.959963984540054 + 2.37 / many[i],
                                1e-11);
}
END_TEST

START_TEST(what_is_no_probability_has_no_quantile)
{
    ck_assert_double_nan(talus_student_quantile(1, 3));
    ck_assert_double_nan(talus_student_quantile(-0.1, 3));
    ck_assert_double_nan(talus_student_quantile(NAN, 3));
    ck_assert_double_nan(talus_student_quantile(0.5, 0));
    ck_assert_double_nan(talus_student_quantile(0.5, NAN));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("prediction_bands");
    TCase *bands = case_with(suite, begin_counted, end_counted);
    tcase_add_test(bands, errors_are_those_of_gradients);
    tcase_add_test(bands, outputs_have_weights);
    tcase_add_test(bands, threads_do_not_matter);
    tcase_add_test(bands, refusals);
    tcase_add_test(bands, networks_that_are_refused);
    tcase_add_test(bands, memory_may_fail);
    add_case(suite, "quantiles", quantiles_are_those_of_tables, quantiles_have_closed_forms,
             quantiles_of_few_and_of_very_many_degrees, what_is_no_probability_has_no_quantile);
    return run_suite(suite);
}
