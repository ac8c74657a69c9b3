/* Files that are safetensors, but no model, or no layers: what is wrong is said in a sentence. */
#include <stdio.h>
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

/* A file of zeros in f32. */
static void write_file(const char *header, size_t elements)
{
    const uint64_t length = strlen(header);
    FILE *file = fopen(path, "wb");
    fwrite(&length, 1, sizeof length, file);
    fwrite(header, 1, length, file);
    for (size_t i = 0; i < elements; i++)
        fwrite(&(float){0}, 1, sizeof(float), file);
    ck_assert_int_eq(fclose(file), 0);
}

/* Layers of others ------------------------------------------------------------------------------------------ */

#define TENSOR(name, shape, from, to)                                                                        \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" #from "," #to "]}"

static const struct {
    const char *tensors, *message;
    size_t elements;
} files[] = {
    {TENSOR("0.weight", "[2]", 0, 8), "\"0.weight\" must have 2 dimensions", 2},
    {TENSOR("0.weight", "[1,2]", 0, 8) "," TENSOR("0.scale", "[1]", 8, 12),
     "\"0.scale\" is neither weights nor biases of a dense layer", 3},
    {TENSOR("0.bias", "[2]", 0, 8), "must have weights of layers, and biases of these only", 2},
    {TENSOR("0.weight", "[1,2]", 0, 8) "," TENSOR("1.bias", "[1]", 8, 12),
     "must have weights of layers, and biases of these only", 3},
    {TENSOR("0.weight", "[1,2]", 0, 8) "," TENSOR("1.weight", "[1,3]", 8, 20),
     "\"1.weight\" must have as many columns as the weights before it have rows", 5},
    {TENSOR("0.weight", "[2,1]", 0, 8) "," TENSOR("0.bias", "[1]", 8, 12),
     "\"0.bias\" must have a number for each row of its weights", 3},
    {TENSOR("0.weight", "[1,2]", 0, 8) "," TENSOR("0.bias", "[1,1]", 8, 12),
     "\"0.bias\" must have a number for each row of its weights", 3},
};

static talus_status load_layers(int layers, bool without_biases)
{
    talus_layer given[4] = {{0}};
    talus_network *network = NULL;
    talus_network_spec spec = talus_dense_network(0, given, layers, TALUS_SQUARED_ERROR);
    for (int l = 0; l < layers; l++)
        given[l].without_biases = without_biases;
    talus_status status = talus_model_load_layers(context, path, &spec, &network);
    talus_network_destroy(network);
    return status;
}

START_TEST(layers_that_do_not_fit_are_refused)
{
    char header[512];
    snprintf(header, sizeof header, "{%s}", files[_i].tensors);
    write_file(header, files[_i].elements);
    expect_status(context, TALUS_ERROR_FORMAT, load_layers(1, false));
    expect_message(context, files[_i].message);
}
END_TEST

START_TEST(biases_need_a_place)
{
    write_file("{" TENSOR("0.weight", "[1,2]", 0, 8) "," TENSOR("0.bias", "[1]", 8, 12) "}", 3);
    expect_ok(context, load_layers(1, false));
    expect_status(context, TALUS_ERROR_FORMAT, load_layers(1, true));
    expect_message(context, "\"0.bias\" is of a layer that has no biases in the spec");
}
END_TEST

/* Layer 2 comes before layer 10, zeros in front do not count, and what has no numbers is in the order of its letters. */
START_TEST(names_are_in_the_order_of_their_numbers)
{
    write_file("{" TENSOR("a10.weight", "[1,3]", 0, 12) "," TENSOR("a02.weight", "[3,1]", 12, 24) "}", 6);
    expect_ok(context, load_layers(2, false));
    write_file("{" TENSOR("b.weight", "[1,3]", 0, 12) "," TENSOR("a.weight", "[3,1]", 12, 24) "}", 6);
    expect_ok(context, load_layers(2, false));
    write_file("{" TENSOR("a.7.weight", "[1,3]", 0, 12) "," TENSOR("a.3.weight", "[3,1]", 12, 24) "}", 6);
    expect_ok(context, load_layers(2, false));
}
END_TEST

START_TEST(arguments_of_layers_are_checked)
{
    talus_layer layer = {0};
    talus_network *network;
    talus_network_spec spec = talus_dense_network(0, &layer, 1, TALUS_SQUARED_ERROR);
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_load_layers(context, NULL, &spec, &network));
    expect_message(context, "model_load_layers: path must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_load_layers(context, path, NULL, &network));
    expect_message(context, "model_load_layers: spec must not be NULL");
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_load_layers(context, path, &spec, NULL));
    expect_message(context, "model_load_layers: network must not be NULL");
    spec.layer_count = 0;
    expect_status(context, TALUS_ERROR_ARGUMENT, talus_model_load_layers(context, path, &spec, &network));
    expect_message(context, "model_load_layers: the spec must have layers");
}
END_TEST

START_TEST(memory_for_layers_may_be_refused)
{
    write_file("{" TENSOR("0.weight", "[1,2]", 0, 8) "," TENSOR("0.bias", "[1]", 8, 12) "}", 3);
    for (int n = 1;; n++) {
        refuse_from_now(&book, n);
        talus_status status = load_layers(1, false);
        book.fail_at = 0;
        if (status == TALUS_OK) {
            ck_assert_int_gt(n, 4);
            break;
        }
        ck_assert_int_eq(status, TALUS_ERROR_MEMORY);
    }
}
END_TEST

/* Models ------------------------------------------------------------------------------------------------------ */

#define LIMITED    "{'width': 1, 'spectral_norm': 2}"
#define PENALISED  "{'width': 1, 'spectral_penalty': 2}"
#define NORMALIZED "{'width': 1, 'normalization': 'batch'}"
#define STATISTICS "{'means': [0], 'variances': [1]}"

/* The members of a text, with ' for "; a network of one layer of one unit and two inputs. */
static const struct {
    const char *members, *message;
} texts[] = {
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'notes': 1, 'notes': 2",
     "\"notes\" must come once"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}], 'layers': [{'width': 1}]}", "layers must come once"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}], 'ranges': [{'outputs': 1}], 'ranges': []}",
     "ranges must come once"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}], 'output_weights': []}",
     "output_weights must come once, and not be empty"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}], 'output_weights': [1], 'output_weights': [1]}",
     "output_weights must come once, and not be empty"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}], 'inputs': 2}", "inputs must come once"},
    {"'network': {'inputs': [2], 'layers': [{'width': 1}]}",
     "an option must be a name, a number, true or false"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}, {'width': 1}, {'width': 1}]}",
     "there must be at most 2 members here"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'scaling': {'inputs': {'shift': [], 'scale': []}}",
     "there must be 1 or 2 numbers here, got 0"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, "
     "'scaling': {'inputs': {'shift': [0, 0], 'scale': [1]}}",
     "there must be 2 numbers here, got 1"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'scaling': {'inputs': {'clip': -3}}",
     "clip_inputs: clip must be 2^-100 … 2^100, or 0 for none, got -3"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'scaling': {'inputs': {'clip': [3]}}", "number"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'scaling': {'inputs': {'clip': 3, 'shift': [1]}}",
     "a scaling must have shift and scale"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'scaling': {'targets': {'clip': 3}}",
     "\"clip\" is not known to this version"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'scaling': {'targets': {}}",
     "a scaling must have shift and scale"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'projection': {'mean': [0, 0]}",
     "the tensor \"input.projection\" must be there, with 2 rows"},
    {"'network': {'inputs': 2, 'layers': [" NORMALIZED "]}, 'statistics': [{'means': [0]}]",
     "the statistics of a layer must be means and variances"},
    {"'network': {'inputs': 2, 'layers': [" NORMALIZED
     "]}, 'statistics': [{'means': [0], 'variances': [-1]}]",
     "means must be finite, and variances at least 0"},
    {"'network': {'inputs': 2, 'layers': [" NORMALIZED "]}, 'statistics': [" STATISTICS "," STATISTICS "]",
     "there are more statistics than layers that have them"},
    {"'network': {'inputs': 2, 'layers': [" NORMALIZED "]}, 'statistics': []",
     "there are no statistics of layer 1"},
    {"'network': {'inputs': 2, 'layers': [" NORMALIZED "]}",
     "statistics must be there if, and only if, a layer is normalised over the batch or has a spectral_norm "
     "or a "
     "spectral_penalty"},
    {"'network': {'inputs': 2, 'layers': [{'width': 1}]}, 'statistics': []", "statistics must be there if"},
    {"'network': {'inputs': 2, 'layers': [" LIMITED "]}", "statistics must be there if"},
    {"'network': {'inputs': 2, 'layers': [" LIMITED "]}, 'statistics': [" STATISTICS "]",
     "the statistics of a layer must be means and variances if, and only if"},
    {"'network': {'inputs': 2, 'layers': [" LIMITED "]}, 'statistics': [{}]",
     "a layer must have a direction if, and only if, it has a spectral_norm or a spectral_penalty"},
    {"'network': {'inputs': 2, 'layers': [" PENALISED "]}, 'statistics': [{}]",
     "a layer must have a direction if, and only if, it has a spectral_norm or a spectral_penalty"},
    {"'network': {'inputs': 2, 'layers': [" LIMITED "]}, 'statistics': [{'direction': [1]}]",
     "there must be 2 numbers here, got 1"},
    {"'network': {'inputs': 2, 'layers': [" LIMITED "]}, 'statistics': [{'direction': [1, 1e999]}]",
     "a direction must be finite"},
    {"'network': {'inputs': 2, 'layers': [" NORMALIZED
     "]}, 'statistics': [{'means': [0], 'variances': [1], 'direction': [1, 2]}]",
     "a layer must have a direction if, and only if, it has a spectral_norm or a spectral_penalty"},
};

START_TEST(texts_that_make_no_sense_are_refused)
{
    char header[1024];
    size_t at = 0;
    talus_network *network = NULL;
    const char *const pieces[] = {"{'__metadata__':{'talus':\"{'talus': '1', ", texts[_i].members, "}\"},",
                                  "'layers.0.weight':{'dtype':'F32','shape':[1,2],'data_offsets':[0,8]},",
                                  "'layers.0.bias':{'dtype':'F32','shape':[1],'data_offsets':[8,12]}}"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        for (const char *byte = pieces[i]; *byte != '\0'; byte++) {
            const bool is_quote = *byte == '\'', is_inside = i < 2 && at > 24;
            if (is_quote && is_inside)
                header[at++] = '\\';
            header[at++] = is_quote ? '"' : *byte;
        }
    header[at] = '\0';
    write_file(header, 3);
    expect_status(context, TALUS_ERROR_FORMAT, talus_model_load(context, path, &network));
    expect_message(context, texts[_i].message);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("model_refusals");
    TCase *all = case_with(suite, begin, end);
    tcase_add_loop_test(all, layers_that_do_not_fit_are_refused, 0, sizeof files / sizeof *files);
    tcase_add_test(all, biases_need_a_place);
    tcase_add_test(all, names_are_in_the_order_of_their_numbers);
    tcase_add_test(all, arguments_of_layers_are_checked);
    tcase_add_test(all, memory_for_layers_may_be_refused);
    tcase_add_loop_test(all, texts_that_make_no_sense_are_refused, 0, sizeof texts / sizeof *texts);
    return run_suite(suite);
}
