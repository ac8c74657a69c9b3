#include "model/network_json.h"

#include <math.h>
#include <string.h>
#include <talus/export.h>

#include "base/option_json.h"

/* What is told by arrays in the text. */
static const char *const implied[] = {"layer_count", "output_weight_count", "range_count", "range_size",
                                      NULL};

static void put_numbers(tl_buffer *text, const char *key, const double *numbers, int64_t count)
{
    tl_json_put_key(text, key);
    tl_json_put_open(text, '[');
    for (int64_t i = 0; i < count; i++)
        tl_json_put_number(text, numbers[i]);
    tl_json_put_close(text, ']');
}

static void put_layers(tl_buffer *text, const talus_network *network)
{
    tl_json_put_key(text, "layers");
    tl_json_put_open(text, '[');
    for (int l = 1; l <= network->layer_count; l++) {
        talus_layer layer;
        (void)talus_network_get_layer(network, l, &layer);
        tl_json_put_open(text, '{');
        tl_options_put_json(text, &tl_layer_table, &layer, NULL);
        tl_json_put_close(text, '}');
    }
    tl_json_put_close(text, ']');
}

static void put_ranges(tl_buffer *text, const talus_network_spec *spec)
{
    tl_json_put_key(text, "ranges");
    tl_json_put_open(text, '[');
    for (int i = 0; i < spec->range_count; i++) {
        tl_json_put_open(text, '{');
        tl_options_put_json(text, &tl_range_table, &spec->ranges[i], NULL);
        tl_json_put_close(text, '}');
    }
    tl_json_put_close(text, ']');
}

static void put_network(tl_buffer *text, const talus_network *network)
{
    talus_network_spec spec;
    (void)talus_network_get_spec(network, &spec);
    tl_json_put_key(text, "network");
    tl_json_put_open(text, '{');
    tl_options_put_json(text, &tl_network_table, &spec, implied);
    put_layers(text, network);
    if (spec.range_count > 0)
        put_ranges(text, &spec);
    if (spec.output_weight_count > 0)
        put_numbers(text, "output_weights", spec.output_weights, spec.output_weight_count);
    tl_json_put_close(text, '}');
}

static void put_one_scaling(tl_buffer *text, const char *key, const tl_scaling *scaling, double clip)
{
    if (scaling->count == 0 && clip == 0)
        return;
    tl_json_put_key(text, key);
    tl_json_put_open(text, '{');
    if (scaling->count > 0) {
        put_numbers(text, "shift", scaling->shift, scaling->count);
        put_numbers(text, "scale", scaling->scale, scaling->count);
    }
    if (clip > 0) {
        tl_json_put_key(text, "clip");
        tl_json_put_number(text, clip);
    }
    tl_json_put_close(text, '}');
}

static void put_statistics(tl_buffer *text, const talus_network *network)
{
    tl_json_put_key(text, "statistics");
    tl_json_put_open(text, '[');
    for (int l = 1; l <= network->layer_count; l++) {
        const tl_layer *layer = &network->layers[l];
        if (!tl_layer_has_statistics(layer))
            continue;
        tl_json_put_open(text, '{');
        if (layer->norm->of_batch) {
            put_numbers(text, "means", layer->means, layer->width);
            put_numbers(text, "variances", layer->variances, layer->width);
        }
        if (layer->direction != NULL)
            put_numbers(text, "direction", layer->direction, layer->inputs);
        tl_json_put_close(text, '}');
    }
    tl_json_put_close(text, ']');
}

/* Its matrix is a tensor. */
static void put_projection(tl_buffer *text, const tl_projection *projection)
{
    tl_json_put_key(text, "projection");
    tl_json_put_open(text, '{');
    put_numbers(text, "mean", projection->mean, projection->columns);
    if (projection->variance_count > 0)
        put_numbers(text, "variances", projection->variances, projection->variance_count);
    tl_json_put_close(text, '}');
}

void tl_model_put_json(tl_buffer *text, const talus_network *network, const char *notes)
{
    tl_json_put_open(text, '{');
    tl_json_put_key(text, "talus");
    tl_json_put_string(text, talus_version());
    put_network(text, network);
    if (network->input_projection.columns > 0)
        put_projection(text, &network->input_projection);
    tl_json_put_key(text, "scaling");
    tl_json_put_open(text, '{');
    put_one_scaling(text, "inputs", &network->input_scaling, network->input_clip);
    put_one_scaling(text, "targets", &network->target_scaling, 0);
    tl_json_put_close(text, '}');
    if (network->statistics != NULL)
        put_statistics(text, network);
    if (notes != NULL) {
        tl_json_put_key(text, "notes");
        tl_buffer_add_text(text, notes);
    }
}

/* A member of an object by its key. */
typedef struct member {
    const char *key;
    tl_json *place;
} member;

/* Finds members, each of which may come once; others are refused, as they are what a later version says. */
static talus_status find_members(tl_json *json, const member *members, int count)
{
    char key[32];
    talus_status status = tl_json_open(json, '{');
    for (int i = 0; i < count; i++) {
        *members[i].place = *json;
        members[i].place->at = -1;
    }
    while (tl_json_more(json, &status)) {
        status = tl_json_key(json, key, sizeof key);
        int i = 0;
        while (i < count && strcmp(members[i].key, key) != 0)
            i++;
        if (status != TALUS_OK)
            return status;
        if (i == count)
            return tl_json_fail(json, "\"%s\" is not known to this version", key);
        if (members[i].place->at >= 0)
            return tl_json_fail(json, "\"%s\" must come once", key);
        *members[i].place = *json;
        status = tl_json_skip(json);
    }
    return status;
}

talus_status tl_model_parse_json(tl_json text, tl_model_json *parts)
{
    tl_json version;
    const member members[] = {{"talus", &version},
                              {"network", &parts->network},
                              {"projection", &parts->projection},
                              {"scaling", &parts->scaling},
                              {"statistics", &parts->statistics},
                              {"notes", &parts->notes},
                              {"checkpoint", &parts->checkpoint}};
    char name[32];
    talus_status status = find_members(&text, members, sizeof members / sizeof *members);
    if (status == TALUS_OK)
        status = tl_json_end(&text);
    if (status != TALUS_OK)
        return status;
    if (version.at < 0 || parts->network.at < 0)
        return tl_json_fail(&text, "there must be the members \"talus\" and \"network\"");
    return tl_json_string(&version, name, sizeof name, NULL);
}

/* The members of the array that comes next, of which there must be at most so many. */
static talus_status count_members(tl_json json, int64_t most, int64_t *count)
{
    tl_json array = json;
    talus_status status = tl_json_open(&json, '[');
    for (*count = 0; tl_json_more(&json, &status); ++*count) {
        if (*count == most)
            return tl_json_fail(&array, "there must be at most %lld members here", (long long)most);
        status = tl_json_skip(&json);
    }
    return status;
}

static talus_status allocate(tl_json *json, int64_t count, size_t size, void *array)
{
    void *memory = tl_allocate(json->context, (size_t)count * size);
    memcpy(array, &memory, sizeof memory);
    return memory != NULL ? TALUS_OK
                          : tl_fail(json->context, TALUS_ERROR_MEMORY, "there is no memory for what %s says",
                                    json->name);
}

/* Reads an object of options into a struct that has its defaults. */
static talus_status read_options(tl_json *json, const tl_options *table, void *options)
{
    char key[64];
    uint64_t seen = 0;
    talus_status status = tl_json_open(json, '{');
    while (tl_json_more(json, &status)) {
        status = tl_json_key(json, key, sizeof key);
        if (status == TALUS_OK)
            status = tl_option_read_json(json, table, options, key, &seen);
    }
    return status;
}

/* An array of objects of options. */
static talus_status read_array(tl_json *json, const tl_options *table, int64_t most, void *array, int *count)
{
    int64_t members;
    char *to = NULL;
    talus_status status = count_members(*json, most, &members);
    if (status == TALUS_OK && members > 0)
        status = allocate(json, members, table->size, &to);
    memcpy(array, &to, sizeof to);
    if (status == TALUS_OK)
        status = tl_json_open(json, '[');
    for (*count = 0; tl_json_more(json, &status); ++*count) {
        void *options = to + (size_t)*count * table->size;
        tl_options_defaults(table, options, table->size);
        status = read_options(json, table, options);
    }
    return status;
}

/* The next value: so many numbers. */
static talus_status read_numbers(tl_json *json, int64_t count, double *numbers)
{
    int64_t members;
    talus_status status = count_members(*json, count, &members);
    if (status == TALUS_OK && members != count)
        return tl_json_fail(json, "there must be %lld numbers here, got %lld", (long long)count,
                            (long long)members);
    if (status == TALUS_OK)
        status = tl_json_open(json, '[');
    for (int64_t i = 0; tl_json_more(json, &status); i++)
        status = tl_json_number(json, &numbers[i]);
    return status;
}

static talus_status read_output_weights(tl_json *json, tl_read_spec *spec)
{
    int64_t count;
    talus_status status = count_members(*json, INT32_MAX, &count);
    if (status != TALUS_OK)
        return status;
    if (count < 1 || spec->output_weights != NULL)
        return tl_json_fail(json, "output_weights must come once, and not be empty");
    status = allocate(json, count, sizeof(double), &spec->output_weights);
    spec->fields.output_weight_count = (int)count;
    return status == TALUS_OK ? read_numbers(json, count, spec->output_weights) : status;
}

static talus_status read_member(tl_json *json, const char *key, int most_layers, tl_read_spec *spec,
                                uint64_t *seen)
{
    if (strcmp(key, "layers") == 0)
        return spec->layers != NULL
                   ? tl_json_fail(json, "layers must come once")
                   : read_array(json, &tl_layer_table, most_layers, &spec->layers, &spec->fields.layer_count);
    if (strcmp(key, "ranges") == 0)
        return spec->ranges != NULL ? tl_json_fail(json, "ranges must come once")
                                    : read_array(json, &tl_range_table, TL_MOST_RANGES, &spec->ranges,
                                                 &spec->fields.range_count);
    if (strcmp(key, "output_weights") == 0)
        return read_output_weights(json, spec);
    for (int i = 0; implied[i] != NULL; i++)
        if (strcmp(key, implied[i]) == 0)
            return tl_json_fail(json, "%s must not be told beside its array", key);
    return tl_option_read_json(json, &tl_network_table, &spec->fields, key, seen);
}

talus_status tl_spec_read_json(tl_json json, int most_layers, tl_read_spec *spec)
{
    char key[64];
    uint64_t seen = 0;
    *spec = (tl_read_spec){0};
    talus_network_defaults(&spec->fields);
    talus_status status = tl_json_open(&json, '{');
    while (tl_json_more(&json, &status)) {
        status = tl_json_key(&json, key, sizeof key);
        if (status == TALUS_OK)
            status = read_member(&json, key, most_layers, spec, &seen);
    }
    spec->fields.layers = spec->layers;
    spec->fields.ranges = spec->ranges;
    spec->fields.range_size = spec->ranges == NULL ? 0 : (int)sizeof *spec->ranges;
    spec->fields.output_weights = spec->output_weights;
    return status;
}

void tl_spec_release(talus_context *context, tl_read_spec *spec)
{
    tl_release(context, spec->layers);
    tl_release(context, spec->ranges);
    tl_release(context, spec->output_weights);
}

/* How one side of a network takes its scaling; the clip of targets is NULL, as they have none. */
typedef struct side {
    int64_t columns;
    talus_status (*scale)(talus_network *network, const double *shift, const double *scale, int64_t count);
    talus_status (*clip)(talus_network *network, double clip);
} side;

/* Shift and scale, of which there is one pair for all columns or one for each. */
static talus_status read_pairs(tl_json *json, tl_json *shift, tl_json *factor, talus_network *network,
                               const side *of)
{
    int64_t count;
    double *numbers;
    talus_status status = count_members(*shift, of->columns, &count);
    if (status != TALUS_OK)
        return status;
    if (count != 1 && count != of->columns)
        return tl_json_fail(shift, "there must be 1 or %lld numbers here, got %lld", (long long)of->columns,
                            (long long)count);
    status = allocate(json, 2 * count, sizeof(double), &numbers);
    if (status == TALUS_OK)
        status = read_numbers(shift, count, numbers);
    if (status == TALUS_OK)
        status = read_numbers(factor, count, numbers + count);
    if (status == TALUS_OK)
        status = of->scale(network, numbers, numbers + count, count);
    tl_release(json->context, numbers);
    return status;
}

/* One side's scaling: shift and scale together, and the clip of inputs. */
static talus_status read_side(tl_json *json, talus_network *network, const side *of)
{
    tl_json shift, factor, clip = {.at = -1};
    const member members[] = {{"shift", &shift}, {"scale", &factor}, {"clip", &clip}};
    double most = 0;
    if (json->at < 0)
        return TALUS_OK;
    talus_status status = find_members(json, members, of->clip == NULL ? 2 : 3);
    if (status == TALUS_OK && ((shift.at < 0) != (factor.at < 0) || (shift.at < 0 && clip.at < 0)))
        return tl_json_fail(json, "a scaling must have shift and scale");
    if (status == TALUS_OK && shift.at >= 0)
        status = read_pairs(json, &shift, &factor, network, of);
    if (status == TALUS_OK && clip.at >= 0) {
        status = tl_json_number(&clip, &most);
        if (status == TALUS_OK)
            status = of->clip(network, most);
    }
    return status;
}

talus_status tl_scaling_read_json(tl_json json, talus_network *network)
{
    tl_json inputs, targets;
    const member members[] = {{"inputs", &inputs}, {"targets", &targets}};
    const side of_inputs = {tl_network_columns(network), talus_network_scale_inputs,
                            talus_network_clip_inputs};
    const side of_targets = {tl_network_targets(network), talus_network_scale_targets, NULL};
    if (json.at < 0)
        return TALUS_OK;
    talus_status status = find_members(&json, members, 2);
    if (status == TALUS_OK)
        status = read_side(&inputs, network, &of_inputs);
    if (status == TALUS_OK)
        status = read_side(&targets, network, &of_targets);
    return status;
}

talus_status tl_projection_read_json(tl_json json, const talus_network *network, int64_t columns,
                                     tl_projection *made)
{
    tl_json mean, variances;
    const member members[] = {{"mean", &mean}, {"variances", &variances}};
    *made = (tl_projection){0};
    talus_status status = find_members(&json, members, 2);
    if (status == TALUS_OK && mean.at < 0)
        return tl_json_fail(&json, "a projection must have a mean");
    if (status == TALUS_OK)
        status = tl_projection_make(network, "projection", columns, variances.at >= 0, made);
    if (status == TALUS_OK)
        status = read_numbers(&mean, columns, made->mean);
    if (status == TALUS_OK && variances.at >= 0)
        status = read_numbers(&variances, columns, made->variances);
    if (status != TALUS_OK)
        tl_projection_remove(network->context, made);
    return status;
}

static talus_status check_statistics(tl_json *json, const tl_layer *layer)
{
    for (int64_t k = 0; layer->norm->of_batch && k < layer->width; k++)
        if (!isfinite(layer->means[k]) || !isfinite(layer->variances[k]) || layer->variances[k] < 0)
            return tl_json_fail(json, "means must be finite, and variances at least 0");
    for (int64_t j = 0; layer->direction != NULL && j < layer->inputs; j++)
        if (!isfinite(layer->direction[j]))
            return tl_json_fail(json, "a direction must be finite");
    return TALUS_OK;
}

static talus_status read_layer_statistics(tl_json *json, const tl_layer *layer)
{
    tl_json means, variances, direction;
    const member members[] = {{"means", &means}, {"variances", &variances}, {"direction", &direction}};
    const bool of_batch = layer->norm->of_batch;
    talus_status status = find_members(json, members, 3);
    if (status == TALUS_OK && ((means.at >= 0) != of_batch || (variances.at >= 0) != of_batch))
        return tl_json_fail(json,
                            "the statistics of a layer must be means and variances if, and only if, it is "
                            "normalised over the batch");
    if (status == TALUS_OK && (direction.at >= 0) != (layer->direction != NULL))
        return tl_json_fail(json,
                            "a layer must have a direction if, and only if, it has a spectral_norm or a "
                            "spectral_penalty");
    if (status == TALUS_OK && of_batch)
        status = read_numbers(&means, layer->width, layer->means);
    if (status == TALUS_OK && of_batch)
        status = read_numbers(&variances, layer->width, layer->variances);
    if (status == TALUS_OK && layer->direction != NULL)
        status = read_numbers(&direction, layer->inputs, layer->direction);
    return status == TALUS_OK ? check_statistics(json, layer) : status;
}

talus_status tl_statistics_read_json(tl_json json, talus_network *network)
{
    const bool told = json.at >= 0;
    json.at = told ? json.at : json.length; /* where they are missed */
    if (told != (network->statistics != NULL))
        return tl_json_fail(&json,
                            "statistics must be there if, and only if, a layer is normalised over the batch "
                            "or has a spectral_norm or a spectral_penalty");
    if (!told)
        return TALUS_OK;
    int l = 0;
    talus_status status = tl_json_open(&json, '[');
    while (tl_json_more(&json, &status)) {
        do
            l++;
        while (l <= network->layer_count && !tl_layer_has_statistics(&network->layers[l]));
        if (l > network->layer_count)
            return tl_json_fail(&json, "there are more statistics than layers that have them");
        status = read_layer_statistics(&json, &network->layers[l]);
    }
    for (l++; status == TALUS_OK && l <= network->layer_count; l++)
        if (tl_layer_has_statistics(&network->layers[l]))
            return tl_json_fail(&json, "there are no statistics of layer %d", l);
    return status;
}
