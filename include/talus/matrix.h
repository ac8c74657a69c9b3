/* Views of the caller's arrays: how all data goes in and out.
 *
 * A view never owns memory. It is borrowed for the call, unless the function says for how long. Element
 * (i, j) stands at data[i*stride + j]. Samples are rows. A Fortran array x(features, samples) is the same
 * memory as a view of samples × features, so it is taken without a copy.
 *
 * The struct talus_matrix is frozen: it has these five fields in every version. */
#ifndef TALUS_MATRIX_H
#define TALUS_MATRIX_H

#include <stdint.h>
#include <talus/enumeration.h>

TALUS_BEGIN_C

/* The types of elements. */
typedef enum talus_dtype {
    TALUS_DTYPE_F32 = 0,  /* float */
    TALUS_DTYPE_F64 = 1,  /* double */
    TALUS_DTYPE_U8 = 2,   /* uint8_t: bytes of images, converted as batches are gathered */
    TALUS_DTYPE_I32 = 3,  /* int32_t: class labels, one a row */
    TALUS_DTYPE_COUNT = 4 /* known to this header */
} talus_dtype;

/* The name of a type, such as "f32", or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_dtype_name(int dtype)
{
    return talus_enumeration_name(TALUS_ENUMERATION_DTYPE, dtype);
}

static inline int talus_dtype_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_DTYPE, name);
}

typedef struct talus_matrix {
    void *data; /* the first element; a call writes there only if it says so, even where the view is const */
    int dtype;  /* a talus_dtype */
    int64_t rows;   /* at least 1 */
    int64_t cols;   /* at least 1 */
    int64_t stride; /* elements from one row to the next, at least cols; 0 means cols */
} talus_matrix;

/* The view of a dense array of rows × cols elements of the type dtype. */
static inline talus_matrix talus_matrix_view(const void *data, int dtype, int64_t rows, int64_t cols)
{
    talus_matrix view;
#ifdef __cplusplus
    view.data = const_cast<void *>(data);
#else
    view.data = (void *)(uintptr_t)data;
#endif
    view.dtype = dtype;
    view.rows = rows;
    view.cols = cols;
    view.stride = cols;
    return view;
}

TALUS_END_C

#endif
