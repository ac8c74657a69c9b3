/* Sums down the columns of a block of rows (rows × n, f64, in memory one after the other), over the threads of a context. They are
 * cut by shape, so that the bits do not depend on the threads. */
#ifndef TL_TRAIN_ROW_PRODUCTS_H
#define TL_TRAIN_ROW_PRODUCTS_H

#include "base/context.h"

/* A block J, a vector x, and what they give. */
typedef struct tl_row_product {
    int64_t rows, n;
    const double *block, *x;
    double *y;
    double *squares; /* NULL: not wanted */
} tl_row_product;

/* y (n) += Jᵀ·x, of x (rows); and squares_j += Σ_i J_ij² */
void tl_columns_add(talus_context *context, const tl_row_product *product);

#endif
