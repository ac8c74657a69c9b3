/* The element types of the IDX format, and what becomes of them in memory. */
#ifndef TL_DATA_IDX_ELEMENT_H
#define TL_DATA_IDX_ELEMENT_H

#include <talus/matrix.h>

/* Turns an array of big-endian elements into an array of this machine's numbers, in place. Numbers are at
 * least as large as elements; the elements stand at the end of the array. */
typedef void (*tl_idx_decoder)(unsigned char *array, int64_t count);

typedef struct tl_idx_element {
    int code;     /* the third byte of a file */
    int64_t size; /* bytes in a file */
    int dtype;    /* of inputs; labels are i32 */
    tl_idx_decoder decode_inputs;
    tl_idx_decoder decode_labels; /* NULL if the type is not an integer */
    const char *name;
} tl_idx_element;

/* NULL for an unknown code. */
const tl_idx_element *tl_idx_element_find(int code);

#endif
