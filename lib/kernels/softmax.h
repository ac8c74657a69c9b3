/* Softmax: forward, and its derivative. */
#ifndef TL_KERNELS_SOFTMAX_H
#define TL_KERNELS_SOFTMAX_H

#include "kernels/families.h"
#include "kernels/variant.h"

void K(softmax_forward)(const TL(tl_activation_args) * x);
void K(softmax_backward)(const TL(tl_activation_args) * x);

#endif
