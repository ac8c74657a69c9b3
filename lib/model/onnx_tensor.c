/* The constants of an ONNX file. */
#include <string.h>

#include "model/onnx_file.h"

const tl_onnx_constant *tl_onnx_find(const tl_onnx_file *file, tl_onnx_text name)
{
    for (int i = 0; i < file->constant_count && name.length > 0; i++)
        if (tl_onnx_same(file->constants[i].name, name))
            return &file->constants[i];
    return NULL;
}

double tl_onnx_element(const tl_onnx_constant *constant, int64_t i)
{
    float single;
    double number;
    if (constant->type == TL_ONNX_F64)
        memcpy(&number, constant->elements + i * (int64_t)sizeof number, sizeof number);
    else {
        memcpy(&single, constant->elements + i * (int64_t)sizeof single, sizeof single);
        number = (double)single;
    }
    return number;
}

int64_t tl_onnx_integer(const tl_onnx_constant *constant, int64_t i)
{
    int64_t number;
    memcpy(&number, constant->elements + i * (int64_t)sizeof number, sizeof number);
    return number;
}

/* The sizes of a tensor: their number, their product, and the first of them. */
static talus_status read_shape(const tl_onnx_file *file, tl_protobuf message, tl_onnx_constant *to)
{
    tl_protobuf_field field;
    to->count = 1;
    while (tl_protobuf_next(&message, &field) > 0) {
        int64_t size;
        if (field.number != TL_ONNX_TENSOR_DIMS)
            continue;
        while (tl_protobuf_next_integer(&field, &size)) {
            if (!tl_multiply(to->count, size, &to->count))
                return tl_fail(file->context, TALUS_ERROR_FORMAT,
                               "%s: the sizes of the tensor \"%.*s\" must be at least 0 and fit into memory",
                               file->name, TL_ONNX_TEXT(to->name));
            if (to->dimensions < TL_ONNX_DIMENSIONS)
                to->shape[to->dimensions] = size;
            to->dimensions++;
        }
    }
    return TALUS_OK;
}

static const struct {
    int type, bytes, field; /* in which elements stand if they do not stand in that of raw bytes */
} types[] = {
    {TL_ONNX_F32, 4, TL_ONNX_TENSOR_FLOATS}, {TL_ONNX_F64, 8, TL_ONNX_TENSOR_DOUBLES}, {TL_ONNX_I64, 8, 0}};

/* Where the elements of a tensor of a known type stand. */
static talus_status find_elements(const tl_onnx_file *file, tl_protobuf message, int row,
                                  tl_onnx_constant *to)
{
    tl_protobuf_field field;
    int64_t bytes = -1, wanted;
    while (tl_protobuf_next(&message, &field) > 0) {
        const bool elements = field.number == TL_ONNX_TENSOR_RAW || field.number == types[row].field;
        if (elements && bytes >= 0)
            return tl_fail(file->context, TALUS_ERROR_FORMAT,
                           "%s: the elements of the tensor \"%.*s\" must stand in one place", file->name,
                           TL_ONNX_TEXT(to->name));
        if (elements)
            to->elements = field.bytes.at, bytes = field.bytes.end - field.bytes.at;
    }
    if (bytes < 0 && to->count > 0)
        return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the elements of the tensor \"%.*s\" must be packed or raw", file->name,
                       TL_ONNX_TEXT(to->name));
    if (!tl_multiply(to->count, types[row].bytes, &wanted) || (bytes >= 0 && wanted != bytes))
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s: the tensor \"%.*s\" must have %lld elements of %d bytes, it has %lld bytes",
                       file->name, TL_ONNX_TEXT(to->name), (long long)to->count, types[row].bytes,
                       (long long)bytes);
    return TALUS_OK;
}

talus_status tl_onnx_read_tensor(const tl_onnx_file *file, tl_protobuf message, tl_onnx_text name,
                                 tl_onnx_constant *to)
{
    tl_protobuf_field field;
    tl_protobuf rest = message;
    uint64_t type = 0, location = 0;
    *to = (tl_onnx_constant){.name = name};
    while (tl_protobuf_next(&rest, &field) > 0)
        if (field.number == TL_ONNX_TENSOR_TYPE)
            type = field.integer;
        else if (field.number == TL_ONNX_TENSOR_LOCATION)
            location = field.integer;
    if (name.length == 0 || tl_onnx_find(file, name) != NULL)
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s: a tensor must have a name of its own, got \"%.*s\"", file->name,
                       TL_ONNX_TEXT(name));
    if (location != 0)
        return tl_fail(file->context, TALUS_ERROR_UNSUPPORTED,
                       "%s: the elements of the tensor \"%.*s\" must stand in the file itself", file->name,
                       TL_ONNX_TEXT(name));
    talus_status status = read_shape(file, message, to);
    for (int i = 0; i < (int)(sizeof types / sizeof *types) && status == TALUS_OK; i++)
        if ((uint64_t)types[i].type == type) {
            to->type = types[i].type;
            status = find_elements(file, message, i, to);
        }
    return status;
}
