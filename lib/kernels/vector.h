/* Flat vectors: what kernels.h lists as dot, norm, largest, count_small, axpy, clip and combine. */
#ifndef TL_KERNELS_VECTOR_H
#define TL_KERNELS_VECTOR_H

#include "kernels/variant.h"

double K(dot)(int64_t count, double s, const real *x, const real *y);
double K(norm)(int64_t count, const real *x);
double K(largest)(int64_t count, const real *x);
void K(count_small)(int64_t count, const real *x, double least, int64_t *zero, int64_t *below);
void K(axpy)(int64_t count, double a, const real *x, real *y);
void K(combine)(int64_t count, double a, const real *x, double b, const real *y, real *z);
void K(clip)(int64_t count, double most, double scale, const real *x, real *y);

#endif
