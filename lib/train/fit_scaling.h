/* Scalings that fit a data set, without a network. */
#ifndef TL_TRAIN_FIT_SCALING_H
#define TL_TRAIN_FIT_SCALING_H

#include "data/columns.h"

/* Computes the columns of a data set, and in the places of their extremes shift and scale of a kind of scaling, which is known. Names
 * columns that do not vary in the log. Give them back with tl_columns_destroy, also after an error. */
talus_status tl_scaling_fit(talus_context *context, const char *call, const talus_dataset *dataset,
                            bool of_targets, int kind, tl_columns *columns);

/* Names the first columns that do not vary in the log, with what becomes of them. */
void tl_note_constants(talus_context *context, const char *call, const tl_columns *columns,
                       const char *become);

/* TALUS_ERROR_ARGUMENT for a kind of scaling that is not known. */
talus_status tl_check_scaling_kind(talus_context *context, const char *call, const char *name, int kind);

#endif
