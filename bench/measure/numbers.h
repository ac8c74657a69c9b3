/* Numbers in memory, in either precision: float for TALUS_DTYPE_F32, double for TALUS_DTYPE_F64. */
#ifndef BENCH_NUMBERS_H
#define BENCH_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

size_t bench_number_bytes(int precision);

/* ε: the distance from 1 to the next number. */
double bench_epsilon(int precision);

double bench_number_at(const void *data, int precision, int64_t i);
void bench_number_set(void *data, int precision, int64_t i, double number);

/* The larger one; NaN, if either is. */
double bench_worse(double a, double b);

/* All `count` of them in double; and the largest |x_i|. */
void bench_numbers_to_double(const void *data, int precision, int64_t count, double *copy);
double bench_largest(const double *x, int64_t count);

#endif
