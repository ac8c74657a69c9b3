/* data: data sets and their readers. It knows no network.
 * What training needs of a data set is its views, its scaling and its number of samples. */
#ifndef TL_DATA_DATASET_H
#define TL_DATA_DATASET_H

#include <talus/dataset.h>

#include "base/context.h"

struct talus_dataset {
    talus_context *context;
    talus_matrix inputs;   /* n × d_0 of f32, f64 or u8 */
    talus_matrix targets;  /* as inputs, or n × 1 of i32; data is NULL for none */
    double *shift, *scale; /* scale_count numbers each, in one allocation that starts at shift; or NULL */
    int64_t scale_count;   /* 0 (not scaled), 1 or d_0 */
    void *owned_inputs;    /* arrays read from files; NULL when the caller's are borrowed */
    void *owned_targets;
};

/* A data set over views that are checked already, borrowing their arrays. targets may be NULL. */
talus_status tl_dataset_create(talus_context *context, const talus_matrix *inputs,
                               const talus_matrix *targets, talus_dataset **dataset);

/* Checks that every value of a checked view can be used: that it is finite, or a label ≥ 0 where the dtype is
 * i32. name is what the message calls the matrix. */
talus_status tl_check_values(talus_context *context, const char *name, const talus_matrix *matrix);

#endif
