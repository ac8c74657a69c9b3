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

talus_status tl_check_matrix(talus_context *context, const char *name, const talus_matrix *matrix,
                             unsigned dtypes, talus_matrix *checked)
{
    if (matrix == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s is NULL; a matrix is wanted", name);
    if (matrix->data == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: its data is NULL", name);
    if (!known(matrix->dtype))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: dtype %d is unknown", name, matrix->dtype);
    if (!(dtypes & TL_DTYPE(matrix->dtype)))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: its dtype %s is not one that fits here", name,
                       tl_dtype_name(matrix->dtype));
    if (matrix->rows < 1 || matrix->cols < 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s is %lld × %lld; both sizes must be at least 1", name,
                       (long long)matrix->rows, (long long)matrix->cols);
    int64_t stride = matrix->stride == 0 ? matrix->cols : matrix->stride, elements, bytes;
    if (stride < matrix->cols)
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s: its stride %lld is less than its %lld columns", name,
                       (long long)stride, (long long)matrix->cols);
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
