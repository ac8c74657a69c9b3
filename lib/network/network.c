#include "network/network.h"

#include "base/float_mode.h"
#include "network/initialize.h"

static int default_initializer(int activation)
{
    switch (activation) {
    case TALUS_RELU:
    case TALUS_LEAKY_RELU:
    case TALUS_ELU:
    case TALUS_SOFTPLUS:
        return TALUS_INIT_HE_NORMAL;
    default:
        return TALUS_INIT_GLOROT_UNIFORM;
    }
}

static double default_alpha(int activation)
{
    return activation == TALUS_LEAKY_RELU ? 0.01 : activation == TALUS_ELU ? 1 : 0;
}

static tl_layer resolve(const talus_layer *asked, int64_t inputs)
{
    return (tl_layer){
        .inputs = inputs,
        .width = asked->width,
        .activation = asked->activation,
        .initializer = asked->initializer == TALUS_INIT_AUTO ? default_initializer(asked->activation)
                                                             : asked->initializer,
        .alpha = asked->alpha == 0 ? default_alpha(asked->activation) : asked->alpha,
    };
}

/* Gives each layer its place in the flat vector: W_1, b_1, W_2, b_2, … */
static talus_status lay_out(talus_network *network)
{
    int64_t end = 0;
    for (int i = 0; i < network->layer_count; i++) {
        tl_layer *layer = &network->layers[i];
        int64_t weights, bytes;
        if (!tl_multiply(layer->width, layer->inputs, &weights) ||
            weights > PTRDIFF_MAX - layer->width - end ||
            !tl_multiply(end + weights + layer->width, (int64_t)sizeof(double), &bytes))
            return tl_fail(network->context, TALUS_ERROR_SHAPE,
                           "layer %d: with its %lld × %lld weights the parameters exceed any memory", i + 1,
                           (long long)layer->width, (long long)layer->inputs);
        layer->weights = end;
        layer->biases = end + weights;
        end = layer->biases + layer->width;
    }
    network->parameter_count = end;
    return TALUS_OK;
}

static talus_status allocate_parameters(talus_network *network)
{
    size_t bytes = (size_t)network->parameter_count * tl_dtype_size(network->precision);
    network->parameters = tl_allocate(network->context, bytes);
    if (network->parameters == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "network: the allocator returned no memory for its %lld parameters",
                       (long long)network->parameter_count);
    return TALUS_OK;
}

talus_status talus_network_create(talus_context *context, const talus_network_spec *spec,
                                  talus_network **network)
{
    if (context == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (network == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "the pointer that is to receive the network is NULL");
    talus_status status = tl_check_spec(context, spec);
    if (status != TALUS_OK)
        return status;

    size_t layers = (size_t)spec->layer_count;
    talus_network *made = tl_allocate(context, sizeof *made + layers * sizeof made->layers[0]);
    if (made == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "network: the allocator returned no memory for %d layers",
                       spec->layer_count);
    made->context = context;
    made->layer_count = spec->layer_count;
    made->loss = spec->loss;
    made->precision = spec->precision;
    for (int i = 0; i < spec->layer_count; i++)
        made->layers[i] = resolve(&spec->layers[i], i == 0 ? spec->inputs : spec->layers[i - 1].width);

    status = lay_out(made);
    if (status == TALUS_OK)
        status = allocate_parameters(made);
    if (status != TALUS_OK) {
        talus_network_destroy(made);
        return status;
    }
    talus_network_initialize(made, spec->seed);
    *network = made;
    return TALUS_OK;
}

void talus_network_destroy(talus_network *network)
{
    if (network == NULL)
        return;
    tl_release(network->context, network->parameters);
    tl_release(network->context, network);
}

talus_status talus_network_initialize(talus_network *network, uint64_t seed)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_float_mode mode = tl_float_enter();
    for (int i = 0; i < network->layer_count; i++)
        (network->precision == TALUS_F64 ? tl_initialize_layer_f64 : tl_initialize_layer_f32)(
            &network->layers[i], i + 1, seed, network->parameters);
    tl_float_leave(mode);
    return TALUS_OK;
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
    if (network != NULL && layer == 0)
        return tl_network_inputs(network);
    return has_layer(network, layer) ? network->layers[layer - 1].width : 0;
}

int talus_network_activation(const talus_network *network, int layer)
{
    return has_layer(network, layer) ? network->layers[layer - 1].activation : 0;
}

int talus_network_loss(const talus_network *network)
{
    return network == NULL ? 0 : network->loss;
}

int talus_network_precision(const talus_network *network)
{
    return network == NULL ? 0 : network->precision;
}

int64_t talus_network_parameter_count(const talus_network *network)
{
    return network == NULL ? 0 : network->parameter_count;
}

int64_t tl_network_inputs(const talus_network *network)
{
    return network->layers[0].inputs;
}

int64_t tl_network_outputs(const talus_network *network)
{
    return network->layers[network->layer_count - 1].width;
}

bool tl_network_takes_labels(const talus_network *network)
{
    return network->loss == TALUS_CROSS_ENTROPY ||
           (network->loss == TALUS_BINARY_CROSS_ENTROPY && tl_network_outputs(network) == 1);
}
