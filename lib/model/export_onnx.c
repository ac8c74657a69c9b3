/* Networks to ONNX files. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <talus/interchange.h>

#include "base/call.h"
#include "model/onnx_graph.h"
#include "model/onnx_recipes.h"
#include "model/tensors.h"

/* A graph that grows at its end: `value` is what it computes so far. */
typedef struct chain {
    tl_onnx_graph graph;
    tl_onnx_name value;
} chain;

/* Where recipes are used: names begin with `prefix`; the parameters are those of `layer`. */
typedef struct place {
    tl_onnx_name prefix;
    int layer;
    double alpha, epsilon;
} place;

static tl_onnx_name name_of(const char *prefix, const char *name)
{
    tl_onnx_name made;
    (void)snprintf(made.text, sizeof made.text, "%.40s.%s", prefix, name);
    return made;
}

/* Adds a node of which the value so far is the first input. */
static void append(chain *c, const char *operator, const char * prefix, const char *name)
{
    tl_onnx_node(&c->graph, operator, "%.40s.%s", prefix, name);
    tl_onnx_input(&c->graph, c->value.text);
    c->value = c->graph.value;
}

/* The name of step i of a recipe, whose own name is `name`. */
static tl_onnx_name step_name(const place *at, const char *name, int i)
{
    tl_onnx_name made;
    (void)snprintf(made.text, sizeof made.text, "%.40s.%s.%d", at->prefix.text, name, i);
    return made;
}

static double number_of(const place *at, tl_onnx_what what, double number)
{
    return what == TL_ONNX_ALPHA ? at->alpha : what == TL_ONNX_EPSILON ? at->epsilon : number;
}

/* The tensor of a part of the layer, which has the name that tl_tensor_at gives it. */
static tl_onnx_name part_name(const place *at, tl_onnx_what what)
{
    static const char *const names[TL_ONNX_WHATS] = {
        [TL_ONNX_SLOPES] = "slopes", [TL_ONNX_SCALES] = "norm.weight", [TL_ONNX_SHIFTS] = "norm.bias"};
    tl_onnx_name prefix;
    (void)snprintf(prefix.text, sizeof prefix.text, "layers.%d", at->layer - 1);
    return name_of(prefix.text, names[what]);
}

/* The name of operand k of step i; a number becomes a tensor. */
static tl_onnx_name operand_name(chain *c, const place *at, const char *name, int i, int k,
                                 const tl_onnx_operand *operand, const tl_onnx_name *z)
{
    tl_onnx_name made = *z;
    switch (operand->what) {
    case TL_ONNX_Z:
        return made;
    case TL_ONNX_STEP:
        return step_name(at, name, (int)operand->number);
    case TL_ONNX_NUMBER:
    case TL_ONNX_ALPHA:
    case TL_ONNX_EPSILON:
        (void)snprintf(made.text, sizeof made.text, "%.30s.%.20s.%d.%d", at->prefix.text, name, i, k);
        tl_onnx_number(&c->graph, made.text, number_of(at, operand->what, operand->number));
        return made;
    default:
        return part_name(at, operand->what);
    }
}

static void put_attribute(tl_onnx_graph *graph, const place *at, const tl_onnx_attribute *attribute)
{
    const double number = number_of(at, attribute->what, attribute->number);
    if (attribute->what == TL_ONNX_TYPE)
        tl_onnx_attribute_int(graph, attribute->name,
                              graph->precision == TALUS_DTYPE_F64 ? TL_ONNX_F64 : TL_ONNX_F32);
    else if (attribute->list)
        tl_onnx_attribute_ints(graph, attribute->name, (int64_t)number);
    else if (attribute->integer)
        tl_onnx_attribute_int(graph, attribute->name, (int64_t)number);
    else
        tl_onnx_attribute_float(graph, attribute->name, (float)number);
}

/* Adds the nodes of a recipe, called `name`; there may be none. */
static void append_recipe(chain *c, const place *at, const tl_onnx_recipe *recipe, const char *name)
{
    const tl_onnx_name z = c->value;
    if (recipe == NULL)
        return;
    if (c->graph.opset < recipe->opset)
        c->graph.opset = recipe->opset;
    for (int i = 0; i < recipe->step_count; i++) {
        const tl_onnx_step *step = &recipe->steps[i];
        c->value = step_name(at, name, i);
        tl_onnx_node(&c->graph, step->op, "%s", c->value.text);
        for (int k = 0; k < TL_ONNX_OPERANDS && step->operands[k].what != TL_ONNX_NOTHING; k++)
            tl_onnx_input(&c->graph, operand_name(c, at, name, i, k, &step->operands[k], &z).text);
        for (int k = 0; k < TL_ONNX_ATTRIBUTES && step->attributes[k].name != NULL; k++)
            if (!step->attributes[k].implied)
                put_attribute(&c->graph, at, &step->attributes[k]);
    }
}

static void append_activation(chain *c, const place *at, int activation)
{
    append_recipe(c, at, tl_onnx_recipe_of(TALUS_NORMALIZATION_NONE, activation, c->graph.precision),
                  tl_activation_kind_of(activation)->name);
}

/* A_l of A_{l−1} */
static void append_layer(chain *c, const talus_network *network, int l)
{
    const tl_layer *layer = &network->layers[l];
    place at = {.layer = l, .alpha = layer->alpha, .epsilon = layer->epsilon};
    (void)snprintf(at.prefix.text, sizeof at.prefix.text, "layers.%d", l - 1);
    append(c, "Gemm", at.prefix.text, "z");
    tl_onnx_input(&c->graph, name_of(at.prefix.text, "weight").text);
    if (!layer->without_biases)
        tl_onnx_input(&c->graph, name_of(at.prefix.text, "bias").text);
    tl_onnx_attribute_int(&c->graph, "transB", 1);
    append_recipe(c, &at, tl_onnx_recipe_of(layer->normalization, TALUS_IDENTITY, network->precision),
                  "normalization");
    append_activation(c, &at, layer->activation);
}

/* The ranges of the outputs apart, and beside each other again. */
static void append_ranges(chain *c, const talus_network *network)
{
    const tl_onnx_name z = c->value;
    tl_buffer ends = {.context = network->context}, sizes = ends;
    place at;
    tl_onnx_node(&c->graph, "Split", "outputs.%d.z", network->range_count - 1);
    tl_onnx_input(&c->graph, z.text);
    tl_onnx_input(&c->graph, "outputs.sizes");
    for (int r = 0; r < network->range_count; r++) {
        (void)snprintf(at.prefix.text, sizeof at.prefix.text, "outputs.%d.z", r);
        if (r < network->range_count - 1)
            tl_onnx_output(&c->graph, at.prefix.text);
        tl_buffer_add(&sizes, &network->ranges[r].outputs, sizeof network->ranges[r].outputs);
    }
    tl_onnx_attribute_int(&c->graph, "axis", 1);
    tl_onnx_integers(&c->graph, "outputs.sizes", &sizes);
    for (int r = 0; r < network->range_count; r++) {
        const tl_range *range = &network->ranges[r];
        (void)snprintf(at.prefix.text, sizeof at.prefix.text, "outputs.%d", r);
        at.layer = network->layer_count, at.alpha = range->alpha;
        c->value = name_of(at.prefix.text, "z");
        append_activation(c, &at, range->activation);
        tl_buffer_add(&ends, &c->value, sizeof c->value);
    }
    tl_onnx_node(&c->graph, "Concat", "outputs");
    for (size_t at_end = 0; at_end < ends.length; at_end += sizeof c->value)
        tl_onnx_input(&c->graph, ends.bytes + at_end);
    tl_onnx_attribute_int(&c->graph, "axis", 1);
    c->graph.nodes.failed |= ends.failed;
    tl_buffer_release(&ends);
    tl_buffer_release(&sizes);
    c->value = c->graph.value;
}

/* Numbers of a scaling must be numbers of f32 if the network's are. */
static talus_status check_scaling(const talus_network *network, const tl_scaling *scaling, const char *side)
{
    for (int64_t j = 0; network->precision == TALUS_DTYPE_F32 && j < scaling->count; j++) {
        const double shift = scaling->shift[j], scale = scaling->scale[j];
        if (fabs(shift) <= FLT_MAX && fabs(scale) <= FLT_MAX && fabs(scale) >= FLT_MIN)
            continue;
        return tl_fail(network->context, TALUS_ERROR_UNSUPPORTED,
                       "export_onnx: the scaling of %s %lld must fit into the network's f32, got shift %g "
                       "and scale %g",
                       side, (long long)j, shift, scale);
    }
    return TALUS_OK;
}

/* (x − shift)·scale. What f32 rounds off from a shift is taken off by itself: inputs may differ by less than it. */
static talus_status append_input_scaling(chain *c, const talus_network *network)
{
    const tl_scaling *scaling = &network->input_scaling;
    bool differs = false;
    talus_status status = check_scaling(network, scaling, "input");
    if (scaling->count == 0 || status != TALUS_OK)
        return status;
    double *rest = tl_allocate(network->context, (size_t)scaling->count * sizeof *rest);
    if (rest == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "export_onnx: there is no memory for the scaling of %lld inputs",
                       (long long)scaling->count);
    for (int64_t j = 0; j < scaling->count && network->precision == TALUS_DTYPE_F32; j++) {
        rest[j] = scaling->shift[j] - (double)(float)scaling->shift[j];
        differs |= (float)rest[j] != 0;
    }
    append(c, "Sub", "input", "shifted");
    tl_onnx_input(&c->graph, "input.shift");
    tl_onnx_vector(&c->graph, "input.shift", scaling->shift, scaling->count);
    if (differs) {
        append(c, "Sub", "input", "shifted_by_rest");
        tl_onnx_input(&c->graph, "input.shift_rest");
        tl_onnx_vector(&c->graph, "input.shift_rest", rest, scaling->count);
    }
    append(c, "Mul", "input", "scaled");
    tl_onnx_input(&c->graph, "input.scale");
    tl_onnx_vector(&c->graph, "input.scale", scaling->scale, scaling->count);
    tl_release(network->context, rest);
    return TALUS_OK;
}

/* The clipping of scaled inputs. */
static void append_input_clip(chain *c, const talus_network *network)
{
    const place at = {.prefix = {"input"}, .alpha = network->input_clip};
    if (network->input_clip > 0)
        append_recipe(c, &at, &tl_onnx_clipping, "clipped");
}

/* Numbers of a projection must be numbers of f32 if the network's are. */
static talus_status check_means(const talus_network *network, const double *means, int64_t count)
{
    for (int64_t j = 0; network->precision == TALUS_DTYPE_F32 && j < count; j++)
        if (!(fabs(means[j]) <= FLT_MAX))
            return tl_fail(network->context, TALUS_ERROR_UNSUPPORTED,
                           "export_onnx: the mean of a projection must fit into the network's f32, got %g",
                           means[j]);
    return TALUS_OK;
}

/* −T·m */
static talus_status append_projected_mean(chain *c, const talus_network *network)
{
    const tl_projection *projection = &network->input_projection;
    double *mean = tl_allocate(network->context, (size_t)projection->features * sizeof *mean);
    if (mean == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "export_onnx: there is no memory for the projection to %lld features",
                       (long long)projection->features);
    for (int64_t k = 0; k < projection->features; k++)
        for (int64_t j = 0; j < projection->columns; j++)
            mean[k] -= projection->matrix[k * projection->columns + j] * projection->mean[j];
    tl_onnx_input(&c->graph, "input.projected_mean");
    tl_onnx_vector(&c->graph, "input.projected_mean", mean, projection->features);
    talus_status status = check_means(network, mean, projection->features);
    tl_release(network->context, mean);
    return status;
}

/* T·(x − m), where f32 would lose what is small beside m; T·x − T·m of what is clipped, and thus small: the clipping of inputs is
 * followed by a product. */
static talus_status append_input_projection(chain *c, const talus_network *network)
{
    const tl_projection *projection = &network->input_projection;
    const bool clips = network->input_clip > 0;
    if (projection->columns == 0)
        return TALUS_OK;
    if (!clips) {
        append(c, "Sub", "input", "centred");
        tl_onnx_input(&c->graph, "input.mean");
        tl_onnx_vector(&c->graph, "input.mean", projection->mean, projection->columns);
    }
    append(c, "Gemm", "input", "projected");
    tl_onnx_input(&c->graph, TL_PROJECTION_TENSOR);
    talus_status status = clips ? append_projected_mean(c, network)
                                : check_means(network, projection->mean, projection->columns);
    tl_onnx_attribute_int(&c->graph, "transB", 1);
    return status;
}

/* a/scale + shift */
static talus_status append_output_scaling(chain *c, const talus_network *network)
{
    const tl_scaling *scaling = tl_scaling_of_outputs(network);
    talus_status status = check_scaling(network, scaling, "output");
    if (scaling->count == 0 || status != TALUS_OK)
        return status;
    append(c, "Div", "output", "scaled");
    tl_onnx_input(&c->graph, "output.scale");
    tl_onnx_vector(&c->graph, "output.scale", scaling->scale, scaling->count);
    append(c, "Add", "output", "shifted");
    tl_onnx_input(&c->graph, "output.shift");
    tl_onnx_vector(&c->graph, "output.shift", scaling->shift, scaling->count);
    return TALUS_OK;
}

static void add_parameters(tl_onnx_graph *graph, const talus_network *network)
{
    for (int i = 0; i < tl_tensor_count(network); i++) {
        const tl_tensor_source tensor = tl_tensor_at(network, i);
        const bool projects = tensor.elements == (const void *)network->input_projection.matrix;
        tl_onnx_tensor(graph, tensor.name, projects ? network->input_projection.factors : tensor.elements,
                       tensor.dimensions, tensor.shape);
    }
}

static talus_status export_folded(const talus_network *network, const char *path)
{
    chain c = {.graph = tl_onnx_graph_of(network->context, network->precision), .value = {"input"}};
    add_parameters(&c.graph, network);
    talus_status status = append_input_scaling(&c, network);
    append_input_clip(&c, network);
    if (status == TALUS_OK)
        status = append_input_projection(&c, network);
    for (int l = 1; l <= network->layer_count; l++)
        append_layer(&c, network, l);
    if (network->range_count > 1)
        append_ranges(&c, network);
    if (status == TALUS_OK)
        status = append_output_scaling(&c, network);
    if (status == TALUS_OK)
        status = tl_onnx_write(&c.graph, path, tl_network_columns(network), tl_network_outputs(network));
    tl_onnx_release(&c.graph);
    return status;
}

static talus_status export_onnx(const talus_network *network, const char *path)
{
    talus_network *folded = NULL;
    if (path == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "export_onnx: path must not be NULL");
    talus_status status = tl_check_parameters(network, "export_onnx");
    if (status == TALUS_OK && tl_network_has_batch_statistics(network))
        status = talus_network_fold_normalization(network, &folded);
    if (status == TALUS_OK && folded != NULL)
        status = tl_check_parameters(folded, "export_onnx");
    if (status == TALUS_OK)
        status = export_folded(folded != NULL ? folded : network, path);
    talus_network_destroy(folded);
    return status;
}

talus_status talus_model_export_onnx(const talus_network *network, const char *path)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, export_onnx(network, path)) : status;
}
