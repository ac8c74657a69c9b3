/* A network whose normalisation over the batch is part of its weights. */
#include "network/fold.h"

#include <string.h>

#include "base/call.h"

static talus_status check(const talus_network *network, talus_network **folded)
{
    if (folded == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "fold_normalization: folded must not be NULL");
    for (int l = 1; l <= network->layer_count; l++)
        if (network->layers[l].norm->of_batch)
            return TALUS_OK;
    for (int l = 1; l <= network->layer_count; l++)
        if (network->layers[l].norm->normalizes)
            return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                           "fold_normalization: a layer must be normalised over the batch; layer %d is "
                           "normalised over its units, which depends on each sample and cannot be folded",
                           l);
    return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                   "fold_normalization: a layer must be normalised over the batch, but none is normalised");
}

/* The layer with biases in the place of its normalisation. */
static tl_layer unnormalized(const tl_layer *from)
{
    tl_layer layer = *from;
    layer.part_count = 0;
    layer.direction = NULL;
    if (!from->norm->of_batch)
        return layer;
    layer.normalization = TALUS_NORMALIZATION_NONE;
    layer.norm = tl_normalization_kind_of(TALUS_NORMALIZATION_NONE);
    layer.epsilon = layer.momentum = 0;
    layer.means = layer.variances = NULL;
    layer.without_biases = false;
    return layer;
}

static void fill(const talus_network *from, talus_network *to)
{
    static void (*const fold[TL_PRECISIONS])(const talus_network *, talus_network *, int) = {
        [TALUS_DTYPE_F32] = tl_fold_layer_f32,
        [TALUS_DTYPE_F64] = tl_fold_layer_f64,
    };
    size_t size = tl_dtype_size(from->precision);
    for (int l = 1; l <= from->layer_count; l++) {
        for (int i = 0; i < to->layers[l].part_count; i++) {
            const tl_part *part = &to->layers[l].parts[i];
            const tl_part *old = tl_layer_part(&from->layers[l], part->kind);
            if (old != NULL)
                memcpy((char *)to->parameters + (size_t)part->offset * size,
                       (const char *)from->parameters + (size_t)old->offset * size,
                       (size_t)(part->rows * part->cols) * size);
        }
        if (from->layers[l].norm->of_batch)
            fold[from->precision](from, to, l);
    }
}

static talus_status fold_normalization(const talus_network *network, talus_network **folded)
{
    static const char call[] = "fold_normalization";
    talus_status status = check(network, folded);
    if (status != TALUS_OK)
        return status;
    size_t layers = ((size_t)network->layer_count + 1) * sizeof network->layers[0];
    talus_network *made = tl_allocate(network->context, sizeof *made + layers);
    if (made == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY, "%s: the allocator returned no memory", call);
    *made = *network;
    made->parameters = NULL;
    made->statistics = NULL;
    made->statistic_count = 0;
    made->input_scaling = made->target_scaling = made->output_scaling = (tl_scaling){0};
    made->input_projection = (tl_projection){0};
    for (int l = 0; l <= network->layer_count; l++)
        made->layers[l] = l == 0 ? network->layers[l] : unnormalized(&network->layers[l]);
    status = tl_copy_loss(network, made);
    if (status == TALUS_OK)
        status = tl_network_lay_out(made);
    if (status == TALUS_OK)
        status = tl_statistics_make(made);
    if (status == TALUS_OK)
        status = tl_scaling_copy(network->context, call, &network->input_scaling, &made->input_scaling);
    if (status == TALUS_OK)
        status = tl_scaling_copy(network->context, call, &network->target_scaling, &made->target_scaling);
    if (status == TALUS_OK)
        status = tl_scaling_copy(network->context, call, &network->output_scaling, &made->output_scaling);
    if (status == TALUS_OK)
        status = tl_projection_copy(network, call, &network->input_projection, &made->input_projection);
    if (status != TALUS_OK) {
        talus_network_destroy(made);
        return status;
    }
    fill(network, made);
    *folded = made;
    return TALUS_OK;
}

talus_status talus_network_fold_normalization(const talus_network *network, talus_network **folded)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, fold_normalization(network, folded)) : status;
}
