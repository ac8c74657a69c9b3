/* optimize: update rules. They see parameters and gradient as n-vectors and know no network. */
#ifndef TL_OPTIMIZE_OPTIMIZER_H
#define TL_OPTIMIZE_OPTIMIZER_H

#include <talus/optimizer.h>

#include "base/context.h"
#include "optimize/factors.h"
#include "optimize/matrices.h"
#include "optimize/rule.h"

/* What steps leave behind beside the vectors. */
typedef struct tl_progress {
    double largest;                /* a bound of every |g_i| so far */
    double factor;                 /* the largest so far, as tl_rule_step has it */
    double memory[TL_RULE_MEMORY]; /* of the rule */
} tl_progress;

struct tl_minimizer;

struct talus_optimizer {
    talus_context *context;
    talus_optimizer_spec spec;
    int precision;
    int64_t count;                  /* n */
    int64_t steps;                  /* taken so far: t − 1 */
    const void *kernels;            /* the table of the precision */
    const tl_form *form;            /* of its rule */
    void *states[TL_MOST_STATES];   /* vectors of n numbers, as many as the form has; then NULL */
    struct tl_minimizer *minimizer; /* that iterates with it, if there is one */
    tl_matrices matrices;           /* that its rule sees */
    tl_factors factors;             /* with the coefficients of the step that is begun */
    double cost;                    /* C before the next step; NaN: not told */
    double scale;            /* that the gradient of the begun step is multiplied by, to clip its norm */
    tl_progress done, begun; /* after the steps that were made, and after the one that is begun */
};

/* A step is: tl_optimizer_begin; tl_optimizer_is_safe, and unless it is, tl_optimizer_rehearse for every part of the vector;
 * if that stays finite, tl_optimizer_apply for every part, in any order and from any thread; tl_optimizer_end. A step that
 * is begun but not ended, and of which no part was applied, is no step. A part lies in one range of the factors. */
void tl_optimizer_begin(talus_optimizer *optimizer);
void tl_optimizer_end(talus_optimizer *optimizer);

/* Whether a step needs the whole gradient, or the cost, before any part is applied: the gradient is stored and given to
 * tl_optimizer_run. */
bool tl_optimizer_wants_all(const talus_optimizer *optimizer);

/* Whether the method searches along lines: then none of these is for it, but what optimize/minimizer.h says. */
bool tl_optimizer_searches(const talus_optimizer *optimizer);

/* A whole step on stored vectors, which all threads share. False, and nothing has changed, if the gradient is not finite, or
 * parameters or states would not stay so. The bits are those of the same step part by part. */
bool tl_optimizer_run(talus_optimizer *optimizer, void *parameters, const void *gradient);

/* max |g_i|, of what is not frozen; NaN if one is NaN. */
double tl_optimizer_largest(const talus_optimizer *optimizer, const void *gradient);

/* Whether this step surely leaves finite parameters and states finite if no |g_i| exceeds `bound`. */
bool tl_optimizer_is_safe(void *optimizer, double bound);

/* Whether what the rule learns of matrices stays finite in this step if no |g_i| exceeds `bound`. */
bool tl_optimizer_may_learn(const talus_optimizer *optimizer, double bound);

/* Whether the parameters from `offset` on are frozen, so that their gradient is not needed. */
bool tl_optimizer_is_frozen(void *optimizer, int64_t offset);

/* Updates the rows × cols parameters that start at `offset` of the vector, row i at offset + i·ld. */
void tl_optimizer_apply(void *optimizer, void *parameters, int64_t offset, int64_t rows, int64_t cols,
                        int64_t ld, const void *gradient, int64_t ld_gradient);

/* Whether tl_optimizer_apply would leave them, and their states, finite. */
bool tl_optimizer_rehearse(void *optimizer, const void *parameters, int64_t offset, int64_t rows,
                           int64_t cols, int64_t ld, const void *gradient, int64_t ld_gradient);

/* The same in each precision, for parameters that a setting is for. */
void tl_optimizer_apply_f32(const talus_optimizer *optimizer, const tl_setting *setting, void *parameters,
                            int64_t offset, int64_t rows, int64_t cols, int64_t ld, const void *gradient,
                            int64_t ld_gradient);
void tl_optimizer_apply_f64(const talus_optimizer *optimizer, const tl_setting *setting, void *parameters,
                            int64_t offset, int64_t rows, int64_t cols, int64_t ld, const void *gradient,
                            int64_t ld_gradient);
bool tl_optimizer_rehearse_f32(const talus_optimizer *optimizer, const tl_setting *setting,
                               const void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                               const void *gradient, int64_t ld_gradient);
bool tl_optimizer_rehearse_f64(const talus_optimizer *optimizer, const tl_setting *setting,
                               const void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                               const void *gradient, int64_t ld_gradient);

/* Whether the gradient of a begun step is clipped. */
bool tl_optimizer_clips(const talus_optimizer *optimizer);

/* The gradient of `count` parameters from `offset` on as the rule of a begun step sees it: clipped, and 0 for what is
 * frozen. */
void tl_optimizer_take_f32(const talus_optimizer *optimizer, int64_t offset, int64_t count,
                           const void *gradient, void *to);
void tl_optimizer_take_f64(const talus_optimizer *optimizer, int64_t offset, int64_t count,
                           const void *gradient, void *to);

/* Whether that is the gradient itself. */
bool tl_optimizer_takes_all(const talus_optimizer *optimizer, int64_t offset, int64_t count);

/* Sets the factors of the whole vector, by ranges as for tl_factors_make: false if there is no memory. */
bool tl_optimizer_set_ranges(talus_optimizer *optimizer, const tl_factor_range *ranges, int64_t count);

/* Refuses factors that are not finite numbers of at least 0, and any of a method without a rate. */
talus_status tl_check_factors(const talus_optimizer *optimizer, const char *call, double rate, double decay);

/* Where to evaluate: the average of the iterates of a method that has one, from the parameters that it steps on, or else a copy
 * of those. average may be parameters. And such a method goes on from parameters that are all of its points at once. */
bool tl_optimizer_has_average(const talus_optimizer *optimizer);
void tl_optimizer_restart_average(talus_optimizer *optimizer);
void tl_optimizer_average(const talus_optimizer *optimizer, const void *parameters, void *average);

/* All that steps change of an optimiser: its vectors, its numbers, and what its minimiser has learnt, but not the spec and
 * the factors, so that the rate stays as it is. The state is a block of so many bytes, aligned as any memory; what is restored has the bits of what was
 * saved. */
typedef struct tl_optimizer_parts {
    int64_t *steps;
    tl_progress *done;
    int vector_count; /* of n numbers each */
    char *vectors[TL_MOST_STATES];
    struct tl_minimizer *minimizer; /* that has learnt something; or NULL */
    int64_t kept_count;             /* numbers that are kept of matrices */
    void *kept;
} tl_optimizer_parts;

/* The parts of the state that an optimiser has; or, unless block is NULL, of one that was saved into a block, for an optimiser
 * without a minimiser. */
tl_optimizer_parts tl_optimizer_parts_of(talus_optimizer *optimizer, void *block);

size_t tl_optimizer_state_bytes(const talus_optimizer *optimizer);
void tl_optimizer_state_save(const talus_optimizer *optimizer, void *state);
void tl_optimizer_state_restore(talus_optimizer *optimizer, const void *state);

#endif
