/* The update rules of one compilation, by the code of their method. */
#ifndef TL_KERNELS_UPDATE_H
#define TL_KERNELS_UPDATE_H

#include <talus/optimizer.h>

#include "kernels/families.h"
#include "kernels/variant.h"

extern TL(tl_update_kernel) *const K(updates)[TALUS_METHOD_COUNT];

#endif
