/* The BLAS library that is linked. */
#ifndef BENCH_BLAS_H
#define BENCH_BLAS_H

/* Its name, version and threading, such as "OpenBLAS 0.3.21 pthread"; the core that its kernels are for. */
void bench_blas_name(char *text, int bytes);
const char *bench_blas_core(void);

/* Sets the number of threads that it uses itself and returns what it was; 0 if it has no such setting. */
int bench_blas_threads(int threads);

#endif
