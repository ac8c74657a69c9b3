/* optimize: update rules. They see parameters and gradient as n-vectors and know no network. */
#ifndef TL_OPTIMIZE_OPTIMIZER_H
#define TL_OPTIMIZE_OPTIMIZER_H

#include <talus/optimizer.h>

#include "base/context.h"
#include "kernels/coefficients.h"

struct talus_optimizer {
    talus_context *context;
    talus_optimizer_spec spec;
    int precision;
    int64_t count;        /* n */
    int64_t steps;        /* taken so far: t − 1 */
    const void *kernels;  /* the table of the precision */
    void *first, *second; /* state vectors of n numbers, as many as the method has; else NULL */
    union {
        float f32[TL_COEFFICIENTS];
        double f64[TL_COEFFICIENTS];
    } coefficients;
};

/* A step is: tl_optimizer_begin, tl_optimizer_apply once for every part of the vector in any order and from any
 * thread, tl_optimizer_end. A step that is begun but not ended, and of which no part was applied, is no step. */
void tl_optimizer_begin(talus_optimizer *optimizer);
void tl_optimizer_end(talus_optimizer *optimizer);

/* Updates the rows × cols parameters that start at `offset` of the vector, row i at offset + i·ld. */
void tl_optimizer_apply(void *optimizer, void *parameters, int64_t offset, int64_t rows, int64_t cols,
                        int64_t ld, const void *gradient, int64_t ld_gradient);

/* The kernels' part of tl_optimizer_apply, in each precision. */
void tl_optimizer_apply_f32(talus_optimizer *optimizer, float *parameters, int64_t offset, int64_t rows,
                            int64_t cols, int64_t ld, const float *gradient, int64_t ld_gradient);
void tl_optimizer_apply_f64(talus_optimizer *optimizer, double *parameters, int64_t offset, int64_t rows,
                            int64_t cols, int64_t ld, const double *gradient, int64_t ld_gradient);

#endif
