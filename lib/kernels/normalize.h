/* Normalisation and its derivative: what kernels.h lists as normalize_…, moments and dot_rows. */
#ifndef TL_KERNELS_NORMALIZE_H
#define TL_KERNELS_NORMALIZE_H

#include "kernels/families.h"
#include "kernels/variant.h"

void K(normalize_columns)(const TL(tl_normalize_args) * x);
void K(normalize_columns_backward)(const TL(tl_normalize_args) * x);
void K(normalize_rows)(const TL(tl_normalize_args) * x);
void K(normalize_rows_backward)(const TL(tl_normalize_args) * x);
void K(moments)(int64_t rows, int64_t cols, const real *x, int64_t ld, double *means, double *squares);
void K(dot_rows)(int64_t rows, int64_t cols, const real *x, const real *y, int64_t ld, real *sums);

#endif
