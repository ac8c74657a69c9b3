#include "engine/plan.h"

#include "kernels/choose.h"

static int64_t minimum(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t pieces(int64_t whole, int64_t piece)
{
    return (whole + piece - 1) / piece;
}

tl_plan tl_plan_make(const talus_context *context, const talus_network *network, int64_t max_batch)
{
    tl_plan_entry sizes = tl_plan_entry_of(context, network->precision);
    const void *kernels = tl_kernels_of(context->options.instruction_set, network->precision);
    int64_t bytes = network->parameter_count * (int64_t)tl_dtype_size(network->precision);
    return (tl_plan){
        .max_batch = max_batch,
        .sizes = sizes,
        .lanes = tl_kernels_lanes(kernels, network->precision),
        .weights_stay = bytes <= sizes.cache,
    };
}

int64_t tl_plan_inner(const tl_plan *plan, int64_t length)
{
    return pieces(pieces(length, pieces(length, plan->sizes.inner)), 8) * 8;
}

tl_cut tl_plan_cut(const tl_plan *plan, int64_t samples)
{
    int64_t rounded = samples == 1 ? 1 : pieces(samples, plan->lanes) * plan->lanes;
    int64_t width = minimum(rounded, plan->sizes.samples);
    return (tl_cut){.samples = samples, .width = width, .tiles = pieces(samples, width)};
}

int64_t tl_cut_samples(const tl_cut *cut, int64_t tile)
{
    return minimum(cut->width, cut->samples - tile * cut->width);
}

bool tl_plan_tiles_go_alone(const tl_plan *plan, const tl_cut *cut, int threads)
{
    bool balanced = cut->tiles % threads == 0 || cut->tiles >= 4 * threads;
    return balanced && (cut->tiles == 1 || plan->weights_stay);
}

static int64_t row_tiles(const tl_plan *plan, const tl_layer *layer)
{
    return pieces(layer->width, plan->sizes.weight_rows);
}

static int64_t col_tiles(const tl_plan *plan, const tl_layer *layer)
{
    return pieces(layer->inputs, plan->sizes.weight_cols);
}

int64_t tl_plan_weight_tiles(const tl_plan *plan, const talus_network *network)
{
    int64_t tiles = 0;
    for (int i = 0; i < network->layer_count; i++)
        tiles += row_tiles(plan, &network->layers[i]) * col_tiles(plan, &network->layers[i]);
    return tiles;
}

tl_weight_tile tl_plan_weight_tile(const tl_plan *plan, const talus_network *network, int64_t index)
{
    int number = 0;
    const tl_layer *layer = network->layers;
    for (int64_t tiles; index >= (tiles = row_tiles(plan, layer) * col_tiles(plan, layer)); layer++, number++)
        index -= tiles;
    int64_t row = index / col_tiles(plan, layer) * plan->sizes.weight_rows;
    int64_t col = index % col_tiles(plan, layer) * plan->sizes.weight_cols;
    return (tl_weight_tile){
        .layer = number,
        .row = row,
        .rows = minimum(plan->sizes.weight_rows, layer->width - row),
        .col = col,
        .cols = minimum(plan->sizes.weight_cols, layer->inputs - col),
    };
}
