/* Networks, what they predict, and files of them for other programs:
 *
 *     write_models DIRECTORY
 *
 * writes for each model NAME.onnx, NAME.c and NAME.h ("_" in the place of "-"), its inputs NAME.in and its predictions NAME.out, numbers of its precision by rows, and a
 * line "NAME precision samples inputs outputs" of DIRECTORY/models. */
#include <stdio.h>

#include "support.h"

enum { INPUTS = 9, HIDDEN = 17, OUTPUTS = 4, SAMPLES = 23 };

static const char *directory;
static FILE *list;
static talus_context *context;

static void check(talus_status status)
{
    if (status == TALUS_OK)
        return;
    fprintf(stderr, "%s\n", talus_error_message(context));
    exit(1);
}

static double *numbers(uint64_t seed, int64_t count)
{
    number_stream stream = numbers_from(seed);
    double *made = malloc((size_t)count * sizeof *made);
    for (int64_t i = 0; i < count; i++)
        made[i] = next_number(&stream);
    return made;
}

static void write_numbers(const char *name, const char *end, const double *numbers, int64_t count,
                          int precision)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s.%s", directory, name, end);
    FILE *file = fopen(path, "wb");
    for (int64_t i = 0; i < count; i++) {
        const float single = (float)numbers[i];
        if (precision == TALUS_DTYPE_F64)
            fwrite(&numbers[i], sizeof *numbers, 1, file);
        else
            fwrite(&single, sizeof single, 1, file);
    }
    fclose(file);
}

/* Writes all of a model, and destroys it. */
static void write_model(const char *kind, talus_network *network, double scale)
{
    char name[128], program[128], path[256];
    const int precision = talus_network_precision(network);
    const int64_t inputs = talus_network_columns(network),
                  outputs = talus_network_width(network, talus_network_layer_count(network));
    double *x = numbers(3, SAMPLES * inputs), y[SAMPLES * HIDDEN];
    for (int64_t i = 0; i < SAMPLES * inputs;
         i++) /* the same number in both precisions; some are large, some are 0 */
        x[i] = i == 0 ? 0 : (double)(float)(x[i] * scale * (i % 3 == 0 ? 0.01 : 1));
    talus_workspace *workspace;
    talus_matrix in = talus_matrix_view(x, TALUS_DTYPE_F64, SAMPLES, inputs),
                 out = talus_matrix_view(y, TALUS_DTYPE_F64, SAMPLES, outputs);
    check(talus_workspace_create(context, network, SAMPLES, &workspace));
    check(talus_predict(network, workspace, &in, &out));
    (void)snprintf(name, sizeof name, "%s-%s", kind, precision == TALUS_DTYPE_F64 ? "f64" : "f32");
    (void)snprintf(path, sizeof path, "%s/%s.onnx", directory, name);
    check(talus_model_export_onnx(network, path));
    for (char *c = strcpy(program, name); *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
    check(talus_model_export_c(network, directory, program));
    write_numbers(name, "in", x, SAMPLES * inputs, precision);
    write_numbers(name, "out", y, SAMPLES * outputs, precision);
    fprintf(list, "%s %s %d %d %d\n", name, precision == TALUS_DTYPE_F64 ? "f64" : "f32", SAMPLES,
            (int)inputs, (int)outputs);
    talus_workspace_destroy(workspace);
    talus_network_destroy(network);
    free(x);
}

static talus_network *network_of(int64_t inputs, talus_layer *layers, int count, int precision)
{
    talus_network_spec spec = talus_dense_network(inputs, layers, count, TALUS_SQUARED_ERROR);
    talus_network *network;
    spec.precision = precision;
    check(talus_network_create(context, &spec, &network));
    return network;
}

/* Parameters and statistics that are not those of a new network. */
static void stir(talus_network *network)
{
    talus_matrix view, means, variances;
    check(talus_network_parameters(network, &view));
    double *values = numbers(5, view.cols);
    for (int64_t i = 0; i < view.cols; i++)
        if (view.dtype == TALUS_DTYPE_F64)
            ((double *)view.data)[i] += values[i] / 4;
        else
            ((float *)view.data)[i] += (float)values[i] / 4;
    for (int l = 1; l <= talus_network_layer_count(network); l++)
        for (int64_t k = 0;
             talus_network_statistics(network, l, &means, &variances) == TALUS_OK && k < means.cols; k++) {
            ((double *)means.data)[k] = values[k];
            ((double *)variances.data)[k] = 0.3 + values[k] * values[k];
        }
    free(values);
}

/* f itself: W is the identity, so that f is seen over all of its range; and two layers with it. */
static void write_activation(int activation, int precision)
{
    char name[64];
    talus_matrix weights;
    talus_layer one = talus_dense(INPUTS, activation),
                two[] = {talus_dense(HIDDEN, activation), talus_dense(OUTPUTS, activation)};
    talus_network *plain = network_of(INPUTS, &one, 1, precision);
    check(talus_network_weights(plain, NULL, 1, &weights));
    for (int64_t i = 0; i < INPUTS * INPUTS; i++)
        if (precision == TALUS_DTYPE_F64)
            ((double *)weights.data)[i] = i % (INPUTS + 1) == 0;
        else
            ((float *)weights.data)[i] = i % (INPUTS + 1) == 0;
    (void)snprintf(name, sizeof name, "%s", talus_activation_name(activation));
    const bool has_alpha = talus_network_alpha(plain, 1) != 0;
    write_model(name, plain, 30);
    if (has_alpha)
        two[0].alpha = 0.3, two[1].alpha = 1.7;
    talus_network *deep = network_of(INPUTS, two, 2, precision);
    stir(deep);
    (void)snprintf(name, sizeof name, "two-%s", talus_activation_name(activation));
    write_model(name, deep, 1);
}

static void scale(talus_network *network, double shift_of_outputs)
{
    double shift[INPUTS], factor[INPUTS];
    for (int j = 0; j < INPUTS; j++)
        shift[j] = 0.1 * j - 1.0 / 3, factor[j] = 1.0 / (1 + j);
    check(talus_network_scale_inputs(network, shift, factor, INPUTS));
    check(talus_network_scale_targets(network, &shift_of_outputs, &factor[2], 1));
}

static void write_others(int precision)
{
    const talus_output_range ranges[] = {{.outputs = 1, .activation = TALUS_SIGMOID},
                                         {.outputs = 2},
                                         {.outputs = 1, .activation = TALUS_ELU, .alpha = 0.7}};
    talus_layer layers[] = {talus_dense(HIDDEN, TALUS_TANH), talus_dense(OUTPUTS, TALUS_IDENTITY)};
    talus_network *network = network_of(INPUTS, layers, 2, precision);
    scale(network, 1.0 / 7);
    write_model("scaling", network, 1);
    network = network_of(INPUTS, layers, 2, precision);
    scale(network, 1.0 / 7);
    check(talus_network_clip_inputs(network, 0.3));
    write_model("clipping", network, 1);
    network = network_of(INPUTS, layers, 2, precision);
    check(talus_network_clip_inputs(network, 1.0 / 3));
    write_model("clipping-alone", network, 30);
    for (int clips = 0; clips < 2; clips++) {
        double *turn = numbers(9, INPUTS * HIDDEN), *mean = numbers(10, HIDDEN), shift = 0.25, factor = 2;
        network = network_of(INPUTS, layers, 2, precision);
        check(talus_network_project_inputs(network, turn, mean, HIDDEN));
        check(talus_network_scale_inputs(network, &shift, &factor, 1));
        check(talus_network_clip_inputs(network, clips * 1.5));
        write_model(clips ? "clipped-projection" : "projection", network, 3);
        free(turn), free(mean);
    }
    layers[0].without_biases = layers[1].without_biases = 1;
    write_model("without-biases", network_of(INPUTS, layers, 2, precision), 1);
    layers[0].without_biases = layers[1].without_biases = 0;
    layers[0].normalization = TALUS_NORMALIZATION_LAYER;
    network = network_of(INPUTS, layers, 2, precision);
    stir(network);
    write_model("layer-normalization", network, 1);
    layers[0].normalization = layers[1].normalization = TALUS_NORMALIZATION_BATCH;
    network = network_of(INPUTS, layers, 2, precision);
    stir(network);
    write_model("batch-normalization", network, 1);
    layers[0].normalization = layers[1].normalization = TALUS_NORMALIZATION_NONE;
    talus_network_spec spec = talus_dense_network(INPUTS, layers, 2, TALUS_SQUARED_ERROR);
    spec.ranges = ranges, spec.range_count = 3, spec.range_size = sizeof ranges[0],
    spec.precision = precision;
    check(talus_network_create(context, &spec, &network));
    scale(network, 3);
    write_model("ranges", network, 1);
    layers[0] = talus_dense(1, TALUS_IDENTITY);
    write_model("one-number", network_of(1, layers, 1, precision), 1);
}

int main(int argc, char **argv)
{
    char path[256];
    directory = argc == 2 ? argv[1] : ".";
    (void)snprintf(path, sizeof path, "%s/models", directory);
    list = fopen(path, "w");
    if (list == NULL || talus_context_create(NULL, &context) != TALUS_OK)
        return 1;
    for (int precision = 0; precision < 2; precision++) {
        for (int activation = 0; activation < TALUS_ACTIVATION_COUNT; activation++)
            write_activation(activation, precision);
        write_others(precision);
    }
    talus_context_destroy(context);
    return fclose(list) == 0 ? 0 : 1;
}
