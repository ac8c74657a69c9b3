/* The tasks of phase A: a tile through all stages, or a slab of one stage. */
#include "engine/split_operands.h"
#include "engine/tile.h"

static void run_inputs(const TL(tl_tile) * tile)
{
    *tile->report = (tl_tile_report){0};
    TL(tl_load_inputs)(tile);
    if (tile->pass->work & TL_CHECK) {
        const tl_level *last = &tile->levels[tile->pass->network->layer_count];
        TL(tl_load_targets)(tile, tl_part_of(tile, tile->pass->workspace->targets, last, 0));
    }
}

static void run_stage(const TL(tl_tile) * tiles, int64_t count, const tl_stage *stage, int64_t row,
                      int64_t rows)
{
    switch (stage->kind) {
    case TL_STAGE_INPUTS:
        run_inputs(tiles);
        break;
    case TL_STAGE_FORWARD:
        TL(tl_forward)(tiles, count, stage, row, rows);
        break;
    case TL_STAGE_NORMALIZE:
        TL(tl_normalize)(tiles, count, stage, row, rows);
        break;
    case TL_STAGE_WHOLE_FORWARD:
        TL(tl_whole_forward)(tiles, stage->layer);
        break;
    case TL_STAGE_OUTPUTS:
        TL(tl_outputs)(tiles);
        break;
    case TL_STAGE_BACKWARD:
        TL(tl_backward)(tiles, count, stage, row, rows);
        break;
    case TL_STAGE_WHOLE_BACKWARD:
        TL(tl_whole_backward)(tiles, stage->layer);
        break;
    case TL_STAGE_NORMALIZE_BACKWARD:
        TL(tl_normalize_backward)(tiles, count, stage, row, rows);
        break;
    default:
        TL(tl_store_input_gradient)(tiles);
    }
}

TL(tl_tile) TL(tl_make_tile)(const tl_pass *pass, int64_t index, int worker)
{
    talus_workspace *workspace = pass->workspace;
    const tl_tiling *tiling = &pass->schedule->tiling;
    return (TL(tl_tile)){
        .pass = pass,
        .kernels = workspace->kernels,
        .levels = workspace->levels,
        .parameters = pass->network->parameters,
        .scratch = (real *)workspace->scratch + worker * workspace->scratch_size,
        .report = &workspace->reports[index],
        .extent = &workspace->extents[worker],
        .index = index,
        .first = index * tiling->width,
        .samples = tl_tile_samples(tiling, index),
        .columns = tl_plan_columns(&workspace->plan, tiling, index),
        .width = tiling->width,
    };
}

void TL(tl_run_tile)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    const tl_plan *plan = &pass->workspace->plan;
    tl_products_begin(pass, worker);
    TL(tl_tile) tile = TL(tl_make_tile)(pass, index, worker);
    for (const tl_stage *stage = pass->stage; stage < pass->end; stage++)
        for (int64_t i = 0; tl_pass_has(pass, stage) && i < stage->slabs; i++) {
            int64_t row = tl_plan_slab_row(plan, stage->rows, stage->slabs, i);
            int64_t next = tl_plan_slab_row(plan, stage->rows, stage->slabs, i + 1);
            run_stage(&tile, 1, stage, row, next - row);
        }
    tl_products_end(pass);
}

void TL(tl_run_slab)(void *job, int64_t task, int worker)
{
    const tl_pass *pass = job;
    tl_slab slab = tl_stage_slab(&pass->workspace->plan, pass->schedule, pass->stage, task);
    TL(tl_tile) tiles[TL_GROUP_TILES];
    tl_products_begin(pass, worker);
    for (int64_t t = 0; t < slab.tiles; t++)
        tiles[t] = TL(tl_make_tile)(pass, slab.first_tile + t, worker);
    run_stage(tiles, slab.tiles, pass->stage, slab.row, slab.rows);
    tl_products_end(pass);
}
