/* The plan in words. */
#include <stdarg.h>
#include <stdio.h>

#include "base/processor.h"
#include "engine/plan.h"

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

static void describe_layer(text_out *out, const tl_plan *plan, const talus_network *network, int number,
                           const tl_cut *cut, int threads)
{
    const tl_layer *layer = &network->layers[number - 1];
    const tl_plan_entry *sizes = &plan->sizes;
    bool alone = tl_plan_tiles_go_alone(plan, cut, threads),
         packs = tl_plan_packs(plan, alone ? 1 : cut->tiles);
    int sharing = alone ? 1 : threads;
    int64_t blocks = tl_plan_blocks(plan, layer->width, sharing);
    long long rows = tl_plan_block_row(plan, layer->width, blocks, 1);
    blocks = tl_plan_blocks(plan, layer->inputs, sharing);
    long long back = tl_plan_block_row(plan, layer->inputs, blocks, 1);
    int64_t across = packs ? sizes->inner : sizes->inner_across;
    say(out, "layer %d: %lld x %lld, %s\n", number, (long long)layer->width, (long long)layer->inputs,
        talus_activation_name(layer->activation));
    say(out, "  forward   Z = W A        NN %lld x %lld x %lld\n", rows, (long long)cut->width,
        (long long)tl_smaller(layer->inputs, tl_plan_piece(layer->inputs, sizes->inner)));
    if (number > 1)
        say(out, "  backward  D = W' D       %s %lld x %lld x %lld\n", packs ? "W' packed, NN" : "TN", back,
            (long long)cut->width, (long long)tl_smaller(layer->width, tl_plan_piece(layer->width, across)));
    say(out, "  gradient  dW = D A'      NN %lld x %lld x %lld, then the update\n",
        (long long)tl_smaller(tl_plan_tile_rows(plan, layer), layer->width),
        (long long)tl_smaller(sizes->weight_cols, layer->inputs),
        (long long)tl_smaller(cut->samples, tl_plan_sample_tiles(plan, cut) * cut->width));
}

static void describe(text_out *out, const talus_context *context, const talus_network *network,
                     int64_t samples)
{
    tl_plan plan = tl_plan_make(context, network, samples);
    tl_cut cut = tl_plan_cut(&plan, samples);
    int threads = tl_plan_threads(&plan, samples, talus_context_threads(context));
    say(out, "%s %s, %lld samples, %d threads\n", tl_instruction_set_name(context->options.instruction_set),
        tl_dtype_name(network->precision), (long long)samples, threads);
    say(out, "products: %s\n",
        !plan.sizes.own_products ? "BLAS on tiles"
        : cut.width == 1         ? "BLAS matrix-vector, own kernels for gradients"
                                 : "own kernels on tiles");
    say(out, "phase A: %lld tiles of %lld columns, %s\n", (long long)cut.tiles, (long long)cut.width,
        tl_plan_tiles_go_alone(&plan, &cut, threads) ? "each alone through all layers"
                                                     : "together layer by layer, cut by rows of the layer");
    say(out, "phase B: %lld tiles of weights\n", (long long)tl_plan_weight_tiles(&plan, network));
    for (int number = 1; number <= network->layer_count; number++)
        describe_layer(out, &plan, network, number, &cut, threads);
}

talus_status talus_plan_describe(talus_context *context, const talus_network *network, int64_t samples,
                                 char *text, size_t capacity, size_t *length)
{
    if (context == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (network == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "plan: the network is NULL");
    if (text == NULL && capacity > 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "plan: text is NULL; room for %zu characters is wanted",
                       capacity);
    if (samples < 1 || samples > INT32_MAX)
        return tl_fail(context, TALUS_ERROR_SHAPE, "plan: samples is %lld; 1 … %d is wanted",
                       (long long)samples, INT32_MAX);
    text_out out = {text, capacity, 0};
    describe(&out, context, network, samples);
    if (length != NULL)
        *length = out.length;
    return TALUS_OK;
}
