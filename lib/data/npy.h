/* Arrays in NumPy's files. */
#ifndef TL_DATA_NPY_H
#define TL_DATA_NPY_H

#include "data/npy_header.h"

/* What an array is for, and so which numbers its elements become. */
typedef enum tl_npy_role { TL_NPY_ARRAY, TL_NPY_INPUTS, TL_NPY_TARGETS } tl_npy_role;

/* Reads the array of an open content, from its beginning to its end. The data of *matrix becomes the caller's; after an error
 * there is none. TALUS_ERROR_FORMAT, TALUS_ERROR_UNSUPPORTED, TALUS_ERROR_DATA (an integer beyond 32 bits), TALUS_ERROR_FILE,
 * TALUS_ERROR_MEMORY. */
talus_status tl_npy_read(tl_content *content, tl_npy_role role, talus_matrix *matrix);

/* The dtype that an array has in a role; and whether its numbers then stand in the file as they would in memory. */
int tl_npy_dtype(const tl_npy_header *header, tl_npy_role role);
bool tl_npy_is_memory(const tl_npy_header *header, int dtype);

#endif
