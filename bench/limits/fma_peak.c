#include "limits/fma_peak.h"

#include <talus/matrix.h>

#include "measure/team.h"

const bench_fma_kernel *bench_fma_kernel_best(int precision)
{
    int f32 = precision == TALUS_DTYPE_F32;
#ifdef BENCH_X86
    if (__builtin_cpu_supports("avx512f"))
        return f32 ? &bench_fma_f32_avx512 : &bench_fma_f64_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return f32 ? &bench_fma_f32_avx2 : &bench_fma_f64_avx2;
#endif
    return f32 ? &bench_fma_f32_baseline : &bench_fma_f64_baseline;
}

static void run(void *context, int member, int64_t repetitions)
{
    static const double seed[16] = {0.5, 1,   2,   2.1, 1.9, 2.2, 1.8, 2.3,
                                    1.7, 2.4, 1.6, 2.5, 1.5, 2.6, 1.4, 2.7};
    const bench_fma_peak *peak = context;
    volatile double result = peak->kernel->run(repetitions, seed);
    (void)result;
    (void)member;
}

double bench_fma_peak_measure(void *context, int64_t repetitions)
{
    bench_fma_peak *peak = context;
    return bench_team_run(peak->threads, run, peak, repetitions);
}

double bench_fma_peak_flops(const bench_fma_peak *peak)
{
    return peak->kernel->flops * peak->threads;
}
