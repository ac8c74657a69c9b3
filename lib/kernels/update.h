/* The update kernels of one compilation, TL_UPDATES of them. */
#ifndef TL_KERNELS_UPDATE_H
#define TL_KERNELS_UPDATE_H

#include "kernels/families.h"
#include "kernels/variant.h"

extern TL(tl_update_kernel) *const K(updates)[TL_UPDATES];

#endif
