/* The plan in words. */
#include <stdarg.h>
#include <stdio.h>

#include "base/call.h"
#include "base/processor.h"
#include "engine/schedule.h"
#include "kernels/pieces.h"

/* Text that may be longer than its room. */
typedef struct text_out {
    char *text;
    size_t capacity, length;
} text_out;

__attribute__((format(printf, 2, 3))) static void say(text_out *out, const char *format, ...)
{
    va_list arguments;
    bool room = out->length < out->capacity;
    va_start(arguments, format);
    int written = vsnprintf(room ? out->text + out->length : NULL, room ? out->capacity - out->length : 0,
                            format, arguments);
    va_end(arguments);
    out->length += written > 0 ? (size_t)written : 0;
}

static void describe_product(text_out *out, const tl_plan *plan, const tl_schedule *schedule,
                             const tl_stage *stage)
{
    bool forward = stage->kind == TL_STAGE_FORWARD;
    const char *product = forward        ? "forward   Z = W A   NN"
                          : stage->packs ? "backward  D = W' D  W' packed, NN"
                                         : "backward  D = W' D  TN";
    say(out, "  layer %d %s %lld x %lld x %lld\n", stage->layer, product,
        (long long)tl_plan_slab_row(plan, stage->rows, stage->slabs, 1), (long long)schedule->tiling.width,
        (long long)tl_smaller(stage->inner, stage->step));
}

/* A stage of phase A. Those that a pass leaves out unless it is asked for ∂C/∂X are left out here too. */
static void describe_stage(text_out *out, const tl_plan *plan, const talus_network *network,
                           const tl_schedule *schedule, const tl_stage *stage)
{
    const char *activation = stage->layer > 0 ? network->layers[stage->layer].kind->name : "";
    const tl_normalization_kind *norm = network->layers[stage->layer].norm;
    if (stage->work == TL_INPUT_GRADIENT)
        return;
    switch (stage->kind) {
    case TL_STAGE_INPUTS:
        say(out, "  inputs    gathered, converted, turned\n");
        break;
    case TL_STAGE_FORWARD:
    case TL_STAGE_BACKWARD:
        describe_product(out, plan, schedule, stage);
        break;
    case TL_STAGE_STATISTICS:
        say(out, "  layer %d barrier: mean and variance over the batch\n", stage->layer);
        break;
    case TL_STAGE_NORMALIZE:
        say(out, "  layer %d normalised over the %s, then %s\n", stage->layer, norm->name, activation);
        break;
    case TL_STAGE_SUMS:
        say(out, "  layer %d barrier: sums of D over the batch\n", stage->layer);
        break;
    case TL_STAGE_NORMALIZE_BACKWARD:
        say(out, "  layer %d derivative of the normalisation over the %s\n", stage->layer, norm->name);
        break;
    case TL_STAGE_WHOLE_FORWARD:
        say(out, "  layer %d %s of the whole layer\n", stage->layer, activation);
        break;
    case TL_STAGE_WHOLE_BACKWARD:
        say(out, "  layer %d derivative of %s, of the whole layer\n", stage->layer, activation);
        break;
    case TL_STAGE_OUTPUTS:
        say(out, "  outputs   stored, or %s", network->ranges->loss_kind->name);
        for (int r = 1; r < network->range_count; r++)
            say(out, ", %s", network->ranges[r].loss_kind->name);
        say(out, "\n");
        break;
    default:
        say(out, "  barrier\n");
    }
}

static void describe_gradient(text_out *out, const tl_plan *plan, const tl_tiling *tiling,
                              const tl_layer *layer, int l)
{
    say(out, "  layer %d dW = D A'  NN %lld x %lld x %lld, then the update\n", l,
        (long long)tl_smaller(tl_plan_tile_rows(plan, layer), layer->width),
        (long long)tl_smaller(plan->sizes.weight_cols, layer->inputs),
        (long long)tl_smaller(tiling->samples, tl_sample_tiles(tiling) * tiling->width));
}

static void describe_products(text_out *out, const talus_context *context, const talus_network *network,
                              const tl_plan *plan, const tl_tiling *tiling)
{
    const int set = context->options.instruction_set;
    if (plan->pieces == 0) {
        say(out, "products: %s\n",
            !plan->sizes.own_products ? "BLAS on tiles"
            : tiling->width == 1      ? "own kernels on a vector"
                                      : "own kernels on tiles");
        return;
    }
    const char *missing = tl_piece_units_missing(set);
    say(out, "products: %s, of %d bf16 piece%s of each number, by ",
        tl_products_kind_of(network->products)->name, plan->pieces, plan->pieces == 1 ? "" : "s");
    if (missing == NULL)
        say(out, "%s\n", tl_piece_kernels_of(set)->name);
    else
        say(out, "multiply-adds of f32: %s\n", missing);
}

static void describe(text_out *out, const talus_context *context, const talus_network *network,
                     const tl_plan *plan, const tl_schedule *schedule)
{
    const tl_tiling *tiling = &schedule->tiling;
    say(out, "%s %s, %lld samples, %d threads\n", tl_instruction_set_name(context->options.instruction_set),
        tl_dtype_name(network->precision), (long long)tiling->samples, schedule->threads);
    for (int l = 1; l <= network->layer_count; l++)
        say(out, "layer %d: %lld x %lld, %s\n", l, (long long)network->layers[l].width,
            (long long)network->layers[l].inputs, network->layers[l].kind->name);
    describe_products(out, context, network, plan, tiling);
    say(out, "phase A: %lld tiles of %lld columns, %s\n", (long long)tiling->tiles, (long long)tiling->width,
        schedule->alone ? "each alone through all stages"
                        : "together stage by stage, in slabs of rows of the layer");
    for (int i = 0; i < schedule->stage_count; i++)
        describe_stage(out, plan, network, schedule, &schedule->stages[i]);
    say(out, "phase B: %lld tiles of weights\n", (long long)tl_plan_weight_tiles(plan, network));
    for (int l = 1; l <= network->layer_count; l++)
        describe_gradient(out, plan, tiling, &network->layers[l], l);
}

static talus_status describe_plan(talus_context *context, const talus_network *network, int64_t samples,
                                  char *text, size_t capacity, size_t *length)
{
    if (network == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "plan: network must not be NULL");
    if (text == NULL && capacity > 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "plan: text must have room for %zu characters, got NULL", capacity);
    if (samples < 1 || samples > INT32_MAX)
        return tl_fail(context, TALUS_ERROR_SHAPE, "plan: samples must be 1 … %d, got %lld", INT32_MAX,
                       (long long)samples);
    tl_stage *stages = tl_allocate(context, (size_t)tl_schedule_room(network) * sizeof *stages);
    if (stages == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "plan: the allocator returned no memory");
    text_out out = {text, capacity, 0};
    tl_plan plan = tl_plan_make(context, network, samples);
    tl_schedule schedule;
    tl_schedule_make(&plan, network, samples, tl_plan_workers(&plan, context), stages, &schedule);
    describe(&out, context, network, &plan, &schedule);
    tl_release(context, stages);
    if (length != NULL)
        *length = out.length;
    return TALUS_OK;
}

talus_status talus_plan_describe(talus_context *context, const talus_network *network, int64_t samples,
                                 char *text, size_t capacity, size_t *length)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK
               ? tl_call_end(&call, describe_plan(context, network, samples, text, capacity, length))
               : status;
}
