/* Softmax: forward, its derivative, and its fused form with cross-entropy. */
#ifndef TL_KERNELS_SOFTMAX_H
#define TL_KERNELS_SOFTMAX_H

#include "kernels/families.h"
#include "kernels/variant.h"

void K(softmax_forward)(const TL(tl_activation_args) * x);
void K(softmax_backward)(const TL(tl_activation_args) * x);
double K(softmax_cross_entropy)(const TL(tl_loss_args) * x);
double K(largest_agree)(const TL(tl_loss_args) * x);

#endif
