/* What is done with the outputs of a tile: they are stored, judged by the loss, or met by the caller's gradient. */
#include "engine/tile.h"
#include "kernels/block.h"

/* Loss and Δ_L. A loss that is fused with f_L makes Δ_L; another makes ∂C/∂A_L. */
static void apply_loss(const TL(tl_tile) * tile, const tl_level *last)
{
    const talus_network *network = tile->pass->network;
    const TL(tl_loss_kernel) *kernel = &tile->kernels->losses[network->loss];
    double weights[TL_TILE_COLS];
    real scales[TL_TILE_COLS], *targets = tl_part_of(tile, tile->pass->workspace->targets, last, 0);
    TL(tl_load_targets)(tile, targets);
    TL(tl_load_weights)(tile, weights, scales);
    TL(tl_loss_args)
    args = {.rows = last->width,
            .cols = tile->samples,
            .ld = tile->width,
            .a = tl_part_of(tile, last->features, last, 0),
            .y = targets,
            .delta = tl_part_of(tile, last->deltas, last, 0),
            .weights = weights,
            .scales = scales,
            .parameter = (real)network->loss_parameter,
            .missing = network->missing_targets,
            .output_weights = network->output_factors};
    tile->report->loss = kernel->run(&args);
    if ((tile->pass->work & TL_DECISIONS) && kernel->decide != NULL) {
        tl_decisions found = kernel->decide(&args);
        tile->report->correct = found.correct;
        tile->report->decisions = found.made;
    }
    TL(tl_clear_rest)(tile, args.delta, last->width);
    if (tile->pass->work & TL_BACKWARD)
        TL(tl_differentiate)
    (tile, network->layer_count,
     tl_network_is_fused(network) ? TALUS_IDENTITY : tl_network_last(network)->activation, 0, last->width);
}

static void apply_output_gradient(const TL(tl_tile) * tile, const tl_level *last)
{
    const talus_network *network = tile->pass->network;
    real *deltas = tl_part_of(tile, last->deltas, last, 0);
    *tile->report = (tl_tile_report){0};
    TL(tl_load_targets)(tile, deltas);
    TL(tl_clear_rest)(tile, deltas, last->width);
    TL(tl_differentiate)
    (tile, network->layer_count, tl_network_last(network)->activation, 0, last->width);
}

void TL(tl_outputs)(const TL(tl_tile) * tile)
{
    const tl_pass *pass = tile->pass;
    const tl_level *last = &tile->levels[pass->network->layer_count];
    if (pass->outputs.data != NULL)
        TL(tl_store_outputs)(tile);
    if (pass->work & TL_LOSS)
        apply_loss(tile, last);
    if (pass->work & TL_OUTPUT_GRADIENT)
        apply_output_gradient(tile, last);
}
