/* What the columns of a data set's inputs or targets are like. */
#ifndef TL_DATA_COLUMNS_H
#define TL_DATA_COLUMNS_H

#include "data/feed.h"

/* Of each column over the samples of a data set. */
typedef struct tl_columns {
    int64_t count;
    double epsilon; /* of the numbers as they are stored; 0: they are whole */
    double *least, *most;
    double *mean, *deviation; /* √(Σ_i (x_i − mean)²/n); only where they are asked for */
    double *counted;          /* samples that are not missing; the same */
    double *inverse;          /* of a unit of the column; the same */
    double *quartiles;        /* of each column three, as quartiles.h says; the same */
} tl_columns;

/* What may be asked for beside the extremes. */
enum { TL_COLUMNS_MOMENTS = 1, TL_COLUMNS_QUARTILES = 2 };

/* Computes them for the inputs of a data set, or for targets that are values. The largest spread, most − least, must
 * be at most 2^1022. name is what messages begin with. Give them back with tl_columns_destroy, also after an error. */
talus_status tl_columns_compute(talus_context *context, const char *name, const talus_dataset *dataset,
                                bool of_targets, unsigned wanted, tl_columns *columns);
void tl_columns_destroy(talus_context *context, tl_columns *columns);

/* Whether two numbers a ≤ b of a column are one but for roundings; and whether its extremes are: it does not vary. */
bool tl_columns_are_one(const tl_columns *columns, double a, double b);
bool tl_columns_is_constant(const tl_columns *columns, int64_t j);

#endif
