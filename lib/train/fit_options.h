#ifndef TL_TRAIN_FIT_OPTIONS_H
#define TL_TRAIN_FIT_OPTIONS_H

#include <talus/train.h>

#include "base/options.h"

extern const tl_options tl_fit_table; /* talus_fit_options */

#endif
