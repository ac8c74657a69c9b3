/* Products of tiles: what kernels.h lists as product. */
#ifndef TL_KERNELS_PRODUCT_H
#define TL_KERNELS_PRODUCT_H

#include "kernels/kernels.h"
#include "kernels/variant.h"

void K(product)(const TL(tl_operands) * operands);

#endif
