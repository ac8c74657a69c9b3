/* A bound on how much outputs change with inputs: the product of what the layers do at most. */
#include <math.h>
#include <talus/diagnose.h>

#include "base/call.h"
#include "diagnose/singular.h"
#include "kernels/source.h"

static const char call_name[] = "lipschitz_bound";

static double part_number(const talus_network *network, int l, int part, int64_t k)
{
    tl_source numbers = {0};
    (void)talus_network_part(network, NULL, l, part, &numbers.matrix);
    return tl_source_value(&numbers, 0, k);
}

/* The largest |f′| of unit k, which is in a range of outputs with one activation. */
static double slope_of(const talus_network *network, int l, const tl_range *range, int64_t k)
{
    const tl_activation_kind *kind = tl_activation_kind_of(range->activation);
    return tl_largest_slope(kind, kind->learns_slopes ? part_number(network, l, TALUS_PART_SLOPES, k)
                                                      : range->alpha);
}

/* The factor of unit k behind W_l but for f′: |γ|/√(σ² + ε) of running statistics; or |γ|/√ε, the most that a normalisation
 * over the units comes to: (1 − 1·1ᵀ/d − ẑ·ẑᵀ/d)/√(σ² + ε) has no eigenvalue above 1/√ε. */
static double normalization_factor(const talus_network *network, int l, int64_t k)
{
    const tl_layer *layer = &network->layers[l];
    if (!layer->norm->normalizes)
        return 1;
    const double variance = layer->norm->of_batch ? layer->variances[k] : 0;
    return fabs(part_number(network, l, TALUS_PART_NORM_SCALES, k)) / sqrt(variance + layer->epsilon);
}

static double scaling_factor(const talus_network *network, int l, int64_t k)
{
    const tl_scaling *scaling = tl_scaling_of_outputs(network);
    if (l < network->layer_count || scaling->count == 0)
        return 1;
    return fabs(scaling->inverse[scaling->count > 1 ? k : 0]);
}

/* ‖J_l‖ ≤ ‖diag(rows)·W_l‖: f′, or the blocks of it that softmax has, are at most so large, row by row. What is normalised over the
 * units stands between them and W_l, which leaves their maximum. */
static void fill_rows(const talus_network *network, int l, double *rows)
{
    const tl_layer *layer = &network->layers[l];
    double most = 0;
    for (int r = 0; r < tl_layer_ranges(network, l); r++) {
        const tl_range range = tl_layer_range(network, l, r);
        for (int64_t k = range.first; k < range.first + range.outputs; k++) {
            rows[k] = slope_of(network, l, &range, k) * normalization_factor(network, l, k) *
                      scaling_factor(network, l, k);
            most = isnan(most) || rows[k] <= most ? most : rows[k]; /* NaN stays */
        }
    }
    for (int64_t k = 0; layer->norm->normalizes && !layer->norm->of_batch && k < layer->width; k++)
        rows[k] = most;
}

static const double *fill_cols(const talus_network *network, int l, double *cols)
{
    const tl_scaling *scaling = &network->input_scaling;
    if (l > 1 || scaling->count == 0)
        return NULL;
    for (int64_t j = 0; j < network->layers[0].width; j++)
        cols[j] = scaling->scale[scaling->count > 1 ? j : 0];
    return cols;
}

/* Whether a layer changes without limit: f′ has no bound. */
static bool is_unbounded(const talus_network *network, int l)
{
    bool unbounded = false;
    for (int r = 0; r < tl_layer_ranges(network, l); r++)
        unbounded |= isinf(tl_activation_kind_of(tl_layer_range(network, l, r).activation)->largest_slope);
    return unbounded;
}

static talus_status multiply(const talus_network *network, double *room, int64_t widest, double *bound)
{
    double product = 1;
    bool unbounded = false;
    for (int l = 1; l <= network->layer_count; l++) {
        double *rows = room, *cols = room + widest, *values = cols + widest;
        if (is_unbounded(network, l)) {
            unbounded = true;
            continue;
        }
        fill_rows(network, l, rows);
        talus_status status = tl_singular_values(network, call_name, l, rows, fill_cols(network, l, cols),
                                                 values);
        if (status != TALUS_OK)
            return status;
        product *= values[0];
        unbounded |= !isfinite(product); /* beyond the range of double, or ∞·0 of such a norm */
    }
    *bound = unbounded ? INFINITY : product;
    return TALUS_OK;
}

static talus_status lipschitz_bound(const talus_network *network, double *bound)
{
    if (bound == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "%s: bound must not be NULL", call_name);
    if (network->input_projection.columns > 0)
        return tl_fail(network->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the inputs of the network must not be projected", call_name);
    int64_t widest = 0;
    for (int l = 0; l <= network->layer_count; l++)
        widest = network->layers[l].width > widest ? network->layers[l].width : widest;
    double *room = tl_allocate(network->context, 3 * (size_t)widest * sizeof *room);
    if (room == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "%s: the allocator returned no memory for %lld units", call_name, (long long)widest);
    talus_status status = multiply(network, room, widest, bound);
    tl_release(network->context, room);
    return status;
}

talus_status talus_lipschitz_bound(const talus_network *network, double *bound)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, lipschitz_bound(network, bound)) : status;
}
