#include "model/safetensors.h"

#include <math.h>
#include <string.h>

#include "base/half.h"
#include "base/json_text.h"
#include "base/save.h"
#include "model/safetensors_header.h"

#define LENGTH_BYTES 8
#define SUM_BYTES    8
#define ALIGNMENT    64 /* of the elements in files that are written */

static const char sum_name[] = "sum";

static talus_status read_bytes(tl_safetensors *file, void *to, int64_t count)
{
    int64_t got = 0;
    talus_status status = tl_file_read(&file->file, to, count, &got);
    tl_sum_add(&file->sum, to, (size_t)got);
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
    *file = (tl_safetensors){.sum = tl_sum_begin()};
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

/* A sum as it stands in a file, little-endian. */
static void put_sum(const tl_sum *sum, unsigned char bytes[SUM_BYTES])
{
    const uint64_t value = tl_sum_value(sum);
    for (int i = 0; i < SUM_BYTES; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
}

talus_status tl_safetensors_check_sum(tl_safetensors *file, int next)
{
    unsigned char wanted[SUM_BYTES], bytes[SUM_BYTES];
    const tl_tensor *last = &file->tensors[next];
    put_sum(&file->sum, wanted);
    if (next != file->count - 1 || !tl_tensor_has_name(last, sum_name) ||
        last->end - last->begin != SUM_BYTES)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s must have %d tensors and then its sum, got %d tensors", file->file.name, next,
                       file->count);
    talus_status status = tl_safetensors_read_bits(file, last, bytes);
    if (status == TALUS_OK && memcmp(bytes, wanted, SUM_BYTES) != 0)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s is not what was written: its bytes do not have the sum that it ends with",
                       file->file.name);
    return status;
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

/* An entry of the header; at: where its elements begin, and then where they end. */
static void put_entry(tl_buffer *text, const char *name, const char *type, const int64_t *shape,
                      int dimensions, int64_t bytes, int64_t *at)
{
    tl_json_put_key(text, name);
    tl_json_put_open(text, '{');
    tl_json_put_key(text, "dtype");
    tl_json_put_string(text, type);
    tl_json_put_key(text, "shape");
    tl_json_put_open(text, '[');
    for (int i = 0; i < dimensions; i++)
        tl_json_put_integer(text, shape[i]);
    tl_json_put_close(text, ']');
    tl_json_put_key(text, "data_offsets");
    tl_json_put_open(text, '[');
    tl_json_put_integer(text, *at);
    tl_json_put_integer(text, *at += bytes);
    tl_json_put_close(text, ']');
    tl_json_put_close(text, '}');
}

static int64_t bytes_of(const tl_tensor_source *tensor)
{
    int64_t bytes = (int64_t)tl_dtype_size(tensor->precision);
    for (int i = 0; i < tensor->dimensions; i++)
        bytes *= tensor->shape[i];
    return bytes;
}

static void put_header(tl_buffer *header, const tl_writing *what)
{
    int64_t at = 0;
    tl_json_put_open(header, '{');
    tl_json_put_key(header, "__metadata__");
    tl_json_put_open(header, '{');
    tl_json_put_key(header, what->key);
    tl_json_put_string(header, what->text);
    tl_json_put_close(header, '}');
    for (int i = 0; i < what->count; i++) {
        const tl_tensor_source *tensor = &what->tensors[i];
        put_entry(header, tensor->name, tl_tensor_type_name(tensor->precision), tensor->shape,
                  tensor->dimensions, bytes_of(tensor), &at);
    }
    if (what->sums)
        put_entry(header, sum_name, "U64", (int64_t[]){1}, 1, SUM_BYTES, &at);
    tl_json_put_close(header, '}');
    while (!header->failed && (header->length + LENGTH_BYTES) % ALIGNMENT != 0)
        tl_buffer_add(header, " ", 1);
}

/* Piece by piece, each of which is summed while it is in the cache. */
static talus_status write_summed(tl_save *save, tl_sum *sum, const void *bytes, int64_t count)
{
    const int64_t piece = INT64_C(1) << 18;
    talus_status status = TALUS_OK;
    for (int64_t at = 0; at < count && status == TALUS_OK; at += piece) {
        const int64_t now = count - at < piece ? count - at : piece;
        tl_sum_add(sum, (const char *)bytes + at, (size_t)now);
        status = tl_save_write(save, (const char *)bytes + at, now);
    }
    return status;
}

static talus_status write_all(tl_save *save, const tl_buffer *header, const tl_writing *what)
{
    unsigned char length[LENGTH_BYTES], last[SUM_BYTES];
    tl_sum sum = tl_sum_begin();
    for (int i = 0; i < LENGTH_BYTES; i++)
        length[i] = (unsigned char)(header->length >> 8 * i);
    talus_status status = write_summed(save, &sum, length, LENGTH_BYTES);
    if (status == TALUS_OK)
        status = write_summed(save, &sum, header->bytes, (int64_t)header->length);
    for (int i = 0; i < what->count && status == TALUS_OK; i++)
        status = write_summed(save, &sum, what->tensors[i].elements, bytes_of(&what->tensors[i]));
    put_sum(&sum, last);
    return status == TALUS_OK && what->sums ? tl_save_write(save, last, SUM_BYTES) : status;
}

talus_status tl_safetensors_write(talus_context *context, const char *path, const tl_writing *what)
{
    tl_buffer header = {.context = context};
    tl_save save;
    put_header(&header, what);
    talus_status status = tl_buffer_check(&header, "the header of a safetensors file");
    if (status == TALUS_OK && (int64_t)header.length > TL_SAFETENSORS_HEADER)
        status = tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                         "the header of a safetensors file must have at most %lld bytes, got %zu",
                         (long long)TL_SAFETENSORS_HEADER, header.length);
    if (status == TALUS_OK)
        status = tl_save_begin(context, path, &save);
    if (status == TALUS_OK)
        status = tl_save_end(&save, write_all(&save, &header, what));
    tl_buffer_release(&header);
    return status;
}
