/* What the singular values of a layer's weights say. */
#include <float.h>
#include <math.h>
#include <string.h>
#include <talus/diagnose.h>

#include "base/call.h"
#include "base/options.h"
#include "diagnose/singular.h"

static const char call_name[] = "weight_spectrum";

/* exp(−Σ p·log p) of p = s/Σs; 0 if all are 0. */
static double effective_rank(int64_t count, const double *s)
{
    double sum = 0, entropy = 0;
    for (int64_t i = 0; i < count; i++)
        sum += s[i] / s[0];
    for (int64_t i = 0; i < count && s[i] > 0; i++) {
        double p = s[i] / s[0] / sum;
        entropy -= p > 0 ? p * log(p) : 0;
    }
    return s[0] > 0 ? exp(entropy) : 0;
}

static talus_weight_spectrum describe(const tl_layer *layer, int precision, const double *s)
{
    const double m = (double)layer->width, n = (double)layer->inputs,
                 epsilon = precision == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON;
    const int64_t count = layer->width < layer->inputs ? layer->width : layer->inputs;
    talus_weight_spectrum found = {.largest = s[0],
                                   .smallest = s[count - 1],
                                   .condition = s[count - 1] > 0 ? s[0] / s[count - 1] : INFINITY,
                                   .effective_rank = effective_rank(count, s)};
    for (int64_t i = 0; i < count && s[i] > 0; i++) {
        found.stable_rank += s[i] / s[0] * (s[i] / s[0]);
        found.rank += s[i] > fmax(m, n) * epsilon * s[0];
    }
    return found;
}

static talus_status check(const talus_network *network, int layer, const talus_matrix *values,
                          const talus_weight_spectrum *spectrum, size_t size)
{
    talus_context *context = network->context;
    talus_matrix checked;
    if (layer < 1 || layer > network->layer_count)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: layer must be 1 … %d, got %d", call_name,
                       network->layer_count, layer);
    const tl_layer *of = &network->layers[layer];
    const int64_t count = of->width < of->inputs ? of->width : of->inputs;
    talus_status status = TALUS_OK;
    if (values != NULL)
        status = tl_check_matrix(context, "values", values, TL_DTYPE(TALUS_DTYPE_F64), &checked);
    if (status == TALUS_OK && values != NULL && (checked.rows != 1 || checked.cols != count))
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s: values must be 1 × %lld, got %lld × %lld", call_name,
                       (long long)count, (long long)checked.rows, (long long)checked.cols);
    if (status == TALUS_OK && spectrum != NULL)
        status = tl_result_check(context, call_name, size, TL_END_OF(talus_weight_spectrum, rank));
    return status;
}

static talus_status weight_spectrum(const talus_network *network, int layer, const talus_matrix *values,
                                    talus_weight_spectrum *spectrum, size_t size)
{
    talus_status status = check(network, layer, values, spectrum, size);
    if (status != TALUS_OK)
        return status;
    const tl_layer *of = &network->layers[layer];
    const size_t bytes = (size_t)(of->width < of->inputs ? of->width : of->inputs) * sizeof(double);
    double *s = tl_allocate(network->context, bytes);
    if (s == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for singular values", call_name);
    status = tl_singular_values(network, call_name, layer, NULL, NULL, s);
    if (status == TALUS_OK && values != NULL)
        memcpy(values->data, s, bytes);
    if (status == TALUS_OK && spectrum != NULL) {
        talus_weight_spectrum found = describe(of, network->precision, s);
        tl_result_give(&found, sizeof found, spectrum, size);
    }
    tl_release(network->context, s);
    return status;
}

talus_status talus_network_weight_spectrum_sized(const talus_network *network, int layer,
                                                 const talus_matrix *values, talus_weight_spectrum *spectrum,
                                                 size_t spectrum_size)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK
               ? tl_call_end(&call, weight_spectrum(network, layer, values, spectrum, spectrum_size))
               : status;
}
