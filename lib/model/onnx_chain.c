#include "model/onnx_chain.h"

#include <math.h>

static const tl_onnx_node_of_file *next_node(const tl_onnx_chain *c)
{
    return c->node < c->file->node_count ? &c->file->nodes[c->node] : NULL;
}

static talus_status refuse(const tl_onnx_chain *c, talus_status status, const char *what)
{
    const tl_onnx_node_of_file *node = next_node(c);
    return tl_fail(c->file->context, status, "%s: node %d, %.*s \"%.*s\", %s", c->file->name, c->node + 1,
                   TL_ONNX_TEXT(node->op), TL_ONNX_TEXT(node->output), what);
}

/* An attribute that an operator may have. */
typedef struct known_attribute {
    const char *name;
    int type;
    double *number; /* receives it where it is said; NULL: it does not matter */
} known_attribute;

/* Takes the attributes of the next node, which must be among these. */
static talus_status take_attributes(const tl_onnx_chain *c, const known_attribute *known, int count)
{
    tl_protobuf at = next_node(c)->message;
    tl_onnx_attribute_of_file said;
    while (tl_onnx_next_attribute(&at, &said)) {
        int i = 0;
        while (i < count && !tl_onnx_is(said.name, known[i].name))
            i++;
        if (i == count || said.type != known[i].type)
            return tl_fail(c->file->context, TALUS_ERROR_UNSUPPORTED,
                           "%s: node %d, %.*s, has the attribute \"%.*s\", which is not supported",
                           c->file->name, c->node + 1, TL_ONNX_TEXT(next_node(c)->op),
                           TL_ONNX_TEXT(said.name));
        if (known[i].number != NULL)
            *known[i].number = said.number;
    }
    return TALUS_OK;
}

/* Whether a constant is one number or a row of them, as many as count, or any number where that is 0. */
static bool is_row(const tl_onnx_constant *constant, int type, int64_t count)
{
    if (constant == NULL || constant->type != type || constant->dimensions > 2 || constant->count < 1 ||
        (constant->dimensions == 2 && constant->shape[0] != 1))
        return false;
    return count == 0 || constant->count == 1 || constant->count == count;
}

/* The operand of the next node beside the value so far; *first says which of the two that is. NULL if the node is no such
 * one. */
static const tl_onnx_constant *other_operand(const tl_onnx_chain *c, bool *first)
{
    const tl_onnx_node_of_file *node = next_node(c);
    if (node->inputs != 2 || node->outputs != 1)
        return NULL;
    *first = tl_onnx_same(tl_onnx_node_input(node, 0), c->now);
    if (!*first && !tl_onnx_same(tl_onnx_node_input(node, 1), c->now))
        return NULL;
    return tl_onnx_find(c->file, tl_onnx_node_input(node, *first ? 1 : 0));
}

static void advance(tl_onnx_chain *c, int nodes)
{
    c->node += nodes;
    c->now = c->file->nodes[c->node - 1].output;
}

/* Passes over what changes nothing where a network predicts. */
static talus_status skip_harmless(tl_onnx_chain *c)
{
    const tl_onnx_node_of_file *node = next_node(c);
    double axis = 1, type = c->type;
    const known_attribute cast[] = {{"to", TL_ONNX_IS_INT, &type}};
    const known_attribute flatten[] = {{"axis", TL_ONNX_IS_INT, &axis}};
    const known_attribute dropout[] = {{"ratio", TL_ONNX_IS_FLOAT, NULL}, {"seed", TL_ONNX_IS_INT, NULL}};
    talus_status status;
    if (!tl_onnx_same(tl_onnx_node_input(node, 0), c->now))
        return TALUS_OK;
    if (tl_onnx_is(node->op, "Identity"))
        status = take_attributes(c, NULL, 0);
    else if (tl_onnx_is(node->op, "Cast"))
        status = take_attributes(c, cast, 1);
    else if (tl_onnx_is(node->op, "Flatten"))
        status = take_attributes(c, flatten, 1);
    else if (tl_onnx_is(node->op, "Dropout"))
        status = take_attributes(c, dropout, 2);
    else
        return TALUS_OK;
    if (c->type == 0 && (type == TL_ONNX_F32 || type == TL_ONNX_F64))
        c->type = (int)type;
    if (status == TALUS_OK && (axis != 1 || node->inputs > 2 || type != c->type))
        status = refuse(c, TALUS_ERROR_UNSUPPORTED,
                        "must change nothing: no axis but 1, no other type, no training");
    if (status == TALUS_OK)
        advance(c, 1);
    return status;
}

/* Room for so many columns, or for those that there are; one number for all becomes one each. */
static talus_status widen(const tl_onnx_chain *c, tl_onnx_scaling *scaling, int64_t count)
{
    const int64_t before = scaling->count;
    if (count <= before)
        return TALUS_OK;
    double *numbers = tl_allocate(c->file->context, 2 * (size_t)count * sizeof *numbers);
    if (numbers == NULL)
        return tl_fail(c->file->context, TALUS_ERROR_MEMORY, "there is no memory for the scaling of %s",
                       c->file->name);
    for (int64_t j = 0; j < count; j++) {
        numbers[j] = before == 0 ? 0 : scaling->shift[0];
        numbers[count + j] = before == 0 ? 1 : scaling->scale[0];
    }
    tl_release(c->file->context, scaling->shift);
    *scaling = (tl_onnx_scaling){count, numbers, numbers + count};
    return TALUS_OK;
}

/* Puts an operation with a number k behind (x − shift)·scale: more of the shift, or of the scale. */
static bool scale_input(tl_onnx_text op, double k, double *shift, double *scale)
{
    if (tl_onnx_is(op, "Sub"))
        *shift += k / *scale;
    else if (tl_onnx_is(op, "Add"))
        *shift -= k / *scale;
    else if (tl_onnx_is(op, "Mul"))
        *scale *= k;
    else if (tl_onnx_is(op, "Div"))
        *scale /= k;
    else
        return false;
    return true;
}

/* The same behind a/scale + shift. */
static bool scale_output(tl_onnx_text op, double k, double *shift, double *scale)
{
    if (tl_onnx_is(op, "Sub"))
        *shift -= k;
    else if (tl_onnx_is(op, "Add"))
        *shift += k;
    else if (tl_onnx_is(op, "Mul"))
        *scale /= k, *shift *= k;
    else if (tl_onnx_is(op, "Div"))
        *scale *= k, *shift /= k;
    else
        return false;
    return true;
}

/* Puts an operation behind a scaling; false if it is none. */
typedef bool put_operation(tl_onnx_text op, double k, double *shift, double *scale);

/* The constant of the next node, if that goes on with a scaling; NULL. */
static const tl_onnx_constant *scaling_constant(const tl_onnx_chain *c, const tl_onnx_scaling *scaling,
                                                put_operation *put)
{
    const tl_onnx_node_of_file *node = next_node(c);
    double shift = 0, scale = 1;
    bool first;
    const tl_onnx_constant *by = other_operand(c, &first);
    if (by == NULL || (by->type != TL_ONNX_F32 && by->type != TL_ONNX_F64) ||
        !is_row(by, c->type != 0 ? c->type : by->type, scaling->count > 1 ? scaling->count : 0))
        return NULL;
    const bool commutes = tl_onnx_is(node->op, "Add") || tl_onnx_is(node->op, "Mul");
    return put(node->op, 1, &shift, &scale) && (first || commutes) ? by : NULL;
}

/* Takes the next node as a part of a scaling, if it is one. */
static talus_status take_scaling(tl_onnx_chain *c, tl_onnx_scaling *scaling, put_operation *put)
{
    const tl_onnx_constant *by = scaling_constant(c, scaling, put);
    if (by == NULL)
        return TALUS_OK;
    c->type = by->type;
    talus_status status = take_attributes(c, NULL, 0);
    if (status == TALUS_OK)
        status = widen(c, scaling, by->count);
    for (int64_t j = 0; j < scaling->count && status == TALUS_OK; j++)
        (void)put(next_node(c)->op, tl_onnx_element(by, by->count == 1 ? 0 : j), &scaling->shift[j],
                  &scaling->scale[j]);
    if (status == TALUS_OK)
        advance(c, 1);
    return status;
}

/* Begins a layer with the weights of the next node. */
static talus_status add_layer(tl_onnx_chain *c, const tl_onnx_constant *weights, tl_onnx_layer made)
{
    if (weights == NULL)
        return refuse(c, TALUS_ERROR_UNSUPPORTED,
                      "must multiply the value of the node before it with a constant");
    if (weights->dimensions != 2 || weights->count == 0 ||
        (weights->type != TL_ONNX_F32 && weights->type != TL_ONNX_F64) ||
        (c->type != 0 && weights->type != c->type))
        return refuse(c, TALUS_ERROR_UNSUPPORTED,
                      "must have weights of 2 dimensions that are not empty, of f32 or f64 as the rest");
    if (c->layer_count == TL_ONNX_LAYERS)
        return refuse(c, TALUS_ERROR_UNSUPPORTED, "is of one layer more than are supported");
    c->type = weights->type;
    made.weights = weights;
    made.width = weights->shape[made.transposed ? 0 : 1],
    made.inputs = weights->shape[made.transposed ? 1 : 0];
    if (c->layer_count > 0 && c->layers[c->layer_count - 1].width != made.inputs)
        return refuse(c, TALUS_ERROR_FORMAT,
                      "must have weights for as many inputs as the layer before it has units");
    if (made.biases != NULL && !is_row(made.biases, c->type, made.width))
        return refuse(c, TALUS_ERROR_UNSUPPORTED, "must have one number to add for each unit");
    c->layers[c->layer_count++] = made;
    advance(c, 1);
    return TALUS_OK;
}

static talus_status take_gemm(tl_onnx_chain *c)
{
    const tl_onnx_node_of_file *node = next_node(c);
    double alpha = 1, beta = 1, first = 0, second = 0;
    const known_attribute known[] = {{"alpha", TL_ONNX_IS_FLOAT, &alpha},
                                     {"beta", TL_ONNX_IS_FLOAT, &beta},
                                     {"transA", TL_ONNX_IS_INT, &first},
                                     {"transB", TL_ONNX_IS_INT, &second}};
    const tl_onnx_text biases = tl_onnx_node_input(node, 2);
    tl_onnx_layer made = {.biases = tl_onnx_find(c->file, biases)};
    talus_status status = take_attributes(c, known, 4);
    if (status != TALUS_OK)
        return status;
    if (first != 0 || !tl_onnx_same(tl_onnx_node_input(node, 0), c->now) ||
        (biases.length > 0 && made.biases == NULL))
        return refuse(c, TALUS_ERROR_UNSUPPORTED,
                      "must take the value of the node before it first, as it is, and then constants");
    made.transposed = second != 0, made.weight_factor = alpha, made.bias_factor = beta;
    return add_layer(c, tl_onnx_find(c->file, tl_onnx_node_input(node, 1)), made);
}

/* A product, and what may be added to it. */
static talus_status take_matmul(tl_onnx_chain *c)
{
    bool first;
    const tl_onnx_constant *weights = other_operand(c, &first);
    talus_status status = take_attributes(c, NULL, 0);
    if (status == TALUS_OK)
        status = add_layer(c, weights != NULL && first ? weights : NULL, (tl_onnx_layer){.weight_factor = 1});
    if (status != TALUS_OK || next_node(c) == NULL || !tl_onnx_is(next_node(c)->op, "Add"))
        return status;
    tl_onnx_layer *layer = &c->layers[c->layer_count - 1];
    const tl_onnx_constant *biases = other_operand(c, &first);
    if (!is_row(biases, c->type, layer->width))
        return TALUS_OK;
    layer->biases = biases, layer->bias_factor = 1;
    advance(c, 1);
    return TALUS_OK;
}

/* Takes a recipe that stands here, if one does. */
static talus_status take_recipe(tl_onnx_chain *c, bool normalizations, int64_t width, tl_onnx_match *match)
{
    tl_onnx_match found;
    *match = (tl_onnx_match){0};
    if (next_node(c) == NULL || !tl_onnx_match_at(c->file, c->node, c->now, c->type, normalizations, &found))
        return TALUS_OK;
    for (int what = TL_ONNX_SLOPES; what < TL_ONNX_WHATS; what++)
        if (found.vectors[what] != NULL && !is_row(found.vectors[what], c->type, width))
            return refuse(c, TALUS_ERROR_UNSUPPORTED, "must have one number for each unit");
    if (found.alpha <= 0)
        return refuse(c, TALUS_ERROR_UNSUPPORTED, "must have a parameter above 0");
    if (found.epsilon <= 0)
        return refuse(c, TALUS_ERROR_UNSUPPORTED, "must have an epsilon above 0");
    *match = found;
    advance(c, found.recipe->step_count);
    return TALUS_OK;
}

static talus_status check_axis(const tl_onnx_chain *c)
{
    double axis = 0;
    const known_attribute known[] = {{"axis", TL_ONNX_IS_INT, &axis}};
    talus_status status = take_attributes(c, known, 1);
    if (status == TALUS_OK && axis != 1 && axis != -1)
        status = refuse(c, TALUS_ERROR_UNSUPPORTED, "must be along axis 1");
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
    const tl_onnx_node_of_file *split = next_node(c);
    const tl_onnx_constant *sizes = tl_onnx_find(c->file, tl_onnx_node_input(split, 1));
    talus_status status = check_axis(c);
    if (status != TALUS_OK)
        return status;
    if (split->inputs != 2 || !tl_onnx_same(tl_onnx_node_input(split, 0), c->now) || sizes == NULL ||
        sizes->type != TL_ONNX_I64 || sizes->count != split->outputs || split->outputs > TL_ONNX_LAYERS)
        return refuse(c, TALUS_ERROR_UNSUPPORTED,
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
    const tl_onnx_node_of_file *concat = next_node(c);
    bool fits = concat != NULL && tl_onnx_is(concat->op, "Concat") && concat->inputs == c->range_count;
    for (int r = 0; r < c->range_count && fits; r++)
        fits = tl_onnx_same(tl_onnx_node_input(concat, r), c->ranges[r].value);
    if (!fits)
        return tl_fail(c->file->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the outputs of a Split must go, each through an activation, into one Concat",
                       c->file->name);
    status = check_axis(c);
    if (status == TALUS_OK)
        advance(c, 1);
    return status;
}

static bool is_product(const tl_onnx_node_of_file *node)
{
    return tl_onnx_is(node->op, "Gemm") || tl_onnx_is(node->op, "MatMul");
}

static talus_status take_product(tl_onnx_chain *c)
{
    if (c->range_count > 0 || c->outputs.count > 0)
        return refuse(c, TALUS_ERROR_UNSUPPORTED, "must not stand behind scaled or split outputs");
    return tl_onnx_is(next_node(c)->op, "Gemm") ? take_gemm(c) : take_matmul(c);
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
    return tl_onnx_is(next_node(c)->op, "Split") ? take_ranges(c)
                                                 : take_recipe(c, false, layer->width, &layer->activation);
}

/* Takes what comes next, which begins with one node. */
static talus_status take_next(tl_onnx_chain *c)
{
    const tl_onnx_node_of_file *node = next_node(c);
    const int before = c->node;
    talus_status status = skip_harmless(c);
    if (status == TALUS_OK && c->node == before)
        status = is_product(node) ? take_product(c) : take_rest(c);
    if (status == TALUS_OK && c->node == before)
        status = c->layer_count == 0 ? take_scaling(c, &c->inputs, scale_input)
                                     : take_scaling(c, &c->outputs, scale_output);
    if (status != TALUS_OK || c->node > before)
        return status;
    if (!tl_onnx_is_known(node->op))
        return refuse(c, TALUS_ERROR_UNSUPPORTED, "is an operator that is not supported here");
    return refuse(c, TALUS_ERROR_UNSUPPORTED,
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
