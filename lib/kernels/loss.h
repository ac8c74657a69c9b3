/* The losses of one compilation, by code. */
#ifndef TL_KERNELS_LOSS_H
#define TL_KERNELS_LOSS_H

#include <talus/network.h>

#include "kernels/families.h"
#include "kernels/variant.h"

extern const TL(tl_loss_kernel) K(losses)[TALUS_LOSS_COUNT];

#endif
