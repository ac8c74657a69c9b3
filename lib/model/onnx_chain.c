#include "model/onnx_chain.h"

#include "model/onnx_walk.h"

/* Begins a layer with the weights of the next node. */
static talus_status add_layer(tl_onnx_chain *c, const tl_onnx_constant *weights, tl_onnx_layer made)
{
    if (weights == NULL)
        return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED,
                              "must multiply the value of the node before it with a constant");
    if (weights->dimensions != 2 || weights->count == 0 ||
        (weights->type != TL_ONNX_F32 && weights->type != TL_ONNX_F64) ||
        (c->type != 0 && weights->type != c->type))
        return tl_onnx_refuse(
            c, TALUS_ERROR_UNSUPPORTED,
            "must have weights of 2 dimensions that are not empty, of f32 or f64 as the rest");
    if (c->layer_count == TL_ONNX_LAYERS)
        return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "is of one layer more than are supported");
    c->type = weights->type;
    made.weights = weights;
    made.width = weights->shape[made.transposed ? 0 : 1],
    made.inputs = weights->shape[made.transposed ? 1 : 0];
    if (c->layer_count > 0 && c->layers[c->layer_count - 1].width != made.inputs)
        return tl_onnx_refuse(c, TALUS_ERROR_FORMAT,
                              "must have weights for as many inputs as the layer before it has units");
    if (made.biases != NULL && !tl_onnx_is_row(made.biases, c->type, made.width))
        return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "must have one number to add for each unit");
    c->layers[c->layer_count++] = made;
    tl_onnx_advance(c, 1);
    return TALUS_OK;
}

static talus_status take_gemm(tl_onnx_chain *c)
{
    const tl_onnx_node_of_file *node = tl_onnx_next(c);
    double alpha = 1, beta = 1, first = 0, second = 0;
    const tl_onnx_known known[] = {{"alpha", TL_ONNX_IS_FLOAT, &alpha},
                                   {"beta", TL_ONNX_IS_FLOAT, &beta},
                                   {"transA", TL_ONNX_IS_INT, &first},
                                   {"transB", TL_ONNX_IS_INT, &second}};
    const tl_onnx_text biases = tl_onnx_node_input(node, 2);
    tl_onnx_layer made = {.biases = tl_onnx_find(c->file, biases)};
    talus_status status = tl_onnx_take_attributes(c, known, 4);
    if (status != TALUS_OK)
        return status;
    if (first != 0 || !tl_onnx_same(tl_onnx_node_input(node, 0), c->now) ||
        (biases.length > 0 && made.biases == NULL))
        return tl_onnx_refuse(
            c, TALUS_ERROR_UNSUPPORTED,
            "must take the value of the node before it first, as it is, and then constants");
    made.transposed = second != 0, made.weight_factor = alpha, made.bias_factor = beta;
    return add_layer(c, tl_onnx_find(c->file, tl_onnx_node_input(node, 1)), made);
}

/* A product, and what may be added to it. */
static talus_status take_matmul(tl_onnx_chain *c)
{
    bool first;
    const tl_onnx_constant *weights = tl_onnx_other_operand(c, &first);
    talus_status status = tl_onnx_take_attributes(c, NULL, 0);
    if (status == TALUS_OK)
        status = add_layer(c, weights != NULL && first ? weights : NULL, (tl_onnx_layer){.weight_factor = 1});
    if (status != TALUS_OK || tl_onnx_next(c) == NULL || !tl_onnx_is(tl_onnx_next(c)->op, "Add"))
        return status;
    tl_onnx_layer *layer = &c->layers[c->layer_count - 1];
    const tl_onnx_constant *biases = tl_onnx_other_operand(c, &first);
    if (!tl_onnx_is_row(biases, c->type, layer->width))
        return TALUS_OK;
    layer->biases = biases, layer->bias_factor = 1;
    tl_onnx_advance(c, 1);
    return TALUS_OK;
}

/* Takes a recipe that stands here, if one does. */
static talus_status take_recipe(tl_onnx_chain *c, bool normalizations, int64_t width, tl_onnx_match *match)
{
    tl_onnx_match found;
    *match = (tl_onnx_match){0};
    if (tl_onnx_next(c) == NULL ||
        !tl_onnx_match_at(c->file, c->node, c->now, c->type, normalizations, &found))
        return TALUS_OK;
    for (int what = TL_ONNX_SLOPES; what < TL_ONNX_WHATS; what++)
        if (found.vectors[what] != NULL && !tl_onnx_is_row(found.vectors[what], c->type, width))
            return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "must have one number for each unit");
    if (found.alpha <= 0)
        return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "must have a parameter above 0");
    if (found.epsilon <= 0)
        return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "must have an epsilon above 0");
    *match = found;
    tl_onnx_advance(c, found.recipe->step_count);
    return TALUS_OK;
}

static talus_status check_axis(const tl_onnx_chain *c)
{
    double axis = 0;
    const tl_onnx_known known[] = {{"axis", TL_ONNX_IS_INT, &axis}};
    talus_status status = tl_onnx_take_attributes(c, known, 1);
    if (status == TALUS_OK && axis != 1 && axis != -1)
        status = tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "must be along axis 1");
    return status;
}

/* The parts of the outputs that a Split makes, each with its activation. */
static talus_status take_parts(tl_onnx_chain *c, const tl_onnx_node_of_file *split,
                               const tl_onnx_constant *sizes)
{
    talus_status status = TALUS_OK;
    int64_t sum = 0;
    c->node++;
    for (int r = 0; r < c->range_count && status == TALUS_OK; r++) {
        const int64_t size = tl_onnx_integer(sizes, r), width = c->layers[c->layer_count - 1].width;
        if (size < 1 || size > width - sum)
            return tl_fail(c->file->context, TALUS_ERROR_FORMAT,
                           "%s: the sizes of a Split must be at least 1 and add up to the %lld outputs",
                           c->file->name, (long long)width);
        sum += size;
        c->now = tl_onnx_node_output(split, r);
        status = take_recipe(c, false, size, &c->ranges[r].activation);
        c->ranges[r].outputs = size, c->ranges[r].value = c->now;
    }
    return status;
}

/* Split, activations, and Concat of all parts in their order. */
static talus_status take_ranges(tl_onnx_chain *c)
{
    const tl_onnx_node_of_file *split = tl_onnx_next(c);
    const tl_onnx_constant *sizes = tl_onnx_find(c->file, tl_onnx_node_input(split, 1));
    talus_status status = check_axis(c);
    if (status != TALUS_OK)
        return status;
    if (split->inputs != 2 || !tl_onnx_same(tl_onnx_node_input(split, 0), c->now) || sizes == NULL ||
        sizes->type != TL_ONNX_I64 || sizes->count != split->outputs || split->outputs > TL_ONNX_LAYERS)
        return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED,
                              "must have the sizes of its outputs, which are at most 512, as a constant");
    c->range_count = split->outputs;
    c->ranges = tl_allocate(c->file->context, (size_t)c->range_count * sizeof *c->ranges);
    if (c->ranges == NULL)
        return tl_fail(c->file->context, TALUS_ERROR_MEMORY,
                       "there is no memory for the %d outputs of a Split of %s", c->range_count,
                       c->file->name);
    status = take_parts(c, split, sizes);
    if (status != TALUS_OK)
        return status;
    const tl_onnx_node_of_file *concat = tl_onnx_next(c);
    bool fits = concat != NULL && tl_onnx_is(concat->op, "Concat") && concat->inputs == c->range_count;
    for (int r = 0; r < c->range_count && fits; r++)
        fits = tl_onnx_same(tl_onnx_node_input(concat, r), c->ranges[r].value);
    if (!fits)
        return tl_fail(c->file->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the outputs of a Split must go, each through an activation, into one Concat",
                       c->file->name);
    status = check_axis(c);
    if (status == TALUS_OK)
        tl_onnx_advance(c, 1);
    return status;
}

static bool is_product(const tl_onnx_node_of_file *node)
{
    return tl_onnx_is(node->op, "Gemm") || tl_onnx_is(node->op, "MatMul");
}

static talus_status take_product(tl_onnx_chain *c)
{
    if (c->range_count > 0 || c->outputs.count > 0)
        return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "must not stand behind scaled or split outputs");
    return tl_onnx_is(tl_onnx_next(c)->op, "Gemm") ? take_gemm(c) : take_matmul(c);
}

/* What may follow a product: a normalisation, then an activation, or several of ranges. */
static talus_status take_rest(tl_onnx_chain *c)
{
    const int before = c->node;
    talus_status status = TALUS_OK;
    if (c->layer_count == 0 || c->range_count > 0 || c->outputs.count > 0)
        return TALUS_OK;
    tl_onnx_layer *layer = &c->layers[c->layer_count - 1];
    if (layer->activation.recipe != NULL)
        return TALUS_OK;
    if (layer->norm.recipe == NULL)
        status = take_recipe(c, true, layer->width, &layer->norm);
    if (status != TALUS_OK || c->node > before)
        return status;
    return tl_onnx_is(tl_onnx_next(c)->op, "Split") ? take_ranges(c)
                                                    : take_recipe(c, false, layer->width, &layer->activation);
}

/* Takes what comes next, which begins with one node. */
static talus_status take_next(tl_onnx_chain *c)
{
    const tl_onnx_node_of_file *node = tl_onnx_next(c);
    const int before = c->node;
    talus_status status = tl_onnx_skip_harmless(c);
    if (status == TALUS_OK && c->node == before)
        status = is_product(node) ? take_product(c) : take_rest(c);
    if (status == TALUS_OK && c->node == before)
        status = tl_onnx_take_scaling(c);
    if (status != TALUS_OK || c->node > before)
        return status;
    if (!tl_onnx_is_known(node->op))
        return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED, "is an operator that is not supported here");
    return tl_onnx_refuse(c, TALUS_ERROR_UNSUPPORTED,
                          "stands where no network has it: a chain of layers is one Gemm or MatMul each with "
                          "constants, then at "
                          "most a normalisation and an activation that Talus has");
}

talus_status tl_onnx_follow(const tl_onnx_file *file, tl_onnx_chain *c)
{
    int products = 0;
    talus_status status = TALUS_OK;
    *c = (tl_onnx_chain){.file = file, .now = file->input};
    for (int i = 0; i < file->node_count; i++)
        products += is_product(&file->nodes[i]);
    const int layers = products < TL_ONNX_LAYERS ? products : TL_ONNX_LAYERS;
    c->layers = tl_allocate(file->context, (size_t)layers * sizeof *c->layers + 1);
    if (c->layers == NULL)
        return tl_fail(file->context, TALUS_ERROR_MEMORY, "there is no memory for the %d layers of %s",
                       layers, file->name);
    while (status == TALUS_OK && c->node < file->node_count)
        status = take_next(c);
    if (status == TALUS_OK && (c->layer_count == 0 || !tl_onnx_same(c->now, file->output)))
        status = tl_fail(file->context, TALUS_ERROR_UNSUPPORTED,
                         "%s: the graph must be a chain of layers from its input to its output", file->name);
    return status;
}

void tl_onnx_chain_release(tl_onnx_chain *c)
{
    tl_release(c->file->context, c->layers);
    tl_release(c->file->context, c->ranges);
    tl_release(c->file->context, c->inputs.shift);
    tl_release(c->file->context, c->outputs.shift);
}
