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

/* Finds a value that cannot be used. */
static bool find(const talus_matrix *matrix, int64_t *row, int64_t *col)
{
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
        *row = run + i / matrix->cols;
        *col = i % matrix->cols;
        return true;
    }
    return false;
}

/* Finds a number that is infinite. */
static bool find_infinite(const talus_matrix *matrix, int64_t *row, int64_t *col)
{
    for (*row = 0; *row < matrix->rows; ++*row)
        for (*col = 0; *col < matrix->cols; ++*col) {
            int64_t at = *row * matrix->stride + *col;
            if (matrix->dtype == TALUS_DTYPE_F32 ? isinf(((const float *)matrix->data)[at])
                                                 : isinf(((const double *)matrix->data)[at]))
                return true;
        }
    return false;
}

talus_status tl_check_values_of(talus_context *context, const char *name, const talus_matrix *matrix,
                                const int64_t *numbers, bool or_missing)
{
    const bool real = matrix->dtype == TALUS_DTYPE_F32 || matrix->dtype == TALUS_DTYPE_F64;
    int64_t row, col;
    if (usable[matrix->dtype] == NULL || !(or_missing && real ? find_infinite : find)(matrix, &row, &col))
        return TALUS_OK;
    const char *value = (const char *)matrix->data +
                        (row * matrix->stride + col) * (int64_t)tl_dtype_size(matrix->dtype);
    return report(context, name, matrix->dtype, value, numbers == NULL ? row : numbers[row], col);
}

talus_status tl_check_values(talus_context *context, const char *name, const talus_matrix *matrix)
{
    return tl_check_values_of(context, name, matrix, NULL, false);
}
