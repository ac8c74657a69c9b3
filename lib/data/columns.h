/* What the columns of a data set's inputs or targets are like. */
#ifndef TL_DATA_COLUMNS_H
#define TL_DATA_COLUMNS_H

#include "data/dataset.h"

/* Of each column over the samples of a data set. */
typedef struct tl_columns {
    int64_t count;
    double *least, *most;
    double *mean, *deviation; /* √(Σ_i (x_i − mean)²/n); only where they are asked for */
} tl_columns;

/* Computes them for a view of a data set: its inputs, or targets that are values. The largest spread, most − least, must
 * be at most 2^1022. name is what messages begin with. Give them back with tl_columns_destroy, also after an error. */
talus_status tl_columns_compute(talus_context *context, const char *name, const talus_dataset *dataset,
                                const talus_matrix *matrix, bool moments, tl_columns *columns);
void tl_columns_destroy(talus_context *context, tl_columns *columns);

#endif
