#include "onnx_support.h"

#include <stdio.h>
#include <unistd.h>

#include "model/onnx_format.h"
#include "model/protobuf.h"

char onnx_path[96];
static char folder[64];

void begin_onnx(void)
{
    begin_counted();
    strcpy(folder, "/tmp/talus-test-onnx-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(onnx_path, sizeof onnx_path, "%s/model.onnx", folder);
}

void end_onnx(void)
{
    unlink(onnx_path);
    ck_assert_int_eq(rmdir(folder), 0);
    no_memory_is_left();
    end_counted();
}

void write_bytes(const char *bytes, size_t length)
{
    FILE *file = fopen(onnx_path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
    ck_assert_int_eq(fclose(file), 0);
}

onnx_bytes read_onnx(void)
{
    onnx_bytes made = {malloc(1 << 20), 0};
    FILE *file = fopen(onnx_path, "rb");
    ck_assert_ptr_nonnull(file);
    made.length = fread(made.bytes, 1, 1 << 20, file);
    fclose(file);
    return made;
}

void free_onnx(onnx_bytes *file)
{
    free(file->bytes);
}

void predict_rows(talus_network *network, int64_t n, const double *x, double *y)
{
    talus_workspace *workspace = workspace_of(network, n);
    const int64_t outputs = talus_network_width(network, talus_network_layer_count(network));
    talus_matrix in = talus_matrix_view((double *)(uintptr_t)x, TALUS_DTYPE_F64, n,
                                        talus_network_width(network, 0)),
                 out = talus_matrix_view(y, TALUS_DTYPE_F64, n, outputs);
    expect_ok(context, talus_predict(network, workspace, &in, &out));
    talus_workspace_destroy(workspace);
}

/* What is put together. */
typedef struct builder {
    tl_buffer model, graph, node, tensor, inner;
    int set;
} builder;

static void put_elements(tl_buffer *to, const char *type, int *field)
{
    const bool f64 = strncmp(type, "f64", 3) == 0, integers = strcmp(type, "i64") == 0;
    tl_buffer elements = {.context = context};
    *field = strcmp(type, "f32s") == 0   ? TL_ONNX_TENSOR_FLOATS
             : strcmp(type, "f64s") == 0 ? TL_ONNX_TENSOR_DOUBLES
                                         : TL_ONNX_TENSOR_RAW;
    for (char *word; (word = strtok(NULL, " ")) != NULL;) {
        const double number = strtod(word, NULL);
        const float single = (float)number;
        const int64_t integer = integers ? (int64_t)number : 0;
        if (integers)
            tl_buffer_add(&elements, &integer, sizeof integer);
        else if (f64)
            tl_buffer_add(&elements, &number, sizeof number);
        else
            tl_buffer_add(&elements, &single, sizeof single);
    }
    tl_protobuf_put_bytes(to, *field, elements.bytes, elements.length);
    tl_buffer_release(&elements);
}

/* The words of a line after its name; sizes "2x3". */
static void put_tensor(builder *b, const char *name)
{
    int field;
    const char *type = strtok(NULL, " ");
    char *sizes = strtok(NULL, " ");
    for (char *end = sizes; strcmp(sizes, "-") != 0 && *end != '\0'; sizes = end + 1)
        tl_protobuf_put_integer(&b->tensor, TL_ONNX_TENSOR_DIMS, strtoll(sizes, &end, 10));
    tl_protobuf_put_integer(&b->tensor, TL_ONNX_TENSOR_TYPE,
                            strcmp(type, "i64") == 0       ? TL_ONNX_I64
                            : strncmp(type, "f64", 3) == 0 ? TL_ONNX_F64
                                                           : TL_ONNX_F32);
    if (name != NULL)
        tl_protobuf_put_text(&b->tensor, TL_ONNX_TENSOR_NAME, name);
    put_elements(&b->tensor, type, &field);
}

static void flush_node(builder *b)
{
    if (b->node.length > 0)
        tl_protobuf_put_message(&b->graph, TL_ONNX_GRAPH_NODE, &b->node);
}

static void put_names(builder *b, int field, char *names)
{
    for (char *end; names != NULL && *names != '-'; names = end == NULL ? NULL : end + 1) {
        end = strchr(names, ',');
        tl_protobuf_put_bytes(&b->node, field, names, end == NULL ? strlen(names) : (size_t)(end - names));
    }
}

/* "alpha=f2" */
static void put_attribute(builder *b, char *word)
{
    char *value = strchr(word, '=') + 1;
    value[-1] = '\0';
    const int type = value[0] == 'f'   ? TL_ONNX_IS_FLOAT
                     : value[0] == 'i' ? TL_ONNX_IS_INT
                     : value[0] == 's' ? TL_ONNX_IS_TEXT
                                       : TL_ONNX_IS_INTS;
    tl_protobuf_put_text(&b->inner, TL_ONNX_ATTRIBUTE_NAME, word);
    tl_protobuf_put_integer(&b->inner, TL_ONNX_ATTRIBUTE_TYPE, type);
    if (type == TL_ONNX_IS_FLOAT)
        tl_protobuf_put_float(&b->inner, TL_ONNX_ATTRIBUTE_F, strtof(value + 1, NULL));
    else if (type == TL_ONNX_IS_TEXT)
        tl_protobuf_put_text(&b->inner, TL_ONNX_ATTRIBUTE_S, value + 1);
    else
        tl_protobuf_put_integer(&b->inner,
                                type == TL_ONNX_IS_INT ? TL_ONNX_ATTRIBUTE_I : TL_ONNX_ATTRIBUTE_INTS,
                                strtoll(value + 1, NULL, 10));
    tl_protobuf_put_message(&b->node, TL_ONNX_NODE_ATTRIBUTE, &b->inner);
}

static void put_node(builder *b)
{
    flush_node(b);
    tl_protobuf_put_text(&b->node, TL_ONNX_NODE_OPERATOR, strtok(NULL, " "));
    put_names(b, TL_ONNX_NODE_INPUT, strtok(NULL, " "));
    put_names(b, TL_ONNX_NODE_OUTPUT, strtok(NULL, " "));
    for (char *word; (word = strtok(NULL, " ")) != NULL;)
        put_attribute(b, word);
}

static void put_constant(builder *b)
{
    flush_node(b);
    tl_protobuf_put_text(&b->node, TL_ONNX_NODE_OPERATOR, "Constant");
    tl_protobuf_put_text(&b->node, TL_ONNX_NODE_OUTPUT, strtok(NULL, " "));
    put_tensor(b, NULL);
    tl_protobuf_put_text(&b->inner, TL_ONNX_ATTRIBUTE_NAME, "value");
    tl_protobuf_put_integer(&b->inner, TL_ONNX_ATTRIBUTE_TYPE, TL_ONNX_IS_TENSOR);
    tl_protobuf_put_message(&b->inner, TL_ONNX_ATTRIBUTE_T, &b->tensor);
    tl_protobuf_put_message(&b->node, TL_ONNX_NODE_ATTRIBUTE, &b->inner);
}

static void put_value(builder *b, int field)
{
    tl_protobuf_put_text(&b->inner, TL_ONNX_VALUE_NAME, strtok(NULL, " "));
    tl_protobuf_put_message(&b->graph, field, &b->inner);
}

static void put_line(builder *b, char *line)
{
    const char *kind = strtok(line, " ");
    if (kind == NULL)
        return;
    if (strcmp(kind, "set") == 0)
        b->set = atoi(strtok(NULL, " "));
    else if (strcmp(kind, "input") == 0)
        put_value(b, TL_ONNX_GRAPH_INPUT);
    else if (strcmp(kind, "output") == 0)
        put_value(b, TL_ONNX_GRAPH_OUTPUT);
    else if (strcmp(kind, "tensor") == 0) {
        put_tensor(b, strtok(NULL, " "));
        tl_protobuf_put_message(&b->graph, TL_ONNX_GRAPH_TENSOR, &b->tensor);
    } else if (strcmp(kind, "node") == 0)
        put_node(b);
    else if (strcmp(kind, "constant") == 0)
        put_constant(b);
    else if (strcmp(kind, "domain") == 0)
        tl_protobuf_put_text(&b->node, TL_ONNX_NODE_DOMAIN, strtok(NULL, " "));
    else
        ck_abort_msg("no line of an ONNX file: %s", kind);
}

onnx_bytes onnx_of(const char *text)
{
    const tl_buffer empty = {.context = context};
    builder b = {empty, empty, empty, empty, empty, 13};
    char line[1024];
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        ck_assert_uint_lt(length, sizeof line);
        memcpy(line, text, length);
        line[length] = '\0';
        put_line(&b, line);
        text += length + (text[length] == '\n');
    }
    flush_node(&b);
    tl_protobuf_put_integer(&b.model, TL_ONNX_MODEL_IR, 8);
    tl_protobuf_put_integer(&b.inner, TL_ONNX_OPSET_VERSION, b.set);
    tl_protobuf_put_message(&b.model, TL_ONNX_MODEL_OPSET, &b.inner);
    tl_protobuf_put_message(&b.model, TL_ONNX_MODEL_GRAPH, &b.graph);
    onnx_bytes made = {malloc(b.model.length), b.model.length};
    memcpy(made.bytes, b.model.bytes, made.length);
    tl_buffer *const used[] = {&b.model, &b.graph, &b.node, &b.tensor, &b.inner};
    for (size_t i = 0; i < sizeof used / sizeof *used; i++)
        tl_buffer_release(used[i]);
    return made;
}
