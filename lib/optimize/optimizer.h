/* optimize: update rules. They see parameters and gradient as n-vectors and know no network. */
#ifndef TL_OPTIMIZE_OPTIMIZER_H
#define TL_OPTIMIZE_OPTIMIZER_H

#include <talus/optimizer.h>

#include "base/context.h"
#include "kernels/coefficients.h"

struct tl_minimizer;

struct talus_optimizer {
    talus_context *context;
    talus_optimizer_spec spec;
    int precision;
    int64_t count;                        /* n */
    int64_t steps;                        /* taken so far: t − 1 */
    const void *kernels;                  /* the table of the precision */
    void *states[TL_MOST_STATES];         /* vectors of n numbers, as many as the method has; then NULL */
    struct tl_minimizer *minimizer;       /* that iterates with it, if there is one */
    double coefficients[TL_COEFFICIENTS]; /* of the step that is begun */
    double scale;                  /* that the gradient of that step is multiplied by, to clip its norm */
    double largest, begun_largest; /* bounds of |g_i| over all steps, and with the one that is begun */
};

/* A step is: tl_optimizer_begin; tl_optimizer_is_safe, and unless it is, tl_optimizer_rehearse for every part of the vector;
 * if that stays finite, tl_optimizer_apply for every part, in any order and from any thread; tl_optimizer_end. A step that
 * is begun but not ended, and of which no part was applied, is no step. */
void tl_optimizer_begin(talus_optimizer *optimizer);
void tl_optimizer_end(talus_optimizer *optimizer);

/* Whether a step needs the whole gradient before any part of it is applied: it is stored and given to tl_optimizer_run. */
bool tl_optimizer_wants_all(const talus_optimizer *optimizer);

/* Whether the method searches along lines: then none of these is for it, but what optimize/minimizer.h says. */
bool tl_optimizer_searches(const talus_optimizer *optimizer);

/* A whole step on stored vectors, which all threads share. False, and nothing has changed, if the gradient is not finite, or
 * parameters or states would not stay so. The bits are those of the same step part by part. */
bool tl_optimizer_run(talus_optimizer *optimizer, void *parameters, const void *gradient);

/* Whether this step surely leaves finite parameters and states finite if no |g_i| exceeds `bound`. */
bool tl_optimizer_is_safe(void *optimizer, double bound);

/* Updates the rows × cols parameters that start at `offset` of the vector, row i at offset + i·ld. */
void tl_optimizer_apply(void *optimizer, void *parameters, int64_t offset, int64_t rows, int64_t cols,
                        int64_t ld, const void *gradient, int64_t ld_gradient);

/* Whether tl_optimizer_apply would leave them, and their states, finite. */
bool tl_optimizer_rehearse(void *optimizer, const void *parameters, int64_t offset, int64_t rows,
                           int64_t cols, int64_t ld, const void *gradient, int64_t ld_gradient);

/* All that steps change of an optimiser: its vectors, the numbers of the struct, and what its minimiser has learnt, but not the spec, so that the rate
 * stays as it is. The state is a block of so many bytes, aligned as any memory; what is restored has the bits of what was
 * saved. Numbers that are put into the struct are part of it by that. */
size_t tl_optimizer_state_bytes(const talus_optimizer *optimizer);
void tl_optimizer_state_save(const talus_optimizer *optimizer, void *state);
void tl_optimizer_state_restore(talus_optimizer *optimizer, const void *state);

/* The same in each precision. */
void tl_optimizer_apply_f32(const talus_optimizer *optimizer, void *parameters, int64_t offset, int64_t rows,
                            int64_t cols, int64_t ld, const void *gradient, int64_t ld_gradient);
void tl_optimizer_apply_f64(const talus_optimizer *optimizer, void *parameters, int64_t offset, int64_t rows,
                            int64_t cols, int64_t ld, const void *gradient, int64_t ld_gradient);
bool tl_optimizer_rehearse_f32(const talus_optimizer *optimizer, const void *parameters, int64_t offset,
                               int64_t rows, int64_t cols, int64_t ld, const void *gradient,
                               int64_t ld_gradient);
bool tl_optimizer_rehearse_f64(const talus_optimizer *optimizer, const void *parameters, int64_t offset,
                               int64_t rows, int64_t cols, int64_t ld, const void *gradient,
                               int64_t ld_gradient);

#endif
