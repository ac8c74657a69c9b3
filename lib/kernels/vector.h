/* Flat vectors: what kernels.h lists as dot, largest, axpy, clip and combine. */
#ifndef TL_KERNELS_VECTOR_H
#define TL_KERNELS_VECTOR_H

#include "kernels/variant.h"

double K(dot)(int64_t count, double s, const real *x, const real *y);
double K(largest)(int64_t count, const real *x);
void K(axpy)(int64_t count, double a, const real *x, real *y);
void K(combine)(int64_t count, double a, const real *x, double b, const real *y, real *z);
void K(clip)(int64_t count, double most, double scale, const real *x, real *y);

#endif
