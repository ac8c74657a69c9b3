/* The sizes that a plan is made with, for an instruction set and a precision. */
#ifndef TL_ENGINE_PLAN_ENTRY_H
#define TL_ENGINE_PLAN_ENTRY_H

#include <talus/plan.h>

#include "base/context.h"

typedef struct tl_plan_entry {
    int64_t samples, features, inner, inner_across, pack, weight_rows, weight_cols, cache;
    bool own_products;
} tl_plan_entry;

/* The entry of a context: one it was given, or one of our own. */
tl_plan_entry tl_plan_entry_of(const talus_context *context, int precision);

#endif
