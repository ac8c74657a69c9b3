#include "kernels/kernels.h"
#include "optimize/optimizer.h"

#if TL_PRECISION == 32
#define COEFFICIENTS(optimizer) ((optimizer)->coefficients.f32)
#else
#define COEFFICIENTS(optimizer) ((optimizer)->coefficients.f64)
#endif

static real *at(void *state, int64_t offset)
{
    return state == NULL ? NULL : (real *)state + offset;
}

void TL(tl_optimizer_apply)(talus_optimizer *optimizer, real *parameters, int64_t offset, int64_t rows,
                            int64_t cols, int64_t ld, const real *gradient, int64_t ld_gradient)
{
    const TL(tl_kernels) *kernels = optimizer->kernels;
    kernels->update[optimizer->spec.method](rows, cols, parameters, at(optimizer->first, offset),
                                            at(optimizer->second, offset), ld, gradient, ld_gradient,
                                            COEFFICIENTS(optimizer));
}
