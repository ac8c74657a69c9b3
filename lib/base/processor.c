#include "base/processor.h"

#include "base/names.h"

static const char *const names[TALUS_INSTRUCTION_SET_COUNT] = {
    [TALUS_INSTRUCTION_SET_BEST] = "best",
    [TALUS_INSTRUCTION_SET_BASELINE] = "baseline",
    [TALUS_INSTRUCTION_SET_AVX2] = "avx2",
    [TALUS_INSTRUCTION_SET_AVX512] = "avx512",
};

static const char *name_of(int instruction_set)
{
    return names[instruction_set];
}

const tl_names tl_instruction_set_names = {TALUS_ENUMERATION_INSTRUCTION_SET, TALUS_INSTRUCTION_SET_COUNT,
                                           name_of};

const char *tl_instruction_set_name(int instruction_set)
{
    return tl_name(&tl_instruction_set_names, instruction_set);
}

#if defined(__x86_64__)
static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
}

bool tl_processor_multiplies_pairs(void)
{
    return runs_avx512() && __builtin_cpu_supports("avx512bf16");
}
#else
static bool runs_avx2(void)
{
    return false;
}

static bool runs_avx512(void)
{
    return false;
}

bool tl_processor_multiplies_pairs(void)
{
    return false;
}
#endif

bool tl_processor_runs(int instruction_set)
{
    switch (instruction_set) {
    case TALUS_INSTRUCTION_SET_BASELINE:
        return true;
    case TALUS_INSTRUCTION_SET_AVX2:
        return runs_avx2();
    case TALUS_INSTRUCTION_SET_AVX512:
        return runs_avx512();
    default:
        return false;
    }
}

int tl_processor_best(void)
{
    return runs_avx512() ? TALUS_INSTRUCTION_SET_AVX512
           : runs_avx2() ? TALUS_INSTRUCTION_SET_AVX2
                         : TALUS_INSTRUCTION_SET_BASELINE;
}
