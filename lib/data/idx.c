/* A file in the IDX format is 00 00, a type, a number of dimensions k, k sizes of 32 bits, and the elements,
 * the last dimension running fastest; all numbers are big-endian. */
#include "data/dataset.h"

#include <string.h>

#include "base/call.h"
#include "base/file.h"
#include "data/idx_element.h"

#define MAGIC_BYTES     4
#define MOST_DIMENSIONS 255
#define BYTES_PER_SIZE  4

/* The bytes to make room for at first where their number is only promised; or as many as the file has, if those are more. */
#define FIRST_ROOM ((int64_t)1 << 16)

typedef struct idx_header {
    const tl_idx_element *element;
    int64_t samples;  /* the first dimension */
    int64_t features; /* the product of the others */
    int64_t stored;   /* bytes of the elements */
    int64_t promised; /* bytes of the whole content */
} idx_header;

/* What one file gives. */
typedef struct idx_array {
    talus_matrix matrix; /* its data is owned */
    char name[TL_FILE_NAME_BYTES];
} idx_array;

static talus_status read_header_bytes(tl_file *file, unsigned char *bytes, int64_t first, int64_t count)
{
    int64_t got;
    talus_status status = tl_file_read(file, bytes, count, &got);
    if (status == TALUS_OK && got < count)
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s ends after %lld bytes, within an IDX header of at least %lld", file->name,
                       (long long)(first + got), (long long)(first + count));
    return status;
}

static talus_status read_magic(tl_file *file, const tl_idx_element **element, int *dimensions)
{
    unsigned char magic[MAGIC_BYTES];
    talus_status status = read_header_bytes(file, magic, 0, MAGIC_BYTES);
    if (status != TALUS_OK)
        return status;
    if (magic[0] != 0 || magic[1] != 0)
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s is not an IDX file: it begins with the bytes %02x %02x instead of 00 00",
                       file->name, magic[0], magic[1]);
    *element = tl_idx_element_find(magic[2]);
    *dimensions = magic[3];
    if (*element == NULL)
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s: its element type is %02x; IDX has 08, 09, 0b, 0c, 0d and 0e", file->name,
                       magic[2]);
    if (*dimensions == 0)
        return tl_fail(file->context, TALUS_ERROR_FORMAT, "%s must have at least 1 dimension, got 0",
                       file->name);
    return TALUS_OK;
}

/* Reads the sizes of the dimensions into header->samples and header->features. */
static talus_status read_sizes(tl_file *file, int dimensions, idx_header *header)
{
    unsigned char bytes[BYTES_PER_SIZE * MOST_DIMENSIONS];
    talus_status status = read_header_bytes(file, bytes, MAGIC_BYTES, BYTES_PER_SIZE * dimensions);
    if (status != TALUS_OK)
        return status;
    header->features = 1;
    for (int k = 0; k < dimensions; k++) {
        const unsigned char *at = bytes + BYTES_PER_SIZE * k;
        int64_t size = (int64_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
        if (size == 0)
            return tl_fail(file->context, TALUS_ERROR_FORMAT,
                           "%s: its dimension %d (counted from 0) has size 0", file->name, k);
        if (k == 0)
            header->samples = size;
        else if (!tl_multiply(header->features, size, &header->features))
            return tl_fail(file->context, TALUS_ERROR_FORMAT,
                           "%s: its sizes multiply to more than any memory", file->name);
    }
    return TALUS_OK;
}

/* Compares what the header promises with what the file can hold. */
static talus_status check_sizes(tl_file *file, int dimensions, idx_header *header)
{
    int64_t count, room, most = tl_file_most(file);
    /* Twice the size of a double an element: room for the array in memory, and the header beside it. */
    if (!tl_multiply(header->samples, header->features, &count) ||
        !tl_multiply(count, 2 * (int64_t)sizeof(double), &room))
        return tl_fail(file->context, TALUS_ERROR_FORMAT, "%s: its sizes multiply to more than any memory",
                       file->name);
    header->stored = count * header->element->size;
    header->promised = MAGIC_BYTES + BYTES_PER_SIZE * dimensions + header->stored;
    if (file->gzip == NULL && header->promised != most)
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s: the header promises %lld bytes, the file has %lld", file->name,
                       (long long)header->promised, (long long)most);
    if (header->promised > most)
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s: the header promises %lld bytes, %lld bytes of gzip give at most %lld", file->name,
                       (long long)header->promised, (long long)file->length, (long long)most);
    return TALUS_OK;
}

static talus_status read_header(tl_file *file, idx_header *header)
{
    int dimensions = 0;
    talus_status status = read_magic(file, &header->element, &dimensions);
    if (status == TALUS_OK)
        status = read_sizes(file, dimensions, header);
    return status == TALUS_OK ? check_sizes(file, dimensions, header) : status;
}

/* The elements must end where the content ends. */
static talus_status check_end(tl_file *file, const idx_header *header, int64_t got)
{
    int64_t more = 0;
    unsigned char next;
    if (got < header->stored)
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s: the header promises %lld bytes, the content ends after %lld", file->name,
                       (long long)header->promised, (long long)(header->promised - header->stored + got));
    talus_status status = tl_file_read(file, &next, 1, &more);
    if (status == TALUS_OK && more > 0)
        return tl_fail(file->context, TALUS_ERROR_FORMAT,
                       "%s: the header promises %lld bytes, the content has more", file->name,
                       (long long)header->promised);
    return status;
}

/* Makes an array of `bytes` bytes with `room` bytes for elements at its end, where it takes over the first `kept` bytes
 * of the old array. */
static talus_status grow_array(tl_file *file, int64_t bytes, int64_t kept, int64_t room,
                               unsigned char **array)
{
    unsigned char *larger = tl_allocate_unfilled(file->context, (size_t)bytes);
    if (larger == NULL)
        return tl_fail(file->context, TALUS_ERROR_MEMORY, "there is no memory for the %lld bytes of %s",
                       (long long)bytes, file->name);
    if (*array != NULL)
        memcpy(larger + bytes - room, *array, (size_t)kept);
    tl_release(file->context, *array);
    *array = larger;
    return TALUS_OK;
}

/* Reads the elements to the end of an array of `bytes` bytes, which is the caller's even after an error. The length of a
 * plain file has vouched for them. What gzip unpacks to is only promised, so the room for it doubles as it arrives, and
 * the whole array, up to four times as large as its elements, is made when half of them are there: memory is at most
 * nine times the bytes that have arrived, or four times the first room. */
static talus_status read_elements(tl_file *file, const idx_header *header, int64_t bytes,
                                  unsigned char **array)
{
    const int64_t first = file->length > FIRST_ROOM ? file->length : FIRST_ROOM;
    int64_t got = 0, room = file->gzip == NULL ? header->stored : first, more;
    for (;; room *= 2) {
        bool last = room >= header->stored;
        if (last)
            room = header->stored;
        int64_t size = last ? bytes : room;
        talus_status status = grow_array(file, size, got, room, array);
        if (status == TALUS_OK)
            status = tl_file_read(file, *array + size - room + got, room - got, &more);
        if (status != TALUS_OK)
            return status;
        got += more;
        if (last || got < room)
            return check_end(file, header, got);
    }
}

static talus_status check_labels(tl_file *file, const idx_header *header)
{
    if (header->element->decode_labels == NULL)
        return tl_fail(file->context, TALUS_ERROR_FORMAT, "%s must hold labels, which are integers, got %s",
                       file->name, header->element->name);
    if (header->features != 1)
        return tl_fail(file->context, TALUS_ERROR_FORMAT, "%s must hold 1 label a sample, got %lld numbers",
                       file->name, (long long)header->features);
    return TALUS_OK;
}

static talus_status read_open_file(tl_file *file, bool labels, talus_matrix *matrix)
{
    idx_header header = {0};
    talus_status status = read_header(file, &header);
    if (status == TALUS_OK && labels)
        status = check_labels(file, &header);
    if (status != TALUS_OK)
        return status;
    int dtype = labels ? TALUS_DTYPE_I32 : header.element->dtype;
    int64_t count = header.samples * header.features, bytes = count * (int64_t)tl_dtype_size(dtype);
    unsigned char *array = NULL;
    status = read_elements(file, &header, bytes, &array);
    if (status != TALUS_OK) {
        tl_release(file->context, array);
        return status;
    }
    (labels ? header.element->decode_labels : header.element->decode_inputs)(array, count);
    *matrix = talus_matrix_view(array, dtype, header.samples, header.features);
    return TALUS_OK;
}

static talus_status read_array(talus_context *context, const char *path, bool labels, idx_array *array)
{
    tl_file file;
    talus_status status = tl_file_open(context, path, &file);
    if (status != TALUS_OK)
        return status;
    status = read_open_file(&file, labels, &array->matrix);
    for (int i = 0; i < TL_FILE_NAME_BYTES; i++)
        array->name[i] = file.name[i];
    tl_file_close(&file);
    return status == TALUS_OK ? tl_check_values(context, array->name, &array->matrix) : status;
}

static talus_status check_samples(talus_context *context, const idx_array *inputs, const idx_array *labels)
{
    if (labels->matrix.data == NULL || labels->matrix.rows == inputs->matrix.rows)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_FORMAT, "%s has %lld samples, %s has %lld", inputs->name,
                   (long long)inputs->matrix.rows, labels->name, (long long)labels->matrix.rows);
}

static talus_status read_idx(talus_context *context, const char *inputs_path, const char *labels_path,
                             talus_dataset **dataset)
{
    if (inputs_path == NULL || dataset == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must not be NULL",
                       inputs_path == NULL ? "inputs_path" : "dataset");
    idx_array inputs = {0}, labels = {0};
    talus_dataset *made = NULL;
    talus_status status = read_array(context, inputs_path, false, &inputs);
    if (status == TALUS_OK && labels_path != NULL)
        status = read_array(context, labels_path, true, &labels);
    if (status == TALUS_OK)
        status = check_samples(context, &inputs, &labels);
    if (status == TALUS_OK)
        status = tl_dataset_create(context, &inputs.matrix, &labels.matrix, &made);
    if (status != TALUS_OK) {
        tl_release(context, inputs.matrix.data);
        tl_release(context, labels.matrix.data);
        return status;
    }
    made->owned_inputs = made->inputs.data;
    made->owned_targets = made->targets.data;
    *dataset = made;
    return TALUS_OK;
}

talus_status talus_dataset_read_idx(talus_context *context, const char *inputs_path, const char *labels_path,
                                    talus_dataset **dataset)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, read_idx(context, inputs_path, labels_path, dataset))
                              : status;
}
