/* Views of the caller's arrays: how all data goes in and out.
 *
 * A view never owns memory. It is borrowed for the call, unless the function says for how long. Element
 * (i, j) stands at data[i*stride + j]. Samples are rows. A Fortran array x(features, samples) is the same
 * memory as a view of samples × features, so it is taken without a copy. */
#ifndef TALUS_MATRIX_H
#define TALUS_MATRIX_H

#include <stdint.h>
#include <talus/export.h>

TALUS_BEGIN_C

typedef enum talus_dtype {
    TALUS_F32, /* float */
    TALUS_F64, /* double */
    TALUS_U8,  /* uint8_t: bytes of images, converted as batches are gathered */
    TALUS_I32, /* int32_t: class labels, one a row */
    TALUS_DTYPE_COUNT
} talus_dtype;

typedef struct talus_matrix {
    void *data;     /* the first element; functions that take a const talus_matrix only read it */
    int dtype;      /* a talus_dtype */
    int64_t rows;   /* at least 1 */
    int64_t cols;   /* at least 1 */
    int64_t stride; /* elements from one row to the next, at least cols; 0 means cols */
} talus_matrix;

/* The view of a dense array of rows × cols elements of the type dtype. */
static inline talus_matrix talus_matrix_view(const void *data, int dtype, int64_t rows, int64_t cols)
{
    talus_matrix view;
    view.data = (void *)(uintptr_t)data;
    view.dtype = dtype;
    view.rows = rows;
    view.cols = cols;
    view.stride = cols;
    return view;
}

TALUS_END_C

#endif
