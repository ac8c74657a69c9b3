/* What there is to know of each update rule. */
#ifndef TL_OPTIMIZE_RULE_H
#define TL_OPTIMIZE_RULE_H

#include <talus/optimizer.h>

#include "base/context.h"
#include "kernels/coefficients.h"

typedef struct tl_rule {
    int states; /* state vectors of n numbers, at most TL_MOST_STATES */
    talus_optimizer_spec defaults;
    talus_status (*check)(talus_context *context, const talus_optimizer_spec *spec);
    /* The coefficients of step t ≥ 1. */
    void (*coefficients)(const talus_optimizer_spec *spec, int64_t t, double c[TL_COEFFICIENTS]);
    /* A bound of what step t changes a parameter by, if no |g_i| has exceeded g so far, and g² is finite. */
    double (*reach)(const double c[TL_COEFFICIENTS], int64_t t, double g);
} tl_rule;

/* The rule of a method, or NULL if it is unknown. */
const tl_rule *tl_rule_of(int method);

/* Checks a spec: its method, its rate, and what its rule needs. */
talus_status tl_check_optimizer(talus_context *context, const talus_optimizer_spec *spec);

/* Whether a learning rate can be used: finite and above 0. */
talus_status tl_check_rate(talus_context *context, double rate);

#endif
