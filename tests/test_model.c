/* Networks in files: what is loaded is what was saved, and what cannot be loaded is refused in a sentence. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

static char folder[64], path[96];

static void begin(void)
{
    begin_with_folder(folder);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
}

static void end(void)
{
    end_with_folder(folder, path);
}

enum { INPUTS = 5, SAMPLES = 7, OUTPUTS = 3 };

/* Networks that have one thing each that a file must keep. */
typedef struct kind {
    const char *name;
    talus_network_spec spec;
    talus_layer layers[3];
} kind;

static const double weights[OUTPUTS] = {1, 0, 1.0 / 3};
static const talus_output_range ranges[] = {{1, TALUS_SIGMOID, TALUS_BINARY_CROSS_ENTROPY, 0, 0, 2},
                                            {2, TALUS_IDENTITY, TALUS_HUBER, 0, 0.7, 0}};

static const kind kinds[] = {
    {"plain", {0}, {{.width = 4, .activation = TALUS_TANH}, {.width = 6, .activation = TALUS_RELU}}},
    {"options of layers",
     {.input_dropout = 0.1, .input_noise = 0.3, .seed = INT64_MIN},
     {{.width = 4,
       .activation = TALUS_ELU,
       .alpha = 0.3,
       .dropout = 0.25,
       .l1 = 1e-300,
       .l2 = 0.1,
       .max_norm = 3,
       .initializer = TALUS_INIT_ORTHOGONAL,
       .gain = 1.5,
       .spectral_norm = 2.5},
      {.width = 6,
       .activation = TALUS_SINE,
       .without_biases = 1,
       .initializer = TALUS_INIT_LECUN_NORMAL,
       .spectral_penalty = 0.25}}},
    {"slopes",
     {0},
     {{.width = 4, .activation = TALUS_PRELU}, {.width = 6, .activation = TALUS_PRELU, .alpha = 0.5}}},
    {"normalisation of layers",
     {0},
     {{.width = 4, .activation = TALUS_TANH, .normalization = TALUS_NORMALIZATION_LAYER}, {.width = 6}}},
    {"normalisation of batches",
     {0},
     {{.width = 4,
       .activation = TALUS_RELU,
       .normalization = TALUS_NORMALIZATION_BATCH,
       .normalization_epsilon = 1e-3},
      {.width = 6, .normalization = TALUS_NORMALIZATION_BATCH, .normalization_momentum = 0.2}}},
    {"a loss with a parameter",
     {.loss = TALUS_QUANTILE, .loss_parameter = 0.9, .missing_targets = 1},
     {{.width = 4}, {.width = 6}}},
    {"weights of outputs",
     {.output_weights = weights, .output_weight_count = OUTPUTS},
     {{.width = 4}, {.width = 6}}},
    {"products", {.products = TALUS_PRODUCTS_BF16_X3}, {{.width = 4}, {.width = 6}}},
    {"ranges",
     {.ranges = ranges, .range_count = 2, .range_size = sizeof(talus_output_range)},
     {{.width = 4}, {.width = 6}}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static talus_network *network_of(const kind *of, int precision)
{
    talus_network *network;
    talus_layer layers[3];
    talus_network_spec spec = of->spec;
    memcpy(layers, of->layers, sizeof layers);
    layers[2] = (talus_layer){.width = OUTPUTS};
    spec.inputs = INPUTS, spec.layers = layers, spec.layer_count = 3, spec.precision = precision;
    spec.products = precision == TALUS_DTYPE_F32 ? spec.products : TALUS_PRODUCTS_EXACT;
    expect_ok(context, talus_network_create(context, &spec, &network));
    return network;
}

/* Numbers that have no short decimal text. */
static void make_odd(talus_network *network)
{
    for (int l = 1; l <= 3; l++) {
        talus_matrix means, variances;
        if (talus_network_statistics(network, l, &means, &variances) != TALUS_OK)
            continue;
        for (int64_t k = 0; k < means.cols; k++) {
            ((double *)means.data)[k] = 1.0 / (3 + (double)k);
            ((double *)variances.data)[k] = 2.0 / (7 + (double)k);
        }
    }
    double shift[INPUTS] = {0.1, 1e-310, -3e200, 1.0 / 3, 5}, scale[INPUTS] = {1, 0.7, 1e-200, -1.0 / 7, 3};
    expect_ok(context, talus_network_scale_inputs(network, shift, scale, INPUTS));
}

static void predict(talus_network *network, double out[SAMPLES * OUTPUTS])
{
    talus_workspace *workspace = workspace_of(network, SAMPLES);
    double *x = random_array(1, SAMPLES * INPUTS);
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, INPUTS),
                 a = talus_matrix_view(out, TALUS_DTYPE_F64, SAMPLES, OUTPUTS);
    expect_ok(context, talus_predict(network, workspace, &in, &a));
    talus_workspace_destroy(workspace);
    free(x);
}

static void same_specs(const talus_network *a, const talus_network *b)
{
    talus_network_spec one, other;
    expect_ok(context, talus_network_get_spec(a, &one));
    expect_ok(context, talus_network_get_spec(b, &other));
    ck_assert_int_eq(one.output_weight_count, other.output_weight_count);
    ck_assert_int_eq(one.range_count, other.range_count);
    same_bytes(one.output_weights, other.output_weights, (size_t)one.output_weight_count * sizeof(double));
    same_bytes(one.ranges, other.ranges, (size_t)one.range_count * sizeof *one.ranges);
    one.output_weights = other.output_weights;
    one.ranges = other.ranges;
    same_bytes(&one, &other, sizeof one);
    for (int l = 1; l <= one.layer_count; l++) {
        talus_layer of_one, of_other;
        expect_ok(context, talus_network_get_layer(a, l, &of_one));
        expect_ok(context, talus_network_get_layer(b, l, &of_other));
        same_bytes(&of_one, &of_other, sizeof of_one);
    }
}

START_TEST(what_is_loaded_is_what_was_saved)
{
    talus_network *saved = network_of(&kinds[_i / 2], _i % 2), *loaded = NULL;
    double before[SAMPLES * OUTPUTS], after[SAMPLES * OUTPUTS];
    make_odd(saved);
    expect_ok(context, talus_model_save(saved, NULL, path));
    expect_ok(context, talus_model_load(context, path, &loaded));
    same_specs(saved, loaded);
    same_parameters(saved, loaded);
    predict(saved, before);
    predict(loaded, after);
    same_bytes(before, after, sizeof before);
    talus_network_destroy(saved);
    talus_network_destroy(loaded);
}
END_TEST

START_TEST(targets_keep_their_scaling)
{
    talus_network *saved = network_of(&kinds[0], TALUS_DTYPE_F64), *loaded = NULL;
    const double shift = 1.0 / 3, scale = 1e-5;
    expect_ok(context, talus_network_scale_targets(saved, &shift, &scale, 1));
    expect_ok(context, talus_model_save(saved, NULL, path));
    expect_ok(context, talus_model_load(context, path, &loaded));
    int64_t count;
    const double *got_shift, *got_scale;
    expect_ok(context, talus_network_target_scaling(loaded, &count, &got_shift, &got_scale));
    ck_assert_int_eq(count, 1);
    ck_assert(*got_shift == shift && *got_scale == scale);
    expect_ok(context, talus_network_input_scaling(loaded, &count, NULL, NULL));
    ck_assert_int_eq(count, 0);
    talus_network_destroy(saved);
    talus_network_destroy(loaded);
}
END_TEST

START_TEST(notes_are_kept)
{
    talus_network *network = network_of(&kinds[0], TALUS_DTYPE_F32);
    char text[64];
    size_t length;
    expect_ok(context, talus_model_save(network, " {\"columns\": [\"a \\\"b\\\"\", \"\xC3\xA9\"]} ", path));
    expect_ok(context, talus_model_notes(context, path, text, sizeof text, &length));
    ck_assert_str_eq(text, "{\"columns\": [\"a \\\"b\\\"\", \"\xC3\xA9\"]}");
    ck_assert_uint_eq(length, strlen(text));
    expect_ok(context, talus_model_notes(context, path, text, 5, &length));
    ck_assert_str_eq(text, "{\"co");
    expect_ok(context, talus_model_save(network, NULL, path));
    expect_ok(context, talus_model_notes(context, path, text, sizeof text, NULL));
    ck_assert_str_eq(text, "");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_save(network, "{} x", path));
    expect_message(context, "model_save: notes: byte 3");
    expect_ok(context, talus_model_notes(context, path, NULL, 0, &length)); /* the old file still stands */
    ck_assert_uint_eq(length, 0);
    talus_network_destroy(network);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
    talus_network *network = network_of(&kinds[0], TALUS_DTYPE_F32), *none = NULL;
    talus_matrix parameters;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_save(network, NULL, NULL));
    ck_assert_int_eq(talus_model_save(NULL, NULL, path), TALUS_ERROR_ARGUMENT);
    ck_assert_int_eq(talus_model_load(NULL, path, &none), TALUS_ERROR_ARGUMENT);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_load(context, NULL, &none));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_load(context, path, NULL));
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_notes(context, path, NULL, 1, NULL));
    expect_status(context, TALUS_ERROR_FILE, talus_model_load(context, path, &none));
    expect_message(context, "cannot be opened: No such file");
    expect_ok(context, talus_network_parameters(network, &parameters));
    ((float *)parameters.data)[INPUTS * 4 + 2] = NAN;
    expect_status(context, TALUS_ERROR_DATA, talus_model_save(network, NULL, path));
    expect_message(context, "model_save: the parameters must be finite, got nan in the biases of layer 1");
    ck_assert_ptr_null(none);
    talus_network_destroy(network);
}
END_TEST

START_TEST(every_failing_allocation_is_survived)
{
    talus_network *network = network_of(&kinds[7], TALUS_DTYPE_F32);
    make_odd(network);
    for (int save = 0; save < 2; save++)
        for (int n = 1;; n++) {
            talus_network *loaded = NULL;
            refuse_from_now(&book, n);
            talus_status status = save == 0 ? talus_model_save(network, "{}", path)
                                            : talus_model_load(context, path, &loaded);
            book.fail_at = 0;
            if (status == TALUS_OK) {
                ck_assert_int_gt(n, 4);
                talus_network_destroy(loaded);
                break;
            }
            ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
            ck_assert_ptr_null(loaded);
        }
    talus_network_destroy(network);
}
END_TEST

/* The file that was saved last. */
static unsigned char *read_file(size_t *length)
{
    FILE *file = fopen(path, "rb");
    struct stat about;
    ck_assert_int_eq(stat(path, &about), 0);
    *length = (size_t)about.st_size;
    unsigned char *bytes = malloc(*length);
    ck_assert_uint_eq(fread(bytes, 1, *length, file), *length);
    fclose(file);
    return bytes;
}

static talus_status load_bytes(const unsigned char *bytes, size_t length)
{
    talus_network *network = NULL;
    FILE *file = fopen(path, "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    fclose(file);
    talus_status status = talus_model_load(context, path, &network);
    ck_assert_int_eq(status == TALUS_OK, network != NULL);
    talus_network_destroy(network);
    return status;
}

START_TEST(every_truncation_is_an_error)
{
    size_t length;
    talus_network *network = network_of(&kinds[4], TALUS_DTYPE_F32);
    expect_ok(context, talus_model_save(network, "{\"a\": 1}", path));
    talus_network_destroy(network);
    unsigned char *bytes = read_file(&length);
    for (size_t i = 0; i < length; i++)
        expect_status(context, TALUS_ERROR_FORMAT, load_bytes(bytes, i));
    expect_ok(context, load_bytes(bytes, length));
    free(bytes);
}
END_TEST

/* In the elements nearly every bit may be another; in the rest no flip gives more than the file has. */
START_TEST(every_wrong_bit_is_survived)
{
    size_t length, taken = 0;
    talus_network *network = network_of(&kinds[7], TALUS_DTYPE_F32);
    expect_ok(context, talus_model_save(network, NULL, path));
    talus_network_destroy(network);
    unsigned char *bytes = read_file(&length);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        taken += load_bytes(bytes, length) == TALUS_OK;
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    ck_assert_uint_gt(taken, 0);
    ck_assert_uint_lt(taken, 8 * length);
    free(bytes);
}
END_TEST

/* A file as others write it. */
static void write_file(const char *header, const void *elements, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    uint64_t length = strlen(header);
    fwrite(&length, 1, sizeof length, file);
    fwrite(header, 1, length, file);
    fwrite(elements, 1, bytes, file);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(layers_of_others_are_loaded)
{
    /* W of "net.10" is 1 × 2 in f32, and "net.2" has W 2 × 1 in f16 and b in bf16: 0.5, −2; 1, 3 */
    static const char header[] =
        "{\"net.10.weight\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
        "\"net.2.bias\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[12,16]},"
        "\"net.2.weight\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[8,12]}}  ";
    struct {
        float w[2];
        uint16_t half[2], brain[2];
    } elements = {{10, 100}, {0x3800, 0xC000}, {0x3F80, 0x4040}};
    talus_layer layers[2] = {{.activation = TALUS_RELU}, {0}};
    talus_network_spec spec = talus_dense_network(0, layers, 2, TALUS_SQUARED_ERROR);
    talus_network *network;
    write_file(header, &elements, sizeof elements);
    spec.precision = TALUS_DTYPE_F64;
    expect_ok(context, talus_model_load_layers(context, path, &spec, &network));
    ck_assert_int_eq(talus_network_width(network, 0), 1);
    ck_assert_int_eq(talus_network_width(network, 1), 2);
    double x = 1, y = 0; /* 10·relu(0.5 + 1) + 100·relu(−2 + 3) */
    talus_matrix in = talus_matrix_view(&x, TALUS_DTYPE_F64, 1, 1),
                 out = talus_matrix_view(&y, TALUS_DTYPE_F64, 1, 1);
    talus_workspace *workspace = workspace_of(network, 1);
    expect_ok(context, talus_predict(network, workspace, &in, &out));
    ck_assert_double_eq(y, 115);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);

    layers[0].width = 3;
    expect_status(context, TALUS_ERROR_SHAPE, talus_model_load_layers(context, path, &spec, &network));
    expect_message(context, "the width of layer 1 must be 2 as in the file, or 0, got 3");
    spec.layer_count = 1;
    expect_status(context, TALUS_ERROR_SHAPE, talus_model_load_layers(context, path, &spec, &network));
    expect_message(context, "layer_count must be 2 as in the file, got 1");
    expect_status(context, TALUS_ERROR_FORMAT, talus_model_load(context, path, &network));
    expect_message(context, "has no metadata \"talus\"");
}
END_TEST

/* What Talus saves can be read as what others write. */
START_TEST(plain_layers_are_those_of_a_model)
{
    talus_network *saved = network_of(&kinds[0], TALUS_DTYPE_F32), *loaded;
    talus_layer layers[3] = {{.activation = TALUS_TANH}, {.activation = TALUS_RELU}, {0}};
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 3, TALUS_SQUARED_ERROR);
    expect_ok(context, talus_model_save(saved, NULL, path));
    expect_ok(context, talus_model_load_layers(context, path, &spec, &loaded));
    same_parameters(saved, loaded);
    talus_network_destroy(saved);
    talus_network_destroy(loaded);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model");
    TCase *all = case_with(suite, begin, end);
    tcase_add_loop_test(all, what_is_loaded_is_what_was_saved, 0, 2 * KINDS);
    tcase_add_test(all, targets_keep_their_scaling);
    tcase_add_test(all, notes_are_kept);
    tcase_add_test(all, wrong_arguments_are_refused);
    tcase_add_test(all, every_failing_allocation_is_survived);
    tcase_add_test(all, every_truncation_is_an_error);
    tcase_add_test(all, every_wrong_bit_is_survived);
    tcase_add_test(all, layers_of_others_are_loaded);
    tcase_add_test(all, plain_layers_are_those_of_a_model);
    return run_suite(suite);
}
