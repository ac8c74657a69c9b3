#include "model/onnx_graph.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/save.h"
#include "model/protobuf.h"

#define IR_VERSION  8
#define LEAST_OPSET 13
#define DIMENSIONS  2

typedef struct tensor {
    tl_onnx_name name;
    int type, dimensions;
    int64_t shape[DIMENSIONS];
    const void *elements; /* NULL: from this byte of the graph's numbers on */
    size_t at, bytes;
} tensor;

tl_onnx_graph tl_onnx_graph_of(talus_context *context, int precision)
{
    const tl_buffer empty = {.context = context};
    return (tl_onnx_graph){.context = context,
                           .precision = precision,
                           .opset = LEAST_OPSET,
                           .nodes = empty,
                           .tensors = empty,
                           .numbers = empty,
                           .node = empty,
                           .inner = empty,
                           .innermost = empty};
}

void tl_onnx_release(tl_onnx_graph *graph)
{
    tl_buffer_release(&graph->nodes);
    tl_buffer_release(&graph->tensors);
    tl_buffer_release(&graph->numbers);
    tl_buffer_release(&graph->node);
    tl_buffer_release(&graph->inner);
    tl_buffer_release(&graph->innermost);
}

/* Ends the node that is being made; its output has this name. */
static void finish_node(tl_onnx_graph *graph, const char *name)
{
    if (graph->node.length == 0 && !graph->node.failed)
        return;
    tl_protobuf_put_text(&graph->node, TL_ONNX_NODE_NAME, graph->value.text);
    tl_protobuf_put_text(&graph->node, TL_ONNX_NODE_OUTPUT, name);
    tl_protobuf_put_message(&graph->nodes, TL_ONNX_GRAPH_NODE, &graph->node);
}

void tl_onnx_node(tl_onnx_graph *graph, const char *operator, const char * format, ...)
{
    va_list arguments;
    finish_node(graph, graph->value.text);
    va_start(arguments, format);
    (void)vsnprintf(graph->value.text, sizeof graph->value.text, format, arguments);
    va_end(arguments);
    tl_protobuf_put_text(&graph->node, TL_ONNX_NODE_OPERATOR, operator);
}

void tl_onnx_input(tl_onnx_graph *graph, const char *name)
{
    tl_protobuf_put_text(&graph->node, TL_ONNX_NODE_INPUT, name);
}

void tl_onnx_output(tl_onnx_graph *graph, const char *name)
{
    tl_protobuf_put_text(&graph->node, TL_ONNX_NODE_OUTPUT, name);
}

static void put_attribute(tl_onnx_graph *graph, const char *name, int type)
{
    tl_protobuf_put_text(&graph->inner, TL_ONNX_ATTRIBUTE_NAME, name);
    tl_protobuf_put_integer(&graph->inner, TL_ONNX_ATTRIBUTE_TYPE, type);
    tl_protobuf_put_message(&graph->node, TL_ONNX_NODE_ATTRIBUTE, &graph->inner);
}

void tl_onnx_attribute_float(tl_onnx_graph *graph, const char *name, float number)
{
    tl_protobuf_put_float(&graph->inner, TL_ONNX_ATTRIBUTE_F, number);
    put_attribute(graph, name, TL_ONNX_IS_FLOAT);
}

void tl_onnx_attribute_int(tl_onnx_graph *graph, const char *name, int64_t number)
{
    tl_protobuf_put_integer(&graph->inner, TL_ONNX_ATTRIBUTE_I, number);
    put_attribute(graph, name, TL_ONNX_IS_INT);
}

void tl_onnx_attribute_ints(tl_onnx_graph *graph, const char *name, int64_t number)
{
    tl_protobuf_put_integer(&graph->inner, TL_ONNX_ATTRIBUTE_INTS, number);
    put_attribute(graph, name, TL_ONNX_IS_INTS);
}

static int element_type(const tl_onnx_graph *graph)
{
    return graph->precision == TALUS_DTYPE_F64 ? TL_ONNX_F64 : TL_ONNX_F32;
}

static void add_tensor(tl_onnx_graph *graph, tensor made, const char *name)
{
    (void)snprintf(made.name.text, sizeof made.name.text, "%s", name);
    made.bytes = made.type == TL_ONNX_F32 ? sizeof(float) : sizeof(double);
    for (int i = 0; i < made.dimensions; i++)
        made.bytes *= (size_t)made.shape[i];
    tl_buffer_add(&graph->tensors, &made, sizeof made);
}

void tl_onnx_tensor(tl_onnx_graph *graph, const char *name, const void *elements, int dimensions,
                    const int64_t *shape)
{
    tensor made = {.type = element_type(graph), .dimensions = dimensions, .elements = elements};
    memcpy(made.shape, shape, (size_t)dimensions * sizeof *shape);
    add_tensor(graph, made, name);
}

/* Puts numbers in the precision of the graph, for a tensor that is added next. */
static tensor keep_numbers(tl_onnx_graph *graph, const double *numbers, int64_t count)
{
    tensor made = {.type = element_type(graph), .at = graph->numbers.length};
    for (int64_t i = 0; i < count; i++) {
        const float rounded = (float)numbers[i];
        if (made.type == TL_ONNX_F64)
            tl_buffer_add(&graph->numbers, &numbers[i], sizeof numbers[i]);
        else
            tl_buffer_add(&graph->numbers, &rounded, sizeof rounded);
    }
    return made;
}

void tl_onnx_vector(tl_onnx_graph *graph, const char *name, const double *numbers, int64_t count)
{
    tensor made = keep_numbers(graph, numbers, count);
    made.dimensions = 1, made.shape[0] = count;
    add_tensor(graph, made, name);
}

void tl_onnx_number(tl_onnx_graph *graph, const char *name, double number)
{
    add_tensor(graph, keep_numbers(graph, &number, 1), name);
}

void tl_onnx_integers(tl_onnx_graph *graph, const char *name, const tl_buffer *numbers)
{
    tensor made = {.type = TL_ONNX_I64, .at = graph->numbers.length, .dimensions = 1};
    made.shape[0] = (int64_t)(numbers->length / sizeof(int64_t));
    graph->numbers.failed |= numbers->failed;
    tl_buffer_add(&graph->numbers, numbers->bytes, numbers->length);
    add_tensor(graph, made, name);
}

/* "input" or "output": n × columns, of which the number of samples is open. */
static void put_value(tl_onnx_graph *graph, tl_buffer *to, int field, const char *name, int64_t columns)
{
    tl_buffer dimension = {.context = graph->context}, type = dimension;
    tl_protobuf_put_text(&dimension, TL_ONNX_DIM_NAME, "batch");
    tl_protobuf_put_message(&graph->innermost, TL_ONNX_SHAPE_DIM, &dimension);
    tl_protobuf_put_integer(&dimension, TL_ONNX_DIM_VALUE, columns);
    tl_protobuf_put_message(&graph->innermost, TL_ONNX_SHAPE_DIM, &dimension);
    tl_protobuf_put_integer(&graph->inner, TL_ONNX_TENSOR_TYPE_ELEMENT, element_type(graph));
    tl_protobuf_put_message(&graph->inner, TL_ONNX_TENSOR_TYPE_SHAPE, &graph->innermost);
    tl_protobuf_put_message(&type, TL_ONNX_TYPE_TENSOR, &graph->inner);
    tl_protobuf_put_text(&graph->inner, TL_ONNX_VALUE_NAME, name);
    tl_protobuf_put_message(&graph->inner, TL_ONNX_VALUE_TYPE, &type);
    tl_protobuf_put_message(to, field, &graph->inner);
    tl_buffer_release(&dimension);
    tl_buffer_release(&type);
}

/* A tensor as a field of the graph, all but its elements, which come last. */
static void put_tensor(tl_onnx_graph *graph, const tensor *of, tl_buffer *to)
{
    tl_buffer *message = &graph->inner;
    for (int i = 0; i < of->dimensions; i++)
        tl_protobuf_put_integer(message, TL_ONNX_TENSOR_DIMS, of->shape[i]);
    tl_protobuf_put_integer(message, TL_ONNX_TENSOR_TYPE, of->type);
    tl_protobuf_put_text(message, TL_ONNX_TENSOR_NAME, of->name.text);
    tl_protobuf_put_head(message, TL_ONNX_TENSOR_RAW, of->bytes);
    tl_protobuf_put_head(to, TL_ONNX_GRAPH_TENSOR, message->length + of->bytes);
    tl_buffer_add(to, message->bytes, message->length);
    to->failed |= message->failed;
    message->length = 0;
}

static int tensor_count(const tl_onnx_graph *graph)
{
    return (int)(graph->tensors.length / sizeof(tensor));
}

/* What stands before the graph's fields, of which there are so many bytes, in the file. */
static void put_model(tl_onnx_graph *graph, tl_buffer *to, uint64_t graph_bytes)
{
    tl_protobuf_put_integer(to, TL_ONNX_MODEL_IR, IR_VERSION);
    tl_protobuf_put_text(to, TL_ONNX_MODEL_PRODUCER, "talus");
    tl_protobuf_put_text(to, TL_ONNX_MODEL_PRODUCER_VERSION, talus_version());
    tl_protobuf_put_text(&graph->inner, TL_ONNX_OPSET_DOMAIN, "");
    tl_protobuf_put_integer(&graph->inner, TL_ONNX_OPSET_VERSION, graph->opset);
    tl_protobuf_put_message(to, TL_ONNX_MODEL_OPSET, &graph->inner);
    tl_protobuf_put_head(to, TL_ONNX_MODEL_GRAPH, graph_bytes);
}

/* `heads` are those of the tensors, one after the other, and `ends` where each ends. */
typedef struct file_parts {
    tl_buffer heads, ends, model, values;
} file_parts;

static int64_t lay_out(tl_onnx_graph *graph, file_parts *parts, int64_t inputs, int64_t outputs)
{
    const tensor *tensors = (const tensor *)(const void *)graph->tensors.bytes;
    uint64_t bytes = 0;
    for (int i = 0; i < tensor_count(graph); i++) {
        put_tensor(graph, &tensors[i], &parts->heads);
        tl_buffer_add(&parts->ends, &parts->heads.length, sizeof parts->heads.length);
        bytes += tensors[i].bytes;
    }
    tl_protobuf_put_text(&parts->values, TL_ONNX_GRAPH_NAME, "network");
    put_value(graph, &parts->values, TL_ONNX_GRAPH_INPUT, "input", inputs);
    put_value(graph, &parts->values, TL_ONNX_GRAPH_OUTPUT, "output", outputs);
    bytes += graph->nodes.length + parts->heads.length + parts->values.length;
    put_model(graph, &parts->model, bytes);
    return (int64_t)(bytes + parts->model.length);
}

static talus_status write_buffer(tl_save *save, const tl_buffer *buffer)
{
    return tl_save_write(save, buffer->bytes, (int64_t)buffer->length);
}

static talus_status write_parts(tl_save *save, const tl_onnx_graph *graph, const file_parts *parts)
{
    const tensor *tensors = (const tensor *)(const void *)graph->tensors.bytes;
    const size_t *ends = (const size_t *)(const void *)parts->ends.bytes;
    talus_status status = write_buffer(save, &parts->model);
    if (status == TALUS_OK)
        status = write_buffer(save, &graph->nodes);
    if (status == TALUS_OK)
        status = write_buffer(save, &parts->values);
    for (int i = 0; i < tensor_count(graph) && status == TALUS_OK; i++) {
        const size_t begin = i == 0 ? 0 : ends[i - 1];
        const void *elements = tensors[i].elements != NULL ? tensors[i].elements
                                                           : graph->numbers.bytes + tensors[i].at;
        status = tl_save_write(save, parts->heads.bytes + begin, (int64_t)(ends[i] - begin));
        if (status == TALUS_OK)
            status = tl_save_write(save, elements, (int64_t)tensors[i].bytes);
    }
    return status;
}

static talus_status check_memory(const tl_onnx_graph *graph, const file_parts *parts)
{
    const tl_buffer *const buffers[] = {&graph->nodes, &graph->tensors, &graph->numbers, &parts->heads,
                                        &parts->ends,  &parts->model,   &parts->values};
    talus_status status = TALUS_OK;
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers && status == TALUS_OK; i++)
        status = tl_buffer_check(buffers[i], "the graph of an ONNX file");
    return status;
}

talus_status tl_onnx_write(tl_onnx_graph *graph, const char *path, int64_t inputs, int64_t outputs)
{
    const tl_buffer empty = {.context = graph->context};
    file_parts parts = {empty, empty, empty, empty};
    tl_save save;
    finish_node(graph, "output");
    const int64_t bytes = lay_out(graph, &parts, inputs, outputs);
    talus_status status = check_memory(graph, &parts);
    if (status == TALUS_OK && bytes > TL_ONNX_MOST_BYTES)
        status = tl_fail(graph->context, TALUS_ERROR_UNSUPPORTED,
                         "an ONNX file must be smaller than 2 GiB, this one would have %lld bytes",
                         (long long)bytes);
    if (status == TALUS_OK)
        status = tl_save_begin(graph->context, path, &save);
    if (status == TALUS_OK)
        status = tl_save_end(&save, write_parts(&save, graph, &parts));
    tl_buffer_release(&parts.heads);
    tl_buffer_release(&parts.ends);
    tl_buffer_release(&parts.model);
    tl_buffer_release(&parts.values);
    return status;
}
