#include "network/network.h"

#include "base/call.h"
#include "network/initialize.h"

static double value_of(const tl_parameter *parameter, double asked)
{
    return asked == 0 ? parameter->standard : asked;
}

static tl_layer resolve(const talus_layer *asked, int64_t inputs)
{
    const tl_activation_kind *kind = tl_activation_kind_of(asked->activation);
    const tl_normalization_kind *norm = tl_normalization_kind_of(asked->normalization);
    return (tl_layer){
        .inputs = inputs,
        .width = asked->width,
        .activation = asked->activation,
        .kind = kind,
        .initializer = asked->initializer == TALUS_INIT_AUTO ? kind->initializer : asked->initializer,
        .alpha = value_of(&kind->parameter, asked->alpha),
        .normalization = asked->normalization,
        .norm = norm,
        .epsilon = value_of(&norm->epsilon, asked->normalization_epsilon),
        .momentum = value_of(&norm->momentum, asked->normalization_momentum),
        .without_biases = asked->without_biases || norm->of_batch,
        .dropout = asked->dropout,
        .l1 = asked->l1,
        .l2 = asked->l2,
        .max_norm = asked->max_norm,
        .gain = asked->gain == 0 ? 1 : asked->gain,
        .spectral_norm = asked->spectral_norm,
        .spectral_penalty = asked->spectral_penalty,
    };
}

/* What a spec that has been checked says. */
static void fill(talus_network *network, const tl_spec *spec)
{
    const talus_network_spec *fields = &spec->fields;
    network->layer_count = fields->layer_count;
    network->precision = fields->precision;
    network->products = (int)fields->products;
    network->input_noise = fields->input_noise;
    network->layers[0].width = fields->inputs;
    network->layers[0].dropout = fields->input_dropout;
    for (int l = 1; l <= fields->layer_count; l++) {
        talus_layer asked;
        (void)tl_take_layer(network->context, spec, l, &asked);
        network->layers[l] = resolve(&asked, network->layers[l - 1].width);
        network->penalised |= asked.l1 > 0 || asked.l2 > 0 || asked.spectral_penalty > 0;
        network->constrained |= asked.max_norm > 0 || asked.spectral_norm > 0;
    }
}

talus_status tl_network_make(talus_context *context, const talus_network_spec *from, size_t spec_size,
                             size_t layer_size, talus_network **network)
{
    tl_spec spec;
    talus_status status = tl_take_spec(context, from, spec_size, layer_size, &spec);
    if (status != TALUS_OK)
        return status;

    size_t layers = (size_t)spec.fields.layer_count + 1;
    talus_network *made = tl_allocate(context, sizeof *made + layers * sizeof made->layers[0]);
    if (made == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "network: the allocator returned no memory for %d layers",
                       spec.fields.layer_count);
    made->context = context;
    fill(made, &spec);
    status = tl_take_loss(made, &spec.fields);
    if (status == TALUS_OK)
        status = tl_network_lay_out(made);
    if (status == TALUS_OK)
        status = tl_statistics_make(made);
    if (status != TALUS_OK) {
        talus_network_destroy(made);
        return status;
    }
    made->seed = spec.fields.seed;
    *network = made;
    return TALUS_OK;
}

static talus_status create(talus_context *context, const talus_network_spec *from, size_t spec_size,
                           size_t layer_size, talus_network **network)
{
    if (network == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "network: network must not be NULL");
    talus_status status = tl_network_make(context, from, spec_size, layer_size, network);
    if (status != TALUS_OK)
        return status;
    status = tl_initialize(*network, (*network)->seed);
    if (status == TALUS_OK)
        return TALUS_OK;
    talus_network_destroy(*network);
    *network = NULL;
    return status;
}

talus_status talus_network_create_sized(talus_context *context, const talus_network_spec *from,
                                        size_t spec_size, size_t layer_size, talus_network **network)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, create(context, from, spec_size, layer_size, network))
                              : status;
}

void talus_network_destroy(talus_network *network)
{
    if (network == NULL)
        return;
    tl_scaling_remove(network->context, &network->input_scaling);
    tl_scaling_remove(network->context, &network->target_scaling);
    tl_scaling_remove(network->context, &network->output_scaling);
    tl_projection_remove(network->context, &network->input_projection);
    tl_release(network->context, network->statistics);
    tl_release_loss(network);
    tl_release(network->context, network->parameters);
    tl_release(network->context, network);
}

talus_status talus_network_initialize(talus_network *network, int64_t seed)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, tl_initialize(network, seed)) : status;
}

int talus_network_layer_count(const talus_network *network)
{
    return network == NULL ? 0 : network->layer_count;
}

static bool has_layer(const talus_network *network, int layer)
{
    return network != NULL && layer >= 1 && layer <= network->layer_count;
}

int64_t talus_network_width(const talus_network *network, int layer)
{
    return has_layer(network, layer) || (network != NULL && layer == 0) ? network->layers[layer].width : 0;
}

talus_status talus_network_get_layer_sized(const talus_network *network, int number, talus_layer *layer,
                                           size_t size)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (layer == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "layer must not be NULL");
    if (!has_layer(network, number))
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "the number of a layer must be 1 … %d, got %d",
                       network->layer_count, number);
    talus_status status = tl_result_check(network->context, "layer", size,
                                          TL_END_OF(talus_layer, initializer));
    if (status != TALUS_OK)
        return status;
    const tl_layer *from = &network->layers[number];
    talus_layer known = {
        .width = from->width,
        .activation = from->activation,
        .initializer = from->initializer,
        .alpha = from->alpha,
        .dropout = from->dropout,
        .l1 = from->l1,
        .l2 = from->l2,
        .max_norm = from->max_norm,
        .normalization = from->normalization,
        .without_biases = from->without_biases,
        .normalization_epsilon = from->epsilon,
        .normalization_momentum = from->momentum,
        .gain = from->gain,
        .spectral_norm = from->spectral_norm,
        .spectral_penalty = from->spectral_penalty,
    };
    tl_result_give(&known, sizeof known, layer, size);
    return TALUS_OK;
}

talus_status talus_network_get_spec_sized(const talus_network *network, talus_network_spec *spec, size_t size)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (spec == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "spec must not be NULL");
    talus_status status = tl_result_check(network->context, "spec", size,
                                          TL_END_OF(talus_network_spec, seed));
    if (status != TALUS_OK)
        return status;
    talus_network_spec known = {
        .inputs = network->layers[0].width,
        .layer_count = network->layer_count,
        .loss = network->given_ranges == NULL ? network->ranges->loss : TALUS_SQUARED_ERROR,
        .precision = network->precision,
        .seed = network->seed,
        .loss_parameter = network->given_ranges == NULL ? network->ranges->loss_parameter : 0,
        .input_dropout = network->layers[0].dropout,
        .input_noise = network->input_noise,
        .output_weights = network->output_weights,
        .label_smoothing = network->label_smoothing,
        .output_weight_count = network->output_weights == NULL ? 0 : (int)tl_network_targets(network),
        .missing_targets = network->missing_targets,
        .ranges = network->given_ranges,
        .range_count = network->given_ranges == NULL ? 0 : network->range_count,
        .range_size = network->given_ranges == NULL ? 0 : (int)sizeof *network->given_ranges,
        .products = network->products,
    };
    tl_result_give(&known, sizeof known, spec, size);
    return TALUS_OK;
}

int talus_network_activation(const talus_network *network, int layer)
{
    return has_layer(network, layer) ? network->layers[layer].activation : -1;
}

int talus_network_initializer(const talus_network *network, int layer)
{
    return has_layer(network, layer) ? network->layers[layer].initializer : -1;
}

double talus_network_alpha(const talus_network *network, int layer)
{
    return has_layer(network, layer) ? network->layers[layer].alpha : 0;
}

int talus_network_loss(const talus_network *network)
{
    return network == NULL ? -1 : network->ranges->loss;
}

double talus_network_loss_parameter(const talus_network *network)
{
    return network == NULL ? 0 : network->ranges->loss_parameter;
}

int talus_network_precision(const talus_network *network)
{
    return network == NULL ? -1 : network->precision;
}

int64_t talus_network_seed(const talus_network *network)
{
    return network == NULL ? 0 : network->seed;
}

int64_t talus_network_parameter_count(const talus_network *network)
{
    return network == NULL ? 0 : network->parameter_count;
}

int64_t tl_network_inputs(const talus_network *network)
{
    return network->layers[0].width;
}

const tl_layer *tl_network_last(const talus_network *network)
{
    return &network->layers[network->layer_count];
}

int64_t tl_network_columns(const talus_network *network)
{
    const int64_t projected = network->input_projection.columns;
    return projected > 0 ? projected : tl_network_inputs(network);
}

int64_t tl_network_outputs(const talus_network *network)
{
    return tl_network_last(network)->width;
}

int64_t tl_network_targets(const talus_network *network)
{
    const tl_range *last = &network->ranges[network->range_count - 1];
    return last->first_target + last->targets;
}

bool tl_range_is_fused(const tl_range *range)
{
    return range->loss_kind->fused == range->activation;
}

int tl_layer_ranges(const talus_network *network, int l)
{
    return l == network->layer_count ? network->range_count : 1;
}

tl_range tl_layer_range(const talus_network *network, int l, int r)
{
    const tl_layer *layer = &network->layers[l];
    if (l == network->layer_count)
        return network->ranges[r];
    return (tl_range){.outputs = layer->width, .activation = layer->activation, .alpha = layer->alpha};
}

double tl_network_alpha(const talus_network *network, int l, int64_t row)
{
    const tl_range *range = network->ranges;
    if (l < network->layer_count)
        return network->layers[l].alpha;
    while (row >= range->first + range->outputs)
        range++;
    return range->alpha;
}

int64_t tl_network_label_count(const talus_network *network)
{
    const tl_range *range = network->ranges;
    return network->range_count == 1 ? tl_label_count(range->loss_kind, range->outputs) : 0;
}

bool tl_network_draws(const talus_network *network)
{
    bool drops = false;
    for (int l = 0; l < network->layer_count; l++)
        drops |= network->layers[l].dropout > 0;
    return drops || network->input_noise > 0;
}

bool tl_network_is_fused(const talus_network *network)
{
    return network->range_count == 1 && tl_range_is_fused(network->ranges);
}

/* That an activation is not flat; `place` is a layer or a range of outputs. */
static talus_status check_slope(talus_context *context, const tl_activation_kind *kind, const char *subject,
                                const char *place, int number)
{
    if (!kind->flat)
        return TALUS_OK;
    return tl_fail(
        context, TALUS_ERROR_ARGUMENT,
        "%s: %s %d must have an activation through which it can learn, got %s, whose derivative is 0 "
        "everywhere",
        subject, place, number, kind->name);
}

talus_status tl_check_slopes(talus_context *context, const talus_network *network, const char *subject)
{
    talus_status status = TALUS_OK;
    for (int l = 1; status == TALUS_OK && l <= network->layer_count; l++)
        status = check_slope(context, network->layers[l].kind, subject, "layer", l);
    for (int r = 0; status == TALUS_OK && r < network->range_count; r++)
        status = check_slope(context, tl_activation_kind_of(network->ranges[r].activation), subject, "range",
                             r);
    return status;
}

const tl_part *tl_layer_part(const tl_layer *layer, int kind)
{
    for (int i = 0; i < layer->part_count; i++)
        if (layer->parts[i].kind == kind)
            return &layer->parts[i];
    return NULL;
}

const tl_part *tl_network_part_at(const talus_network *network, int64_t index, int *layer)
{
    const tl_part *found = NULL;
    for (int l = 1; l <= network->layer_count; l++)
        for (int i = 0; i < network->layers[l].part_count; i++)
            if (network->layers[l].parts[i].offset <= index) {
                found = &network->layers[l].parts[i];
                *layer = l;
            }
    return found;
}
