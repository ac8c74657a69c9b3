/* The widths of a network. */
#ifndef BENCH_SHAPE_H
#define BENCH_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "naive/naive.h"

/* Widths d_0 … d_L, written 784-256-128-10. An item WxC stands for C layers that leave the width at W: 1024x4 is
 * 1024-1024-1024-1024-1024, and 784-512x2-10 is 784-512-512-512-10. */
typedef struct bench_shape {
    int L;
    int64_t d[NAIVE_MAX_LAYERS + 1];
} bench_shape;

/* "784-256-128-10" → shape; false if it is none. And back, brief: with three and more equal widths as WxC; text has
 * room for `bytes`. */
bool bench_shape_parse(const char *text, bench_shape *shape);
void bench_shape_print(const bench_shape *shape, bool brief, char *text, int bytes);

/* F = 6·n·Σ_l d_l·d_{l−1} − 2·n·d_0·d_1: the flops of the products of a step. */
double bench_shape_flops(const bench_shape *shape, int64_t n);

#endif
