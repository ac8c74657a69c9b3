/* What there is to know of each method. */
#ifndef TL_OPTIMIZE_RULE_H
#define TL_OPTIMIZE_RULE_H

#include <stdbool.h>
#include <talus/optimizer.h>

#include "base/options.h"
#include "kernels/coefficients.h"

#define TL_MOST_OPTIONS   8
#define TL_MOST_FORMS     4
#define TL_NO_RATE        0.001 /* what the rate of a method without one stays at: the default of the table */
#define TL_RULE_MEMORY    4
#define TL_MOST_STANDARDS 3

/* A step as its rule sees it. */
typedef struct tl_rule_step {
    const talus_optimizer_spec *spec; /* with the rate and the decay that the parameters have */
    int64_t t;                        /* 1, 2, … */
    double cost;                      /* C before the step, of rules that need it */
    double factor;        /* the largest that was on a rate, or on a rate and its decay, so far; at least 1 */
    const double *memory; /* what the rule remembers, this step included */
} tl_rule_step;

/* A kernel, and the state vectors of n numbers that it has, at most TL_MOST_STATES. */
typedef struct tl_form {
    int kernel, states;
} tl_form;

struct tl_search;
struct tl_matrix_rule;

typedef struct tl_rule {
    const char *name;
    const struct tl_search
        *search; /* optimize/minimizer.h; or NULL for an update rule, which has all this: */
    const struct tl_matrix_rule
        *matrices; /* optimize/matrices.h, for those that the optimiser is given; or NULL */
    tl_form forms[TL_MOST_FORMS];
    int (*form)(const talus_optimizer_spec *spec); /* which of them; NULL: the first */
    double rate;                                   /* the default of η */
    const char *options[TL_MOST_OPTIONS + 1];      /* that it has beside those of all; then NULL */
    struct {
        const char *name; /* NULL: no more */
        double value;
    } standards[TL_MOST_STANDARDS]; /* defaults of options that differ from the table's */
    bool takes_signs;               /* of the gradient only: there is nothing to clip, and no weight decay */
    bool needs_cost;                /* before the step */
    /* Refuses what the ranges of options allow and the rule does not; or NULL. */
    talus_status (*check)(talus_context *context, const talus_optimizer_spec *spec);
    /* Numbers that a rule keeps from step to step, all 0 before the first: they become those of step t; or NULL. */
    void (*remember)(const tl_rule_step *step, double memory[TL_RULE_MEMORY]);
    /* The coefficients of a step, all 0 but for TL_REMAINS. */
    void (*coefficients)(const tl_rule_step *step, double c[TL_COEFFICIENTS]);
    /* Bounds of what step t changes a parameter by, and of its states, if no |g_i| has exceeded g so far, and g² is
     * finite. hold NULL: g². */
    double (*reach)(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g);
    double (*hold)(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g);
    /* The average of the iterates is θ − a·(the first state): a; NULL: there is none. */
    double (*average)(const talus_optimizer_spec *spec);
    /* Those of step 1 that must be normal numbers of the precision, and their formulas. */
    struct {
        int coefficient;
        const char *formula; /* NULL: no more */
    } first[TL_MOST_OPTIONS];
} tl_rule;

/* The rule of a method, or NULL if it is unknown; what it works with. */
const tl_rule *tl_rule_of(int method);
const tl_form *tl_form_of(const talus_optimizer_spec *spec);

extern const tl_names tl_method_names;
extern const tl_options tl_optimizer_table; /* talus_optimizer_spec */

/* Takes the caller's spec of `size` bytes: what it lacks has the default of its method. */
talus_status tl_take_optimizer(talus_context *context, const talus_optimizer_spec *from, size_t size,
                               talus_optimizer_spec *spec);

/* Checks a spec for a precision: every range, that what the method does not have is at its default, and that nothing
 * vanishes or overflows in the precision. */
talus_status tl_check_optimizer(talus_context *context, const talus_optimizer_spec *spec, int precision);

#endif
