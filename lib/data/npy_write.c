/* Arrays to files of NumPy. */
#include <stdio.h>
#include <string.h>
#include <talus/array.h>

#include "base/call.h"
#include "base/save.h"

enum { HEADER_BYTES = 128 }; /* a multiple of 64, as the format wants it, that any two sizes fit into */

/* The type of a dtype's elements, as this machine has them. */
static void descr_of(int dtype, char descr[4])
{
    static const char *const types[TALUS_DTYPE_COUNT] = {
        [TALUS_DTYPE_F32] = "f4",
        [TALUS_DTYPE_F64] = "f8",
        [TALUS_DTYPE_U8] = "u1",
        [TALUS_DTYPE_I32] = "i4",
    };
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    (void)snprintf(descr, 4, "%c%s", dtype == TALUS_DTYPE_U8 ? '|' : first == 1 ? '<' : '>', types[dtype]);
}

static void make_header(const talus_matrix *matrix, char header[HEADER_BYTES])
{
    char descr[4];
    descr_of(matrix->dtype, descr);
    memcpy(header, "\x93NUMPY\1\0\0\0", 10);
    header[8] = HEADER_BYTES - 10;
    int length = 10 + snprintf(header + 10, HEADER_BYTES - 10,
                               "{'descr': '%s', 'fortran_order': False, 'shape': (%lld, %lld), }", descr,
                               (long long)matrix->rows, (long long)matrix->cols);
    memset(header + length, ' ', (size_t)(HEADER_BYTES - 1 - length));
    header[HEADER_BYTES - 1] = '\n';
}

static talus_status write_npy(talus_context *context, const talus_matrix *matrix, const char *path)
{
    talus_matrix checked;
    tl_save save;
    char header[HEADER_BYTES];
    if (path == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "path must not be NULL");
    talus_status status = tl_check_matrix(context, "matrix", matrix, TL_DTYPE(TALUS_DTYPE_COUNT) - 1,
                                          &checked);
    if (status == TALUS_OK)
        status = tl_save_begin(context, path, &save);
    if (status != TALUS_OK)
        return status;
    const int64_t row = checked.cols * (int64_t)tl_dtype_size(checked.dtype);
    make_header(&checked, header);
    status = tl_save_write(&save, header, HEADER_BYTES);
    for (int64_t i = 0; status == TALUS_OK && i < checked.rows; i++)
        status = tl_save_write(&save, tl_matrix_from_row(checked, i).data, row);
    return tl_save_end(&save, status);
}

talus_status talus_array_write_npy(talus_context *context, const talus_matrix *matrix, const char *path)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, write_npy(context, matrix, path)) : status;
}
