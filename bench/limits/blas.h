/* The BLAS library that is linked. */
#ifndef BENCH_BLAS_H
#define BENCH_BLAS_H

#include <stdbool.h>
#include <stdint.h>

/* Its name, version and threading, such as "OpenBLAS 0.3.21 pthread"; the core that its kernels are for. */
void bench_blas_name(char *text, int bytes);
const char *bench_blas_core(void);

/* Sets the number of threads that it uses itself and returns what it was; 0 if it has no such setting. */
int bench_blas_threads(int threads);

/* C (m × n) = op(A)·op(B), added to C if `add`, with k terms in each sum; row-major, of a precision. */
void bench_blas_product(int precision, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k,
                        const void *A, int64_t lda, const void *B, int64_t ldb, bool add, void *C,
                        int64_t ldc);

/* Random numbers of (−scale, scale), aligned for vectors; to be freed. NULL if there is no memory. */
void *bench_random_matrix(int precision, int64_t count, double scale, uint64_t *state);

#endif
