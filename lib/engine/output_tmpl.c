/* What is done with the outputs of a tile: they are stored, judged by the loss, or met by the caller's gradient. */
#include <string.h>

#include "engine/tile.h"
#include "kernels/block.h"

/* Δ_L of a range from ∂C/∂A_L, or as it is where a loss is fused with the activation. */
static void differentiate(const TL(tl_tile) * tile, const tl_range *range, bool fused)
{
    TL(tl_differentiate)
    (tile, tile->pass->network->layer_count, fused ? TALUS_IDENTITY : range->activation, range->first,
     range->outputs);
}

/* Loss and Δ_L of a range. A loss that is fused with f_L makes Δ_L; another makes ∂C/∂A_L. */
static double apply_range(const TL(tl_tile) * tile, const tl_level *last, const tl_range *range,
                          TL(tl_loss_args) * args)
{
    const talus_network *network = tile->pass->network;
    const TL(tl_loss_kernel) *kernel = &tile->kernels->losses[range->loss];
    args->rows = range->outputs;
    args->a = tl_part_of(tile, last->features, last, range->first);
    args->y = tl_part_of(tile, tile->pass->workspace->targets, last, range->first_target);
    args->delta = tl_part_of(tile, last->deltas, last, range->first);
    args->parameter = (real)range->loss_parameter;
    args->output_weights = network->output_factors == NULL
                               ? NULL
                               : (const real *)network->output_factors + range->first_target;
    double loss = kernel->run(args);
    if ((tile->pass->work & TL_DECISIONS) && kernel->decide != NULL) {
        tl_decisions found = kernel->decide(args);
        tile->report->correct += found.correct;
        tile->report->decisions += found.made;
    }
    TL(tl_clear_rest)(tile, args->delta, range->outputs);
    if (tile->pass->work & TL_BACKWARD)
        differentiate(tile, range, tl_range_is_fused(range));
    return loss;
}

/* Where those of the tile go, which the ranges add to; or NULL. */
static double *sample_losses(const TL(tl_tile) * tile)
{
    if (tile->pass->sample_losses == NULL)
        return NULL;
    double *losses = tile->pass->sample_losses + tile->first;
    memset(losses, 0, (size_t)tile->samples * sizeof *losses);
    return losses;
}

static void apply_loss(const TL(tl_tile) * tile, const tl_level *last)
{
    const talus_network *network = tile->pass->network;
    double weights[TL_TILE_COLS];
    real scales[TL_TILE_COLS];
    TL(tl_load_targets)(tile, tl_part_of(tile, tile->pass->workspace->targets, last, 0));
    TL(tl_load_weights)(tile, weights, scales);
    TL(tl_loss_args)
    args = {.cols = tile->samples,
            .ld = tile->width,
            .weights = weights,
            .scales = scales,
            .missing = network->missing_targets,
            .sample_losses = sample_losses(tile)};
    double *losses = tile->pass->workspace->range_losses + tile->index * network->range_count;
    for (int r = 0; r < network->range_count; r++) {
        losses[r] = apply_range(tile, last, &network->ranges[r], &args);
        tile->report->loss += losses[r];
    }
}

static void apply_output_gradient(const TL(tl_tile) * tile, const tl_level *last)
{
    const talus_network *network = tile->pass->network;
    real *deltas = tl_part_of(tile, last->deltas, last, 0);
    *tile->report = (tl_tile_report){0};
    TL(tl_load_targets)(tile, deltas);
    TL(tl_clear_rest)(tile, deltas, last->width);
    for (int r = 0; r < network->range_count; r++)
        differentiate(tile, &network->ranges[r], false);
}

/* The activations of ranges that a spec gave; where a loss is fused with one, it gets Z. */
static void activate_ranges(const TL(tl_tile) * tile)
{
    const talus_network *network = tile->pass->network;
    for (int r = 0; network->given_ranges != NULL && r < network->range_count; r++)
        if (!((tile->pass->work & TL_LOSS) && tl_range_is_fused(&network->ranges[r])))
            TL(tl_activate_range)(tile, &network->ranges[r]);
}

void TL(tl_outputs)(const TL(tl_tile) * tile)
{
    const tl_pass *pass = tile->pass;
    const tl_level *last = &tile->levels[pass->network->layer_count];
    if (pass->work & TL_FORWARD)
        activate_ranges(tile);
    if (pass->outputs.data != NULL)
        TL(tl_store_outputs)(tile);
    if (pass->work & TL_LOSS)
        apply_loss(tile, last);
    if (pass->work & TL_OUTPUT_GRADIENT)
        apply_output_gradient(tile, last);
    const tl_layer *layer = tl_network_last(pass->network);
    if ((pass->work & TL_BACKWARD) && !layer->norm->normalizes)
        TL(tl_finish_deltas)(tile, 1, pass->network->layer_count, 0, layer->width);
}
