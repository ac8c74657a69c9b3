/* Order statistics of measurements, and a generator for the order of rounds and for data. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stdint.h>

typedef struct bench_quartiles {
    double q1, median, q3;
} bench_quartiles;

/* Quartiles of count ≥ 1 numbers, which are sorted in place. The p-quantile interpolates linearly at
 * (count−1)·p. */
bench_quartiles bench_quartiles_of(double *x, int count);

/* 64 random bits: SplitMix64 (Steele, Lea and Flood 2014). */
uint64_t bench_random(uint64_t *state);

/* A number of (−1, 1) that float holds exactly. */
double bench_uniform(uint64_t *state);

#endif
