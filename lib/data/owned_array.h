/* Arrays that own what their numbers stand in. */
#ifndef TL_DATA_OWNED_ARRAY_H
#define TL_DATA_OWNED_ARRAY_H

#include <talus/array.h>

#include "base/mapping.h"
#include "data/npy.h"

struct talus_array {
    talus_context *context;
    talus_matrix matrix;
    tl_mapping mapping; /* that the matrix is a part of; else its data is memory of the context */
};

/* An array that has nothing yet. TALUS_ERROR_MEMORY. */
talus_status tl_array_create(talus_context *context, talus_array **array);

/* Reads the array of a file (name NULL), or that of a name in an archive. With a role other than TL_NPY_ARRAY, values must be
 * ones that can be used. */
talus_status tl_array_read(talus_context *context, const char *path, const char *name, tl_npy_role role,
                           talus_array **array);

/* The data set of arrays that become its own, if `status` is TALUS_OK; targets may be NULL. Else, or if something fails, they are
 * destroyed. Returns the status, or that of what failed. */
talus_status tl_dataset_of_arrays(talus_context *context, talus_status status, talus_array *inputs,
                                  talus_array *targets, talus_dataset **dataset);

/* TALUS_ERROR_ARGUMENT names the first of some arguments that is NULL. */
talus_status tl_check_given(talus_context *context, int count, const char *const *names,
                            const void *const *given);

#endif
