/* Networks from ONNX files. */
#include <math.h>
#include <stdio.h>
#include <talus/interchange.h>
#include <talus/scaling.h>

#include "base/call.h"
#include "model/onnx_chain.h"
#include "network/network.h"

/* What a file says wrongly of a network is an error of its format. */
static talus_status blame_file(const tl_onnx_file *file, talus_status status)
{
    char reason[TL_MESSAGE_BYTES];
    if (status == TALUS_OK || status == TALUS_ERROR_MEMORY || status == TALUS_ERROR_DATA)
        return status;
    (void)snprintf(reason, sizeof reason, "%s", file->context->message);
    return tl_fail(file->context, TALUS_ERROR_FORMAT, "%s: %s", file->name, reason);
}

static int activation_of(const tl_onnx_match *match)
{
    return match->recipe == NULL ? TALUS_IDENTITY : match->recipe->activation;
}

static double alpha_of(const tl_onnx_match *match)
{
    return match->recipe == NULL || isnan(match->alpha) ? 0 : match->alpha;
}

/* The file tells no loss: it is that which goes with the activation alone, or squared error, as for scaled targets. */
static int loss_for(const tl_onnx_chain *c, int activation)
{
    for (int loss = 0; loss < TALUS_LOSS_COUNT && c->outputs.count == 0; loss++)
        if (tl_loss_kind_of(loss)->fused == activation)
            return loss;
    return TALUS_SQUARED_ERROR;
}

static talus_layer layer_of(const tl_onnx_layer *from)
{
    talus_layer layer = talus_dense(from->width, activation_of(&from->activation));
    layer.alpha = alpha_of(&from->activation);
    layer.normalization = from->norm.recipe == NULL ? TALUS_NORMALIZATION_NONE
                                                    : from->norm.recipe->normalization;
    if (from->norm.recipe != NULL)
        layer.normalization_epsilon = from->norm.epsilon;
    layer.without_biases = from->biases == NULL && !tl_normalization_kind_of(layer.normalization)->of_batch;
    return layer;
}

static talus_output_range range_of(const tl_onnx_chain *c, const tl_onnx_range *from)
{
    talus_output_range range;
    talus_output_range_defaults(&range);
    range.outputs = from->outputs;
    range.activation = activation_of(&from->activation);
    range.alpha = alpha_of(&from->activation);
    range.loss = loss_for(c, range.activation);
    return range;
}

static talus_status create(const tl_onnx_chain *c, talus_layer *layers, talus_output_range *ranges,
                           talus_network **network)
{
    for (int l = 0; l < c->layer_count; l++)
        layers[l] = layer_of(&c->layers[l]);
    for (int r = 0; r < c->range_count; r++)
        ranges[r] = range_of(c, &c->ranges[r]);
    talus_network_spec spec = talus_dense_network(c->layers[0].inputs, layers, c->layer_count,
                                                  TALUS_SQUARED_ERROR);
    spec.precision = c->type == TL_ONNX_F64 ? TALUS_DTYPE_F64 : TALUS_DTYPE_F32;
    if (c->range_count > 0)
        spec.ranges = ranges, spec.range_count = c->range_count, spec.range_size = (int)sizeof *ranges;
    else
        spec.loss = loss_for(c, layers[c->layer_count - 1].activation);
    return blame_file(c->file, talus_network_create(c->file->context, &spec, network));
}

/* Puts a number of a constant into a vector of a precision. */
static talus_status put(const tl_onnx_file *file, const tl_onnx_constant *from, int precision, void *to,
                        int64_t i, double number)
{
    if (precision == TALUS_DTYPE_F64)
        ((double *)to)[i] = number;
    else
        ((float *)to)[i] = (float)number;
    if (isfinite(number) && (precision == TALUS_DTYPE_F64 || isfinite((float)number)))
        return TALUS_OK;
    return tl_fail(file->context, TALUS_ERROR_DATA, "%s: the numbers of \"%.*s\" must be finite, got %g",
                   file->name, TL_ONNX_TEXT(from->name), number);
}

/* A part of a layer: a row of numbers, times a factor. */
static talus_status put_row(const tl_onnx_file *file, talus_network *network, int l, int part,
                            const tl_onnx_constant *from, double factor)
{
    talus_matrix view;
    talus_status status = from == NULL ? TALUS_OK : talus_network_part(network, NULL, l, part, &view);
    for (int64_t k = 0; from != NULL && status == TALUS_OK && k < view.cols; k++)
        status = put(file, from, view.dtype, view.data, k,
                     factor * tl_onnx_element(from, from->count == 1 ? 0 : k));
    return status;
}

static talus_status put_weights(const tl_onnx_file *file, talus_network *network, int l,
                                const tl_onnx_layer *layer)
{
    talus_matrix view;
    talus_status status = talus_network_weights(network, NULL, l, &view);
    for (int64_t i = 0; i < layer->width; i++)
        for (int64_t j = 0; j < layer->inputs && status == TALUS_OK; j++) {
            const int64_t at = layer->transposed ? i * layer->inputs + j : j * layer->width + i;
            status = put(file, layer->weights, view.dtype, view.data, i * layer->inputs + j,
                         layer->weight_factor * tl_onnx_element(layer->weights, at));
        }
    return status;
}

/* Element k of a row; 0 if there is none. */
static double element(const tl_onnx_constant *row, int64_t k)
{
    return row == NULL ? 0 : tl_onnx_element(row, row->count == 1 ? 0 : k);
}

/* Such a layer has no b: what is normalised is Z without it, whose mean is less by b. */
static talus_status put_statistics(const tl_onnx_file *file, talus_network *network, int l,
                                   const tl_onnx_layer *layer)
{
    const tl_onnx_constant *means = layer->norm.vectors[TL_ONNX_MEANS],
                           *variances = layer->norm.vectors[TL_ONNX_VARIANCES];
    talus_matrix mu, square;
    if (means == NULL || variances == NULL)
        return TALUS_OK;
    talus_status status = talus_network_statistics(network, l, &mu, &square);
    for (int64_t k = 0; status == TALUS_OK && k < layer->width; k++) {
        const double shift = layer->bias_factor * element(layer->biases, k), variance = element(variances, k);
        status = put(file, means, TALUS_DTYPE_F64, mu.data, k, element(means, k) - shift);
        if (status == TALUS_OK)
            status = put(file, variances, TALUS_DTYPE_F64, square.data, k, variance);
        if (status == TALUS_OK && variance < 0)
            status = tl_fail(file->context, TALUS_ERROR_DATA,
                             "%s: the variances \"%.*s\" must be at least 0, got %g", file->name,
                             TL_ONNX_TEXT(variances->name), variance);
    }
    return status;
}

static talus_status put_layer(const tl_onnx_file *file, talus_network *network, int l,
                              const tl_onnx_layer *layer)
{
    const bool has_biases = tl_layer_part(&network->layers[l], TALUS_PART_BIASES) != NULL;
    talus_status status = put_weights(file, network, l, layer);
    if (status == TALUS_OK && has_biases)
        status = put_row(file, network, l, TALUS_PART_BIASES, layer->biases, layer->bias_factor);
    if (status == TALUS_OK)
        status = put_row(file, network, l, TALUS_PART_NORM_SCALES, layer->norm.vectors[TL_ONNX_SCALES], 1);
    if (status == TALUS_OK)
        status = put_row(file, network, l, TALUS_PART_NORM_SHIFTS, layer->norm.vectors[TL_ONNX_SHIFTS], 1);
    if (status == TALUS_OK)
        status = put_row(file, network, l, TALUS_PART_SLOPES, layer->activation.vectors[TL_ONNX_SLOPES], 1);
    return status == TALUS_OK ? put_statistics(file, network, l, layer) : status;
}

static talus_status fill(const tl_onnx_chain *c, talus_network *network)
{
    talus_status status = TALUS_OK;
    for (int l = 1; l <= c->layer_count && status == TALUS_OK; l++)
        status = put_layer(c->file, network, l, &c->layers[l - 1]);
    if (status == TALUS_OK && c->inputs.count > 0)
        status = blame_file(
            c->file, talus_network_scale_inputs(network, c->inputs.shift, c->inputs.scale, c->inputs.count));
    if (status == TALUS_OK)
        status = blame_file(c->file, talus_network_clip_inputs(network, c->input_clip));
    if (status == TALUS_OK && c->outputs.count > 0)
        status = blame_file(c->file, talus_network_scale_targets(network, c->outputs.shift, c->outputs.scale,
                                                                 c->outputs.count));
    return status;
}

static talus_status make(const tl_onnx_chain *c, talus_network **network)
{
    talus_context *context = c->file->context;
    talus_network *made = NULL;
    talus_layer *layers = tl_allocate(context, (size_t)c->layer_count * sizeof *layers);
    talus_output_range *ranges = tl_allocate(context, (size_t)c->range_count * sizeof *ranges + 1);
    talus_status status = layers != NULL && ranges != NULL
                              ? create(c, layers, ranges, &made)
                              : tl_fail(context, TALUS_ERROR_MEMORY,
                                        "there is no memory for the layers of %s", c->file->name);
    tl_release(context, layers);
    tl_release(context, ranges);
    if (status == TALUS_OK)
        status = fill(c, made);
    if (status == TALUS_OK)
        *network = made;
    else
        talus_network_destroy(made);
    return status;
}

static talus_status import_onnx(talus_context *context, const char *path, talus_network **network)
{
    tl_onnx_file file;
    tl_onnx_chain chain;
    if (path == NULL || network == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "import_onnx: %s must not be NULL",
                       path == NULL ? "path" : "network");
    talus_status status = tl_onnx_open(context, path, &file);
    if (status != TALUS_OK)
        return status;
    status = tl_onnx_follow(&file, &chain);
    if (status == TALUS_OK)
        status = make(&chain, network);
    tl_onnx_chain_release(&chain);
    tl_onnx_close(&file);
    return status;
}

talus_status talus_model_import_onnx(talus_context *context, const char *path, talus_network **network)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, import_onnx(context, path, network)) : status;
}
