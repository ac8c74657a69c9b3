#include "kernels/kernels.h"
#include "optimize/flat_vector.h"

double TL(tl_dot_part)(void *job, int64_t first, int64_t count)
{
    const tl_vector_operands *o = job;
    const TL(tl_kernels) *kernels = o->kernels;
    return kernels->dot(count, o->a, (const real *)o->x + first, (const real *)o->y + first);
}

double TL(tl_largest_part)(void *job, int64_t first, int64_t count)
{
    const tl_vector_operands *o = job;
    const TL(tl_kernels) *kernels = o->kernels;
    return kernels->largest(count, (const real *)o->x + first);
}

double TL(tl_axpy_part)(void *job, int64_t first, int64_t count)
{
    const tl_vector_operands *o = job;
    const TL(tl_kernels) *kernels = o->kernels;
    kernels->axpy(count, o->a, (const real *)o->x + first, (real *)o->z + first);
    return 0;
}

double TL(tl_combine_part)(void *job, int64_t first, int64_t count)
{
    const tl_vector_operands *o = job;
    const TL(tl_kernels) *kernels = o->kernels;
    kernels->combine(count, o->a, (const real *)o->x + first, o->b, (const real *)o->y + first,
                     (real *)o->z + first);
    return 0;
}
