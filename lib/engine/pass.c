#include "engine/pass.h"

#include <math.h>

#include "base/float_mode.h"
#include "engine/penalty.h"
#include "engine/split_operands.h"
#include "linalg/blas_threads.h"

/* The tasks of a pass, by precision. */
static const struct {
    tl_task tile, slab, weights, penalty, spectral_penalty, constraint, spectral_norm;
    void (*barrier)(const tl_pass *pass, const tl_stage *stage);
} tasks[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {tl_run_tile_f32, tl_run_slab_f32, tl_run_weights_f32, tl_run_penalty_f32,
                         tl_run_spectral_penalty_f32, tl_run_constraint_f32, tl_run_spectral_norm_f32,
                         tl_run_barrier_f32},
    [TALUS_DTYPE_F64] = {tl_run_tile_f64, tl_run_slab_f64, tl_run_weights_f64, tl_run_penalty_f64,
                         tl_run_spectral_penalty_f64, tl_run_constraint_f64, tl_run_spectral_norm_f64,
                         tl_run_barrier_f64},
};

static tl_totals sum_up(const tl_pass *pass)
{
    tl_totals totals = {.weight = pass->weight};
    const int ranges = pass->network->range_count;
    for (int64_t tile = 0; tile < pass->schedule->tiling.tiles; tile++) {
        for (int r = 0; pass->range_losses != NULL && r < ranges; r++)
            pass->range_losses[r] += pass->workspace->range_losses[tile * ranges + r];
        totals.loss += pass->workspace->reports[tile].loss;
        totals.correct += pass->workspace->reports[tile].correct;
        totals.decisions += pass->workspace->reports[tile].decisions;
    }
    return totals;
}

/* The report of a tile with a value that cannot be used; NULL if there is none. */
static const tl_tile_report *find_bad(const tl_pass *pass)
{
    for (int64_t tile = 0; tile < pass->schedule->tiling.tiles; tile++)
        if (pass->workspace->reports[tile].bad != 0)
            return &pass->workspace->reports[tile];
    return NULL;
}

static void run_tasks(tl_pass *pass, tl_task task, int64_t count)
{
    if (pass->schedule->threads == 1)
        for (int64_t i = 0; i < count; i++)
            task(pass, i, 0);
    else
        tl_pool_run(pass->workspace->context->pool, task, pass, count);
}

/* The stages up to `end`, between which there is no barrier. */
static void run_stages(tl_pass *pass, const tl_stage *first, const tl_stage *end)
{
    const tl_schedule *schedule = pass->schedule;
    pass->end = end;
    if (schedule->alone) {
        pass->stage = first;
        run_tasks(pass, tasks[pass->network->precision].tile, schedule->tiling.tiles);
        return;
    }
    for (pass->stage = first; pass->stage < end; pass->stage++)
        if (tl_pass_has(pass, pass->stage))
            run_tasks(pass, tasks[pass->network->precision].slab, tl_stage_tasks(schedule, pass->stage));
}

static bool is_barrier(const tl_pass *pass, const tl_stage *stage)
{
    bool makes = stage->kind == TL_STAGE_STATISTICS || stage->kind == TL_STAGE_SUMS;
    return stage->kind == TL_STAGE_BARRIER || (makes && tl_pass_has(pass, stage));
}

static void run_phase_a(tl_pass *pass)
{
    const tl_stage *stage = pass->schedule->stages, *last = stage + pass->schedule->stage_count;
    while (stage < last) {
        const tl_stage *first = stage;
        while (stage < last && !is_barrier(pass, stage))
            stage++;
        run_stages(pass, first, stage);
        if (stage < last)
            tasks[pass->network->precision].barrier(pass, stage++);
    }
}

static void run_phase_b(tl_pass *pass, bool rehearses)
{
    pass->rehearses = rehearses;
    run_tasks(pass, tasks[pass->network->precision].weights, pass->workspace->weight_tile_count);
}

/* Whether a pass has the penalty on the weights. */
static bool has_penalty(const tl_pass *pass)
{
    return pass->penalises && pass->network->penalised;
}

static bool has_spectral_penalty(const talus_network *network)
{
    bool has = false;
    for (int l = 1; l <= network->layer_count; l++)
        has |= network->layers[l].spectral_penalty > 0;
    return has;
}

/* The penalty, tile after tile and layer after layer, and a bound of its gradient:
 * |l2·w + l1·sign w + λ·s·u·v| ≤ l2·‖W‖ + l1 + λ·s */
static void penalise(tl_pass *pass, tl_totals *totals)
{
    double squares = 0, l1 = 0, l2 = 0, spectral = 0;
    run_tasks(pass, tasks[pass->network->precision].penalty, pass->workspace->weight_tile_count);
    if (has_spectral_penalty(pass->network))
        run_tasks(pass, tasks[pass->network->precision].spectral_penalty, pass->network->layer_count);
    for (int64_t i = 0; i < pass->workspace->weight_tile_count; i++) {
        totals->penalty += pass->workspace->penalties[i].cost;
        squares += pass->workspace->penalties[i].squares;
    }
    for (int l = 1; l <= pass->network->layer_count; l++) {
        const tl_layer *layer = &pass->network->layers[l];
        const double slope = layer->spectral_penalty * pass->workspace->levels[l].spectral.norm;
        totals->penalty += slope / 2 * pass->workspace->levels[l].spectral.norm;
        l1 = fmax(l1, layer->l1);
        l2 = fmax(l2, layer->l2);
        spectral = fmax(spectral, slope);
    }
    pass->penalty = totals->penalty;
    pass->penalty_slope = l2 * sqrt(squares) + l1 + spectral;
    if (!isfinite(totals->penalty))
        totals->loss = INFINITY;
}

void tl_pass_constrain(tl_pass *pass)
{
    if (!pass->network->constrained)
        return;
    run_tasks(pass, tasks[pass->network->precision].constraint, pass->workspace->weight_tile_count);
    run_tasks(pass, tasks[pass->network->precision].spectral_norm, pass->network->layer_count);
}

/* |∂C/∂W_ij| = |Σ_samples δ_i·a_j| ≤ ‖Δ‖·‖A‖ (Cauchy and Schwarz), and |∂C/∂b_i| ≤ ‖Δ‖·√n */
static double gradient_bound(const tl_pass *pass)
{
    double activations = (double)pass->samples, deltas = 0;
    for (int i = 0; i < talus_context_threads(pass->workspace->context); i++) {
        activations += pass->workspace->extents[i].activations;
        deltas += pass->workspace->extents[i].deltas;
    }
    return sqrt(deltas) * sqrt(activations) + pass->penalty_slope;
}

/* Whether the update of this pass leaves finite parameters finite. As good as always a bound tells; else phase B is
 * rehearsed. */
static bool stays_finite(tl_pass *pass)
{
    if (pass->update->is_safe(pass->update->rule, gradient_bound(pass)))
        return true;
    run_phase_b(pass, true);
    bool overflow = false;
    for (int i = 0; i < talus_context_threads(pass->workspace->context); i++)
        overflow |= pass->workspace->extents[i].overflow;
    return !overflow;
}

enum { WEIGHTS = 64 }; /* that are read at once */

/* Adds the weights of samples first … first + count − 1, in their order. */
static talus_status add_weights(tl_pass *pass, int64_t first, int64_t count)
{
    double weights[WEIGHTS];
    tl_source_numbers(&pass->weights, first, count, weights);
    for (int64_t i = 0; i < count; i++) {
        if (!(isfinite(weights[i]) && weights[i] >= 0))
            return tl_fail(
                pass->workspace->context, TALUS_ERROR_DATA,
                "weights, row %lld (counted from 0): the weight must be a finite number of at "
                "least 0, got %g",
                (long long)(pass->numbers == NULL ? pass->first_row + first + i : pass->numbers[first + i]),
                weights[i]);
        pass->weight += weights[i];
    }
    return TALUS_OK;
}

/* Σ of the weights of the samples, in their order. */
talus_status tl_pass_weigh(tl_pass *pass)
{
    talus_context *context = pass->workspace->context;
    pass->weight = (double)pass->samples;
    if (pass->weights.matrix.data == NULL)
        return TALUS_OK;
    pass->weight = 0;
    talus_status status = TALUS_OK;
    for (int64_t i = 0, count; status == TALUS_OK && i < pass->samples; i += count) {
        count = pass->samples - i < WEIGHTS ? pass->samples - i : WEIGHTS;
        status = add_weights(pass, i, count);
    }
    if (status != TALUS_OK)
        return status;
    if (pass->mean_weight > 0)
        pass->weight = (double)pass->samples * pass->mean_weight;
    if (isfinite(pass->weight) && (pass->weight > 0 || pass->mean_over > 0))
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_DATA, "weights: their sum must be finite and above 0, got %g",
                   pass->weight);
}

/* Layers that are normalised over the batch take the statistics of a batch that is differentiated, if it has more than one
 * sample; else the running ones. */
static void choose_statistics(tl_pass *pass)
{
    unsigned differentiated = TL_KEEP | TL_LOSS;
    if ((pass->work & differentiated) == differentiated && pass->samples > 1)
        pass->work |= TL_STATISTICS;
    if ((pass->work & TL_STATISTICS) || !(pass->work & TL_FORWARD))
        return;
    for (int l = 1; l <= pass->network->layer_count; l++) {
        const tl_layer *layer = &pass->network->layers[l];
        const tl_batch_statistics *statistics = &pass->workspace->levels[l].statistics;
        for (int64_t k = 0; layer->norm->of_batch && k < layer->width; k++) {
            statistics->means[k] = layer->means[k];
            statistics->variances[k] = layer->variances[k];
        }
    }
}

/* To where the iterations of the step came, unless those of a limit have moved it since. */
static void move_direction(const tl_layer *layer, const void *to, int precision)
{
    for (int64_t j = 0; layer->spectral_norm == 0 && j < layer->inputs; j++)
        layer->direction[j] = precision == TALUS_DTYPE_F64 ? ((const double *)to)[j]
                                                           : (double)((const float *)to)[j];
}

void tl_pass_move_statistics(const tl_pass *pass, talus_network *network)
{
    for (int l = 1; l <= network->layer_count; l++) {
        const tl_layer *layer = &network->layers[l];
        const tl_level *level = &pass->workspace->levels[l];
        if ((pass->work & TL_STATISTICS) && layer->norm->of_batch)
            tl_statistics_move(layer, level->statistics.means, level->statistics.squares, pass->samples);
        if (layer->spectral_penalty > 0)
            move_direction(layer, level->spectral.right, network->precision);
    }
}

static talus_status run_phases(tl_pass *pass, tl_totals *totals)
{
    if (pass->workspace->pieces != NULL && (pass->work & (TL_FORWARD | TL_BACKWARD)))
        run_tasks(pass, tl_split_weights, pass->workspace->weight_tile_count);
    for (int i = 0; i < talus_context_threads(pass->workspace->context); i++)
        pass->workspace->extents[i] = (tl_extent){0};
    run_phase_a(pass);
    if (find_bad(pass) != NULL)
        return TALUS_ERROR_DATA;
    *totals = sum_up(pass);
    pass->penalty = pass->penalty_slope = 0;
    if (has_penalty(pass))
        penalise(pass, totals);
    if (!(pass->work & TL_WEIGHTS))
        return TALUS_OK;
    if (tl_pass_updates(pass) && !isfinite(totals->loss))
        return TALUS_OK;
    if (tl_pass_updates(pass) && !stays_finite(pass)) {
        totals->loss = INFINITY;
        return TALUS_OK;
    }
    run_phase_b(pass, false);
    if (tl_pass_updates(pass))
        tl_pass_constrain(pass);
    return TALUS_OK;
}

/* With the BLAS in one thread, where it is called at all and may be told. */
static talus_status run_with_blas(tl_pass *pass, tl_totals *totals)
{
    const talus_workspace *workspace = pass->workspace;
    const int before = workspace->plan.sizes.own_products ? TL_BLAS_KEPT
                                                          : tl_blas_enter_for(workspace->context);
    talus_status status = run_phases(pass, totals);
    tl_blas_leave(before);
    return status;
}

uint32_t tl_drop_threshold(const tl_pass *pass, int l)
{
    double share = 0x1p16 * pass->network->layers[l].dropout * pass->dropout_factor;
    return (uint32_t)fmin(rint(share), 0x1p16 - 1);
}

static void scale(tl_source *source, const tl_scaling *scaling)
{
    source->shift = scaling->shift;
    source->scale = scaling->scale;
    source->scale_step = scaling->count > 1 ? 1 : 0;
}

/* What is read is scaled as the network has it. From out = a/scale + shift follows ∂C/∂a = ∂C/∂out·(1/scale). */
static void scale_sources(tl_pass *pass)
{
    const talus_network *network = pass->network;
    scale(&pass->inputs, &network->input_scaling);
    pass->inputs.clip = network->input_clip;
    pass->inputs.center = network->input_projection.mean;
    scale(&pass->targets, &network->target_scaling);
    if (pass->work & TL_OUTPUT_GRADIENT) {
        scale(&pass->targets, tl_scaling_of_outputs(network));
        pass->targets.shift = NULL;
        pass->targets.scale = tl_scaling_of_outputs(network)->inverse;
    }
}

static bool learns(const tl_pass *pass, const tl_layer *layer)
{
    bool any = false;
    for (int i = 0; i < layer->part_count; i++)
        any |= !tl_pass_freezes(pass, &layer->parts[i]);
    return any;
}

/* The lowest layer that learns; one above the last if none does. */
static int lowest_of(const tl_pass *pass)
{
    int l = 1;
    if (pass->to_the_end || (pass->work & TL_INPUT_GRADIENT))
        return l;
    while (l <= pass->network->layer_count && !learns(pass, &pass->network->layers[l]))
        l++;
    return l;
}

/* A workspace has room for the inputs that the network took when it was made. */
static talus_status check_projection(const tl_pass *pass)
{
    const int64_t room = pass->workspace->raw.width, columns = pass->network->input_projection.columns;
    if (room == columns)
        return TALUS_OK;
    return tl_fail(
        pass->workspace->context, TALUS_ERROR_STATE,
        "the workspace was made for a projection of %lld columns (0: none), and the network now has "
        "one of %lld: make workspaces and trainers after the projection",
        (long long)room, (long long)columns);
}

talus_status tl_pass_run(tl_pass *pass, tl_totals *totals)
{
    tl_totals unused;
    talus_status fits = check_projection(pass);
    if (fits != TALUS_OK)
        return fits;
    if (pass->work & (TL_BACKWARD | TL_OUTPUT_GRADIENT)) {
        talus_status status = tl_check_slopes(pass->workspace->context, pass->network, "gradient");
        if (status != TALUS_OK)
            return status;
    }
    scale_sources(pass);
    choose_statistics(pass);
    pass->lowest = lowest_of(pass);
    tl_float_mode mode = tl_float_enter();
    pass->schedule = tl_workspace_schedule(pass->workspace, pass->samples);
    talus_status status = tl_pass_weigh(pass);
    if (status == TALUS_OK) {
        status = run_with_blas(pass, totals == NULL ? &unused : totals);
        if (status == TALUS_ERROR_DATA)
            status = tl_find_bad_value(pass, find_bad(pass)->bad);
    }
    tl_float_leave(mode);
    return status;
}
