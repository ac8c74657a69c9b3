/* What there is to know of each method. */
#ifndef TL_OPTIMIZE_RULE_H
#define TL_OPTIMIZE_RULE_H

#include <talus/optimizer.h>

#include "base/options.h"
#include "kernels/coefficients.h"

#define TL_MOST_OPTIONS 4
#define TL_NO_RATE      0.001 /* what the rate of a method without one stays at: the default of the table */

struct tl_search;

typedef struct tl_rule {
    const char *name;
    const struct tl_search
        *search; /* optimize/minimizer.h; or NULL for an update rule, which has all this: */
    int states;  /* state vectors of n numbers, at most TL_MOST_STATES */
    double rate; /* the default of η */
    const char *options[TL_MOST_OPTIONS + 1]; /* that it has beside the rate; then NULL */
    /* The coefficients of step t ≥ 1. */
    void (*coefficients)(const talus_optimizer_spec *spec, int64_t t, double c[TL_COEFFICIENTS]);
    /* A bound of what step t changes a parameter by, if no |g_i| has exceeded g so far, and g² is finite. */
    double (*reach)(const double c[TL_COEFFICIENTS], int64_t t, double g);
    /* Those of step 1 that must be normal numbers of the precision, and their formulas. */
    struct {
        int coefficient;
        const char *formula; /* NULL: no more */
    } first[TL_MOST_OPTIONS];
} tl_rule;

/* The rule of a method, or NULL if it is unknown. */
const tl_rule *tl_rule_of(int method);

extern const tl_names tl_method_names;
extern const tl_options tl_optimizer_table; /* talus_optimizer_spec */

/* Checks a spec for a precision: every range, that what the method does not have is at its default, and that nothing
 * vanishes or overflows in the precision. */
talus_status tl_check_optimizer(talus_context *context, const talus_optimizer_spec *spec, int precision);

#endif
