/* Normalisation over the units of a layer, and its derivative. */
#ifndef TL_KERNELS_NORMALIZE_H
#define TL_KERNELS_NORMALIZE_H

#include "kernels/families.h"
#include "kernels/variant.h"

void K(normalize)(const TL(tl_normalize_args) * x);
void K(normalize_backward)(const TL(tl_normalize_args) * x);

#endif
