#include "kernels/pieces.h"

#include <stddef.h>
#include <talus/context.h>

#include "base/matrix_units.h"
#include "base/processor.h"

extern const tl_piece_kernels tl_piece_kernels_f32_baseline;
#ifdef TL_X86_VARIANTS
extern const tl_piece_kernels tl_piece_kernels_f32_avx2;
extern const tl_piece_kernels tl_piece_kernels_f32_avx512;
#endif
#ifdef TL_HAVE_TILES
extern const tl_piece_kernels tl_piece_kernels_f32_amx_bf16;
#endif
#ifdef TL_HAVE_PAIRS
extern const tl_piece_kernels tl_piece_kernels_f32_avx512_bf16;
#endif

static const tl_piece_kernels *const tables[TALUS_INSTRUCTION_SET_COUNT] = {
    [TALUS_INSTRUCTION_SET_BASELINE] = &tl_piece_kernels_f32_baseline,
#ifdef TL_X86_VARIANTS
    [TALUS_INSTRUCTION_SET_AVX2] = &tl_piece_kernels_f32_avx2,
    [TALUS_INSTRUCTION_SET_AVX512] = &tl_piece_kernels_f32_avx512,
#endif
};

const tl_piece_kernels *tl_piece_kernels_without_units(int instruction_set)
{
    return tables[instruction_set];
}

const char *tl_piece_units_missing(int instruction_set)
{
    if (instruction_set != TALUS_INSTRUCTION_SET_AVX512)
        return "matrix units go with the instruction set avx512";
#ifdef TL_HAVE_TILES
    return tl_matrix_units_missing();
#else
    return "the compiler of this library knows no matrix units";
#endif
}

const tl_piece_kernels *tl_piece_kernels_of(int instruction_set)
{
#ifdef TL_HAVE_TILES
    if (tl_piece_units_missing(instruction_set) == NULL)
        return &tl_piece_kernels_f32_amx_bf16;
#endif
    return tables[instruction_set];
}

const tl_piece_kernels *tl_piece_kernels_with_pairs(int instruction_set)
{
#ifdef TL_HAVE_PAIRS
    if (instruction_set == TALUS_INSTRUCTION_SET_AVX512 && tl_processor_multiplies_pairs())
        return &tl_piece_kernels_f32_avx512_bf16;
#endif
    (void)instruction_set;
    return NULL;
}
