#include <stddef.h>

#include "kernels/kernels.h"
#include "kernels/variant.h"

extern const TL(tl_kernels) TL_PASTE(kernels, TL_PRECISION, baseline);
#ifdef TL_X86_VARIANTS
extern const TL(tl_kernels) TL_PASTE(kernels, TL_PRECISION, avx2);
extern const TL(tl_kernels) TL_PASTE(kernels, TL_PRECISION, avx512);
#endif

int TL(tl_variant_count)(void);
const void *TL(tl_variant)(int index);

static bool runs_baseline(void)
{
    return true;
}

#ifdef TL_X86_VARIANTS
static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}
#endif

/* In rising order of merit. */
static const struct {
    bool (*runs)(void);
    const TL(tl_kernels) * table;
} variants[] = {
    {runs_baseline, &TL_PASTE(kernels, TL_PRECISION, baseline)},
#ifdef TL_X86_VARIANTS
    {runs_avx2, &TL_PASTE(kernels, TL_PRECISION, avx2)},
    {runs_avx512, &TL_PASTE(kernels, TL_PRECISION, avx512)},
#endif
};

int TL(tl_variant_count)(void)
{
    return (int)(sizeof variants / sizeof variants[0]);
}

const void *TL(tl_variant)(int index)
{
    return variants[index].runs() ? variants[index].table : NULL;
}
