#include "model/safetensors.h"

#include <math.h>
#include <string.h>

#include "base/half.h"
#include "base/json_text.h"
#include "base/save.h"
#include "model/safetensors_header.h"

#define LENGTH_BYTES 8
#define ALIGNMENT    64 /* of the elements in files that are written */

static talus_status read_bytes(tl_safetensors *file, void *to, int64_t count)
{
    int64_t got = 0;
    talus_status status = tl_file_read(&file->file, to, count, &got);
    if (status == TALUS_OK && got < count)
        return tl_fail(file->file.context, TALUS_ERROR_FILE, "%s became shorter while it was read",
                       file->file.name);
    return status;
}

/* The length of the header, against that of the file. */
static talus_status read_length(tl_safetensors *file)
{
    talus_context *context = file->file.context;
    unsigned char bytes[LENGTH_BYTES];
    uint64_t length = 0;
    if (file->file.gzip != NULL)
        return tl_fail(context, TALUS_ERROR_UNSUPPORTED, "%s must not be packed with gzip", file->file.name);
    if (file->file.length < LENGTH_BYTES)
        return tl_fail(context, TALUS_ERROR_FORMAT, "%s is not a safetensors file: it has %lld bytes",
                       file->file.name, (long long)file->file.length);
    talus_status status = read_bytes(file, bytes, LENGTH_BYTES);
    for (int i = LENGTH_BYTES - 1; i >= 0; i--)
        length = length << 8 | bytes[i];
    if (status != TALUS_OK)
        return status;
    if (length > (uint64_t)(file->file.length - LENGTH_BYTES))
        return tl_fail(
            context, TALUS_ERROR_FORMAT,
            "%s is not a safetensors file, or it is cut off: a header of %llu bytes does not fit into its "
            "%lld",
            file->file.name, (unsigned long long)length, (long long)file->file.length);
    if (length > (uint64_t)TL_SAFETENSORS_HEADER)
        return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                       "%s: its header must have at most %lld bytes, got %llu", file->file.name,
                       (long long)TL_SAFETENSORS_HEADER, (unsigned long long)length);
    file->header_bytes = (int64_t)length;
    file->element_bytes = file->file.length - LENGTH_BYTES - file->header_bytes;
    return TALUS_OK;
}

static talus_status read_header(tl_safetensors *file)
{
    talus_status status = read_length(file);
    if (status != TALUS_OK)
        return status;
    file->header = tl_allocate(file->file.context, (size_t)file->header_bytes + 1);
    if (file->header == NULL)
        return tl_fail(file->file.context, TALUS_ERROR_MEMORY, "there is no memory for the header of %s",
                       file->file.name);
    status = read_bytes(file, file->header, file->header_bytes);
    if (status == TALUS_OK && file->header[0] != '{')
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s is not a safetensors file: its header does not begin with {", file->file.name);
    return status == TALUS_OK ? tl_safetensors_parse(file) : status;
}

talus_status tl_safetensors_open(talus_context *context, const char *path, tl_safetensors *file)
{
    *file = (tl_safetensors){0};
    talus_status status = tl_file_open(context, path, &file->file);
    if (status != TALUS_OK)
        return status;
    status = read_header(file);
    if (status != TALUS_OK)
        tl_safetensors_close(file);
    return status;
}

void tl_safetensors_close(tl_safetensors *file)
{
    tl_release(file->file.context, file->tensors);
    tl_release(file->file.context, file->header);
    tl_file_close(&file->file);
    file->tensors = NULL, file->header = NULL;
}

bool tl_tensor_has_name(const tl_tensor *tensor, const char *name)
{
    return strlen(name) == (size_t)tensor->name_length &&
           memcmp(tensor->name, name, (size_t)tensor->name_length) == 0;
}

/* Element i of an array in a file. */
static double element(const void *elements, int type, int64_t i)
{
    float number;
    uint32_t bits;
    switch (type) {
    case TL_TENSOR_F32:
        return ((const float *)elements)[i];
    case TL_TENSOR_F64:
        return ((const double *)elements)[i];
    case TL_TENSOR_F16:
        return tl_half_number(((const uint16_t *)elements)[i]);
    default:
        bits = (uint32_t)((const uint16_t *)elements)[i] << 16;
        memcpy(&number, &bits, sizeof number);
        return number;
    }
}

/* Reads through a buffer, so that memory does not depend on the file's type. */
static talus_status read_converted(tl_safetensors *file, const tl_tensor *tensor, int precision, void *to)
{
    enum { PIECE = 1024 };
    double piece[PIECE];
    const int bytes = tl_tensor_type_bytes(tensor->type);
    const int64_t count = (tensor->end - tensor->begin) / bytes;
    talus_status status = TALUS_OK;
    for (int64_t first = 0; first < count && status == TALUS_OK; first += PIECE) {
        const int64_t now = count - first < PIECE ? count - first : PIECE;
        status = read_bytes(file, piece, now * bytes);
        for (int64_t i = 0; i < now && status == TALUS_OK; i++) {
            double value = element(piece, tensor->type, i);
            bool fits = precision == TALUS_DTYPE_F64 || isfinite((float)value);
            if (!isfinite(value) || !fits)
                return tl_fail(file->file.context, TALUS_ERROR_DATA,
                               "%s: element %lld of \"%.*s\" must be finite, got %g", file->file.name,
                               (long long)(first + i), tensor->name_length, tensor->name, value);
            if (precision == TALUS_DTYPE_F64)
                ((double *)to)[first + i] = value;
            else
                ((float *)to)[first + i] = (float)value;
        }
    }
    return status;
}

talus_status tl_safetensors_read(tl_safetensors *file, const tl_tensor *tensor, int precision, void *to)
{
    if (tensor->type == TL_TENSOR_OTHER)
        return tl_fail(file->file.context, TALUS_ERROR_UNSUPPORTED,
                       "%s: \"%.*s\" must have elements of F32, F64, F16 or BF16", file->file.name,
                       tensor->name_length, tensor->name);
    talus_status status = read_converted(file, tensor, precision, to);
    file->at = tensor->end;
    return status;
}

talus_status tl_safetensors_read_bits(tl_safetensors *file, const tl_tensor *tensor, void *to)
{
    file->at = tensor->end;
    return read_bytes(file, to, tensor->end - tensor->begin);
}

talus_status tl_safetensors_metadata(tl_safetensors *file, const char *key, char **text, int64_t *length)
{
    tl_json json = tl_json_of(file->file.context, file->file.name, file->header, file->header_bytes);
    char name[64];
    *text = NULL, *length = 0;
    if (file->metadata < 0)
        return TALUS_OK;
    json.at = file->metadata;
    talus_status status = tl_json_open(&json, '{');
    while (*text == NULL && tl_json_more(&json, &status)) {
        tl_json at_key = json;
        bool is_wanted = tl_json_key(&at_key, name, sizeof name) == TALUS_OK && strcmp(name, key) == 0;
        if (!is_wanted) {
            status = tl_json_skip_member(&json);
            continue;
        }
        (void)tl_json_peek(&at_key);
        *text = file->header + at_key.at; /* resolved where it stands: it only becomes shorter */
        size_t resolved;
        status = tl_json_string(&at_key, *text, (size_t)(file->header_bytes - at_key.at), &resolved);
        *length = (int64_t)resolved;
    }
    return status;
}

static void put_tensor(tl_buffer *text, const tl_tensor_source *tensor, int64_t *at)
{
    int64_t bytes = (int64_t)tl_dtype_size(tensor->precision);
    tl_json_put_key(text, tensor->name);
    tl_json_put_open(text, '{');
    tl_json_put_key(text, "dtype");
    tl_json_put_string(text, tl_tensor_type_name(tensor->precision));
    tl_json_put_key(text, "shape");
    tl_json_put_open(text, '[');
    for (int i = 0; i < tensor->dimensions; i++) {
        tl_json_put_integer(text, tensor->shape[i]);
        bytes *= tensor->shape[i];
    }
    tl_json_put_close(text, ']');
    tl_json_put_key(text, "data_offsets");
    tl_json_put_open(text, '[');
    tl_json_put_integer(text, *at);
    tl_json_put_integer(text, *at += bytes);
    tl_json_put_close(text, ']');
    tl_json_put_close(text, '}');
}

static void put_header(tl_buffer *header, const tl_tensor_source *tensors, int count, const char *key,
                       const char *text)
{
    int64_t at = 0;
    tl_json_put_open(header, '{');
    tl_json_put_key(header, "__metadata__");
    tl_json_put_open(header, '{');
    tl_json_put_key(header, key);
    tl_json_put_string(header, text);
    tl_json_put_close(header, '}');
    for (int i = 0; i < count; i++)
        put_tensor(header, &tensors[i], &at);
    tl_json_put_close(header, '}');
    while (!header->failed && (header->length + LENGTH_BYTES) % ALIGNMENT != 0)
        tl_buffer_add(header, " ", 1);
}

static talus_status write_all(tl_save *save, const tl_buffer *header, const tl_tensor_source *tensors,
                              int count)
{
    unsigned char length[LENGTH_BYTES];
    for (int i = 0; i < LENGTH_BYTES; i++)
        length[i] = (unsigned char)(header->length >> 8 * i);
    talus_status status = tl_save_write(save, length, LENGTH_BYTES);
    if (status == TALUS_OK)
        status = tl_save_write(save, header->bytes, (int64_t)header->length);
    for (int i = 0; i < count && status == TALUS_OK; i++) {
        int64_t bytes = (int64_t)tl_dtype_size(tensors[i].precision);
        for (int k = 0; k < tensors[i].dimensions; k++)
            bytes *= tensors[i].shape[k];
        status = tl_save_write(save, tensors[i].elements, bytes);
    }
    return status;
}

talus_status tl_safetensors_write(talus_context *context, const char *path, const tl_tensor_source *tensors,
                                  int count, const char *key, const char *text)
{
    tl_buffer header = {.context = context};
    tl_save save;
    put_header(&header, tensors, count, key, text);
    talus_status status = tl_buffer_check(&header, "the header of a safetensors file");
    if (status == TALUS_OK && (int64_t)header.length > TL_SAFETENSORS_HEADER)
        status = tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                         "the header of a safetensors file must have at most %lld bytes, got %zu",
                         (long long)TL_SAFETENSORS_HEADER, header.length);
    if (status == TALUS_OK)
        status = tl_save_begin(context, path, &save);
    if (status == TALUS_OK)
        status = tl_save_end(&save, write_all(&save, &header, tensors, count));
    tl_buffer_release(&header);
    return status;
}
