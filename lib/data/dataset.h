/* data: data sets and their readers. It knows no network.
 * What training needs of a data set is its views and its number of samples. */
#ifndef TL_DATA_DATASET_H
#define TL_DATA_DATASET_H

#include <talus/array.h>
#include <talus/stream.h>

#include "base/context.h"

/* Weights that belong to the library. Parts hold those of their whole, which may get others. */
typedef struct tl_held_weights {
    int64_t holders;
    double numbers[];
} tl_held_weights;

struct talus_dataset {
    talus_context *context;
    int64_t samples; /* n */
    const int64_t
        *rows; /* sample i is row rows[i] of the matrices, which may have others; NULL: row i of n */
    talus_matrix inputs; /* d_0 columns of f32, f64 or u8; data is NULL where they are streamed */
    talus_matrix
        targets; /* as many rows: of values as inputs, or one column of i32; the same; no columns: none */
    talus_matrix weights; /* as many rows, one column of f32 or f64; data is NULL for none */
    double mean_weight;   /* of the samples, where there are weights */
    talus_stream stream;  /* of what is streamed; read is NULL where all stands in memory */
    void *owned_inputs;   /* arrays read from files; NULL when the caller's are borrowed */
    void *owned_targets;
    talus_array *owned_arrays[2];  /* with inputs and targets; NULL if those are not of arrays */
    tl_held_weights *held_weights; /* those of classes and of tables; NULL when the caller's are borrowed */
    int64_t *owned_rows;           /* the list of a part; NULL when there is none or a slice borrows it */
};

/* A data set over views that are checked already, borrowing their arrays. targets may be NULL. */
talus_status tl_dataset_create(talus_context *context, const talus_matrix *inputs,
                               const talus_matrix *targets, talus_dataset **dataset);

/* Checks the targets of so many samples; those that are missing may be NaN. */
talus_status tl_dataset_check_targets(talus_context *context, const talus_matrix *targets, int64_t samples,
                                      bool missing, talus_matrix *checked);

/* Refuses targets that are streamed. call is what messages begin with. */
talus_status tl_dataset_check_resident(talus_context *context, const char *call,
                                       const talus_dataset *dataset);

/* A data set of the same samples, which borrows them from the whole. */
talus_status tl_dataset_borrow(const talus_dataset *whole, talus_dataset **part);

/* Memory for the numbers of so many rows; NULL with a message if there is none. */
int64_t *tl_allocate_rows(talus_context *context, int64_t count);

/* The part of a data set that stands in these rows of its matrices. The list becomes the part's, or is released if
 * there is no memory for the part. */
talus_status tl_dataset_of_rows(const talus_dataset *whole, int64_t *rows, int64_t count,
                                talus_dataset **part);

/* Room for so many weights, held once; NULL if there is no memory. And one holder less of them; NULL is allowed. */
tl_held_weights *tl_weights_allocate(talus_context *context, int64_t count);
void tl_weights_let_go(talus_context *context, tl_held_weights *weights);

/* Computes the mean weight of a data set whose samples or weights have changed. */
void tl_dataset_weigh(talus_dataset *dataset);

/* Fills rows with the row of each sample. */
void tl_dataset_list_rows(const talus_dataset *dataset, int64_t *rows);

/* Checks that every value of a checked view can be used: that it is finite, or a label ≥ 0 where the dtype is
 * i32. name is what the message calls the matrix. */
talus_status tl_check_values(talus_context *context, const char *name, const talus_matrix *matrix);

/* The same of rows that messages call by these numbers (NULL: as they stand); or that values can be used or are NaN. */
talus_status tl_check_values_of(talus_context *context, const char *name, const talus_matrix *matrix,
                                const int64_t *numbers, bool or_missing);

#endif
