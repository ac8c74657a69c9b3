#include "model/onnx_file.h"

#include <string.h>

#include "model/onnx_schema.h"

#define LEAST_OPSET 7 /* from here on operators mean what they mean today */
#define LAST_OPSET  24

static const char *const domains[] = {"", "ai.onnx"}; /* of the operators that Talus knows */

bool tl_onnx_same(tl_onnx_text a, tl_onnx_text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, (size_t)a.length) == 0);
}

bool tl_onnx_is(tl_onnx_text a, const char *text)
{
    return tl_onnx_same(a, (tl_onnx_text){text, (int)strlen(text)});
}

static tl_onnx_text text_of(const tl_protobuf_field *field)
{
    return (tl_onnx_text){(const char *)field->bytes.at, (int)(field->bytes.end - field->bytes.at)};
}

/* The text in field `number` of a message, counted by i where it comes several times; empty if there is none. */
static tl_onnx_text find_text(tl_protobuf message, int number, int i)
{
    tl_protobuf_field field;
    while (tl_protobuf_next(&message, &field) > 0)
        if (field.number == number && i-- == 0)
            return text_of(&field);
    return (tl_onnx_text){"", 0};
}

static int count_fields(tl_protobuf message, int number)
{
    tl_protobuf_field field;
    int count = 0;
    while (tl_protobuf_next(&message, &field) > 0)
        count += field.number == number;
    return count;
}

tl_onnx_text tl_onnx_node_input(const tl_onnx_node_of_file *node, int i)
{
    return find_text(node->message, TL_ONNX_NODE_INPUT, i);
}

tl_onnx_text tl_onnx_node_output(const tl_onnx_node_of_file *node, int i)
{
    return find_text(node->message, TL_ONNX_NODE_OUTPUT, i);
}

bool tl_onnx_next_attribute(tl_protobuf *at, tl_onnx_attribute_of_file *attribute)
{
    tl_protobuf_field field;
    tl_protobuf message = {NULL, NULL};
    int found, integers = 0;
    while ((found = tl_protobuf_next(at, &field)) > 0 && field.number != TL_ONNX_NODE_ATTRIBUTE)
        ;
    if (found <= 0)
        return false;
    message = field.bytes;
    *attribute = (tl_onnx_attribute_of_file){.name = {"", 0}, .text = {"", 0}};
    while (tl_protobuf_next(&message, &field) > 0) {
        uint32_t bits = (uint32_t)field.integer;
        float number;
        int64_t integer = (int64_t)field.integer;
        memcpy(&number, &bits, sizeof number);
        if (field.number == TL_ONNX_ATTRIBUTE_NAME)
            attribute->name = text_of(&field);
        else if (field.number == TL_ONNX_ATTRIBUTE_S)
            attribute->text = text_of(&field);
        else if (field.number == TL_ONNX_ATTRIBUTE_TYPE)
            attribute->type = (int)field.integer;
        else if (field.number == TL_ONNX_ATTRIBUTE_F)
            attribute->number = (double)number;
        else if (field.number == TL_ONNX_ATTRIBUTE_I)
            attribute->number = (double)integer;
        else if (field.number == TL_ONNX_ATTRIBUTE_INTS)
            for (; tl_protobuf_next_integer(&field, &integer); integers++)
                attribute->number = (double)integer;
    }
    attribute->is_single = integers == 1;
    return true;
}

/* A node Constant has its tensor as the attribute "value". */
static talus_status read_constant(tl_onnx_file *file, tl_protobuf node, tl_onnx_text name)
{
    tl_protobuf_field field, inner;
    while (tl_protobuf_next(&node, &field) > 0) {
        tl_protobuf attribute = field.bytes;
        if (field.number != TL_ONNX_NODE_ATTRIBUTE ||
            !tl_onnx_is(find_text(attribute, TL_ONNX_ATTRIBUTE_NAME, 0), "value"))
            continue;
        while (tl_protobuf_next(&attribute, &inner) > 0)
            if (inner.number == TL_ONNX_ATTRIBUTE_T) {
                tl_onnx_constant *to = &file->constants[file->constant_count];
                talus_status status = tl_onnx_read_tensor(file, inner.bytes, name, to);
                file->constant_count += status == TALUS_OK;
                return status;
            }
    }
    return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED,
                   "%s: the Constant \"%.*s\" must have a tensor as its value", file->name,
                   TL_ONNX_TEXT(name));
}

static talus_status read_node(tl_onnx_file *file, tl_protobuf message)
{
    const tl_onnx_text domain = find_text(message, TL_ONNX_NODE_DOMAIN, 0);
    const tl_onnx_node_of_file node = {.message = message,
                                       .op = find_text(message, TL_ONNX_NODE_OPERATOR, 0),
                                       .output = find_text(message, TL_ONNX_NODE_OUTPUT, 0),
                                       .inputs = count_fields(message, TL_ONNX_NODE_INPUT),
                                       .outputs = count_fields(message, TL_ONNX_NODE_OUTPUT)};
    if (!tl_onnx_is(domain, domains[0]) && !tl_onnx_is(domain, domains[1]))
        return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the operator %.*s of the domain \"%.*s\" is not supported", file->name,
                       TL_ONNX_TEXT(node.op), TL_ONNX_TEXT(domain));
    if (tl_onnx_is(node.op, "Constant"))
        return read_constant(file, message, node.output);
    file->nodes[file->node_count++] = node;
    return TALUS_OK;
}

/* Constants are needed before the nodes that name them, and initialisers may come after these: two passes. */
static talus_status read_graph(tl_onnx_file *file, tl_protobuf graph)
{
    tl_protobuf_field field;
    talus_status status = TALUS_OK;
    for (tl_protobuf rest = graph; status == TALUS_OK && tl_protobuf_next(&rest, &field) > 0;)
        if (field.number == TL_ONNX_GRAPH_TENSOR) {
            status = tl_onnx_read_tensor(file, field.bytes, find_text(field.bytes, TL_ONNX_TENSOR_NAME, 0),
                                         &file->constants[file->constant_count]);
            file->constant_count += status == TALUS_OK;
        }
    for (tl_protobuf rest = graph; status == TALUS_OK && tl_protobuf_next(&rest, &field) > 0;)
        if (field.number == TL_ONNX_GRAPH_NODE)
            status = read_node(file, field.bytes);
    return status;
}

/* One input that is no constant, and one output. */
static talus_status find_ends(tl_onnx_file *file, tl_protobuf graph)
{
    tl_protobuf_field field;
    int inputs = 0, outputs = 0;
    while (tl_protobuf_next(&graph, &field) > 0) {
        const tl_onnx_text name = find_text(field.bytes, TL_ONNX_VALUE_NAME, 0);
        if (field.number == TL_ONNX_GRAPH_INPUT && tl_onnx_find(file, name) == NULL)
            file->input = name, inputs++;
        else if (field.number == TL_ONNX_GRAPH_OUTPUT)
            file->output = name, outputs++;
    }
    if (inputs == 1 && outputs == 1)
        return TALUS_OK;
    return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED,
                   "%s: the graph must have 1 input and 1 output, got %d and %d", file->name, inputs,
                   outputs);
}

/* The nodes of a graph that are constants. */
static int count_constants(tl_protobuf graph)
{
    tl_protobuf_field field;
    int count = 0;
    while (tl_protobuf_next(&graph, &field) > 0)
        count += field.number == TL_ONNX_GRAPH_NODE &&
                 tl_onnx_is(find_text(field.bytes, TL_ONNX_NODE_OPERATOR, 0), "Constant");
    return count;
}

static talus_status check_count(const tl_onnx_file *file, const char *what, int count)
{
    if (count <= TL_ONNX_NODES)
        return TALUS_OK;
    return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED, "%s: there must be at most %d %s, got %d",
                   file->name, TL_ONNX_NODES, what, count);
}

static talus_status parse_graph(tl_onnx_file *file, tl_protobuf graph)
{
    const int nodes = count_fields(graph, TL_ONNX_GRAPH_NODE),
              tensors = count_fields(graph, TL_ONNX_GRAPH_TENSOR);
    talus_status status = check_count(file, "nodes", nodes);
    if (status == TALUS_OK)
        status = check_count(file, "tensors", tensors);
    if (status != TALUS_OK)
        return status;
    const size_t constants = (size_t)count_constants(graph);
    file->nodes = tl_allocate(file->context, ((size_t)nodes - constants) * sizeof *file->nodes + 1);
    file->constants = tl_allocate(file->context, ((size_t)tensors + constants) * sizeof *file->constants + 1);
    if (file->nodes == NULL || file->constants == NULL)
        return tl_fail(file->context, TALUS_ERROR_MEMORY, "there is no memory for the %d nodes of %s", nodes,
                       file->name);
    status = read_graph(file, graph);
    return status == TALUS_OK ? find_ends(file, graph) : status;
}

/* The version of the operators of ONNX itself. */
static talus_status check_opset(const tl_onnx_file *file, tl_protobuf model)
{
    tl_protobuf_field field, inner;
    int64_t version = 0;
    while (tl_protobuf_next(&model, &field) > 0) {
        if (field.number != TL_ONNX_MODEL_OPSET)
            continue;
        const tl_onnx_text domain = find_text(field.bytes, TL_ONNX_OPSET_DOMAIN, 0);
        while ((tl_onnx_is(domain, domains[0]) || tl_onnx_is(domain, domains[1])) &&
               tl_protobuf_next(&field.bytes, &inner) > 0)
            if (inner.number == TL_ONNX_OPSET_VERSION)
                version = (int64_t)inner.integer;
    }
    if (version >= LEAST_OPSET && version <= LAST_OPSET)
        return TALUS_OK;
    return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED,
                   "%s: its operators must be of a set of version %d … %d, got %lld", file->name, LEAST_OPSET,
                   LAST_OPSET, (long long)version);
}

static talus_status parse(tl_onnx_file *file, int64_t length)
{
    tl_protobuf model = {file->bytes, file->bytes + length}, rest = model;
    tl_protobuf_field field;
    talus_status status = tl_onnx_check(file->context, file->name, model);
    if (status == TALUS_OK && count_fields(model, TL_ONNX_MODEL_GRAPH) != 1)
        return tl_fail(file->context, TALUS_ERROR_FORMAT, "%s is not an ONNX file: it has no graph",
                       file->name);
    if (status == TALUS_OK)
        status = check_opset(file, model);
    while (status == TALUS_OK && tl_protobuf_next(&rest, &field) > 0)
        if (field.number == TL_ONNX_MODEL_GRAPH)
            return parse_graph(file, field.bytes);
    return status;
}

static talus_status read_bytes(tl_onnx_file *file, tl_file *from)
{
    int64_t got = 0;
    if (from->gzip != NULL)
        return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED, "%s must not be packed with gzip", file->name);
    if (from->length > TL_ONNX_MOST_BYTES)
        return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED,
                       "%s must be smaller than 2 GiB, it has %lld bytes", file->name,
                       (long long)from->length);
    file->bytes = tl_allocate(file->context, (size_t)from->length + 1);
    if (file->bytes == NULL)
        return tl_fail(file->context, TALUS_ERROR_MEMORY, "there is no memory for the %lld bytes of %s",
                       (long long)from->length, file->name);
    talus_status status = tl_file_read(from, file->bytes, from->length, &got);
    if (status == TALUS_OK && got < from->length)
        return tl_fail(file->context, TALUS_ERROR_FILE, "%s became shorter while it was read", file->name);
    return status;
}

talus_status tl_onnx_open(talus_context *context, const char *path, tl_onnx_file *file)
{
    tl_file from;
    *file = (tl_onnx_file){.context = context};
    talus_status status = tl_file_open(context, path, &from);
    if (status != TALUS_OK)
        return status;
    memcpy(file->name, from.name, sizeof file->name);
    status = read_bytes(file, &from);
    tl_file_close(&from);
    if (status == TALUS_OK)
        status = parse(file, from.length);
    if (status != TALUS_OK)
        tl_onnx_close(file);
    return status;
}

void tl_onnx_close(tl_onnx_file *file)
{
    tl_release(file->context, file->nodes);
    tl_release(file->context, file->constants);
    tl_release(file->context, file->bytes);
    file->nodes = NULL, file->constants = NULL, file->bytes = NULL;
}
