/* Arrays in files that are mapped into memory. */
#include "base/call.h"
#include "data/dataset.h"
#include "data/owned_array.h"

/* Maps an open file, whose numbers begin at a byte of it. */
static talus_status map_at(const tl_file *file, int64_t offset, talus_matrix shape, talus_array **array)
{
    talus_array *made = NULL;
    talus_status status = tl_array_create(file->context, &made);
    if (status == TALUS_OK)
        status = tl_map(file, &made->mapping);
    if (status != TALUS_OK) {
        talus_array_destroy(made);
        return status;
    }
    made->matrix = shape;
    made->matrix.data = (char *)made->mapping.bytes + offset;
    *array = made;
    return TALUS_OK;
}

/* Of NumPy ----------------------------------------------------------------------------------------------- */

/* Whether the numbers stand in the file as in memory, at an address that is right for them. */
static bool can_be_mapped(const tl_content *content, const tl_npy_header *header, int dtype)
{
    return content->file.gzip == NULL && tl_npy_is_memory(header, dtype) &&
           header->bytes % header->element->size == 0;
}

/* Maps what can be. *array stays NULL where targets cannot. */
static talus_status map_content(tl_content *content, tl_npy_role role, talus_array **array)
{
    tl_npy_header header;
    talus_status status = tl_npy_read_header(content, &header);
    if (status != TALUS_OK)
        return status;
    const int dtype = tl_npy_dtype(&header, role);
    if (can_be_mapped(content, &header, dtype)) {
        talus_matrix shape = talus_matrix_view(NULL, dtype, header.rows, header.cols);
        status = map_at(&content->file, header.bytes, shape, array);
        if (status == TALUS_OK && role != TL_NPY_ARRAY)
            status = tl_check_values(content->context, content->name, &(*array)->matrix);
        return status;
    }
    if (role == TL_NPY_TARGETS)
        return TALUS_OK;
    return tl_fail(content->context, TALUS_ERROR_UNSUPPORTED,
                   "%s cannot be mapped: its numbers must be f4, f8, u1 or i4 labels in this machine's byte "
                   "order, in C order, not packed",
                   content->name);
}

static talus_status map_npy(talus_context *context, const char *path, tl_npy_role role, talus_array **array)
{
    tl_content content;
    talus_array *made = NULL;
    talus_status status = tl_content_open(context, path, NULL, &content);
    if (status != TALUS_OK)
        return status;
    status = map_content(&content, role, &made);
    tl_content_close(&content);
    if (status == TALUS_OK && made == NULL)
        return tl_array_read(context, path, NULL, role, array);
    if (status == TALUS_OK)
        *array = made;
    else
        talus_array_destroy(made);
    return status;
}

talus_status talus_array_map_npy(talus_context *context, const char *path, talus_array **array)
{
    static const char *const names[] = {"path", "array"};
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    status = tl_check_given(context, 2, names, (const void *[]){path, array});
    return tl_call_end(&call, status == TALUS_OK ? map_npy(context, path, TL_NPY_ARRAY, array) : status);
}

/* Without a header --------------------------------------------------------------------------------------- */

static talus_status map_raw(talus_context *context, const char *path, talus_matrix shape, int64_t offset,
                            talus_array **array)
{
    static const char anything = 0;
    talus_matrix checked;
    tl_file file;
    shape.data = talus_matrix_view(&anything, 0, 1, 1).data; /* so that all else is checked */
    talus_status status = tl_check_matrix(context, "map", &shape, (1u << TALUS_DTYPE_COUNT) - 1, &checked);
    if (status != TALUS_OK)
        return status;
    const int64_t size = (int64_t)tl_dtype_size(shape.dtype), bytes = shape.rows * shape.cols * size;
    if (offset < 0 || offset % size != 0)
        return tl_fail(
            context, TALUS_ERROR_ARGUMENT,
            "map: offset must be at least 0 and a multiple of %lld, the bytes of a number, got %lld",
            (long long)size, (long long)offset);
    status = tl_file_open_stored(context, path, &file);
    if (status != TALUS_OK)
        return status;
    if (file.length < offset || file.length - offset < bytes)
        status = tl_fail(context, TALUS_ERROR_FORMAT,
                         "%s must have at least %lld bytes after the first %lld, got %lld in all", file.name,
                         (long long)bytes, (long long)offset, (long long)file.length);
    else
        status = map_at(&file, offset, checked, array);
    tl_file_close(&file);
    return status;
}

talus_status talus_array_map_raw(talus_context *context, const char *path, int dtype, int64_t rows,
                                 int64_t cols, int64_t offset, talus_array **array)
{
    static const char *const names[] = {"path", "array"};
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    status = tl_check_given(context, 2, names, (const void *[]){path, array});
    if (status == TALUS_OK)
        status = map_raw(context, path, talus_matrix_view(NULL, dtype, rows, cols), offset, array);
    return tl_call_end(&call, status);
}

/* Data sets ---------------------------------------------------------------------------------------------- */

static talus_status map_pair(talus_context *context, const char *inputs_path, const char *targets_path,
                             talus_dataset **dataset)
{
    talus_array *inputs = NULL, *targets = NULL;
    talus_status status = map_npy(context, inputs_path, TL_NPY_INPUTS, &inputs);
    if (status == TALUS_OK && targets_path != NULL)
        status = map_npy(context, targets_path, TL_NPY_TARGETS, &targets);
    return tl_dataset_of_arrays(context, status, inputs, targets, dataset);
}

talus_status talus_dataset_map_npy(talus_context *context, const char *inputs_path, const char *targets_path,
                                   talus_dataset **dataset)
{
    static const char *const names[] = {"inputs_path", "dataset"};
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    if (status != TALUS_OK)
        return status;
    status = tl_check_given(context, 2, names, (const void *[]){inputs_path, dataset});
    return tl_call_end(&call,
                       status == TALUS_OK ? map_pair(context, inputs_path, targets_path, dataset) : status);
}
