#include "model/onnx_schema.h"

#include "base/utf8.h"
#include "model/onnx_format.h"

/* A field may come once, or any number of times. Numbers that are repeated are packed into bytes or not. */
enum { ONCE = 1, TEXT = 2, NUMBERS = 4 };

typedef struct message message;

typedef struct field {
    int number, wire, flags;
    const message *inner;
} field;

struct message {
    const char *name;
    field fields[16];
};

#define BYTES   TL_WIRE_BYTES
#define INTEGER TL_WIRE_INTEGER

static const message opset = {"OperatorSetId", {{1, BYTES, ONCE | TEXT, NULL}, {2, INTEGER, ONCE, NULL}}};
static const message dimension = {
    "Dimension", {{1, INTEGER, ONCE, NULL}, {2, BYTES, ONCE | TEXT, NULL}, {3, BYTES, ONCE | TEXT, NULL}}};
static const message shape = {"TensorShape", {{1, BYTES, 0, &dimension}}};
static const message tensor_type = {"TensorType", {{1, INTEGER, ONCE, NULL}, {2, BYTES, ONCE, &shape}}};
static const message type = {"Type", {{1, BYTES, ONCE, &tensor_type}, {6, BYTES, ONCE | TEXT, NULL}}};
static const message value = {"ValueInfo",
                              {{TL_ONNX_VALUE_NAME, BYTES, ONCE | TEXT, NULL},
                               {TL_ONNX_VALUE_TYPE, BYTES, ONCE, &type},
                               {3, BYTES, ONCE | TEXT, NULL},
                               {4, BYTES, 0, NULL}}};
static const message tensor = {"Tensor",
                               {{TL_ONNX_TENSOR_DIMS, INTEGER, NUMBERS, NULL},
                                {TL_ONNX_TENSOR_TYPE, INTEGER, ONCE, NULL},
                                {TL_ONNX_TENSOR_FLOATS, BYTES, ONCE, NULL},
                                {5, BYTES, ONCE, NULL},
                                {TL_ONNX_TENSOR_INTS, BYTES, ONCE, NULL},
                                {TL_ONNX_TENSOR_NAME, BYTES, ONCE | TEXT, NULL},
                                {TL_ONNX_TENSOR_RAW, BYTES, ONCE, NULL},
                                {TL_ONNX_TENSOR_DOUBLES, BYTES, ONCE, NULL},
                                {12, BYTES, ONCE | TEXT, NULL},
                                {TL_ONNX_TENSOR_LOCATION, INTEGER, ONCE, NULL},
                                {16, BYTES, 0, NULL}}};
static const message attribute = {"Attribute",
                                  {{TL_ONNX_ATTRIBUTE_NAME, BYTES, ONCE | TEXT, NULL},
                                   {TL_ONNX_ATTRIBUTE_F, TL_WIRE_4_BYTES, ONCE, NULL},
                                   {TL_ONNX_ATTRIBUTE_I, INTEGER, ONCE, NULL},
                                   {TL_ONNX_ATTRIBUTE_S, BYTES, ONCE | TEXT, NULL},
                                   {TL_ONNX_ATTRIBUTE_T, BYTES, ONCE, &tensor},
                                   {7, TL_WIRE_4_BYTES, NUMBERS, NULL},
                                   {TL_ONNX_ATTRIBUTE_INTS, INTEGER, NUMBERS, NULL},
                                   {9, BYTES, 0, NULL},
                                   {13, BYTES, ONCE | TEXT, NULL},
                                   {TL_ONNX_ATTRIBUTE_TYPE, INTEGER, ONCE, NULL}}};
static const message node = {"Node",
                             {{TL_ONNX_NODE_INPUT, BYTES, TEXT, NULL},
                              {TL_ONNX_NODE_OUTPUT, BYTES, TEXT, NULL},
                              {TL_ONNX_NODE_NAME, BYTES, ONCE | TEXT, NULL},
                              {TL_ONNX_NODE_OPERATOR, BYTES, ONCE | TEXT, NULL},
                              {TL_ONNX_NODE_ATTRIBUTE, BYTES, 0, &attribute},
                              {6, BYTES, ONCE | TEXT, NULL},
                              {TL_ONNX_NODE_DOMAIN, BYTES, ONCE | TEXT, NULL},
                              {9, BYTES, 0, NULL}}};
static const message graph = {"Graph",
                              {{TL_ONNX_GRAPH_NODE, BYTES, 0, &node},
                               {TL_ONNX_GRAPH_NAME, BYTES, ONCE | TEXT, NULL},
                               {TL_ONNX_GRAPH_TENSOR, BYTES, 0, &tensor},
                               {10, BYTES, ONCE | TEXT, NULL},
                               {TL_ONNX_GRAPH_INPUT, BYTES, 0, &value},
                               {TL_ONNX_GRAPH_OUTPUT, BYTES, 0, &value},
                               {13, BYTES, 0, &value},
                               {16, BYTES, 0, NULL}}};
static const message model = {"Model",
                              {{TL_ONNX_MODEL_IR, INTEGER, ONCE, NULL},
                               {TL_ONNX_MODEL_PRODUCER, BYTES, ONCE | TEXT, NULL},
                               {TL_ONNX_MODEL_PRODUCER_VERSION, BYTES, ONCE | TEXT, NULL},
                               {4, BYTES, ONCE | TEXT, NULL},
                               {5, INTEGER, ONCE, NULL},
                               {6, BYTES, ONCE | TEXT, NULL},
                               {TL_ONNX_MODEL_GRAPH, BYTES, ONCE, &graph},
                               {TL_ONNX_MODEL_OPSET, BYTES, 0, &opset},
                               {14, BYTES, 0, NULL}}};

static bool is_utf8(tl_protobuf bytes)
{
    size_t length = 1;
    for (; bytes.at < bytes.end && length > 0; bytes.at += length)
        length = tl_utf8_length((const char *)bytes.at, (size_t)(bytes.end - bytes.at));
    return length > 0;
}

/* Integers that are packed fill their bytes. */
static bool are_integers(tl_protobuf_field packed)
{
    int64_t integer;
    while (packed.bytes.at < packed.bytes.end)
        if (!tl_protobuf_next_integer(&packed, &integer))
            return false;
    return true;
}

static const field *find(const message *of, int number)
{
    for (int i = 0; i < (int)(sizeof of->fields / sizeof *of->fields) && of->fields[i].number != 0; i++)
        if (of->fields[i].number == number)
            return &of->fields[i];
    return NULL;
}

/* Where reading is. */
typedef struct place {
    talus_context *context;
    const char *name;
} place;

static talus_status check_message(const place *at, const message *of, tl_protobuf bytes);

static talus_status check_field(const place *at, const message *of, const tl_protobuf_field *got,
                                uint32_t *seen)
{
    const field *known = find(of, got->number);
    if (known == NULL)
        return tl_fail(at->context, TALUS_ERROR_UNSUPPORTED, "%s: field %d of a %s message is not supported",
                       at->name, got->number, of->name);
    const bool packed = (known->flags & NUMBERS) != 0 && got->wire == BYTES;
    if ((got->wire != known->wire && !packed) || (packed && known->wire == INTEGER && !are_integers(*got)))
        return tl_fail(at->context, TALUS_ERROR_FORMAT,
                       "%s: field %d of a %s message must have wire type %d, got %d", at->name, got->number,
                       of->name, known->wire, got->wire);
    const uint32_t bit = UINT32_C(1) << (got->number & 31);
    if ((known->flags & ONCE) != 0 && (*seen & bit) != 0)
        return tl_fail(at->context, TALUS_ERROR_FORMAT, "%s: field %d of a %s message must come once",
                       at->name, got->number, of->name);
    *seen |= bit;
    if ((known->flags & TEXT) != 0 && !is_utf8(got->bytes))
        return tl_fail(at->context, TALUS_ERROR_FORMAT, "%s: field %d of a %s message must be text in UTF-8",
                       at->name, got->number, of->name);
    return known->inner != NULL ? check_message(at, known->inner, got->bytes) : TALUS_OK;
}

static talus_status check_message(const place *at, const message *of, tl_protobuf bytes)
{
    tl_protobuf_field got;
    uint32_t seen = 0;
    talus_status status = TALUS_OK;
    int next;
    while (status == TALUS_OK && (next = tl_protobuf_next(&bytes, &got)) != 0)
        status = next > 0
                     ? check_field(at, of, &got, &seen)
                     : tl_fail(
                           at->context, TALUS_ERROR_FORMAT,
                           "%s is not an ONNX file, or it is broken: a %s message does not consist of fields",
                           at->name, of->name);
    return status;
}

talus_status tl_onnx_check(talus_context *context, const char *name, tl_protobuf bytes)
{
    return check_message(&(place){context, name}, &model, bytes);
}
