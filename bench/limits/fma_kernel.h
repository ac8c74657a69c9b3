/* One compilation of fma_kernel_tmpl.c: multiply-adds in registers for a precision and an instruction set. */
#ifndef BENCH_FMA_KERNEL_H
#define BENCH_FMA_KERNEL_H

#include <stdint.h>

typedef struct bench_fma_kernel {
    const char *name; /* the instruction set */
    double flops;     /* of one repetition */
    /* Makes repetitions; seed holds 16 numbers that start the chains. What it returns has no meaning. */
    double (*run)(int64_t repetitions, const double *seed);
} bench_fma_kernel;

extern const bench_fma_kernel bench_fma_f32_baseline, bench_fma_f64_baseline;
#ifdef BENCH_X86
extern const bench_fma_kernel bench_fma_f32_avx2, bench_fma_f64_avx2;
extern const bench_fma_kernel bench_fma_f32_avx512, bench_fma_f64_avx512;
#endif

#endif
