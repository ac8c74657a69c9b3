/* Losses of a sample as a whole, whose outputs are classes; those of probabilities are computed together with softmax. */
#ifndef TL_KERNELS_CLASS_LOSS_H
#define TL_KERNELS_CLASS_LOSS_H

#include "kernels/families.h"
#include "kernels/variant.h"

double K(softmax_cross_entropy)(const TL(tl_loss_args) * x);
double K(softmax_divergence)(const TL(tl_loss_args) * x);
double K(softmax_focal)(const TL(tl_loss_args) * x);
double K(hinge)(const TL(tl_loss_args) * x);
tl_decisions K(largest_agree)(const TL(tl_loss_args) * x);

#endif
