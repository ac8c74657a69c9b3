#include "train/archive.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/option_json.h"

void tl_archive_refuse(tl_archive *archive, const char *sentence)
{
    if (archive->status == TALUS_OK)
        archive->status = tl_json_fail(&archive->json, "%s", sentence);
}

/* A member begins; false: there is none. */
static bool begin(tl_archive *archive, const char *key)
{
    char found[64];
    if (archive->status != TALUS_OK)
        return false;
    if (!tl_archive_reads(archive)) {
        tl_json_put_key(archive->text, key);
        return true;
    }
    bool more = tl_json_more(&archive->json, &archive->status);
    if (more)
        archive->status = tl_json_key(&archive->json, found, sizeof found);
    if (archive->status == TALUS_OK && (!more || strcmp(found, key) != 0))
        archive->status = tl_json_fail(&archive->json, "\"%s\" must come here", key);
    return archive->status == TALUS_OK;
}

void tl_archive_open(tl_archive *archive, const char *key)
{
    const size_t length = strlen(archive->path);
    if (!begin(archive, key))
        return;
    (void)snprintf(archive->path + length, sizeof archive->path - length, "%s.", key);
    if (tl_archive_reads(archive))
        archive->status = tl_json_open(&archive->json, '{');
    else
        tl_json_put_open(archive->text, '{');
}

void tl_archive_close(tl_archive *archive)
{
    if (archive->status != TALUS_OK)
        return;
    char *end = archive->path + strlen(archive->path) - 1;
    while (end > archive->path && end[-1] != '.')
        end--;
    *end = '\0';
    if (!tl_archive_reads(archive))
        tl_json_put_close(archive->text, '}');
    else if (tl_json_more(&archive->json, &archive->status))
        tl_archive_refuse(archive, "what comes here is not known to this version");
}

void tl_archive_integer(tl_archive *archive, const char *key, int64_t *value, int64_t least, int64_t most)
{
    if (!begin(archive, key))
        return;
    if (!tl_archive_reads(archive)) {
        tl_json_put_integer(archive->text, *value);
        return;
    }
    archive->status = tl_json_integer(&archive->json, value);
    if (archive->status == TALUS_OK && (*value < least || *value > most))
        archive->status = tl_json_fail(&archive->json, "%s must be %lld … %lld, got %lld", key,
                                       (long long)least, (long long)most, (long long)*value);
}

void tl_archive_int(tl_archive *archive, const char *key, int *value, int least, int most)
{
    int64_t wide = *value;
    tl_archive_integer(archive, key, &wide, least, most);
    if (archive->status == TALUS_OK)
        *value = (int)wide;
}

void tl_archive_flag(tl_archive *archive, const char *key, bool *value)
{
    if (!begin(archive, key))
        return;
    if (tl_archive_reads(archive))
        archive->status = tl_json_flag(&archive->json, value);
    else
        tl_json_put_flag(archive->text, *value);
}

static void pass_number(tl_archive *archive, double *value)
{
    if (!tl_archive_reads(archive))
        tl_json_put_number(archive->text, *value);
    else if (tl_json_peek(&archive->json) != 'n')
        archive->status = tl_json_number(&archive->json, value);
    else {
        *value = NAN;
        archive->status = tl_json_null(&archive->json);
    }
}

void tl_archive_number(tl_archive *archive, const char *key, double *value)
{
    if (begin(archive, key))
        pass_number(archive, value);
}

static void read_numbers(tl_archive *archive, double *values, int64_t count)
{
    archive->status = tl_json_open(&archive->json, '[');
    int64_t i = 0;
    for (; tl_json_more(&archive->json, &archive->status); i++) {
        if (i < count)
            pass_number(archive, &values[i]);
        else
            tl_archive_refuse(archive, "there are too many numbers here");
    }
    if (i < count)
        tl_archive_refuse(archive, "there are too few numbers here");
}

void tl_archive_numbers(tl_archive *archive, const char *key, double *values, int64_t count)
{
    if (!begin(archive, key))
        return;
    if (tl_archive_reads(archive)) {
        read_numbers(archive, values, count);
        return;
    }
    tl_json_put_open(archive->text, '[');
    for (int64_t i = 0; i < count; i++)
        pass_number(archive, &values[i]);
    tl_json_put_close(archive->text, ']');
}

static void read_options(tl_archive *archive, const tl_options *table, void *options)
{
    char key[64];
    uint64_t seen = 0;
    archive->status = tl_json_open(&archive->json, '{');
    while (tl_json_more(&archive->json, &archive->status)) {
        archive->status = tl_json_key(&archive->json, key, sizeof key);
        if (archive->status == TALUS_OK)
            archive->status = tl_option_read_json(&archive->json, table, options, key, &seen);
    }
}

void tl_archive_options(tl_archive *archive, const char *key, const tl_options *table, void *options,
                        const char *const *except)
{
    if (!begin(archive, key))
        return;
    if (tl_archive_reads(archive)) {
        read_options(archive, table, options);
        return;
    }
    tl_json_put_open(archive->text, '{');
    tl_options_put_json(archive->text, table, options, except);
    tl_json_put_close(archive->text, '}');
}

/* Tensors --------------------------------------------------------------------------------------------------- */

/* The tensor that comes next must be this one. */
static bool fits(const tl_archive *archive, const tl_tensor_source *wanted)
{
    if (archive->tensor == archive->file->count)
        return false;
    const tl_tensor *next = &archive->file->tensors[archive->tensor];
    bool same = tl_tensor_has_name(next, wanted->name) && next->dimensions == wanted->dimensions &&
                next->type == (wanted->precision == TALUS_DTYPE_F64 ? TL_TENSOR_F64 : TL_TENSOR_F32);
    for (int i = 0; i < wanted->dimensions && same; i++)
        same = next->shape[i] == wanted->shape[i];
    return same;
}

static void pass_tensor(tl_archive *archive, const char *name, tl_tensor_source tensor, void *elements)
{
    if (archive->status != TALUS_OK)
        return;
    (void)snprintf(tensor.name, sizeof tensor.name, "%s%s", archive->path, name);
    if (!tl_archive_reads(archive)) {
        tensor.elements = elements;
        if (archive->tensor < TL_SAFETENSORS_TENSORS)
            archive->tensors[archive->tensor] = tensor;
        archive->tensor++;
        return;
    }
    if (!fits(archive, &tensor)) {
        archive->status = tl_fail(archive->context, TALUS_ERROR_FORMAT,
                                  "%s: tensor %d must be \"%s\" of the shape that its fit needs",
                                  archive->file->file.name, archive->tensor, tensor.name);
        return;
    }
    const tl_tensor *from = &archive->file->tensors[archive->tensor++];
    archive->status = tl_safetensors_read_bits(archive->file, from, elements);
}

static bool is_finite(int precision, const void *elements, int64_t i)
{
    return precision == TALUS_DTYPE_F64 ? isfinite(((const double *)elements)[i])
                                        : isfinite(((const float *)elements)[i]);
}

void tl_archive_vector(tl_archive *archive, const char *name, int precision, int64_t count, void *elements)
{
    const tl_tensor_source tensor = {.precision = precision, .dimensions = 1, .shape = {count}};
    pass_tensor(archive, name, tensor, elements);
    for (int64_t i = 0; tl_archive_reads(archive) && archive->status == TALUS_OK && i < count; i++)
        if (!is_finite(precision, elements, i))
            archive->status = tl_fail(archive->context, TALUS_ERROR_DATA,
                                      "%s: element %lld of \"%s%s\" must be finite", archive->file->file.name,
                                      (long long)i, archive->path, name);
}

void tl_archive_any(tl_archive *archive, const char *name, int64_t rows, int64_t cols, double *elements)
{
    const tl_tensor_source tensor = {.precision = TALUS_DTYPE_F64, .dimensions = 2, .shape = {rows, cols}};
    if (rows > 0)
        pass_tensor(archive, name, tensor, elements);
}
