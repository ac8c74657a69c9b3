/* Products of tiles: what kernels.h lists as product. */
#ifndef TL_KERNELS_PRODUCT_H
#define TL_KERNELS_PRODUCT_H

#include <stdbool.h>

#include "kernels/variant.h"

void K(product)(int64_t m, int64_t n, int64_t k, const real *a, int64_t row_step, int64_t inner_step,
                const real *b, int64_t ldb, bool add, real *c, int64_t ldc);

#endif
