#include "base/processor.h"

static const char *const names[TALUS_INSTRUCTION_SET_COUNT] = {
    [TALUS_BEST] = "best",
    [TALUS_BASELINE] = "baseline",
    [TALUS_AVX2] = "avx2",
    [TALUS_AVX512] = "avx512",
};

const char *tl_instruction_set_name(int instruction_set)
{
    return instruction_set >= 0 && instruction_set < TALUS_INSTRUCTION_SET_COUNT ? names[instruction_set]
                                                                                 : "unknown";
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
#else
static bool runs_avx2(void)
{
    return false;
}

static bool runs_avx512(void)
{
    return false;
}
#endif

bool tl_processor_runs(int instruction_set)
{
    switch (instruction_set) {
    case TALUS_BASELINE:
        return true;
    case TALUS_AVX2:
        return runs_avx2();
    case TALUS_AVX512:
        return runs_avx512();
    default:
        return false;
    }
}

int tl_processor_best(void)
{
    return runs_avx512() ? TALUS_AVX512 : runs_avx2() ? TALUS_AVX2 : TALUS_BASELINE;
}
