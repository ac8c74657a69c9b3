#include "engine/plan.h"

#include "kernels/block.h"
#include "kernels/choose.h"
#include "kernels/pieces.h"
#include "linalg/blas_threads.h"

/* Tiles of weights, and slabs of rows, whose operands fill tiles of pieces. */
static void fit_to_pieces(tl_plan *plan)
{
    int64_t *const cuts[] = {&plan->sizes.features, &plan->sizes.weight_rows, &plan->sizes.weight_cols};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
        *cuts[i] = tl_larger(1, *cuts[i] / TL_PIECE_INNER) * TL_PIECE_INNER;
    plan->row_step = TL_PIECE_INNER;
    plan->sizes.own_products = true;
    plan->sizes.pack = 0;
}

tl_plan tl_plan_make(const talus_context *context, const talus_network *network, int64_t max_batch)
{
    tl_plan_entry sizes = tl_plan_entry_of(context, network->precision);
    const void *kernels = tl_kernels_of(context->options.instruction_set, network->precision);
    const int pieces = tl_products_kind_of(network->products)->pieces;
    const int64_t size = pieces > 0 ? 2 * pieces * (int64_t)sizeof(uint16_t) /* W and Wᵀ */
                                    : (int64_t)tl_dtype_size(network->precision);
    tl_plan plan = {
        .max_batch = max_batch,
        .sizes = sizes,
        .lanes = tl_kernels_lanes(kernels, network->precision),
        .parameters = network->parameter_count,
        .weights_stay = network->parameter_count * size <= sizes.cache,
        .pieces = pieces,
        .row_step = TL_BLOCK_ROWS,
    };
    if (pieces > 0)
        fit_to_pieces(&plan);
    return plan;
}

int64_t tl_plan_piece(int64_t length, int64_t most)
{
    return tl_divide_up(tl_divide_up(length, tl_divide_up(length, most)), TL_INNER_STEP) * TL_INNER_STEP;
}

int64_t tl_plan_slabs(const tl_plan *plan, int64_t rows, int threads)
{
    int64_t slabs = tl_divide_up(rows, plan->sizes.features);
    if (!plan->sizes.own_products)
        return slabs;
    int64_t most = rows < plan->row_step ? 1 : rows / plan->row_step;
    return tl_smaller(tl_divide_up(slabs, threads) * threads, most);
}

int64_t tl_plan_slab_row(const tl_plan *plan, int64_t rows, int64_t slabs, int64_t index)
{
    if (index == slabs)
        return rows;
    if (!plan->sizes.own_products)
        return index * plan->sizes.features;
    return (rows * index / slabs + plan->row_step / 2) / plan->row_step * plan->row_step;
}

int64_t tl_sample_tiles(const tl_tiling *tiling)
{
    return tiling->width < TL_SUM_SAMPLES ? TL_SUM_SAMPLES / tiling->width : 1;
}

bool tl_plan_packs(const tl_plan *plan, int64_t tiles)
{
    return plan->sizes.pack > 0 && plan->sizes.own_products && tiles >= plan->sizes.pack;
}

int64_t tl_plan_pack_room(const tl_plan *plan, int64_t widest)
{
    int64_t rows = tl_smaller(plan->sizes.features, widest) + 2 * TL_BLOCK_ROWS;
    return rows * (tl_smaller(plan->sizes.inner, widest) + TL_INNER_STEP + plan->lanes);
}

tl_tiling tl_plan_tiling(const tl_plan *plan, int64_t samples)
{
    int64_t rounded = samples == 1 ? 1 : tl_divide_up(samples, plan->lanes) * plan->lanes;
    int64_t width = tl_smaller(rounded, plan->sizes.samples);
    return (tl_tiling){.samples = samples, .width = width, .tiles = tl_divide_up(samples, width)};
}

int64_t tl_tile_samples(const tl_tiling *tiling, int64_t tile)
{
    return tl_smaller(tiling->width, tiling->samples - tile * tiling->width);
}

int64_t tl_plan_columns(const tl_plan *plan, const tl_tiling *tiling, int64_t tile)
{
    int64_t rounded = tl_divide_up(tl_tile_samples(tiling, tile), plan->lanes) * plan->lanes;
    return plan->sizes.own_products ? tl_smaller(rounded, tiling->width) : tiling->width;
}

/* Multiplications of a pass below which waking and waiting for other threads takes longer than they save: measured
 * on two cores, 256-128-64-10 with 16 samples (0.7 million) loses by them, 784-256-128-10 with 8 (1.9) does not gain. */
static const int64_t WORTH_SHARING = 2000000;

int tl_plan_workers(const tl_plan *plan, const talus_context *context)
{
    return !plan->sizes.own_products && tl_blas_is_for_one_thread() ? 1 : talus_context_threads(context);
}

int tl_plan_threads(const tl_plan *plan, int64_t samples, int threads)
{
    return plan->parameters < WORTH_SHARING / samples ? 1 : threads;
}

bool tl_plan_tiles_go_alone(const tl_plan *plan, const tl_tiling *tiling, int threads)
{
    bool balanced = tiling->tiles % threads == 0 || tiling->tiles >= 4 * threads;
    return balanced && (tiling->tiles == 1 || plan->weights_stay);
}

int64_t tl_plan_tile_rows(const tl_plan *plan, const tl_layer *layer)
{
    int64_t equal = tl_divide_up(layer->width, tl_divide_up(layer->width, plan->sizes.weight_rows));
    return tl_smaller(tl_divide_up(equal, plan->row_step) * plan->row_step, plan->sizes.weight_rows);
}

static int64_t row_tiles(const tl_plan *plan, const tl_layer *layer)
{
    return tl_divide_up(layer->width, tl_plan_tile_rows(plan, layer));
}

static int64_t col_tiles(const tl_plan *plan, const tl_layer *layer)
{
    return tl_divide_up(layer->inputs, plan->sizes.weight_cols);
}

int64_t tl_plan_weight_tiles(const tl_plan *plan, const talus_network *network)
{
    int64_t tiles = 0;
    for (int l = 1; l <= network->layer_count; l++)
        tiles += row_tiles(plan, &network->layers[l]) * col_tiles(plan, &network->layers[l]);
    return tiles;
}

static tl_weight_tile weight_tile(const tl_plan *plan, const tl_layer *layer, int l, int64_t row_tile,
                                  int64_t col_tile)
{
    int64_t row = row_tile * tl_plan_tile_rows(plan, layer), col = col_tile * plan->sizes.weight_cols;
    return (tl_weight_tile){
        .layer = l,
        .row = row,
        .rows = tl_smaller(tl_plan_tile_rows(plan, layer), layer->width - row),
        .col = col,
        .cols = tl_smaller(plan->sizes.weight_cols, layer->inputs - col),
    };
}

void tl_plan_list_weight_tiles(const tl_plan *plan, const talus_network *network, tl_weight_tile *tiles)
{
    enum { SHARES = 64 }; /* of each layer's rows */
    for (int64_t share = 0; share < SHARES; share++)
        for (int l = 1; l <= network->layer_count; l++) {
            const tl_layer *layer = &network->layers[l];
            int64_t first = tl_divide_up(share * row_tiles(plan, layer), SHARES);
            int64_t end = tl_divide_up((share + 1) * row_tiles(plan, layer), SHARES);
            for (int64_t row = first; row < end; row++)
                for (int64_t col = 0; col < col_tiles(plan, layer); col++)
                    *tiles++ = weight_tile(plan, layer, l, row, col);
        }
}
