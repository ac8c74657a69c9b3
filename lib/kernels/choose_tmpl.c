#include <stddef.h>
#include <talus/context.h>

#include "kernels/kernels.h"
#include "kernels/variant.h"

extern const TL(tl_kernels) TL_PASTE(kernels, TL_PRECISION, baseline);
#ifdef TL_X86_VARIANTS
extern const TL(tl_kernels) TL_PASTE(kernels, TL_PRECISION, avx2);
extern const TL(tl_kernels) TL_PASTE(kernels, TL_PRECISION, avx512);
#endif

const void *TL(tl_variant)(int instruction_set);
int TL(tl_variant_lanes)(const void *table);

static const TL(tl_kernels) *const tables[TALUS_INSTRUCTION_SET_COUNT] = {
    [TALUS_INSTRUCTION_SET_BASELINE] = &TL_PASTE(kernels, TL_PRECISION, baseline),
#ifdef TL_X86_VARIANTS
    [TALUS_INSTRUCTION_SET_AVX2] = &TL_PASTE(kernels, TL_PRECISION, avx2),
    [TALUS_INSTRUCTION_SET_AVX512] = &TL_PASTE(kernels, TL_PRECISION, avx512),
#endif
};

const void *TL(tl_variant)(int instruction_set)
{
    return tables[instruction_set];
}

int TL(tl_variant_lanes)(const void *table)
{
    return ((const TL(tl_kernels) *)table)->lanes;
}
