/* What a network may be made of, its parameters and their first values. */
#include "network/network.h"
#include "support.h"

static talus_context *context;

static void setup(void)
{
    context = context_with(1, NULL);
}

static void teardown(void)
{
    talus_context_destroy(context);
}

static const talus_layer good_layers[] = {{.width = 4, .activation = TALUS_RELU}, {.width = 3}};
static const talus_network_spec good_spec = {.inputs = 5, .layers = good_layers, .layer_count = 2};

/* The spec is refused with this status, and the message contains the piece. */
static void refuse(const talus_network_spec *spec, talus_status status, const char *piece)
{
    talus_network *network = NULL;
    expect_status(context, status, talus_network_create(context, spec, &network));
    ck_assert_ptr_null(network);
    expect_message(context, piece);
}

static void refuse_layers(talus_layer first, talus_layer last, int loss, talus_status status,
                          const char *piece)
{
    talus_layer layers[] = {first, last};
    talus_network_spec spec = {.inputs = 5, .layers = layers, .layer_count = 2, .loss = loss};
    refuse(&spec, status, piece);
}

START_TEST(bad_specs_are_refused)
{
    talus_network *network = NULL;
    talus_network_spec spec = good_spec;
    expect_status(NULL, TALUS_ERROR_ARGUMENT, talus_network_create(NULL, &spec, &network));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_create(context, &spec, NULL));
    refuse(NULL, TALUS_ERROR_ARGUMENT, "NULL");
    spec.inputs = 0;
    refuse(&spec, TALUS_ERROR_SHAPE, "network: inputs must be 1 … 2147483647, got 0");
    spec.inputs = -7;
    refuse(&spec, TALUS_ERROR_SHAPE, "-7");
    spec = good_spec, spec.layer_count = 0;
    refuse(&spec, TALUS_ERROR_SHAPE, "layer_count must be 1 … 2147483647, got 0");
    spec = good_spec, spec.layers = NULL;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "layers must point to 2 layers, got NULL");
    spec = good_spec, spec.precision = TALUS_DTYPE_U8;
    refuse(&spec, TALUS_ERROR_ARGUMENT, "precision must be one of f32, f64; got 2");
    spec = good_spec, spec.loss = 99;
    refuse(&spec, TALUS_ERROR_ARGUMENT,
           "loss must be one of squared_error, binary_cross_entropy, cross_entropy, absolute_error, huber, "
           "quantile, "
           "log_cosh, poisson, gaussian_nll, hinge, kullback_leibler, focal; got 99");
}
END_TEST

START_TEST(bad_layers_are_refused)
{
    talus_layer good = {.width = 3};
    refuse_layers((talus_layer){.width = 0}, good, 0, TALUS_ERROR_SHAPE,
                  "layer 1: width must be 1 … 2147483647, got 0");
    refuse_layers(good, (talus_layer){.width = -2}, 0, TALUS_ERROR_SHAPE,
                  "layer 2: width must be 1 … 2147483647, got -2");
    refuse_layers((talus_layer){.width = INT64_MAX}, good, 0, TALUS_ERROR_SHAPE, "layer 1");
    refuse_layers((talus_layer){.width = 2, .activation = 42}, good, 0, TALUS_ERROR_ARGUMENT, "; got 42");
    refuse_layers((talus_layer){.width = 2, .initializer = -1}, good, 0, TALUS_ERROR_ARGUMENT,
                  "lecun_normal, orthogonal; got -1");
    refuse_layers((talus_layer){.width = 2, .alpha = -1}, good, 0, TALUS_ERROR_ARGUMENT, "alpha");
    refuse_layers((talus_layer){.width = 2, .alpha = NAN}, good, 0, TALUS_ERROR_ARGUMENT, "alpha");
    talus_layer huge = {.width = INT32_MAX};
    talus_layer layers[] = {huge, huge, huge};
    talus_network_spec spec = {
        .inputs = INT32_MAX, .layers = layers, .layer_count = 3, .precision = TALUS_DTYPE_F64};
    refuse(&spec, TALUS_ERROR_SHAPE, "exceed");
}
END_TEST

/* Every kind as the only layer, with an α: its own is taken, another's refused, and so is one outside its range. */
START_TEST(alpha_belongs_to_the_kinds_that_have_one)
{
    for (int activation = 0; activation < TALUS_ACTIVATION_COUNT; activation++) {
        const tl_parameter *alpha = &tl_activation_kind_of(activation)->parameter;
        talus_layer layer = {.width = 3, .activation = activation, .alpha = 0.5}, good = {.width = 3};
        talus_network_spec spec = {.inputs = 2, .layers = &layer, .layer_count = 1};
        talus_network *network = NULL;
        if (alpha->name == NULL) {
            refuse_layers(layer, good, 0, TALUS_ERROR_ARGUMENT, "has no alpha, which must be 0, got 0.5");
            expect_message(context, talus_activation_name(activation));
            continue;
        }
        expect_ok(context, talus_network_create(context, &spec, &network));
        ck_assert_double_eq(tl_network_last(network)->alpha, 0.5);
        talus_network_destroy(network);
        layer.alpha = 0;
        expect_ok(context, talus_network_create(context, &spec, &network));
        ck_assert_double_eq(tl_network_last(network)->alpha, alpha->standard);
        talus_network_destroy(network);
        layer.alpha = -0.5;
        refuse_layers(good, layer, 0, TALUS_ERROR_ARGUMENT, "layer 2: alpha must be a finite number above 0");
        layer.alpha = NAN;
        refuse_layers(layer, good, 0, TALUS_ERROR_ARGUMENT, "got nan");
        layer.alpha = INFINITY;
        refuse_layers(layer, good, 0, TALUS_ERROR_ARGUMENT, "got inf");
    }
}
END_TEST

START_TEST(losses_need_their_activation)
{
    talus_layer first = {.width = 3};
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        for (int activation = 0; activation < TALUS_ACTIVATION_COUNT; activation++) {
            int fused = tl_loss_kind_of(loss)->fused;
            talus_layer layers[] = {first, {.width = 4, .activation = activation}};
            talus_network_spec spec = {.inputs = 5, .layers = layers, .layer_count = 2, .loss = loss};
            talus_network *network = NULL;
            if (fused >= 0 && fused != activation) {
                refuse(&spec, TALUS_ERROR_ARGUMENT, talus_activation_name(fused));
                continue;
            }
            expect_ok(context, talus_network_create(context, &spec, &network));
            ck_assert_int_eq(talus_network_loss(network), loss);
            ck_assert_int_eq(talus_network_activation(network, 2), activation);
            talus_network_destroy(network);
        }
    refuse_layers(first, first, TALUS_GAUSSIAN_NLL, TALUS_ERROR_SHAPE,
                  "network: the last width must be a multiple of 2 for gaussian_nll, got 3");
    refuse_layers(first, (talus_layer){.width = 3, .activation = TALUS_TANH}, TALUS_CROSS_ENTROPY,
                  TALUS_ERROR_ARGUMENT, "the last activation must be softmax for cross_entropy, got tanh");
}
END_TEST

/* A parameter within its bounds, which are not its own, or none. */
static void check_loss_parameter(int loss)
{
    const tl_loss_kind *kind = tl_loss_kind_of(loss);
    const double least = kind->parameter.least, most = kind->parameter.most;
    talus_layer layer = {.width = 4, .activation = kind->fused < 0 ? TALUS_IDENTITY : kind->fused};
    talus_network_spec spec = {.inputs = 5, .layers = &layer, .layer_count = 1, .loss = loss};
    talus_network *network = NULL;
    expect_ok(context, talus_network_create(context, &spec, &network));
    ck_assert_double_eq(talus_network_loss_parameter(network), kind->parameter.standard);
    talus_network_destroy(network);
    spec.loss_parameter = 0.25;
    if (kind->parameter.name == NULL) {
        refuse(&spec, TALUS_ERROR_ARGUMENT, "has no loss_parameter, which must be 0, got 0.25");
        return;
    }
    expect_ok(context, talus_network_create(context, &spec, &network));
    ck_assert_double_eq(talus_network_loss_parameter(network), 0.25);
    talus_network_destroy(network);
    const double bad[] = {least - 1, most, INFINITY, NAN};
    for (int i = 0; i < 4; i++)
        spec.loss_parameter = bad[i], refuse(&spec, TALUS_ERROR_ARGUMENT, "network: loss_parameter must be");
}

START_TEST(losses_take_their_parameters)
{
    talus_layer layer = {.width = 1};
    talus_network_spec spec = {.inputs = 1, .layers = &layer, .layer_count = 1, .loss = TALUS_QUANTILE};
    for (int loss = 0; loss < TALUS_LOSS_COUNT; loss++)
        check_loss_parameter(loss);
    spec.loss_parameter = 1;
    refuse(&spec, TALUS_ERROR_ARGUMENT,
           "network: loss_parameter must be above 0 and below 1 (or 0 for the default, 0.5), got 1");
}
END_TEST

/* All kinds have names of their own. */
static void check_names(const char *name_of(int kind), int count)
{
    for (int i = 0; i < count; i++) {
        ck_assert_uint_gt(strlen(name_of(i)), 0);
        ck_assert_str_ne(name_of(i), "unknown");
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(name_of(i), name_of(j));
    }
    ck_assert_str_eq(name_of(-1), "unknown");
    ck_assert_str_eq(name_of(count), "unknown");
}

START_TEST(kinds_have_names)
{
    check_names(talus_activation_name, TALUS_ACTIVATION_COUNT);
    check_names(talus_loss_name, TALUS_LOSS_COUNT);
    ck_assert_str_eq(talus_activation_name(TALUS_LEAKY_RELU), "leaky_relu");
    ck_assert_str_eq(talus_loss_name(TALUS_CROSS_ENTROPY), "cross_entropy");
}
END_TEST

START_TEST(a_network_says_what_it_is)
{
    talus_network *network;
    expect_ok(context, talus_network_create(context, &good_spec, &network));
    ck_assert_int_eq(talus_network_layer_count(network), 2);
    ck_assert_int_eq(talus_network_width(network, 0), 5);
    ck_assert_int_eq(talus_network_width(network, 1), 4);
    ck_assert_int_eq(talus_network_width(network, 3), 0);
    ck_assert_int_eq(talus_network_activation(network, 1), TALUS_RELU);
    ck_assert_int_eq(talus_network_loss(network), TALUS_SQUARED_ERROR);
    ck_assert_int_eq(talus_network_precision(network), TALUS_DTYPE_F32);
    ck_assert_int_eq(talus_network_parameter_count(network), 4 * 5 + 4 + 3 * 4 + 3);
    ck_assert_int_eq(talus_network_parameter_count(NULL), 0);
    talus_network_destroy(network);
    talus_network_destroy(NULL);
}
END_TEST

START_TEST(views_lie_in_the_flat_vector)
{
    talus_network *network;
    talus_matrix flat, w, b;
    expect_ok(context, talus_network_create(context, &good_spec, &network));
    expect_ok(context, talus_network_parameters(network, &flat));
    ck_assert_int_eq(flat.cols, 39);
    expect_ok(context, talus_network_weights(network, NULL, 2, &w));
    expect_ok(context, talus_network_biases(network, NULL, 2, &b));
    ck_assert_ptr_eq(w.data, (float *)flat.data + 24);
    ck_assert_ptr_eq(b.data, (float *)flat.data + 36);
    ck_assert_int_eq(w.rows, 3);
    ck_assert_int_eq(w.cols, 4);
    ck_assert_int_eq(b.rows, 1);
    ck_assert_int_eq(b.cols, 3);
    float gradient[39];
    talus_matrix other = talus_matrix_view(gradient, TALUS_DTYPE_F32, 1, 39);
    expect_ok(context, talus_network_biases(network, &other, 1, &b));
    ck_assert_ptr_eq(b.data, gradient + 20);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_weights(network, NULL, 0, &w));
    expect_message(context, "layer must be 1 … 2, got 0");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_weights(network, NULL, 1, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_weights(NULL, NULL, 1, &w));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_parameters(network, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_parameters(NULL, &w));
    other.cols = 38;
    expect_status(context, TALUS_ERROR_SHAPE, talus_network_weights(network, &other, 1, &w));
    expect_message(context, "1 × 39");
    other.dtype = TALUS_DTYPE_F64;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_weights(network, &other, 1, &w));
    talus_network_destroy(network);
}
END_TEST

/* The parts of all layers, one after the other, are the flat vector: the parameters, or another of their layout. */
static void check_parts(const talus_network *network, const talus_matrix *flat, const char *data, size_t size)
{
    int64_t end = 0;
    for (int l = 1; l <= talus_network_layer_count(network); l++)
        for (int part = 0; part < TALUS_PART_COUNT; part++) {
            talus_matrix view;
            if (tl_layer_part(&network->layers[l], part) == NULL)
                continue;
            expect_ok(context, talus_network_part(network, flat, l, part, &view));
            ck_assert_ptr_eq((char *)view.data, data + (size_t)end * size);
            ck_assert_int_eq(view.dtype, talus_network_precision(network));
            end += view.rows * view.cols;
        }
    ck_assert_int_eq(end, talus_network_parameter_count(network));
}

START_TEST(parts_cover_the_flat_vector)
{
    talus_layer layers[] = {{.width = 4, .activation = TALUS_RELU}, {.width = 1}, {.width = 7}};
    for (int precision = TALUS_DTYPE_F32; precision <= TALUS_DTYPE_F64; precision++) {
        talus_network_spec spec = {.inputs = 5, .layers = layers, .layer_count = 3, .precision = precision};
        talus_network *network;
        talus_matrix parameters, weights, biases;
        double other[24 + 5 + 14];
        expect_ok(context, talus_network_create(context, &spec, &network));
        expect_ok(context, talus_network_parameters(network, &parameters));
        ck_assert_int_eq(parameters.cols, 24 + 5 + 14);
        size_t size = precision == TALUS_DTYPE_F64 ? sizeof(double) : sizeof(float);
        talus_matrix flat = talus_matrix_view(other, precision, 1, parameters.cols);
        check_parts(network, NULL, parameters.data, size);
        check_parts(network, &flat, (char *)other, size);
        expect_ok(context, talus_network_part(network, NULL, 3, TALUS_PART_WEIGHTS, &weights));
        expect_ok(context, talus_network_part(network, NULL, 3, TALUS_PART_BIASES, &biases));
        ck_assert(weights.rows == 7 && weights.cols == 1 && biases.rows == 1 && biases.cols == 7);
        talus_network_destroy(network);
    }
}
END_TEST

static void refuse_part(const talus_network *network, const talus_matrix *flat, int layer, int part,
                        talus_status status, const char *piece)
{
    talus_matrix view = {.rows = 42};
    expect_status(context, status, talus_network_part(network, flat, layer, part, &view));
    expect_message(context, piece);
    ck_assert_int_eq(view.rows, 42);
}

START_TEST(parts_that_are_not_there_are_refused)
{
    float gradient[39] = {0};
    talus_matrix flat = talus_matrix_view(gradient, TALUS_DTYPE_F32, 1, 39), bad = flat, view;
    talus_network *network;
    expect_ok(context, talus_network_create(context, &good_spec, &network));
    refuse_part(network, NULL, 0, 0, TALUS_ERROR_ARGUMENT, "layer must be 1 … 2, got 0");
    refuse_part(network, NULL, 3, 0, TALUS_ERROR_ARGUMENT, "layer must be 1 … 2, got 3");
    refuse_part(network, NULL, -1, 0, TALUS_ERROR_ARGUMENT, "layer must be 1 … 2, got -1");
    refuse_part(network, NULL, 1, TALUS_PART_COUNT, TALUS_ERROR_ARGUMENT,
                "part must be one of weights, biases, norm_scales, norm_shifts, slopes; got 5");
    refuse_part(network, NULL, 2, -1, TALUS_ERROR_ARGUMENT, "slopes; got -1");
    refuse_part(network, NULL, 2, TALUS_PART_NORM_SCALES, TALUS_ERROR_ARGUMENT, "layer 2 has no norm_scales");
    bad.cols = 38, refuse_part(network, &bad, 1, 0, TALUS_ERROR_SHAPE, "1 × 39");
    bad = flat, bad.dtype = TALUS_DTYPE_F64, refuse_part(network, &bad, 1, 0, TALUS_ERROR_ARGUMENT, "flat");
    bad = flat, bad.data = NULL, refuse_part(network, &bad, 1, 0, TALUS_ERROR_ARGUMENT, "flat");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_part(network, NULL, 1, 0, NULL));
    expect_message(context, "NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_part(NULL, NULL, 1, 0, &view));
    talus_network_destroy(network);
}
END_TEST

/* Mean, variance and largest size of 40 000 weights: the sample's deviations from the distribution's are below
 * five standard errors. */
static void check_distribution(int initializer, int activation, double variance, bool uniform)
{
    talus_layer layer = {.width = 100, .activation = activation, .initializer = initializer};
    talus_network_spec spec = {
        .inputs = 400, .layers = &layer, .layer_count = 1, .precision = TALUS_DTYPE_F64, .seed = 11};
    talus_network *network;
    talus_matrix w, b;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 1, &w));
    expect_ok(context, talus_network_biases(network, NULL, 1, &b));
    const double *x = w.data, count = 40000;
    double sum = 0, squares = 0, fourth = 0;
    for (int i = 0; i < 40000; i++) {
        sum += x[i];
        squares += x[i] * x[i];
        fourth += x[i] * x[i] * x[i] * x[i];
    }
    ck_assert_double_le(fabs(sum / count), 5 * sqrt(variance / count));
    ck_assert_double_le(fabs(squares / count - variance), 5 * variance * sqrt((uniform ? 0.8 : 2.0) / count));
    double kurtosis = fourth / count / (variance * variance); /* 9/5 or 3 */
    ck_assert_double_le(fabs(kurtosis - (uniform ? 1.8 : 3.0)), uniform ? 0.05 : 0.3);
    if (uniform)
        ck_assert_double_le(largest(x, 40000), sqrt(3 * variance));
    for (int i = 0; i < 100; i++)
        ck_assert_double_eq(((double *)b.data)[i], 0);
    talus_network_destroy(network);
}

START_TEST(weights_have_the_distribution_that_was_asked_for)
{
    check_distribution(TALUS_INIT_HE_UNIFORM, TALUS_TANH, 2 / 400.0, true);
    check_distribution(TALUS_INIT_HE_NORMAL, TALUS_TANH, 2 / 400.0, false);
    check_distribution(TALUS_INIT_HE_NORMAL, TALUS_LEAKY_RELU, 2 / (400.0 * 1.0001), false);
    check_distribution(TALUS_INIT_GLOROT_UNIFORM, TALUS_RELU, 2 / 500.0, true);
    check_distribution(TALUS_INIT_GLOROT_NORMAL, TALUS_RELU, 2 / 500.0, false);
    check_distribution(TALUS_INIT_LECUN_UNIFORM, TALUS_RELU, 1 / 400.0, true);
    check_distribution(TALUS_INIT_LECUN_NORMAL, TALUS_RELU, 1 / 400.0, false);
    check_distribution(TALUS_INIT_AUTO, TALUS_RELU, 2 / 400.0, false);
    check_distribution(TALUS_INIT_AUTO, TALUS_SIGMOID, 2 / 500.0, true);
}
END_TEST

/* He's variance over α², for sin(α·z): uniform on ±√(6/fan_in)/α (Sitzmann et al. 2020). */
START_TEST(sine_takes_its_frequency_from_the_weights)
{
    talus_layer layer = {.width = 100, .activation = TALUS_SINE, .alpha = 30};
    talus_network_spec spec = {
        .inputs = 400, .layers = &layer, .layer_count = 1, .precision = TALUS_DTYPE_F64};
    talus_network *network;
    talus_matrix w;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 1, &w));
    ck_assert_double_le(largest(w.data, 40000), sqrt(6 / 400.0) / 30);
    ck_assert_double_ge(largest(w.data, 40000), 0.99 * sqrt(6 / 400.0) / 30);
    talus_network_destroy(network);
}
END_TEST

START_TEST(a_seed_is_its_weights)
{
    talus_network *a, *b;
    talus_matrix pa, pb;
    talus_network_spec spec = good_spec;
    spec.seed = 1;
    expect_ok(context, talus_network_create(context, &spec, &a));
    spec.seed = 2;
    expect_ok(context, talus_network_create(context, &spec, &b));
    expect_ok(context, talus_network_parameters(a, &pa));
    expect_ok(context, talus_network_parameters(b, &pb));
    ck_assert_int_ne(memcmp(pa.data, pb.data, 39 * sizeof(float)), 0);
    expect_ok(context, talus_network_initialize(b, 1));
    ck_assert_int_eq(memcmp(pa.data, pb.data, 39 * sizeof(float)), 0);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_network_initialize(NULL, 1));
    talus_network_destroy(a);
    talus_network_destroy(b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("network");
    const TTest *const tests[] = {bad_specs_are_refused,
                                  bad_layers_are_refused,
                                  losses_need_their_activation,
                                  losses_take_their_parameters,
                                  alpha_belongs_to_the_kinds_that_have_one,
                                  kinds_have_names,
                                  a_network_says_what_it_is,
                                  views_lie_in_the_flat_vector,
                                  parts_cover_the_flat_vector,
                                  parts_that_are_not_there_are_refused,
                                  weights_have_the_distribution_that_was_asked_for,
                                  sine_takes_its_frequency_from_the_weights,
                                  a_seed_is_its_weights};
    TCase *all = tcase_create("network");
    tcase_add_checked_fixture(all, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
