#ifndef TL_TRAIN_FIT_OPTIONS_H
#define TL_TRAIN_FIT_OPTIONS_H

#include <talus/train.h>

#include "base/options.h"

extern const tl_options tl_fit_table; /* talus_fit_options */

/* Checks every range, and that what needs another option is at its default without it. */
talus_status tl_fit_options_check(talus_context *context, const talus_fit_options *options);

#endif
