#include "model/safetensors_header.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int bytes, type;
} types[] = {
    {"F32", 4, TL_TENSOR_F32},   {"F64", 8, TL_TENSOR_F64},       {"F16", 2, TL_TENSOR_F16},
    {"BF16", 2, TL_TENSOR_BF16}, {"BOOL", 1, TL_TENSOR_OTHER},    {"U8", 1, TL_TENSOR_OTHER},
    {"I8", 1, TL_TENSOR_OTHER},  {"F8_E5M2", 1, TL_TENSOR_OTHER}, {"F8_E4M3", 1, TL_TENSOR_OTHER},
    {"I16", 2, TL_TENSOR_OTHER}, {"U16", 2, TL_TENSOR_OTHER},     {"I32", 4, TL_TENSOR_OTHER},
    {"U32", 4, TL_TENSOR_OTHER}, {"I64", 8, TL_TENSOR_OTHER},     {"U64", 8, TL_TENSOR_OTHER},
};
enum { TYPES = sizeof types / sizeof *types };

/* What an entry of the header says. */
typedef struct entry {
    tl_tensor tensor;
    int element_bytes;
    unsigned seen; /* of its keys, a bit each */
} entry;

static const char *const keys[] = {"dtype", "shape", "data_offsets"};
enum { DTYPE, SHAPE, OFFSETS, KEYS };

static talus_status read_type(tl_json *json, entry *to)
{
    char name[16];
    talus_status status = tl_json_string(json, name, sizeof name, NULL);
    if (status != TALUS_OK)
        return status;
    for (int i = 0; i < TYPES; i++)
        if (strcmp(types[i].name, name) == 0) {
            to->tensor.type = types[i].type;
            to->element_bytes = types[i].bytes;
            return TALUS_OK;
        }
    return tl_json_fail(json, "the dtype must be one of the format's, such as F32, got \"%s\"", name);
}

/* Numbers ≥ 0 in an array of at most `most`. */
static talus_status read_sizes(tl_json *json, int most, int64_t *sizes, int *count)
{
    talus_status status = tl_json_open(json, '[');
    for (*count = 0; tl_json_more(json, &status); ++*count) {
        if (*count == most)
            return tl_json_fail(json, "there must be at most %d numbers here", most);
        status = tl_json_integer(json, &sizes[*count]);
        if (status == TALUS_OK && sizes[*count] < 0)
            return tl_json_fail(json, "a size must be at least 0, got %lld", (long long)sizes[*count]);
    }
    return status;
}

static talus_status read_offsets(tl_json *json, entry *to)
{
    int64_t offsets[2];
    int count;
    talus_status status = read_sizes(json, 2, offsets, &count);
    if (status == TALUS_OK && count != 2)
        return tl_json_fail(json, "data_offsets must be 2 numbers, got %d", count);
    to->tensor.begin = offsets[0], to->tensor.end = offsets[1];
    return status;
}

static talus_status read_member(tl_json *json, entry *to)
{
    char key[16];
    talus_status status = tl_json_key(json, key, sizeof key);
    int which = 0;
    while (which < KEYS && strcmp(keys[which], key) != 0)
        which++;
    if (status != TALUS_OK)
        return status;
    if (which == KEYS || (to->seen & 1u << which) != 0)
        return tl_json_fail(json, "a tensor must have dtype, shape and data_offsets, each once, got \"%s\"%s",
                            key, which == KEYS ? "" : " again");
    to->seen |= 1u << which;
    if (which == DTYPE)
        return read_type(json, to);
    return which == OFFSETS
               ? read_offsets(json, to)
               : read_sizes(json, TL_TENSOR_DIMENSIONS, to->tensor.shape, &to->tensor.dimensions);
}

/* The product of the sizes, with the bytes of an element, must be what the offsets span. */
static talus_status check_span(tl_json *json, const tl_safetensors *file, const entry *of)
{
    const tl_tensor *tensor = &of->tensor;
    int64_t bytes = of->element_bytes;
    for (int i = 0; i < tensor->dimensions; i++)
        if (!tl_multiply(bytes, tensor->shape[i], &bytes))
            return tl_json_fail(json, "the shape of \"%.*s\" multiplies to more than any memory",
                                tensor->name_length, tensor->name);
    if (tensor->begin > tensor->end || tensor->end > file->element_bytes)
        return tl_json_fail(json,
                            "the data_offsets of \"%.*s\" must be within the file's %lld bytes of elements, "
                            "got [%lld, %lld]",
                            tensor->name_length, tensor->name, (long long)file->element_bytes,
                            (long long)tensor->begin, (long long)tensor->end);
    if (bytes != tensor->end - tensor->begin)
        return tl_json_fail(json, "the shape of \"%.*s\" needs %lld bytes, its data_offsets span %lld",
                            tensor->name_length, tensor->name, (long long)bytes,
                            (long long)(tensor->end - tensor->begin));
    return TALUS_OK;
}

static talus_status read_tensor(tl_json *json, const tl_safetensors *file, entry *to)
{
    talus_status status = tl_json_open(json, '{');
    while (tl_json_more(json, &status))
        status = read_member(json, to);
    if (status == TALUS_OK && to->seen != (1u << KEYS) - 1)
        return tl_json_fail(json, "\"%.*s\" must have dtype, shape and data_offsets", to->tensor.name_length,
                            to->tensor.name);
    return status == TALUS_OK ? check_span(json, file, to) : status;
}

/* The name of the next member, as it stands in the header. */
static talus_status read_name(tl_json *json, const char **name, int *length)
{
    if (tl_json_peek(json) != '"')
        return tl_json_key(json, (char[1]){0}, 1); /* which says what is wrong */
    const int64_t begin = json->at + 1;
    talus_status status = tl_json_skip(json);
    *name = json->text + begin;
    *length = (int)(json->at - begin - 1);
    if (status == TALUS_OK && memchr(*name, '\\', (size_t)*length) != NULL)
        return tl_fail(json->context, TALUS_ERROR_UNSUPPORTED, "%s: names with escapes are not supported",
                       json->name);
    if (status == TALUS_OK && tl_json_peek(json) != ':')
        return tl_json_fail(json, "':' must come here");
    json->at++;
    return status;
}

static bool is_metadata(const char *name, int length)
{
    static const char metadata[] = "__metadata__";
    return length == (int)sizeof metadata - 1 && memcmp(name, metadata, sizeof metadata - 1) == 0;
}

/* Strings by name. */
static talus_status check_metadata(tl_json *json)
{
    talus_status status = tl_json_open(json, '{');
    while (tl_json_more(json, &status)) {
        const char *name;
        int length;
        status = read_name(json, &name, &length);
        if (status == TALUS_OK && tl_json_peek(json) != '"')
            return tl_json_fail(json, "metadata must be strings");
        if (status == TALUS_OK)
            status = tl_json_skip(json);
    }
    return status;
}

/* Goes through the whole header; the tensors are kept where there is memory for them already. */
static talus_status read_header(tl_safetensors *file)
{
    tl_json json = tl_json_of(file->file.context, file->file.name, file->header, file->header_bytes);
    talus_status status = tl_json_open(&json, '{');
    file->metadata = -1, file->count = 0;
    while (tl_json_more(&json, &status)) {
        entry now = {0};
        status = read_name(&json, &now.tensor.name, &now.tensor.name_length);
        if (status != TALUS_OK)
            return status;
        if (is_metadata(now.tensor.name, now.tensor.name_length)) {
            if (file->metadata >= 0)
                return tl_json_fail(&json, "__metadata__ must come once");
            file->metadata = json.at;
            status = check_metadata(&json);
            continue;
        }
        status = read_tensor(&json, file, &now);
        if (status == TALUS_OK && file->count == TL_SAFETENSORS_TENSORS)
            return tl_json_fail(&json, "there must be at most %d tensors", TL_SAFETENSORS_TENSORS);
        if (file->tensors != NULL)
            file->tensors[file->count] = now.tensor;
        file->count++;
    }
    return status == TALUS_OK ? tl_json_end(&json) : status;
}

static int by_name(const void *a, const void *b)
{
    const tl_tensor *one = a, *other = b;
    if (one->name_length != other->name_length)
        return one->name_length < other->name_length ? -1 : 1;
    return memcmp(one->name, other->name, (size_t)one->name_length);
}

/* Empty tensors come before what begins where they do. */
static int by_place(const void *a, const void *b)
{
    const tl_tensor *one = a, *other = b;
    if (one->begin != other->begin)
        return one->begin < other->begin ? -1 : 1;
    return one->end < other->end ? -1 : one->end > other->end;
}

static talus_status check_names(tl_safetensors *file)
{
    qsort(file->tensors, (size_t)file->count, sizeof *file->tensors, by_name);
    for (int i = 1; i < file->count; i++)
        if (by_name(&file->tensors[i - 1], &file->tensors[i]) == 0)
            return tl_fail(file->file.context, TALUS_ERROR_FORMAT, "%s: the tensor \"%.*s\" must come once",
                           file->file.name, file->tensors[i].name_length, file->tensors[i].name);
    return TALUS_OK;
}

/* The tensors cover all elements, one after the other. */
static talus_status check_places(tl_safetensors *file)
{
    int64_t at = 0;
    qsort(file->tensors, (size_t)file->count, sizeof *file->tensors, by_place);
    for (int i = 0; i < file->count; at = file->tensors[i++].end)
        if (file->tensors[i].begin != at)
            return tl_fail(
                file->file.context, TALUS_ERROR_FORMAT,
                "%s: the tensor \"%.*s\" must begin at byte %lld of the elements, where the one before it "
                "ends, got %lld",
                file->file.name, file->tensors[i].name_length, file->tensors[i].name, (long long)at,
                (long long)file->tensors[i].begin);
    if (at != file->element_bytes)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s: its tensors have %lld bytes, the file has %lld for them", file->file.name,
                       (long long)at, (long long)file->element_bytes);
    return TALUS_OK;
}

talus_status tl_safetensors_parse(tl_safetensors *file)
{
    talus_status status = read_header(file);
    if (status != TALUS_OK)
        return status;
    size_t bytes = (size_t)(file->count + 1) * sizeof *file->tensors;
    file->tensors = tl_allocate(file->file.context, bytes);
    if (file->tensors == NULL)
        return tl_fail(file->file.context, TALUS_ERROR_MEMORY, "there is no memory for the %d tensors of %s",
                       file->count, file->file.name);
    status = read_header(file);
    if (status == TALUS_OK)
        status = check_names(file);
    return status == TALUS_OK ? check_places(file) : status;
}

int tl_tensor_type_bytes(int type)
{
    return types[type].bytes;
}

const char *tl_tensor_type_name(int precision)
{
    return types[precision == TALUS_DTYPE_F64 ? TL_TENSOR_F64 : TL_TENSOR_F32].name;
}
