#include "engine/schedule.h"

/* Products of our own that take the inner index whole and W as it lies: of one sample. */
static bool takes_whole(const tl_plan *plan, const tl_schedule *schedule)
{
    return plan->sizes.own_products && schedule->tiling.width == 1;
}

/* A stage in slabs of the rows of a layer, for groups of tiles about equally large. */
static tl_stage slabs(const tl_plan *plan, const tl_schedule *schedule, int kind, int layer, int64_t rows)
{
    int64_t tiles = schedule->alone ? 1 : schedule->tiling.tiles;
    return (tl_stage){
        .kind = kind,
        .layer = layer,
        .group = tl_divide_up(tiles, tl_divide_up(tiles, TL_GROUP_TILES)),
        .rows = rows,
        .slabs = tl_plan_slabs(plan, rows, schedule->alone ? 1 : schedule->threads),
    };
}

/* Such a stage that is a product. */
static tl_stage product(const tl_plan *plan, const tl_schedule *schedule, int kind, int layer, int64_t rows,
                        int64_t inner)
{
    tl_stage stage = slabs(plan, schedule, kind, layer, rows);
    bool backward = kind == TL_STAGE_BACKWARD, whole = takes_whole(plan, schedule);
    stage.packs = backward && !whole && tl_plan_packs(plan, stage.group);
    int64_t most = backward && !stage.packs ? plan->sizes.inner_across : plan->sizes.inner;
    stage.inner = inner;
    stage.step = whole ? inner : tl_plan_piece(inner, most);
    return stage;
}

static void append(tl_schedule *schedule, tl_stage stage, unsigned work)
{
    stage.work = work;
    schedule->stages[schedule->stage_count++] = stage;
}

static void append_whole(tl_schedule *schedule, int kind, int layer, unsigned work, unsigned unless)
{
    tl_stage stage = {.kind = kind, .layer = layer, .unless = unless, .group = 1, .rows = 1, .slabs = 1};
    append(schedule, stage, work);
}

/* Normalisation over the units of a layer takes the whole of it. */
static tl_stage normalization(const tl_plan *plan, const tl_schedule *schedule, int kind, int l,
                              const tl_layer *layer)
{
    if (layer->norm->of_batch)
        return slabs(plan, schedule, kind, l, layer->width);
    return (tl_stage){.kind = kind, .layer = l, .group = 1, .rows = layer->width, .slabs = 1};
}

static void append_forward(const tl_plan *plan, const talus_network *network, tl_schedule *schedule, int l)
{
    const tl_layer *layer = &network->layers[l];
    bool fused = l == network->layer_count && tl_network_is_fused(network);
    append(schedule, product(plan, schedule, TL_STAGE_FORWARD, l, layer->width, layer->inputs), TL_FORWARD);
    if (layer->norm->of_batch)
        append_whole(schedule, TL_STAGE_STATISTICS, l, TL_STATISTICS, 0);
    if (layer->norm->normalizes)
        append(schedule, normalization(plan, schedule, TL_STAGE_NORMALIZE, l, layer), TL_FORWARD);
    if (layer->kind->whole_layer)
        append_whole(schedule, TL_STAGE_WHOLE_FORWARD, l, TL_FORWARD, fused ? TL_LOSS : 0);
}

/* What comes after ∂C/∂ of what f_l is taken of. */
static void append_normalize_backward(const tl_plan *plan, const talus_network *network,
                                      tl_schedule *schedule, int l)
{
    const tl_layer *layer = &network->layers[l];
    if (layer->norm->of_batch)
        append_whole(schedule, TL_STAGE_SUMS, l, TL_BACKWARD, 0);
    if (layer->norm->normalizes)
        append(schedule, normalization(plan, schedule, TL_STAGE_NORMALIZE_BACKWARD, l, layer), TL_BACKWARD);
}

static void append_backward(const tl_plan *plan, const talus_network *network, tl_schedule *schedule, int l)
{
    const tl_layer *layer = &network->layers[l];
    unsigned work = l == 0 ? TL_INPUT_GRADIENT : TL_BACKWARD;
    int64_t inner = network->layers[l + 1].width;
    append(schedule, product(plan, schedule, TL_STAGE_BACKWARD, l, layer->width, inner), work);
    if (l == 0) {
        append_whole(schedule, TL_STAGE_STORE, l, work, 0);
        return;
    }
    if (layer->kind->whole_layer)
        append_whole(schedule, TL_STAGE_WHOLE_BACKWARD, l, work, 0);
    append_normalize_backward(plan, network, schedule, l);
}

int tl_schedule_room(const talus_network *network)
{
    return 8 * network->layer_count + 4;
}

void tl_schedule_make(const tl_plan *plan, const talus_network *network, int64_t samples, int threads,
                      tl_stage *stages, tl_schedule *schedule)
{
    *schedule = (tl_schedule){
        .tiling = tl_plan_tiling(plan, samples),
        .threads = tl_plan_threads(plan, samples, threads),
        .stages = stages,
    };
    schedule->alone = tl_plan_tiles_go_alone(plan, &schedule->tiling, schedule->threads);
    append_whole(schedule, TL_STAGE_INPUTS, 0, TL_FORWARD | TL_CHECK, 0);
    for (int l = 1; l <= network->layer_count; l++)
        append_forward(plan, network, schedule, l);
    append_whole(schedule, TL_STAGE_OUTPUTS, network->layer_count, TL_FORWARD | TL_OUTPUT_GRADIENT, 0);
    append_normalize_backward(plan, network, schedule, network->layer_count);
    for (int l = network->layer_count - 1; l >= 0; l--)
        append_backward(plan, network, schedule, l);
}

int64_t tl_stage_tasks(const tl_schedule *schedule, const tl_stage *stage)
{
    return stage->slabs * tl_divide_up(schedule->tiling.tiles, stage->group);
}

tl_slab tl_stage_slab(const tl_plan *plan, const tl_schedule *schedule, const tl_stage *stage, int64_t task)
{
    int64_t slab = task % stage->slabs, row = tl_plan_slab_row(plan, stage->rows, stage->slabs, slab);
    int64_t tile = task / stage->slabs * stage->group;
    return (tl_slab){
        .first_tile = tile,
        .tiles = tl_smaller(stage->group, schedule->tiling.tiles - tile),
        .row = row,
        .rows = tl_plan_slab_row(plan, stage->rows, stage->slabs, slab + 1) - row,
    };
}
