/* Where the rows of a batch come from. */
#ifndef TL_KERNELS_SOURCE_H
#define TL_KERNELS_SOURCE_H

#include <talus/matrix.h>

/* Rows as the caller stored them, to be read as x′_j = (x_j − shift_j)·scale_j. */
typedef struct tl_source {
    talus_matrix matrix;         /* its stride is not 0 */
    const int64_t *rows;         /* row i of the batch is row rows[i] of the matrix; NULL: row i itself */
    const double *shift, *scale; /* one number each, or one a column; NULL both: x′ = x */
    int64_t scale_step;          /* 0 for one number, 1 for one a column */
} tl_source;

#endif
