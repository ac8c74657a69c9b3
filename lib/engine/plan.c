#include "engine/plan.h"

static int64_t minimum(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t pieces(int64_t whole, int64_t piece)
{
    return (whole + piece - 1) / piece;
}

/* A product of m·n·k ≤ 10⁶ is multiplied in place by OpenBLAS on cores with AVX-512, without packing; its panel
 * of inner × samples should stay in a first-level cache of 32 KB, and rows in multiples of 6 and columns in
 * multiples of a cache line meet no edges. */
tl_plan tl_plan_make(const talus_network *network, int64_t max_batch)
{
    bool f64 = network->precision == TALUS_F64;
    return (tl_plan){
        .max_batch = max_batch,
        .samples = f64 ? 32 : 64,
        .features = f64 ? 240 : 126,
        .inner = f64 ? 128 : 120,
        .weight_rows = 120,
        .weight_cols = f64 ? 128 : 128,
    };
}

tl_cut tl_plan_cut(const tl_plan *plan, int64_t samples)
{
    int64_t rounded = samples == 1 ? 1 : pieces(samples, 16) * 16;
    int64_t width = minimum(rounded, plan->samples);
    return (tl_cut){.samples = samples, .width = width, .tiles = pieces(samples, width)};
}

int64_t tl_cut_samples(const tl_cut *cut, int64_t tile)
{
    return minimum(cut->width, cut->samples - tile * cut->width);
}

static int64_t row_tiles(const tl_plan *plan, const tl_layer *layer)
{
    return pieces(layer->width, plan->weight_rows);
}

static int64_t col_tiles(const tl_plan *plan, const tl_layer *layer)
{
    return pieces(layer->inputs, plan->weight_cols);
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
    int64_t row = index / col_tiles(plan, layer) * plan->weight_rows;
    int64_t col = index % col_tiles(plan, layer) * plan->weight_cols;
    return (tl_weight_tile){
        .layer = number,
        .row = row,
        .rows = minimum(plan->weight_rows, layer->width - row),
        .col = col,
        .cols = minimum(plan->weight_cols, layer->inputs - col),
    };
}
