/* The order of the stages of phase A, and how a stage is cut into tasks. */
#include "engine/pass.h"

static tl_stage stage_of(int kind, int number)
{
    return (tl_stage){.kind = kind, .number = number};
}

/* From the outputs back: to layer L−1, to ∂C/∂X, or to the end. */
static tl_stage below(const tl_pass *pass, int number)
{
    bool wanted = number > 1 ? (pass->work & TL_BACKWARD) != 0 : pass->input_gradient.data != NULL;
    return wanted ? stage_of(TL_STAGE_BACKWARD, number - 1) : stage_of(TL_STAGE_END, 0);
}

tl_stage tl_stage_first(const tl_pass *pass)
{
    bool reads_inputs = (pass->work & (TL_FORWARD | TL_CHECK)) != 0;
    return stage_of(reads_inputs ? TL_STAGE_INPUTS : TL_STAGE_OUTPUTS, 0);
}

tl_stage tl_stage_next(const tl_pass *pass, tl_stage stage)
{
    int last = pass->network->layer_count;
    switch (stage.kind) {
    case TL_STAGE_INPUTS:
        return pass->work & TL_CHECK ? stage_of(TL_STAGE_END, 0) : stage_of(TL_STAGE_FORWARD, 1);
    case TL_STAGE_FORWARD:
        return stage.number < last ? stage_of(TL_STAGE_FORWARD, stage.number + 1)
                                   : stage_of(TL_STAGE_OUTPUTS, 0);
    case TL_STAGE_OUTPUTS:
        return below(pass, last);
    case TL_STAGE_BACKWARD:
        return stage.number > 0 ? below(pass, stage.number) : stage_of(TL_STAGE_STORE, 0);
    default:
        return stage_of(TL_STAGE_END, 0);
    }
}

static bool is_product(const tl_stage *stage)
{
    return stage->kind == TL_STAGE_FORWARD || stage->kind == TL_STAGE_BACKWARD;
}

int64_t tl_stage_rows(const tl_pass *pass, const tl_stage *stage)
{
    return is_product(stage) ? pass->workspace->levels[stage->number].width : 1;
}

static int64_t group_of(const tl_pass *pass)
{
    return is_product(&pass->stage) ? TL_GROUP_TILES : 1;
}

int64_t tl_stage_blocks(const tl_pass *pass)
{
    int64_t rows = tl_stage_rows(pass, &pass->stage);
    return tl_plan_blocks(&pass->workspace->plan, rows, pass->threads) *
           tl_pieces(pass->cut.tiles, group_of(pass));
}

tl_block tl_stage_block(const tl_pass *pass, int64_t index)
{
    const tl_plan *plan = &pass->workspace->plan;
    int64_t rows = tl_stage_rows(pass, &pass->stage), blocks = tl_plan_blocks(plan, rows, pass->threads);
    int64_t block = index % blocks, row = tl_plan_block_row(plan, rows, blocks, block);
    int64_t group = group_of(pass), tile = index / blocks * group;
    return (tl_block){
        .first_tile = tile,
        .tiles = tl_smaller(group, pass->cut.tiles - tile),
        .row = row,
        .rows = tl_plan_block_row(plan, rows, blocks, block + 1) - row,
    };
}
