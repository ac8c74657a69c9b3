#include <talus/outcome.h>

#include "base/names.h"

static const char *outcome_name(int outcome)
{
    static const char *const names[] = {
        [TALUS_OUTCOME_COMPLETED] = "completed", [TALUS_OUTCOME_STOPPED] = "stopped",
        [TALUS_OUTCOME_DIVERGED] = "diverged",   [TALUS_OUTCOME_CONVERGED] = "converged",
        [TALUS_OUTCOME_TARGET] = "target",       [TALUS_OUTCOME_STALLED] = "stalled",
        [TALUS_OUTCOME_TIME] = "time",           [TALUS_OUTCOME_LIMIT] = "limit",
    };
    return names[outcome];
}

const tl_names tl_outcome_names = {TALUS_ENUMERATION_OUTCOME, TALUS_OUTCOME_LIMIT + 1, outcome_name};
