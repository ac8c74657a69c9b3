/* Copying, to learn the bandwidth of caches and memory. */
#ifndef BENCH_COPY_H
#define BENCH_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A case for rounds: `threads` threads at once each copy `bytes` from a buffer of its own to another. */
typedef struct bench_copy {
    size_t bytes;
    int threads;
    char *memory;
} bench_copy;

bool bench_copy_create(size_t bytes, int threads, bench_copy *copy);
void bench_copy_destroy(bench_copy *copy);
double bench_copy_measure(void *copy, int64_t repetitions);

/* Bytes that one repetition reads and writes, on all threads. */
double bench_copy_traffic(const bench_copy *copy);

/* The level of the memory hierarchy that a copy of `bytes` on each of `threads` threads is to measure. */
typedef enum bench_level { BENCH_L2, BENCH_L3, BENCH_MEMORY, BENCH_LEVELS } bench_level;
const char *bench_level_name(bench_level level);

/* Bytes that each thread copies to stay in a level and not in a smaller one; 0 if this machine does not
 * tell. */
size_t bench_level_bytes(bench_level level, int threads);

#endif
