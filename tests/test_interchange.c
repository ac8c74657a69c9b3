/* Networks that are written for others: what cannot be said is refused, and memory that lacks is an error. What the files
 * compute is tested by outside/onnx_models.py and outside/c_models.sh, with the models of write_models.c. */
#include <stdio.h>
#include <unistd.h>

#include "fixture.h"

static char folder[64], path[96], header[96], source[96];

static void begin(void)
{
    begin_with_folder(folder);
    snprintf(path, sizeof path, "%s/model.onnx", folder);
    snprintf(header, sizeof header, "%s/model.h", folder);
    snprintf(source, sizeof source, "%s/model.c", folder);
}

static void end(void)
{
    unlink(header);
    unlink(source);
    end_with_folder(folder, path);
}

START_TEST(wrong_arguments_are_refused)
{
    talus_network *network = two_layers(TALUS_DTYPE_F64, 3, 4, 2, TALUS_IDENTITY);
    talus_matrix parameters;
    ck_assert_int_eq(talus_model_export_onnx(NULL, path), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_export_onnx(network, NULL));
    expect_message(context, "export_onnx: path must not be NULL");
    expect_status(context, TALUS_ERROR_FILE, talus_model_export_onnx(network, folder));
    expect_ok(context, talus_network_parameters(network, &parameters));
    ((double *)parameters.data)[3 * 4 + 1] = INFINITY;
    expect_status(context, TALUS_ERROR_DATA, talus_model_export_onnx(network, path));
    expect_message(context, "export_onnx: the parameters must be finite, got inf in the biases of layer 1");
    ck_assert_int_eq(access(path, F_OK), -1);
    talus_network_destroy(network);
}
END_TEST

START_TEST(scalings_must_fit_into_the_precision)
{
    static const struct {
        double shift, scale;
        bool fits;
    } cases[] = {{1e39, 1, false}, {0, 1e39, false}, {0, -1e-39, false}, {3e38, -2e-38, true}};
    for (int precision = 0; precision < 2; precision++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            for (int outputs = 0; outputs < 2; outputs++) {
                talus_network *network = two_layers(precision, 3, 4, 2, TALUS_IDENTITY);
                expect_ok(context, (outputs ? talus_network_scale_targets : talus_network_scale_inputs)(
                                       network, &cases[i].shift, &cases[i].scale, 1));
                bool fits = precision == TALUS_DTYPE_F64 || cases[i].fits;
                expect_status(context, fits ? TALUS_OK : TALUS_ERROR_UNSUPPORTED,
                              talus_model_export_onnx(network, path));
                if (!fits)
                    expect_message(context, outputs ? "export_onnx: the scaling of output 0 must fit into"
                                                    : "export_onnx: the scaling of input 0 must fit into");
                talus_network_destroy(network);
            }
}
END_TEST

/* A network that has all that a file can hold. */
static talus_network *rich_network(void)
{
    static const talus_output_range ranges[] = {{.outputs = 1, .activation = TALUS_SIGMOID}, {.outputs = 2}};
    talus_layer layers[] = {
        {.width = 5, .activation = TALUS_PRELU, .normalization = TALUS_NORMALIZATION_BATCH},
        {.width = 4, .activation = TALUS_MISH, .normalization = TALUS_NORMALIZATION_LAYER},
        {.width = 3, .without_biases = 1}};
    talus_network_spec spec = talus_dense_network(3, layers, 3, TALUS_SQUARED_ERROR);
    const double shift = 0.1, scale = 1.0 / 3;
    talus_network *network;
    spec.ranges = ranges, spec.range_count = 2, spec.range_size = sizeof *ranges;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_scale_inputs(network, &shift, &scale, 1));
    expect_ok(context, talus_network_scale_targets(network, &shift, &scale, 1));
    return network;
}

START_TEST(folded_parameters_must_be_finite)
{
    talus_layer layer = {.width = 1, .normalization = TALUS_NORMALIZATION_BATCH};
    talus_network_spec spec = talus_dense_network(1, &layer, 1, TALUS_SQUARED_ERROR);
    talus_matrix scales, variances;
    talus_network *network;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_part(network, NULL, 1, TALUS_PART_NORM_SCALES, &scales));
    expect_ok(context, talus_network_statistics(network, 1, NULL, &variances));
    *(float *)scales.data = 3e38f, *(double *)variances.data = 0;
    expect_status(context, TALUS_ERROR_DATA, talus_model_export_onnx(network, path));
    expect_message(context, "export_onnx: the parameters must be finite");
    expect_status(context, TALUS_ERROR_DATA, talus_model_export_c(network, folder, "model"));
    expect_message(context, "export_c: the parameters must be finite");
    talus_network_destroy(network);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    talus_network *network = rich_network();
    for (int n = 1;; n++) {
        refuse_from_now(&book, n);
        talus_status status = talus_model_export_onnx(network, path);
        book.fail_at = 0;
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 8);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_int_eq(access(path, F_OK), -1);
    }
    for (int n = 1;; n++) {
        refuse_from_now(&book, n);
        talus_status status = talus_model_export_c(network, folder, "model");
        book.fail_at = 0;
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 8);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
        ck_assert_int_eq(access(source, F_OK), -1);
    }
    talus_network_destroy(network);
}
END_TEST

START_TEST(programs_have_names_and_fit_on_a_stack)
{
    static const char *const names[] = {"",
                                        "1x",
                                        "a b",
                                        "../x",
                                        "x.y",
                                        "\xE9t",
                                        "a2345678901234567890123456789012345678901234567890123456789012345"};
    talus_network *network = two_layers(TALUS_DTYPE_F32, 3, 4, 2, TALUS_IDENTITY);
    ck_assert_int_eq(talus_model_export_c(NULL, folder, "model"), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_export_c(network, NULL, "model"));
    expect_message(context, "export_c: directory must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_export_c(network, folder, NULL));
    expect_message(context, "export_c: name must not be NULL");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_export_c(network, folder, names[i]));
        expect_message(context, "export_c: name must be an identifier of C of at most 64 letters, got \"");
    }
    expect_ok(context, talus_model_export_c(network, folder, "model"));
    expect_status(context, TALUS_ERROR_FILE,
                  talus_model_export_c(network, "/tmp/no/such/directory", "model"));
    talus_network_destroy(network);
    network = two_layers(TALUS_DTYPE_F32, 1, 65537, 1, TALUS_IDENTITY);
    expect_status(context, TALUS_ERROR_UNSUPPORTED, talus_model_export_c(network, folder, "model"));
    expect_message(context, "export_c: a layer must have at most 65536 units, layer 1 has 65537");
    talus_network_destroy(network);
}
END_TEST

/* The numbers of an array in a file. */
static void read_array(const char *file_name, const char *array, double *numbers, int count)
{
    char text[4096];
    FILE *file = fopen(file_name, "r");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    char *at = strstr(text, array);
    ck_assert_ptr_nonnull(at);
    at = strchr(at, '{');
    for (int i = 0; i < count; i++)
        numbers[i] = strtod(at + 1, &at);
}

START_TEST(programs_have_the_numbers_exactly)
{
    static const double wanted[] = {0,
                                    -0.0,
                                    5e-324,
                                    -2.2250738585072009e-308,
                                    2.2250738585072014e-308,
                                    1,
                                    -1.0 / 3,
                                    1.7976931348623157e308,
                                    0x1.0000000000001p-1000};
    enum { COUNT = sizeof wanted / sizeof *wanted };
    talus_layer layer = talus_dense(1, TALUS_IDENTITY);
    talus_network_spec spec = talus_dense_network(COUNT, &layer, 1, TALUS_SQUARED_ERROR);
    talus_matrix weights;
    talus_network *network;
    double got[COUNT];
    spec.precision = TALUS_DTYPE_F64;
    expect_ok(context, talus_network_create(context, &spec, &network));
    expect_ok(context, talus_network_weights(network, NULL, 1, &weights));
    memcpy(weights.data, wanted, sizeof wanted);
    expect_ok(context, talus_model_export_c(network, folder, "model"));
    read_array(source, "weights_1[]", got, COUNT);
    same_bytes(got, wanted, sizeof wanted);
    talus_network_destroy(network);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interchange");
    TCase *all = case_with(suite, begin, end);
    tcase_add_test(all, wrong_arguments_are_refused);
    tcase_add_test(all, scalings_must_fit_into_the_precision);
    tcase_add_test(all, programs_have_names_and_fit_on_a_stack);
    tcase_add_test(all, programs_have_the_numbers_exactly);
    tcase_add_test(all, folded_parameters_must_be_finite);
    tcase_add_test(all, every_failing_allocation_is_survived);
    return run_suite(suite);
}
