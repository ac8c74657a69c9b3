#ifndef TL_OPTIMIZE_MINIMIZE_OPTIONS_H
#define TL_OPTIMIZE_MINIMIZE_OPTIONS_H

#include <talus/minimize.h>

#include "base/options.h"

extern const tl_options tl_minimize_table; /* talus_minimize_options */

#endif
