/* Losses and the counts of right decisions: what kernels.h lists as loss and right. */
#ifndef TL_KERNELS_LOSS_H
#define TL_KERNELS_LOSS_H

#include "kernels/variant.h"

/* The sum of the losses of a tile's samples, and delta = ∂(scale·sum)/∂A or, for the cross-entropies, ∂/∂Z */
typedef double K(loss)(int64_t rows, int64_t cols, real *a, const real *y, real *delta, int64_t ld,
                       real scale);

extern K(loss) K(loss_squared_error), K(loss_binary_cross_entropy), K(loss_cross_entropy);

typedef int64_t K(right)(int64_t rows, int64_t cols, const real *a, const real *y, int64_t ld);

extern K(right) K(right_squared_error), K(right_binary_cross_entropy), K(right_cross_entropy);

#endif
