/* What a spec may say. */
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "network/network.h"

#define LAYER(field)   TL_FIELD(talus_layer, field)
#define NETWORK(field) TL_FIELD(talus_network_spec, field)

static const tl_option layer_rows[] = {
    {LAYER(width), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INT32_MAX,
     .out_of_range = TALUS_ERROR_SHAPE, .unit = "units",
     .sentence = "The number of units; it has no default."},
    {LAYER(activation), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_activation_names, .most = INFINITY,
     .standard = TALUS_IDENTITY, .sentence = "The activation of the units."},
    {LAYER(initializer), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_initializer_names, .most = INFINITY,
     .standard = TALUS_INIT_AUTO, .sentence = "How the weights are drawn; auto: as the activation suggests."},
    {LAYER(alpha), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY,
     .sentence = "The parameter of an activation that has one, above 0; 0: the default of the activation."},
    {LAYER(dropout), .type = TALUS_OPTION_TYPE_DOUBLE, .most = 1, .most_open = true,
     .sentence = "The share of the layer's outputs that a training step sets to 0."},
    {LAYER(l1), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "The penalty on the sum of the absolute weights, in the cost."},
    {LAYER(l2), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "The penalty on half the sum of the squared weights, in the cost."},
    {LAYER(max_norm), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "What the norm of a unit's weights is brought down to after a step; 0: no limit."},
    {LAYER(normalization), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_normalization_names, .most = INFINITY,
     .standard = TALUS_NORMALIZATION_NONE, .sentence = "How Z is normalised before the activation."},
    {LAYER(without_biases), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether the layer has no biases."},
    {LAYER(normalization_epsilon), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY,
     .sentence = "What the variance of a normalised layer is increased by, above 0; 0: 1e-5."},
    {LAYER(normalization_momentum), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY,
     .sentence = "The share of a batch in the running statistics, above 0 and below 1; 0: 0.1."},
    {LAYER(gain), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "What the weights that are drawn are multiplied by; 0: 1."},
    {LAYER(spectral_norm), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "What the spectral norm of the weights is brought down to after a step; 0: no limit."},
    {LAYER(spectral_penalty), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "The penalty on half the square of the spectral norm of the weights, in the cost."},
};

const tl_options tl_layer_table = {
    .name = "layer",
    .size = sizeof(talus_layer),
    .began = TL_END_OF(talus_layer, initializer),
    .count = sizeof layer_rows / sizeof *layer_rows,
    .rows = layer_rows,
};

static const tl_option network_rows[] = {
    {NETWORK(inputs), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INT32_MAX,
     .out_of_range = TALUS_ERROR_SHAPE, .unit = "inputs",
     .sentence = "The number of inputs; it has no default."},
    {NETWORK(layers), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "The layers, layer 1 first."},
    {NETWORK(layer_count), .type = TALUS_OPTION_TYPE_INT, .least = 1, .most = INT32_MAX,
     .out_of_range = TALUS_ERROR_SHAPE, .unit = "layers",
     .sentence = "The number of layers; it has no default."},
    {NETWORK(loss), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_loss_names, .most = INFINITY,
     .standard = TALUS_SQUARED_ERROR, .sentence = "The loss between outputs and targets."},
    {NETWORK(precision), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_dtype_names, .most = TALUS_DTYPE_F64,
     .standard = TALUS_DTYPE_F32, .sentence = "The precision of parameters and computation."},
    {NETWORK(seed), .type = TALUS_OPTION_TYPE_INT64, .least = -INFINITY, .most = INFINITY,
     .sentence = "The seed of the initial weights, any number."},
    {NETWORK(loss_parameter), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY,
     .sentence = "The parameter of a loss that has one; 0: the default of the loss."},
    {NETWORK(input_dropout), .type = TALUS_OPTION_TYPE_DOUBLE, .most = 1, .most_open = true,
     .sentence = "The share of the inputs that a training step sets to 0."},
    {NETWORK(input_noise), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY,
     .sentence = "The standard deviation of the noise that a training step adds to the inputs, as scaled."},
    {NETWORK(output_weights), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "Factors of the losses of the outputs."},
    {NETWORK(label_smoothing), .type = TALUS_OPTION_TYPE_DOUBLE, .most = 1, .most_open = true,
     .sentence = "The share of a target that training spreads evenly over all classes."},
    {NETWORK(output_weight_count), .type = TALUS_OPTION_TYPE_INT, .most = INT32_MAX,
     .out_of_range = TALUS_ERROR_SHAPE, .unit = "targets", .sentence = "The number of output_weights."},
    {NETWORK(missing_targets), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether a target that is NaN is missing, and counts nothing."},
    {NETWORK(ranges), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "The ranges of outputs that have losses of their own."},
    {NETWORK(range_count), .type = TALUS_OPTION_TYPE_INT, .most = INT32_MAX,
     .out_of_range = TALUS_ERROR_SHAPE, .unit = "ranges", .sentence = "The number of ranges."},
    {NETWORK(range_size), .type = TALUS_OPTION_TYPE_INT, .most = INT16_MAX, .unit = "bytes",
     .sentence = "The size of a range, as the caller has it."},
    {NETWORK(products), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_products_names, .most = INFINITY,
     .standard = TALUS_PRODUCTS_EXACT,
     .sentence = "How matrices are multiplied: exact, or of 6, 3 or 1 products of bf16 pieces."},
};

const tl_options tl_network_table = {
    .name = "network",
    .size = sizeof(talus_network_spec),
    .began = TL_END_OF(talus_network_spec, seed),
    .count = sizeof network_rows / sizeof *network_rows,
    .rows = network_rows,
};

void talus_layer_defaults_sized(talus_layer *layer, size_t size)
{
    tl_options_defaults(&tl_layer_table, layer, size);
}

void talus_network_defaults_sized(talus_network_spec *spec, size_t size)
{
    tl_options_defaults(&tl_network_table, spec, size);
}

talus_status tl_check_parameter(talus_context *context, const char *subject, const char *kind,
                                const tl_parameter *parameter, const char *field, double value)
{
    char got[TL_NUMBER_BYTES], standard[TL_NUMBER_BYTES], range[TL_RANGE_BYTES];
    tl_option row = {.type = TALUS_OPTION_TYPE_DOUBLE,
                     .least = parameter->least,
                     .most = parameter->most,
                     .least_open = true,
                     .most_open = true};
    if (value == 0)
        return TALUS_OK;
    tl_text_of_double(value, got);
    if (parameter->name == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s has no %s, which must be 0, got %s", subject,
                       kind, field, got);
    if (tl_option_allows(&row, value))
        return TALUS_OK;
    tl_option_range(&row, range);
    tl_text_of_double(parameter->standard, standard);
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: %s must be %s (or 0 for the default, %s), got %s",
                   subject, field, range, standard, got);
}

/* Dropout is of hidden units, whose f′ it can be multiplied with. */
static talus_status check_dropout(talus_context *context, const tl_spec *spec, int number,
                                  const talus_layer *layer, const tl_activation_kind *kind)
{
    char got[TL_NUMBER_BYTES];
    if (layer->dropout == 0 || (number < spec->fields.layer_count && !kind->whole_layer))
        return TALUS_OK;
    tl_text_of_double(layer->dropout, got);
    if (kind->whole_layer)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d: dropout must be 0 with %s, got %s", number,
                       kind->name, got);
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "layer %d: dropout must be 0 in the last layer, got %s",
                   number, got);
}

static talus_status check_normalization(talus_context *context, const char *subject, const talus_layer *layer)
{
    char name[40];
    const tl_normalization_kind *kind = tl_normalization_kind_of(layer->normalization);
    (void)snprintf(name, sizeof name, "normalization %s", kind->name);
    talus_status status = tl_check_parameter(context, subject, name, &kind->epsilon, "normalization_epsilon",
                                             layer->normalization_epsilon);
    return status != TALUS_OK ? status
                              : tl_check_parameter(context, subject, name, &kind->momentum,
                                                   "normalization_momentum", layer->normalization_momentum);
}

talus_status tl_take_layer(talus_context *context, const tl_spec *spec, int number, talus_layer *layer)
{
    char subject[32];
    (void)snprintf(subject, sizeof subject, "layer %d", number);
    const char *from = (const char *)spec->fields.layers + (size_t)(number - 1) * spec->layer_size;
    talus_status status = tl_options_take(context, &tl_layer_table, subject, layer, from, spec->layer_size);
    if (status == TALUS_OK)
        status = tl_options_check(context, &tl_layer_table, subject, layer);
    if (status != TALUS_OK)
        return status;
    const tl_activation_kind *kind = tl_activation_kind_of(layer->activation);
    status = check_dropout(context, spec, number, layer, kind);
    if (status == TALUS_OK)
        status = tl_check_parameter(context, subject, kind->name, &kind->parameter, "alpha", layer->alpha);
    return status == TALUS_OK ? check_normalization(context, subject, layer) : status;
}

static talus_status check_products(talus_context *context, const talus_network_spec *spec)
{
    if (spec->precision == TALUS_DTYPE_F32 || spec->products == TALUS_PRODUCTS_EXACT)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT,
                   "network: products must be exact with precision f64, got %s",
                   tl_products_kind_of((int)spec->products)->name);
}

talus_status tl_take_spec(talus_context *context, const talus_network_spec *from, size_t size,
                          size_t layer_size, tl_spec *spec)
{
    if (from == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "network: spec must not be NULL");
    spec->layer_size = layer_size;
    talus_status status = tl_options_take(context, &tl_network_table, NULL, &spec->fields, from, size);
    if (status == TALUS_OK)
        status = tl_options_check(context, &tl_network_table, NULL, &spec->fields);
    if (status == TALUS_OK && spec->fields.layers == NULL)
        status = tl_fail(context, TALUS_ERROR_ARGUMENT, "network: layers must point to %d layers, got NULL",
                         spec->fields.layer_count);
    if (status == TALUS_OK)
        status = check_products(context, &spec->fields);
    talus_layer layer = {.width = 0};
    for (int number = 1; status == TALUS_OK && number <= spec->fields.layer_count; number++)
        status = tl_take_layer(context, spec, number, &layer);
    return status == TALUS_OK ? tl_check_loss(context, &spec->fields, &layer) : status;
}
