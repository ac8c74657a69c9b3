#include "diagnose/health.h"

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
    void (*look_at_unit)(const tl_look *look, int64_t i, double little, tl_unit_look *unit);
    tl_vector_part sum_change;
} of[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {tl_look_at_unit_f32, tl_sum_change_f32},
    [TALUS_DTYPE_F64] = {tl_look_at_unit_f64, tl_sum_change_f64},
};

static int64_t unit_count(const talus_network *network)
{
    int64_t units = 0;
    for (int l = 1; l <= network->layer_count; l++)
        units += network->layers[l].width;
    return units;
}

bool tl_checkup_reserve(tl_checkup *checkup, const talus_workspace *workspace)
{
    const talus_network *network = workspace->network;
    talus_context *context = workspace->context;
    if (checkup->healths == NULL)
        checkup->healths = tl_allocate(context, (size_t)network->layer_count * sizeof *checkup->healths);
    if (checkup->units == NULL)
        checkup->units = tl_allocate(context, (size_t)unit_count(network) * sizeof *checkup->units);
    if (checkup->norms == NULL)
        checkup->norms = tl_allocate(context, (size_t)workspace->weight_tile_count * sizeof *checkup->norms);
    return checkup->healths != NULL && checkup->units != NULL && checkup->norms != NULL;
}

void tl_checkup_release(tl_checkup *checkup, talus_context *context)
{
    tl_release(context, checkup->healths);
    tl_release(context, checkup->units);
    tl_release(context, checkup->norms);
}

void tl_checkup_begin(tl_checkup *checkup, const talus_network *network)
{
    for (int64_t i = 0; i < unit_count(network); i++)
        checkup->units[i] = (tl_unit_look){0};
}

/* Units ---------------------------------------------------------------------------------------------------- */

/* Whether Δ_l passes through f_l′: not where the loss is computed from Z, nor where f is one of the whole layer. */
static bool has_slopes(const talus_network *network, int l)
{
    bool fused = l == network->layer_count && tl_network_is_fused(network);
    return !fused && !network->layers[l].kind->whole_layer;
}

/* A layer, whose units are looked at in groups that threads share. */
typedef struct layer_look {
    tl_look look;
    double little;
    tl_unit_look *units;
    int64_t count;
} layer_look;

enum { GROUP = 16 };

static void look_at_group(void *job, int64_t group, int worker)
{
    const layer_look *r = job;
    (void)worker;
    for (int64_t i = group * GROUP; i < r->count && i < (group + 1) * GROUP; i++)
        of[r->look.pass->network->precision].look_at_unit(&r->look, i, r->little, &r->units[i]);
}

void tl_checkup_add(tl_checkup *checkup, const tl_pass *pass)
{
    tl_unit_look *units = checkup->units;
    for (int l = 1; l <= pass->network->layer_count; l++) {
        const tl_layer *layer = &pass->network->layers[l];
        layer_look r = {.look = {pass, l},
                        .little = has_slopes(pass->network, l) ? LITTLE * layer->kind->steepest : -1,
                        .units = units,
                        .count = layer->width};
        const int64_t groups = tl_divide_up(r.count, GROUP);
        if (pass->schedule->threads > 1)
            tl_pool_run(pass->workspace->context->pool, look_at_group, &r, groups);
        else
            for (int64_t group = 0; group < groups; group++)
                look_at_group(&r, group, 0);
        units += layer->width;
    }
}

static void judge_units(const tl_unit_look *units, const talus_network *network, int l, talus_health *health)
{
    const double width = (double)network->layers[l].width;
    double squares = 0, dead = 0, seen = 0, little = 0;
    for (int64_t i = 0; i < network->layers[l].width; i++) {
        squares += units[i].squares;
        dead += units[i].lives ? 0 : 1;
        seen += (double)units[i].seen;
        little += (double)units[i].little;
    }
    health->delta = sqrt(squares / width);
    health->dead = has_slopes(network, l) ? dead / width : NAN;
    health->saturated = has_slopes(network, l) && network->layers[l].kind->steepest > 0 ? little / seen : NAN;
}

/* Norms ---------------------------------------------------------------------------------------------------- */

void tl_checkup_take_norms(tl_checkup *checkup, const tl_pass *pass)
{
    const talus_workspace *workspace = pass->workspace;
    for (int l = 1; l <= pass->network->layer_count; l++) {
        talus_health *health = &checkup->healths[l - 1];
        health->gradient = health->parameters = health->update = 0;
        for (int64_t i = 0; i < workspace->weight_tile_count; i++) {
            if (workspace->weight_tiles[i].layer != l)
                continue;
            health->gradient = hypot(health->gradient, checkup->norms[i].gradient);
            health->parameters = hypot(health->parameters, checkup->norms[i].parameters);
            health->update = hypot(health->update, checkup->norms[i].change);
        }
    }
}

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

static double norm_of_change(const tl_vectors *span, const void *before, const void *after)
{
    double sums[TL_MOST_PARTS], sum = 0;
    int parts = tl_vector_run(span, of[span->precision].sum_change, &(tl_change){before, after}, sums);
    for (int i = 0; i < parts; i++)
        sum += sums[i];
    return sqrt(sum);
}

void tl_checkup_take_vectors(tl_checkup *checkup, const tl_pass *pass, const void *gradient,
                             const void *before)
{
    for (int l = 1; l <= pass->network->layer_count; l++) {
        talus_health *health = &checkup->healths[l - 1];
        int64_t at;
        const tl_vectors span = span_of(pass, l, &at);
        health->gradient = tl_vector_norm(&span, (const char *)gradient + at);
        health->parameters = tl_vector_norm(&span, (const char *)before + at);
        health->update = norm_of_change(&span, (const char *)before + at,
                                        (const char *)pass->network->parameters + at);
    }
}

void tl_checkup_end(tl_checkup *checkup, const tl_pass *pass, const talus_non_finite *found)
{
    const talus_network *network = pass->network;
    const tl_unit_look *units = checkup->units;
    for (int l = 1; l <= network->layer_count; l++) {
        talus_health *health = &checkup->healths[l - 1];
        bool here = found->found && (found->layer == l || (found->layer == 0 && l == 1));
        health->step = found->step;
        health->layer = l;
        health->activation = network->layers[l].activation;
        health->ratio = health->update / health->parameters;
        health->operand = here ? found->operand : -1;
        health->part = here ? found->part : -1;
        health->row = here ? found->row : -1;
        health->col = here ? found->col : -1;
        judge_units(units, network, l, health);
        units += network->layers[l].width;
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

/* Runs the pass, and gives the healths of all layers. No step is made, and so nothing changes. */
static talus_status run(tl_pass *pass, tl_checkup *checkup, talus_health *healths, size_t size)
{
    talus_non_finite found;
    pass->norms = checkup->norms;
    pass->workspace->kept = 0;
    talus_status status = tl_pass_run(pass, NULL);
    if (status != TALUS_OK)
        return status;
    tl_find_non_finite(pass, NULL, NULL, &found);
    tl_checkup_begin(checkup, pass->network);
    tl_checkup_add(checkup, pass);
    tl_checkup_take_norms(checkup, pass);
    for (int i = 0; i < pass->network->layer_count; i++)
        checkup->healths[i].update = NAN;
    tl_checkup_end(checkup, pass, &found);
    for (int i = 0; i < pass->network->layer_count; i++)
        tl_result_give(&checkup->healths[i], sizeof *healths, (char *)healths + (size_t)i * size, size);
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
    tl_checkup checkup = {0};
    if (tl_checkup_reserve(&checkup, workspace))
        status = run(&pass, &checkup, healths, size);
    else
        status = tl_fail(workspace->context, TALUS_ERROR_MEMORY,
                         "health: the allocator returned no memory for %d layers", count);
    tl_checkup_release(&checkup, workspace->context);
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
