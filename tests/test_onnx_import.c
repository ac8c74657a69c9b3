/* Networks from ONNX files: what Talus writes comes back, and what others write is understood. */
#include <stdio.h>

#include "onnx_support.h"

enum { INPUTS = 5, HIDDEN = 6, OUTPUTS = 3, SAMPLES = 7 };

/* A network that is exported is imported with the same predictions and is written again as the same file. */
static void comes_back(talus_network *network)
{
    talus_network *imported = NULL;
    double *x = random_array(1, SAMPLES * INPUTS), before[SAMPLES * OUTPUTS], after[SAMPLES * OUTPUTS];
    expect_ok(context, talus_model_export_onnx(network, onnx_path));
    onnx_bytes first = read_onnx();
    expect_ok(context, talus_model_import_onnx(context, onnx_path, &imported));
    predict_rows(network, SAMPLES, x, before);
    predict_rows(imported, SAMPLES, x, after);
    same_bytes(before, after, sizeof before);
    expect_ok(context, talus_model_export_onnx(imported, onnx_path));
    onnx_bytes second = read_onnx();
    ck_assert_uint_eq(first.length, second.length);
    same_bytes(first.bytes, second.bytes, first.length);
    free_onnx(&first);
    free_onnx(&second);
    talus_network_destroy(imported);
    free(x);
}

/* Parameters that are not those of a new network. */
static void stir(talus_network *network)
{
    talus_matrix view;
    expect_ok(context, talus_network_parameters(network, &view));
    double *numbers = random_array(5, view.cols);
    for (int64_t i = 0; i < view.cols; i++)
        if (view.dtype == TALUS_DTYPE_F64)
            ((double *)view.data)[i] += numbers[i] / 4;
        else
            ((float *)view.data)[i] += (float)numbers[i] / 4;
    free(numbers);
}

static talus_network *network_of(talus_layer *layers, int count, int precision)
{
    talus_network *network;
    talus_network_spec spec = talus_dense_network(INPUTS, layers, count, TALUS_SQUARED_ERROR);
    spec.precision = precision;
    expect_ok(context, talus_network_create(context, &spec, &network));
    stir(network);
    return network;
}

START_TEST(every_activation_comes_back)
{
    talus_layer layers[] = {talus_dense(HIDDEN, _i / 2), talus_dense(OUTPUTS, _i / 2)};
    talus_network *network = network_of(layers, 2, _i % 2);
    if (talus_network_alpha(network, 1) != 0) { /* and α, which here is not the default */
        talus_network_destroy(network);
        layers[0].alpha = 0.3, layers[1].alpha = 1.0 / 7;
        network = network_of(layers, 2, _i % 2);
    }
    comes_back(network);
    talus_network *imported;
    expect_ok(context, talus_model_import_onnx(context, onnx_path, &imported));
    ck_assert_int_eq(talus_network_layer_count(imported), 2);
    for (int l = 1; l <= 2; l++) {
        ck_assert_int_eq(talus_network_activation(imported, l), _i / 2);
        if (_i / 2 != TALUS_PRELU) /* whose α is only what slopes begin with */
            ck_assert_double_eq_tol(talus_network_alpha(imported, l), talus_network_alpha(network, l), 1e-8);
    }
    talus_network_destroy(imported);
    talus_network_destroy(network);
}
END_TEST

START_TEST(options_of_layers_come_back)
{
    talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    layers[0].without_biases = 1;
    layers[1].normalization = TALUS_NORMALIZATION_LAYER, layers[1].normalization_epsilon = 3e-4;
    talus_network *network = network_of(layers, 2, _i), *imported;
    talus_layer layer;
    comes_back(network);
    expect_ok(context, talus_model_import_onnx(context, onnx_path, &imported));
    expect_ok(context, talus_network_get_layer(imported, 1, &layer));
    ck_assert_int_eq(layer.without_biases, 1);
    expect_ok(context, talus_network_get_layer(imported, 2, &layer));
    ck_assert_int_eq(layer.normalization, TALUS_NORMALIZATION_LAYER);
    ck_assert_double_eq(layer.normalization_epsilon, 3e-4);
    talus_network_destroy(imported);
    talus_network_destroy(network);
}
END_TEST

/* Numbers that f32 holds; and any numbers, of which x′ differs by roundings. */
START_TEST(scalings_come_back)
{
    talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    double shift[] = {0.5, -3, 100.125, 0, 1 + 0x1p-40}, scale[] = {2, -0.25, 1, 0x1p-20, 3};
    const double third[] = {1.0 / 3, 0.1};
    talus_network *network = network_of(layers, 2, _i), *imported;
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
    expect_ok(context, talus_network_scale_targets(network, &shift[1], &scale[4], 1));
    comes_back(network);
    expect_ok(context, talus_network_scale_inputs(network, &third[0], &third[1], 1));
    expect_ok(context, talus_model_export_onnx(network, onnx_path));
    expect_ok(context, talus_model_import_onnx(context, onnx_path, &imported));
    int64_t count;
    const double *got_shift, *got_scale, epsilon = _i == TALUS_DTYPE_F64 ? 0 : 0x1p-24;
    expect_ok(context, talus_network_input_scaling(imported, &count, &got_shift, &got_scale));
    ck_assert_int_eq(count, 1);
    ck_assert_double_le(fabs(*got_shift - third[0]), epsilon * 0x1p-24); /* in two numbers of f32 */
    ck_assert_double_le(fabs(*got_scale - third[1]), epsilon * third[1]);
    expect_ok(context, talus_network_target_scaling(imported, &count, &got_shift, &got_scale));
    ck_assert(count == 1 && *got_shift == shift[1] && *got_scale == scale[4]);
    talus_network_destroy(imported);
    talus_network_destroy(network);
}
END_TEST

START_TEST(ranges_come_back)
{
    static const talus_output_range ranges[] = {{.outputs = 1, .activation = TALUS_SIGMOID},
                                                {.outputs = 1},
                                                {.outputs = 1, .activation = TALUS_GELU}};
    talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR), got;
    talus_network *network, *imported;
    spec.ranges = ranges, spec.range_count = 3, spec.range_size = sizeof *ranges, spec.precision = _i;
    expect_ok(context, talus_network_create(context, &spec, &network));
    comes_back(network);
    expect_ok(context, talus_model_import_onnx(context, onnx_path, &imported));
    expect_ok(context, talus_network_get_spec(imported, &got));
    ck_assert_int_eq(got.range_count, 3);
    ck_assert_int_eq(got.ranges[0].loss, TALUS_BINARY_CROSS_ENTROPY);
    ck_assert_int_eq(got.ranges[2].loss, TALUS_SQUARED_ERROR);
    ck_assert_int_eq(got.ranges[2].activation, TALUS_GELU);
    talus_network_destroy(imported);
    talus_network_destroy(network);
}
END_TEST

/* What others write; y is the output for x = (1, −2), and for a second row x = (3, 5). */
static const struct foreign {
    const char *text;
    double y[4];
    int outputs, activation;
} foreign[] = {
    /* x·B + C, with B = (1 2; 3 4) */
    {"input x\noutput y\ntensor B f64 2x2 1 2 3 4\ntensor C f64 2 10 20\nnode Gemm x,B,C y",
     {5, 14, 28, 46},
     2,
     TALUS_IDENTITY},
    {"input x\noutput y\ntensor B f64 2x2 1 3 2 4\ntensor C f64 1x2 10 20\nnode Gemm x,B,C y transB=i1",
     {5, 14, 28, 46},
     2,
     TALUS_IDENTITY},
    /* 2·x·B + ½·C */
    {"input x\noutput y\ntensor B f64 2x2 1 2 3 4\ntensor C f64 - 10\n"
     "node Gemm x,B,C y alpha=f2 beta=f0.5 transA=i0 transB=i0",
     {-5, -7, 41, 57},
     2,
     TALUS_IDENTITY},
    {"input x\noutput y\ntensor B f64s 2x2 1 2 3 4\ntensor C f64s 2 10 20\nnode MatMul x,B z\nnode Add z,C y",
     {5, 14, 28, 46},
     2,
     TALUS_IDENTITY},
    {"input x\noutput y\ntensor B f32s 2x2 1 2 3 4\nconstant C f32 2 10 20\nnode MatMul x,B z\nnode Add C,z "
     "a\n"
     "node Relu a y",
     {5, 14, 28, 46},
     2,
     TALUS_RELU},
    {"set 9\ninput x\noutput y\ntensor B f32 2x1 1 3\nnode MatMul x,B z\nnode Relu z y",
     {0, 18},
     1,
     TALUS_RELU},
    /* through what changes nothing */
    {"input x\noutput y\ntensor B f32 2x1 1 3\nnode Flatten x f axis=i1\nnode MatMul f,B z\nnode Identity z "
     "i\n"
     "node LeakyRelu i a alpha=f0.5\nnode Dropout a d ratio=f0.5\nnode Cast d y to=i1",
     {-2.5, 18},
     1,
     TALUS_LEAKY_RELU},
    {"input x\noutput y\ntensor B f32 2x1 1 3\nnode MatMul x,B z\nnode LeakyRelu z y",
     {-0.05, 18},
     1,
     TALUS_LEAKY_RELU},
    /* (z − 4)/√(8.999999 + 10⁻⁶)·3 + 2, z = x·B + 1: of a normalised layer, whose mean takes in the 1 */
    {"input x\noutput y\ntensor B f64 2x1 1 3\ntensor C f64 1 1\ntensor s f64 1 3\ntensor t f64 1 2\n"
     "tensor m f64 1 4\ntensor v f64 1 8.75\nnode Gemm x,B,C z\n"
     "node BatchNormalization z,s,t,m,v y epsilon=f0.25 momentum=f0.9",
     {-6, 17},
     1,
     TALUS_IDENTITY},
    /* ((x − 1)·2)·B, and then y·4 − 1 */
    {"input x\noutput y\ntensor one f64 1 1\ntensor two f64 1x2 2 2\ntensor four f64 - 4\ntensor B f64 2x1 1 "
     "3\n"
     "node Sub x,one s\nnode Mul two,s t\nnode Gemm t,B z\nnode Mul z,four m\nnode Sub m,one y",
     {-73, 111},
     1,
     TALUS_IDENTITY},
    /* (x + 1)/2, and y/4 + 1 */
    {"input x\noutput y\ntensor one f64 1 1\ntensor two f64 2 2 2\ntensor four f64 1 4\ntensor B f64 2x1 1 "
     "3\n"
     "node Add one,x s\nnode Div s,two t\nnode MatMul t,B z\nnode Div z,four m\nnode Add m,one y",
     {0.875, 3.75},
     1,
     TALUS_IDENTITY},
    /* gelu(0) = 0, by its operator and as PyTorch writes it; z = x·(2; 1) */
    {"set 20\ninput x\noutput y\ntensor B f32 2x1 2 1\nnode MatMul x,B z\nnode Gelu z y",
     {0, 11},
     1,
     TALUS_GELU},
    {"set 20\ninput x\noutput y\ntensor B f32 2x1 2 1\nnode MatMul x,B z\nnode Gelu z y approximate=stanh",
     {0, 11},
     1,
     TALUS_GELU_TANH},
    {"set 20\ninput x\noutput y\ntensor B f32 2x1 2 1\nnode MatMul x,B z\nnode Gelu z y approximate=snone",
     {0, 11},
     1,
     TALUS_GELU},
    {"input x\noutput y\ntensor B f32 2x1 2 1\nconstant r f32 - 1.41421354\nconstant o f32 - 1\nconstant h "
     "f32 - 0.5\n"
     "node MatMul x,B z\nnode Div z,r d\nnode Erf d e\nnode Add e,o f\nnode Mul z,f g\nnode Mul g,h y",
     {0, 11},
     1,
     TALUS_GELU},
    {"set 18\ninput x\noutput y\ntensor B f32 2x1 2 1\nnode MatMul x,B z\nnode Mish z y",
     {0, 11},
     1,
     TALUS_MISH},
    {"set 24\ninput x\noutput y\ntensor B f32 2x1 2 1\nnode MatMul x,B z\nnode Swish z y",
     {0, 10.999816},
     1,
     TALUS_SILU},
    {"input x\noutput y\ntensor B f32 2x1 2 1\nnode MatMul x,B z\nnode Sigmoid z s\nnode Mul s,z y",
     {0, 10.999816},
     1,
     TALUS_SILU},
    {"input x\noutput y\ntensor B f32 2x1 1 3\ntensor s f32 1 0.5\nnode MatMul x,B z\nnode PRelu z,s y",
     {-2.5, 18},
     1,
     TALUS_PRELU},
    {"input x\noutput y\ntensor B f32 2x2 1 2 3 4\nnode Gemm x,B z\nnode Softmax z y axis=i-1",
     {0.73105858, 0.26894142, 0.00033535, 0.99966465},
     2,
     TALUS_SOFTMAX},
    {"input x\noutput y\ntensor B f32 2x1 2 1\nnode MatMul x,B z\nnode Sin z y",
     {0, -0.99999021},
     1,
     TALUS_SINE},
    {"input x\noutput y\ntensor B f32 2x1 1 3\nnode Cast x c to=i1\nnode MatMul c,B z\n"
     "node LeakyRelu z y alpha=f300",
     {-1500, 18},
     1,
     TALUS_LEAKY_RELU},
    /* elements that stand before or after nodes, and constants among the inputs, as old files have them */
    {"input x\ninput B\nnode MatMul x,B y\noutput y\ntensor B f32 2x1 1 3", {-5, 18}, 1, TALUS_IDENTITY},
};
enum { FOREIGN = sizeof foreign / sizeof *foreign };

START_TEST(what_others_write_is_understood)
{
    const struct foreign *of = &foreign[_i];
    static const double x[] = {1, -2, 3, 5};
    double y[4];
    talus_network *network = NULL;
    onnx_bytes file = onnx_of(of->text);
    write_bytes(file.bytes, file.length);
    expect_ok(context, talus_model_import_onnx(context, onnx_path, &network));
    ck_assert_int_eq(talus_network_activation(network, 1), of->activation);
    predict_rows(network, 2, x, y);
    for (int i = 0; i < 2 * of->outputs; i++)
        ck_assert_double_eq_tol(y[i], of->y[i], 1e-6);
    free_onnx(&file);
    talus_network_destroy(network);
}
END_TEST

START_TEST(losses_are_those_of_the_last_activation)
{
    static const int activations[] = {TALUS_SIGMOID, TALUS_SOFTMAX, TALUS_TANH};
    static const int losses[] = {TALUS_BINARY_CROSS_ENTROPY, TALUS_CROSS_ENTROPY, TALUS_SQUARED_ERROR};
    const double scale = 2;
    for (int i = 0; i < 3; i++)
        for (int scaled = 0; scaled < 2; scaled++) {
            talus_layer layer = talus_dense(OUTPUTS, activations[i]);
            talus_network *network = network_of(&layer, 1, TALUS_DTYPE_F32), *imported;
            bool can = talus_network_scale_targets(network, NULL, scaled ? &scale : NULL, 1) == TALUS_OK;
            ck_assert(can || activations[i] == TALUS_SOFTMAX);
            expect_ok(context, talus_model_export_onnx(network, onnx_path));
            expect_ok(context, talus_model_import_onnx(context, onnx_path, &imported));
            ck_assert_int_eq(talus_network_loss(imported), can && scaled ? TALUS_SQUARED_ERROR : losses[i]);
            talus_network_destroy(network);
            talus_network_destroy(imported);
        }
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    talus_network *network = NULL;
    ck_assert_int_eq(talus_model_import_onnx(NULL, onnx_path, &network), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_import_onnx(context, NULL, &network));
    expect_message(context, "import_onnx: path must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_import_onnx(context, onnx_path, NULL));
    expect_message(context, "import_onnx: network must not be NULL");
    expect_status(context, TALUS_ERROR_FILE, talus_model_import_onnx(context, onnx_path, &network));
    ck_assert_ptr_null(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("onnx_import");
    TCase *all = case_with(suite, begin_onnx, end_onnx);
    tcase_add_loop_test(all, every_activation_comes_back, 0, 2 * TALUS_ACTIVATION_COUNT);
    tcase_add_loop_test(all, options_of_layers_come_back, 0, 2);
    tcase_add_loop_test(all, scalings_come_back, 0, 2);
    tcase_add_loop_test(all, ranges_come_back, 0, 2);
    tcase_add_loop_test(all, what_others_write_is_understood, 0, FOREIGN);
    tcase_add_test(all, losses_are_those_of_the_last_activation);
    tcase_add_test(all, wrong_arguments_are_refused);
    return run_suite(suite);
}
