/* The fused multiply-add peak of the processor: what no code can exceed. */
#ifndef BENCH_FMA_PEAK_H
#define BENCH_FMA_PEAK_H

#include <stdint.h>

#include "limits/fma_kernel.h"

/* The kernel for a precision (TALUS_F32 or TALUS_F64) and the widest vectors that this processor has. */
const bench_peak_kernel *bench_peak_best(int precision);

/* A case for rounds: the kernel on `threads` threads at once. */
typedef struct bench_peak {
    const bench_peak_kernel *kernel;
    int threads;
} bench_peak;

/* Seconds from the first thread's start to the last one's end; negative if a thread cannot be made. */
double bench_peak_measure(void *peak, int64_t repetitions);

/* Flops of one repetition on all threads. */
double bench_peak_flops(const bench_peak *peak);

#endif
