/* The elements of NumPy's files, and the numbers that they become. */
#ifndef TL_DATA_NPY_ELEMENT_H
#define TL_DATA_NPY_ELEMENT_H

#include "base/context.h"

typedef struct tl_npy_element {
    char kind; /* as NumPy calls it: b, i, u or f */
    int size;  /* bytes in a file */
    int as_value,
        as_array;  /* the dtype that it becomes as an input or a target that is a value; and in an array */
    bool is_plain; /* the same bits in memory, but for their order */
} tl_npy_element;

/* NULL for an unknown one. */
const tl_npy_element *tl_npy_element_find(char kind, int size);

/* Whether it is an integer or a truth value, which can be a label. */
bool tl_npy_element_counts(const tl_npy_element *element);

/* Turns `count` elements into numbers of a dtype: as_value, as_array, or i32 of one that counts. Returns how many were turned:
 * the next one, if there is one, does not fit into 32 bits. */
int64_t tl_npy_decode(const tl_npy_element *element, bool big_endian, const unsigned char *elements,
                      int64_t count, int dtype, void *numbers);

/* An element as a number, for messages. */
double tl_npy_number(const tl_npy_element *element, bool big_endian, const unsigned char *at);

#endif
