/* Weights that give each layer's Z the variance 1 on a batch. */
#include <float.h>
#include <math.h>
#include <string.h>
#include <talus/evaluate.h>
#include <talus/initialize.h>

#include "base/call.h"
#include "base/options.h"
#include "network/initialize.h"

enum { MOST_SAMPLES = 512, ITERATIONS = 10 };
#define TOLERANCE 0.01

static const char call_name[] = "unit_variance";

/* The way up. */
typedef struct climb {
    talus_network *network;
    talus_matrix inputs;  /* A_{l−1} */
    double *next, *spare; /* n × max d_l each: A_l comes to the first, A_{l−1} stands in the second */
    double tolerance;
    int64_t iterations;
    void *parameters; /* as they are to become */
    talus_unit_variance found;
} climb;

/* A network of layer l alone, with its parameters; `bare`: its outputs are Z_l. */
static talus_status make_alone(const climb *on, int l, bool bare, talus_network **alone)
{
    const talus_network *from = on->network;
    const size_t size = tl_dtype_size(from->precision);
    talus_layer layer;
    (void)talus_network_get_layer(from, l, &layer);
    layer.dropout = 0;
    layer.spectral_norm = layer.spectral_penalty = 0;
    if (bare)
        layer = (talus_layer){.width = layer.width, .without_biases = layer.without_biases};
    const talus_network_spec spec = {.inputs = from->layers[l].inputs,
                                     .layers = &layer,
                                     .layer_count = 1,
                                     .precision = from->precision,
                                     .products = from->products};
    talus_status status = tl_network_make(from->context, &spec, sizeof spec, sizeof layer, alone);
    if (status != TALUS_OK)
        return status;
    memcpy((*alone)->parameters, (char *)on->parameters + (size_t)from->layers[l].parts[0].offset * size,
           (size_t)(*alone)->parameter_count * size);
    if ((*alone)->statistics != NULL)
        memcpy((*alone)->statistics, from->layers[l].means,
               (size_t)(*alone)->statistic_count * sizeof(double));
    if (l == 1) {
        (*alone)->input_clip = from->input_clip;
        status = tl_scaling_copy(from->context, call_name, &from->input_scaling, &(*alone)->input_scaling);
    }
    if (l == 1 && status == TALUS_OK)
        status = tl_projection_copy(from, call_name, &from->input_projection, &(*alone)->input_projection);
    if (status != TALUS_OK)
        talus_network_destroy(*alone);
    return status;
}

/* var Z of n × d numbers; 0 if they vary no more than rounding makes equal ones vary in sums of `length` products. */
static talus_status measure(const climb *on, int l, double *variance)
{
    const tl_layer *layer = &on->network->layers[l];
    const double count = (double)on->inputs.rows * (double)layer->width;
    double mean = 0, squares = 0;
    for (int64_t i = 0; i < on->inputs.rows; i++) {
        double sum = 0;
        for (int64_t k = 0; k < layer->width; k++)
            sum += on->next[i * layer->width + k];
        mean += sum / count;
    }
    for (int64_t i = 0; i < on->inputs.rows; i++) {
        double sum = 0;
        for (int64_t k = 0; k < layer->width; k++) {
            double distance = on->next[i * layer->width + k] - mean;
            sum += distance * distance;
        }
        squares += sum;
    }
    *variance = squares / count;
    const double epsilon = on->network->precision == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON;
    if (!isfinite(*variance))
        return tl_fail(on->network->context, TALUS_ERROR_DATA,
                       "%s: layer %d: the variance of Z must be finite, got %g", call_name, l, *variance);
    if (!(sqrt(*variance) > epsilon * (double)layer->inputs * fabs(mean)))
        return tl_fail(on->network->context, TALUS_ERROR_DATA,
                       "%s: layer %d: Z must vary over samples and units, but all are %g", call_name, l,
                       mean);
    return TALUS_OK;
}

/* next ← the outputs of a network of one layer for A_{l−1} */
static talus_status pass_through(const climb *on, const talus_network *alone, talus_workspace *workspace)
{
    const talus_matrix outputs = talus_matrix_view(on->next, TALUS_DTYPE_F64, on->inputs.rows,
                                                   tl_network_outputs(alone));
    return talus_predict(alone, workspace, &on->inputs, &outputs);
}

static talus_status make_workspace(const climb *on, const talus_network *alone, talus_workspace **workspace)
{
    const int64_t samples = on->inputs.rows < MOST_SAMPLES ? on->inputs.rows : MOST_SAMPLES;
    return talus_workspace_create(on->network->context, alone, samples, workspace);
}

static void scale_weights(talus_network *alone, double factor)
{
    static void (*const scale[TL_PRECISIONS])(const tl_part *, double, void *) = {
        [TALUS_DTYPE_F32] = tl_scale_part_f32,
        [TALUS_DTYPE_F64] = tl_scale_part_f64,
    };
    scale[alone->precision](tl_layer_part(&alone->layers[1], TALUS_PART_WEIGHTS), factor, alone->parameters);
}

static talus_status scale_until_one(climb *on, int l, talus_network *bare, talus_workspace *workspace)
{
    double variance = 1;
    for (int64_t made = 0;; made++) {
        talus_status status = pass_through(on, bare, workspace);
        if (status == TALUS_OK)
            status = measure(on, l, &variance);
        if (status != TALUS_OK)
            return status;
        if (fabs(variance - 1) <= on->tolerance || made == on->iterations)
            break;
        scale_weights(bare, 1 / sqrt(variance));
        on->found.iterations++;
    }
    if (l == 1 || fabs(variance - 1) > on->found.error) {
        on->found.error = fabs(variance - 1);
        on->found.layer = l;
    }
    return TALUS_OK;
}

/* W_l, whose Z has the variance 1. */
static talus_status scale_layer(climb *on, int l)
{
    const talus_network *network = on->network;
    const tl_part *part = tl_layer_part(&network->layers[l], TALUS_PART_WEIGHTS);
    const size_t size = tl_dtype_size(network->precision);
    talus_network *bare = NULL;
    talus_workspace *workspace = NULL;
    talus_status status = make_alone(on, l, true, &bare);
    if (status != TALUS_OK)
        return status;
    status = make_workspace(on, bare, &workspace);
    if (status == TALUS_OK)
        status = scale_until_one(on, l, bare, workspace);
    if (status == TALUS_OK)
        memcpy((char *)on->parameters + (size_t)part->offset * size, bare->parameters,
               (size_t)(part->rows * part->cols) * size);
    talus_workspace_destroy(workspace);
    talus_network_destroy(bare);
    return status;
}

static talus_status check_outputs(const climb *on, int l)
{
    const int64_t count = on->inputs.rows * on->network->layers[l].width;
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(on->next[i]))
            return tl_fail(on->network->context, TALUS_ERROR_DATA,
                           "%s: layer %d: the outputs must be finite, got %g", call_name, l, on->next[i]);
    return TALUS_OK;
}

/* A_l becomes what the next layer reads. */
static talus_status go_up(climb *on, int l)
{
    talus_network *alone = NULL;
    talus_workspace *workspace = NULL;
    talus_status status = make_alone(on, l, false, &alone);
    if (status != TALUS_OK)
        return status;
    status = make_workspace(on, alone, &workspace);
    if (status == TALUS_OK)
        status = pass_through(on, alone, workspace);
    if (status == TALUS_OK)
        status = check_outputs(on, l);
    on->inputs = talus_matrix_view(on->next, TALUS_DTYPE_F64, on->inputs.rows, tl_network_outputs(alone));
    double *read = on->next;
    on->next = on->spare;
    on->spare = read;
    talus_workspace_destroy(workspace);
    talus_network_destroy(alone);
    return status;
}

static talus_status check(const climb *on, talus_unit_variance *result, size_t size)
{
    talus_context *context = on->network->context;
    if (!(on->tolerance > 0 && isfinite(on->tolerance)))
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "%s: tolerance must be a finite number of at least 0, got %g", call_name,
                       on->tolerance);
    if (on->iterations < 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: iterations must be at least 0, got %lld",
                       call_name, (long long)on->iterations);
    return result == NULL
               ? TALUS_OK
               : tl_result_check(context, call_name, size, TL_END_OF(talus_unit_variance, iterations));
}

static talus_status allocate(climb *on, size_t bytes)
{
    talus_context *context = on->network->context;
    int64_t widest = 1, numbers;
    for (int l = 1; l <= on->network->layer_count; l++)
        widest = on->network->layers[l].width > widest ? on->network->layers[l].width : widest;
    if (tl_multiply(on->inputs.rows, widest, &numbers) && tl_multiply(numbers, sizeof(double), &numbers)) {
        on->next = tl_allocate_unfilled(context, (size_t)numbers);
        on->spare = tl_allocate_unfilled(context, (size_t)numbers);
        on->parameters = tl_allocate_unfilled(context, bytes);
    }
    if (on->next != NULL && on->spare != NULL && on->parameters != NULL)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_MEMORY, "%s: the allocator returned no memory for %lld samples",
                   call_name, (long long)on->inputs.rows);
}

static talus_status climb_up(climb *on)
{
    const talus_network *network = on->network;
    const size_t bytes = (size_t)network->parameter_count * tl_dtype_size(network->precision);
    talus_status status = allocate(on, bytes);
    if (status == TALUS_OK)
        memcpy(on->parameters, network->parameters, bytes);
    for (int l = 1; status == TALUS_OK && l <= network->layer_count; l++) {
        status = scale_layer(on, l);
        if (status == TALUS_OK && l < network->layer_count)
            status = go_up(on, l);
    }
    if (status == TALUS_OK)
        memcpy(network->parameters, on->parameters, bytes);
    tl_release(network->context, on->next);
    tl_release(network->context, on->spare);
    tl_release(network->context, on->parameters);
    return status;
}

static talus_status unit_variance(talus_network *network, const talus_matrix *inputs, double tolerance,
                                  int64_t iterations, talus_unit_variance *result, size_t size)
{
    climb on = {.network = network,
                .tolerance = tolerance == 0 ? TOLERANCE : tolerance,
                .iterations = iterations == 0 ? ITERATIONS : iterations};
    talus_status status = tl_check_matrix(network->context, "inputs", inputs, TL_DTYPES_VALUES, &on.inputs);
    if (status == TALUS_OK)
        status = check(&on, result, size);
    if (status == TALUS_OK)
        status = climb_up(&on);
    if (status != TALUS_OK || result == NULL)
        return status;
    on.found.converged = on.found.error <= on.tolerance;
    tl_result_give(&on.found, sizeof on.found, result, size);
    return TALUS_OK;
}

talus_status talus_network_unit_variance_sized(talus_network *network, const talus_matrix *inputs,
                                               double tolerance, int64_t iterations,
                                               talus_unit_variance *result, size_t result_size)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, unit_variance(network, inputs, tolerance, iterations,
                                                                 result, result_size))
                              : status;
}
