/* The fused multiply-add peak of the processor: what no code can exceed. */
#ifndef BENCH_FMA_PEAK_H
#define BENCH_FMA_PEAK_H

#include <stdint.h>

#include "limits/fma_kernel.h"

/* The kernel for a precision (TALUS_DTYPE_F32 or TALUS_DTYPE_F64) and the widest vectors that this processor has. */
const bench_fma_kernel *bench_fma_kernel_best(int precision);

/* A case for rounds: the kernel on `threads` threads at once. */
typedef struct bench_fma_peak {
    const bench_fma_kernel *kernel;
    int threads;
} bench_fma_peak;

/* Seconds from the first thread's start to the last one's end; negative if a thread cannot be made. */
double bench_fma_peak_measure(void *peak, int64_t repetitions);

/* Flops of one repetition on all threads. */
double bench_fma_peak_flops(const bench_fma_peak *peak);

#endif
