#ifndef TL_TRAIN_LEVENBERG_MARQUARDT_H
#define TL_TRAIN_LEVENBERG_MARQUARDT_H

#include <talus/levenberg_marquardt.h>

#include "network/network.h"

extern const tl_options tl_levenberg_marquardt_table; /* talus_levenberg_marquardt_options */

/* Refuses networks whose cost is not a sum of squares of single samples. */
talus_status tl_levenberg_marquardt_check(const talus_network *network);

#endif
