/* Parts of a data set: other rows of the same arrays. */
#include "base/call.h"
#include "base/philox.h"
#include "data/dataset.h"

int64_t *tl_allocate_rows(talus_context *context, int64_t count)
{
    int64_t bytes, *rows = NULL;
    if (tl_multiply(count, (int64_t)sizeof *rows, &bytes))
        rows = tl_allocate(context, (size_t)bytes);
    if (rows == NULL)
        (void)tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for the numbers of %lld rows",
                      (long long)count);
    return rows;
}

talus_status tl_dataset_of_rows(const talus_dataset *whole, int64_t *rows, int64_t count,
                                talus_dataset **part)
{
    talus_dataset *made = NULL;
    talus_status status = tl_dataset_borrow(whole, &made);
    if (status != TALUS_OK) {
        tl_release(whole->context, rows);
        return status;
    }
    made->samples = count;
    made->rows = made->owned_rows = rows;
    tl_dataset_weigh(made);
    *part = made;
    return TALUS_OK;
}

void tl_dataset_list_rows(const talus_dataset *dataset, int64_t *rows)
{
    for (int64_t i = 0; i < dataset->samples; i++)
        rows[i] = dataset->rows == NULL ? i : dataset->rows[i];
}

/* Rows first … first+count−1 of a matrix, which may be absent. */
static talus_matrix rows_of(talus_matrix matrix, int64_t first, int64_t count)
{
    if (matrix.data == NULL)
        return matrix;
    matrix.data = (char *)matrix.data + first * matrix.stride * (int64_t)tl_dtype_size(matrix.dtype);
    matrix.rows = count;
    return matrix;
}

/* Rows first … first+count−1 of a stream, as a list. */
static talus_status list_run(const talus_dataset *whole, int64_t first, int64_t count, talus_dataset **part)
{
    int64_t *rows = tl_allocate_rows(whole->context, count);
    if (rows == NULL)
        return TALUS_ERROR_MEMORY;
    for (int64_t i = 0; i < count; i++)
        rows[i] = first + i;
    return tl_dataset_of_rows(whole, rows, count, part);
}

static talus_status slice(const talus_dataset *whole, int64_t first, int64_t count, talus_dataset **part)
{
    talus_context *context = whole->context;
    if (part == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "slice: part must not be NULL");
    if (first < 0 || first >= whole->samples)
        return tl_fail(context, TALUS_ERROR_SHAPE, "slice: first must be 0 … %lld, got %lld",
                       (long long)whole->samples - 1, (long long)first);
    if (count < 1 || count > whole->samples - first)
        return tl_fail(context, TALUS_ERROR_SHAPE, "slice: count must be 1 … %lld from row %lld on, got %lld",
                       (long long)(whole->samples - first), (long long)first, (long long)count);
    if (whole->rows == NULL && whole->stream.read != NULL)
        return list_run(whole, first, count, part);
    talus_dataset *made = NULL;
    talus_status status = tl_dataset_borrow(whole, &made);
    if (status != TALUS_OK)
        return status;
    made->samples = count;
    if (whole->rows != NULL) {
        made->rows = whole->rows + first;
    } else {
        made->inputs = rows_of(whole->inputs, first, count);
        made->targets = rows_of(whole->targets, first, count);
        made->weights = rows_of(whole->weights, first, count);
    }
    tl_dataset_weigh(made);
    *part = made;
    return TALUS_OK;
}

talus_status talus_dataset_slice(const talus_dataset *whole, int64_t first, int64_t count,
                                 talus_dataset **part)
{
    if (whole == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, whole->context);
    return status == TALUS_OK ? tl_call_end(&call, slice(whole, first, count, part)) : status;
}

static talus_status check_rows(const talus_dataset *whole, const int64_t *rows, int64_t count)
{
    talus_context *context = whole->context;
    if (rows == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "rows: rows must not be NULL");
    if (count < 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "rows: count must be at least 1, got %lld",
                       (long long)count);
    for (int64_t i = 0; i < count; i++)
        if (rows[i] < 0 || rows[i] >= whole->samples)
            return tl_fail(context, TALUS_ERROR_SHAPE, "rows: rows[%lld] must be 0 … %lld, got %lld",
                           (long long)i, (long long)whole->samples - 1, (long long)rows[i]);
    return TALUS_OK;
}

static talus_status choose(const talus_dataset *whole, const int64_t *rows, int64_t count,
                           talus_dataset **part)
{
    if (part == NULL)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT, "rows: part must not be NULL");
    talus_status status = check_rows(whole, rows, count);
    if (status != TALUS_OK)
        return status;
    int64_t *list = tl_allocate_rows(whole->context, count);
    if (list == NULL)
        return TALUS_ERROR_MEMORY;
    for (int64_t i = 0; i < count; i++)
        list[i] = talus_dataset_row(whole, rows[i]);
    return tl_dataset_of_rows(whole, list, count, part);
}

talus_status talus_dataset_rows(const talus_dataset *whole, const int64_t *rows, int64_t count,
                                talus_dataset **part)
{
    if (whole == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, whole->context);
    return status == TALUS_OK ? tl_call_end(&call, choose(whole, rows, count, part)) : status;
}

static talus_status shuffle(const talus_dataset *whole, uint64_t seed, talus_dataset **part)
{
    if (part == NULL)
        return tl_fail(whole->context, TALUS_ERROR_ARGUMENT, "shuffle: part must not be NULL");
    int64_t *list = tl_allocate_rows(whole->context, whole->samples);
    if (list == NULL)
        return TALUS_ERROR_MEMORY;
    tl_dataset_list_rows(whole, list);
    tl_shuffle(seed, TL_PURPOSE_PARTS, 0, whole->samples, list);
    return tl_dataset_of_rows(whole, list, whole->samples, part);
}

talus_status talus_dataset_shuffle(const talus_dataset *whole, uint64_t seed, talus_dataset **part)
{
    if (whole == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, whole->context);
    return status == TALUS_OK ? tl_call_end(&call, shuffle(whole, seed, part)) : status;
}
