/* Products of tiles: what kernels.h lists as product and product_with_vector. */
#ifndef TL_KERNELS_PRODUCT_H
#define TL_KERNELS_PRODUCT_H

#include "kernels/kernels.h"
#include "kernels/variant.h"

void K(product)(const TL(tl_operands) * operands);
void K(product_with_vector)(const TL(tl_operands) * operands);

#endif
