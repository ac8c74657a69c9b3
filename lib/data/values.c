#include <math.h>
#include <string.h>

#include "data/dataset.h"

/* The checks below run over all values without a branch, so that compilers vectorise them. A floating-point
 * number is not finite if all bits of its exponent are set: then adding 1 to the exponent carries into the
 * place of the sign. */

static bool finite_f32(const void *values, int64_t count)
{
    const unsigned char *from = values;
    uint32_t carries = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, from + 4 * i, sizeof bits);
        carries |= (bits & UINT32_C(0x7fffffff)) + UINT32_C(0x00800000);
    }
    return carries >> 31 == 0;
}

static bool finite_f64(const void *values, int64_t count)
{
    const unsigned char *from = values;
    uint64_t carries = 0;
    for (int64_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, from + 8 * i, sizeof bits);
        carries |= (bits & UINT64_C(0x7fffffffffffffff)) + UINT64_C(0x0010000000000000);
    }
    return carries >> 63 == 0;
}

static bool not_negative_i32(const void *values, int64_t count)
{
    const int32_t *labels = values;
    int32_t signs = 0;
    for (int64_t i = 0; i < count; i++)
        signs |= labels[i];
    return signs >= 0;
}

/* Bytes need no check. */
static bool (*const usable[TALUS_DTYPE_COUNT])(const void *values, int64_t count) = {
    [TALUS_DTYPE_F32] = finite_f32,
    [TALUS_DTYPE_F64] = finite_f64,
    [TALUS_DTYPE_I32] = not_negative_i32,
};

static talus_status report(talus_context *context, const char *name, int dtype, const void *value,
                           int64_t row, int64_t col)
{
    if (dtype == TALUS_DTYPE_I32)
        return tl_fail(context, TALUS_ERROR_DATA,
                       "%s: row %lld, column %lld (counted from 0) must be a label of at least 0, got %ld",
                       name, (long long)row, (long long)col, (long)*(const int32_t *)value);
    double number = dtype == TALUS_DTYPE_F32 ? (double)*(const float *)value : *(const double *)value;
    return tl_fail(context, TALUS_ERROR_DATA,
                   "%s: row %lld, column %lld (counted from 0) must be a finite number, got %f", name,
                   (long long)row, (long long)col, number);
}

talus_status tl_check_values(talus_context *context, const char *name, const talus_matrix *matrix)
{
    if (usable[matrix->dtype] == NULL)
        return TALUS_OK;
    bool dense = matrix->stride == matrix->cols;
    int64_t runs = dense ? 1 : matrix->rows;
    int64_t length = dense ? matrix->rows * matrix->cols : matrix->cols;
    int64_t size = (int64_t)tl_dtype_size(matrix->dtype);
    for (int64_t run = 0; run < runs; run++) {
        const unsigned char *values = (const unsigned char *)matrix->data + run * matrix->stride * size;
        if (usable[matrix->dtype](values, length))
            continue;
        int64_t i = 0;
        while (usable[matrix->dtype](values + i * size, 1))
            i++;
        return report(context, name, matrix->dtype, values + i * size, run + i / matrix->cols,
                      i % matrix->cols);
    }
    return TALUS_OK;
}

talus_status tl_check_values_or_missing(talus_context *context, const char *name, const talus_matrix *matrix)
{
    const size_t size = tl_dtype_size(matrix->dtype);
    if (matrix->dtype != TALUS_DTYPE_F32 && matrix->dtype != TALUS_DTYPE_F64)
        return tl_check_values(context, name, matrix);
    for (int64_t row = 0; row < matrix->rows; row++)
        for (int64_t col = 0; col < matrix->cols; col++) {
            const char *value = (const char *)matrix->data + (size_t)(row * matrix->stride + col) * size;
            double number = matrix->dtype == TALUS_DTYPE_F32 ? (double)*(const float *)value
                                                             : *(const double *)value;
            if (isinf(number))
                return report(context, name, matrix->dtype, value, row, col);
        }
    return TALUS_OK;
}
