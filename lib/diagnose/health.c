#include "diagnose/health.h"

#include <float.h>
#include <math.h>

#include "base/call.h"
#include "base/options.h"
#include "diagnose/non_finite.h"
#include "engine/arguments.h"
#include "optimize/flat_vector.h"

/* A slope is little below this share of the largest that a bounded kind has. */
#define LITTLE 0.05

/* What depends on the precision. */
static const struct {
    double (*sum_deltas)(const tl_look *look);
    tl_slopes (*count_slopes)(const tl_look *look, double little);
    tl_vector_part sum_change;
} of[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {tl_sum_deltas_f32, tl_count_slopes_f32, tl_sum_change_f32},
    [TALUS_DTYPE_F64] = {tl_sum_deltas_f64, tl_count_slopes_f64, tl_sum_change_f64},
};

/* The parameters of a layer in a flat vector. */
static tl_vectors span_of(const tl_pass *pass, int l, int64_t *offset)
{
    const tl_layer *layer = &pass->network->layers[l];
    const tl_part *last = &layer->parts[layer->part_count - 1];
    *offset = layer->parts[0].offset * (int64_t)tl_dtype_size(pass->network->precision);
    return (tl_vectors){.context = pass->workspace->context,
                        .precision = pass->network->precision,
                        .count = last->offset + last->rows * last->cols - layer->parts[0].offset,
                        .kernels = pass->workspace->kernels};
}

/* ‖x‖ with one look at x, unless its square leaves the range of a double. */
static double norm_of(const tl_vectors *span, const void *x)
{
    const double square = tl_vector_dot(span, x, x);
    return isfinite(square) && square > DBL_MIN / DBL_EPSILON ? sqrt(square) : tl_vector_norm(span, x);
}

static double norm_of_change(const tl_vectors *span, const void *before, const void *after)
{
    double sums[TL_MOST_PARTS], sum = 0;
    int parts = tl_vector_run(span, of[span->precision].sum_change, &(tl_change){before, after}, sums);
    for (int i = 0; i < parts; i++)
        sum += sums[i];
    return sqrt(sum);
}

static void measure_vectors(const tl_pass *pass, int l, const char *gradient, const char *before,
                            talus_health *health)
{
    int64_t at;
    const tl_vectors span = span_of(pass, l, &at);
    const char *now = (const char *)pass->network->parameters + at;
    health->gradient = norm_of(&span, gradient + at);
    health->parameters = norm_of(&span, before == NULL ? now : before + at);
    health->update = before == NULL ? NAN : norm_of_change(&span, before + at, now);
    health->ratio = health->update / health->parameters;
}

/* Whether Δ_l passes through f_l′: not where the loss is computed from Z, nor where f is one of the whole layer. */
static bool has_slopes(const talus_network *network, int l)
{
    bool fused = l == network->layer_count && tl_network_is_fused(network);
    return !fused && !network->layers[l].kind->whole_layer;
}

static void measure_units(const tl_pass *pass, int l, talus_health *health)
{
    const talus_network *network = pass->network;
    const tl_look look = {pass, l};
    const double width = (double)network->layers[l].width, steepest = network->layers[l].kind->steepest;
    health->delta = sqrt(of[network->precision].sum_deltas(&look) / width);
    health->dead = health->saturated = NAN;
    if (!has_slopes(network, l))
        return;
    tl_slopes slopes = of[network->precision].count_slopes(&look, LITTLE * steepest);
    health->dead = (double)slopes.dead / width;
    if (steepest > 0)
        health->saturated = (double)slopes.little / (double)slopes.seen;
}

void tl_health_take(const tl_pass *pass, const void *gradient, const void *before,
                    const talus_non_finite *found, talus_health *healths)
{
    for (int l = 1; l <= pass->network->layer_count; l++) {
        talus_health *health = &healths[l - 1];
        bool here = found->found && (found->layer == l || (found->layer == 0 && l == 1));
        *health = (talus_health){.step = found->step,
                                 .layer = l,
                                 .activation = pass->network->layers[l].activation,
                                 .operand = here ? found->operand : -1,
                                 .part = here ? found->part : -1,
                                 .row = here ? found->row : -1,
                                 .col = here ? found->col : -1};
        measure_vectors(pass, l, gradient, before, health);
        measure_units(pass, l, health);
    }
}

/* One batch --------------------------------------------------------------------------------------------- */

static talus_status check_arguments(const talus_network *network, talus_workspace *workspace,
                                    const talus_health *healths, size_t size, int count)
{
    talus_context *context = workspace->context;
    if (healths == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "health: healths must not be NULL");
    if (count != network->layer_count)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "health: count must be %d, the layers of the network, got %d", network->layer_count,
                       count);
    return tl_result_check(context, "health", size, TL_END_OF(talus_health, col));
}

/* Runs the pass, with room for a gradient and the healths of all layers, and gives them. */
static talus_status run(tl_pass *pass, void *gradient, talus_health *known, talus_health *healths,
                        size_t size)
{
    talus_non_finite found;
    pass->gradient = gradient;
    pass->workspace->kept = 0;
    talus_status status = tl_pass_run(pass, NULL);
    if (status != TALUS_OK)
        return status;
    tl_find_non_finite(pass, NULL, &found);
    tl_health_take(pass, gradient, NULL, &found, known);
    for (int i = 0; i < pass->network->layer_count; i++)
        tl_result_give(&known[i], sizeof known[i], (char *)healths + (size_t)i * size, size);
    return TALUS_OK;
}

static talus_status health_of(const talus_network *network, talus_workspace *workspace,
                              const talus_batch *batch, size_t batch_size, talus_health *healths, size_t size,
                              int count)
{
    tl_pass pass;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK)
        status = check_arguments(network, workspace, healths, size, count);
    if (status == TALUS_OK)
        status = tl_pass_batch(&pass, batch, batch_size);
    if (status != TALUS_OK)
        return status;
    pass.work = TL_FORWARD | TL_KEEP | TL_LOSS | TL_BACKWARD | TL_WEIGHTS;
    pass.penalises = true;
    talus_context *context = workspace->context;
    void *gradient = tl_allocate(context,
                                 (size_t)network->parameter_count * tl_dtype_size(network->precision));
    talus_health *known = tl_allocate(context, (size_t)count * sizeof *known);
    if (gradient == NULL || known == NULL)
        status = tl_fail(context, TALUS_ERROR_MEMORY,
                         "health: the allocator returned no memory for a gradient of %lld numbers",
                         (long long)network->parameter_count);
    else
        status = run(&pass, gradient, known, healths, size);
    tl_release(context, known);
    tl_release(context, gradient);
    return status;
}

talus_status talus_health_of_sized(const talus_network *network, talus_workspace *workspace,
                                   const talus_batch *batch, size_t batch_size, talus_health *healths,
                                   size_t health_size, int count)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, health_of(network, workspace, batch, batch_size, healths,
                                                             health_size, count))
                              : status;
}
