/* Dropout: what kernels.h lists as drop. */
#ifndef TL_KERNELS_DROPOUT_H
#define TL_KERNELS_DROPOUT_H

#include "kernels/families.h"
#include "kernels/variant.h"

void K(drop)(const TL(tl_dropout_args) * args);

#endif
