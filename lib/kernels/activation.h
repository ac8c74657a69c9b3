/* The activations of one compilation, by code. */
#ifndef TL_KERNELS_ACTIVATION_H
#define TL_KERNELS_ACTIVATION_H

#include <talus/network.h>

#include "kernels/families.h"
#include "kernels/variant.h"

extern const TL(tl_activation_kernel) K(activations)[TALUS_ACTIVATION_COUNT];

#endif
