#include <stdio.h>

#include "base/context.h"
#include "base/names.h"

static const struct {
    size_t size;
    const char *name;
} dtypes_table[TALUS_DTYPE_COUNT] = {
    [TALUS_DTYPE_F32] = {4, "f32"},
    [TALUS_DTYPE_F64] = {8, "f64"},
    [TALUS_DTYPE_U8] = {1, "u8"},
    [TALUS_DTYPE_I32] = {4, "i32"},
};

static bool known(int dtype)
{
    return dtype >= 0 && dtype < TALUS_DTYPE_COUNT;
}

size_t tl_dtype_size(int dtype)
{
    return known(dtype) ? dtypes_table[dtype].size : 0;
}

static const char *name_of(int dtype)
{
    return dtypes_table[dtype].name;
}

const tl_names tl_dtype_names = {TALUS_ENUMERATION_DTYPE, TALUS_DTYPE_COUNT, name_of};

const char *tl_dtype_name(int dtype)
{
    return tl_name(&tl_dtype_names, dtype);
}

bool tl_multiply(int64_t a, int64_t b, int64_t *product)
{
    if (a < 0 || b < 0 || (b > 0 && a > PTRDIFF_MAX / b))
        return false;
    *product = a * b;
    return true;
}

talus_status tl_check_dtype(talus_context *context, const char *name, unsigned dtypes, int dtype)
{
    char list[40], number[12];
    size_t length = 0;
    if (known(dtype) && (dtypes & TL_DTYPE(dtype)))
        return TALUS_OK;
    for (int d = 0; d < TALUS_DTYPE_COUNT; d++)
        if (dtypes & TL_DTYPE(d))
            length += (size_t)snprintf(list + length, sizeof list - length, length > 0 ? ", %s" : "%s",
                                       name_of(d));
    (void)snprintf(number, sizeof number, "%d", dtype);
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: dtype must be one of %s; got %s", name, list,
                   known(dtype) ? name_of(dtype) : number);
}

talus_status tl_check_matrix(talus_context *context, const char *name, const talus_matrix *matrix,
                             unsigned dtypes, talus_matrix *checked)
{
    if (matrix == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must not be NULL", name);
    if (matrix->data == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: data must not be NULL", name);
    talus_status status = tl_check_dtype(context, name, dtypes, matrix->dtype);
    if (status != TALUS_OK)
        return status;
    if (matrix->rows < 1 || matrix->cols < 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s: rows and cols must be at least 1, got %lld and %lld",
                       name, (long long)matrix->rows, (long long)matrix->cols);
    int64_t stride = matrix->stride == 0 ? matrix->cols : matrix->stride, elements, bytes;
    if (stride < matrix->cols)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "%s: stride must be 0 or at least %lld, the columns, got %lld", name,
                       (long long)matrix->cols, (long long)stride);
    if (!tl_multiply(matrix->rows, stride, &elements) ||
        !tl_multiply(elements, (int64_t)tl_dtype_size(matrix->dtype), &bytes))
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s: %lld rows of stride %lld exceed any memory", name,
                       (long long)matrix->rows, (long long)stride);
    *checked = *matrix;
    checked->stride = stride;
    return TALUS_OK;
}

talus_matrix tl_matrix_from_row(talus_matrix matrix, int64_t row)
{
    matrix.data = (char *)matrix.data + (size_t)(row * matrix.stride) * tl_dtype_size(matrix.dtype);
    return matrix;
}
