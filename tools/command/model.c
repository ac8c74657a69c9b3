#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "config.h"
#include "inputs.h"
#include "text.h"

#define WIDTHS "128,64" /* of hidden layers, where none are asked for */

/* Reads "128,64" into widths; −1 after a message. */
static int read_widths(command_line *line, const char *text, int64_t widths[MOST_LAYERS])
{
    int count = 0;
    char *end;
    const char *at = text;
    if (strcmp(text, "none") == 0)
        return 0;
    do {
        widths[count] = strtoll(at, &end, 10);
        if (end == at || widths[count] < 1 || (*end != ',' && *end != '\0') || ++count == MOST_LAYERS) {
            fprintf(stderr,
                    "talus: --layers must be at most %d widths with commas, such as 64,64, got \"%s\"\n",
                    MOST_LAYERS - 1, text);
            line->wrong = 1;
            return -1;
        }
        at = end + 1;
    } while (*end == ',');
    return count;
}

/* The last layer and the loss for what the targets are, as far as no option says. */
static talus_layer output_layer(const command_line *line, const input_data *data, talus_network_spec *spec)
{
    const int64_t classes = class_count(data);
    if (classes == 0)
        return talus_dense(talus_dataset_targets(data->dataset), TALUS_IDENTITY);
    if (!is_given(line, "loss"))
        spec->loss = TALUS_CROSS_ENTROPY;
    return talus_dense(classes, TALUS_SOFTMAX);
}

/* Losses that are computed from other last activations. */
static void fit_last_layer(talus_layer *last, const talus_network_spec *spec, const input_data *data)
{
    if (spec->loss == TALUS_BINARY_CROSS_ENTROPY)
        *last = talus_dense(class_count(data) == 2 ? 1 : last->width, TALUS_SIGMOID);
    else if (spec->loss == TALUS_HINGE || spec->loss == TALUS_SQUARED_ERROR)
        last->activation = TALUS_IDENTITY;
    else if (spec->loss == TALUS_GAUSSIAN_NLL)
        last->width *= 2;
}

static talus_status scale_targets(const command_line *line, const input_data *data,
                                  const talus_network_spec *spec, talus_network *network)
{
    const int free_targets = class_count(data) == 0 && spec->loss != TALUS_POISSON &&
                             spec->loss != TALUS_BINARY_CROSS_ENTROPY;
    if (is_given(line, "no-scaling") || !free_targets)
        return TALUS_OK;
    return talus_network_fit_target_scaling(network, data->dataset, TALUS_SCALING_STANDARD);
}

/* A network whose layers are known, with what it takes from the data. */
static int create(command_line *line, talus_context *context, const input_data *data,
                  talus_network_spec *spec, talus_network **network)
{
    input_options inputs;
    if (!read_input_options(line, data, &inputs))
        return 0;
    talus_status status = count_features(context, data, &inputs, &spec->inputs);
    if (status == TALUS_OK)
        status = talus_network_create(context, spec, network);
    if (status == TALUS_OK)
        status = fit_inputs(*network, data, &inputs);
    if (status == TALUS_OK)
        status = scale_targets(line, data, spec, *network);
    if (status != TALUS_OK)
        return report_failure(context), 0;
    return scale_weights(line, context, data, *network);
}

/* Keeps the options that the network has. */
static int use_network_options(command_line *line, talus_context *context, const talus_network_spec *spec)
{
    char text[24 * MOST_LAYERS] = "none";
    text_buffer widths = {text, sizeof text, 0};
    for (int l = 0; l + 1 < spec->layer_count; l++)
        put_format(&widths, l == 0 ? "%lld" : ",%lld", (long long)spec->layers[l].width);
    return use_text(line, "layers", text) && use_options(line, context, TALUS_STRUCTURE_NETWORK, spec) &&
           (spec->layer_count < 2 || use_options(line, context, TALUS_STRUCTURE_LAYER, &spec->layers[0]));
}

/* Options of hidden layers are refused where there are none; those of a configuration do not hold then. */
static int check_no_layers(command_line *line)
{
    for (int i = 0; i < option_count; i++) {
        if (option_rows[i].structure != TALUS_STRUCTURE_LAYER || line->values[i] == NULL ||
            line->from_file[i])
            continue;
        fprintf(stderr, "talus: --%s is for hidden layers, of which there are none\n", option_rows[i].name);
        line->wrong = 1;
        return 0;
    }
    return 1;
}

int make_network(command_line *line, talus_context *context, const input_data *data, talus_network **network)
{
    talus_network_spec spec;
    talus_layer layers[MOST_LAYERS];
    int64_t widths[MOST_LAYERS];
    const char *asked = text_of(line, "layers");
    const int hidden = read_widths(line, asked == NULL ? WIDTHS : asked, widths);
    if (hidden < 0 || (hidden == 0 && !check_no_layers(line)))
        return 0;
    talus_network_defaults(&spec);
    talus_layer last = output_layer(line, data, &spec);
    if (!apply_options(line, context, TALUS_STRUCTURE_NETWORK, &spec))
        return 0;
    fit_last_layer(&last, &spec, data);
    for (int l = 0; l < hidden; l++) {
        layers[l] = talus_dense(widths[l], TALUS_RELU);
        if (!apply_options(line, context, TALUS_STRUCTURE_LAYER, &layers[l]))
            return 0;
    }
    layers[hidden] = last;
    spec.layers = layers;
    spec.layer_count = hidden + 1;
    const char *seed = text_of(line, "seed");
    if (seed != NULL && talus_option_set(context, TALUS_STRUCTURE_NETWORK, &spec, "seed", seed) != TALUS_OK)
        return report_failure(context), 0;
    return create(line, context, data, &spec, network) && use_network_options(line, context, &spec);
}

/* The notes of a model; false if the columns could not be put. */
static int put_notes(text_buffer *to, const command_line *line, const talus_columns *columns,
                     const run_record *record)
{
    put_text(to, "{\"config\":");
    put_config(to, line);
    put_text(to, ",\"result\":");
    put_result(to, record);
    put_text(to, ",\"history\":");
    put_history(to, record);
    if (columns != NULL) {
        put_text(to, ",\"columns\":");
        const size_t room = to->capacity > to->length ? to->capacity - to->length : 0;
        size_t length;
        if (talus_columns_to_json(columns, room > 0 ? to->text + to->length : NULL, room, &length) !=
            TALUS_OK)
            return 0;
        to->length += length;
    }
    put_text(to, "}");
    return 1;
}

int save_model(const command_line *line, talus_context *context, const talus_network *network,
               const talus_columns *columns, const run_record *record, const char *path)
{
    text_buffer notes = {0};
    int saved = put_notes(&notes, line, columns, record); /* which says how long they are */
    notes = (text_buffer){malloc(notes.length + 1), notes.length + 1, 0};
    saved = saved && notes.text != NULL && put_notes(&notes, line, columns, record) &&
            talus_model_save(network, notes.text, path) == TALUS_OK;
    if (!saved)
        report_failure(context);
    free(notes.text);
    return saved;
}

int load_model(talus_context *context, const char *path, talus_network **network, talus_columns **columns)
{
    if (talus_model_load(context, path, network) != TALUS_OK)
        return report_failure(context), 0;
    return read_columns(context, path, columns);
}

static int has_classes(const talus_network *network)
{
    const int last = talus_network_activation(network, talus_network_layer_count(network));
    const int loss = talus_network_loss(network);
    return last == TALUS_SOFTMAX || loss == TALUS_HINGE || loss == TALUS_BINARY_CROSS_ENTROPY;
}

int is_classifier(const talus_network *network, const talus_columns *columns)
{
    return has_classes(network) && (columns == NULL || talus_columns_classes(columns) > 0);
}

int has_probabilities(const talus_network *network)
{
    return talus_network_loss(network) != TALUS_HINGE;
}

/* One output that is a probability is that of class 1; one margin has no other to be compared with. */
int64_t class_of(const talus_network *network, const double *row, int64_t outputs)
{
    int64_t best = 0;
    if (outputs == 1)
        return has_probabilities(network) && row[0] > 0.5;
    for (int64_t k = 1; k < outputs; k++)
        best = row[k] > row[best] ? k : best;
    return best;
}
