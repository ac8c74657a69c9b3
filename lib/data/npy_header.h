/* The header of a file in NumPy's format: 93 "NUMPY", the version, the length of the rest (2 bytes in version 1, 4 in 2 and 3,
 * little-endian), and the literal of a Python dict that ends with a newline:
 *     {'descr': '<f8', 'fortran_order': False, 'shape': (100, 3), }
 * Source: R. Kern, NEP 1, A simple file format for NumPy arrays, 2007; numpy.lib.format */
#ifndef TL_DATA_NPY_HEADER_H
#define TL_DATA_NPY_HEADER_H

#include "data/content.h"
#include "data/npy_element.h"

#define TL_NPY_DIMENSIONS   64
#define TL_NPY_HEADER_BYTES 65535 /* the most that the literal may have */

typedef struct tl_npy_header {
    const tl_npy_element *element;
    bool big_endian, fortran; /* fortran: the first dimension runs fastest in the file */
    int dimensions;
    int64_t sizes[TL_NPY_DIMENSIONS];
    int64_t rows, cols; /* the first size, and the product of the others */
    int64_t bytes;      /* of the header */
} tl_npy_header;

/* Reads the header, which a content begins with, and compares what it promises with the length of the content.
 * TALUS_ERROR_FORMAT, TALUS_ERROR_UNSUPPORTED (elements that are no numbers, more dimensions), and what reading gives. */
talus_status tl_npy_read_header(tl_content *content, tl_npy_header *header);

#endif
