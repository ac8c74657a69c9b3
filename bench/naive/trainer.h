/* A trainer in naive loops, in each precision; its step is a body for bench_repeat. */
#ifndef BENCH_NAIVE_TRAINER_H
#define BENCH_NAIVE_TRAINER_H

#include "naive.h"

/* What a step starts from, in double; converted and copied. */
typedef struct bench_naive_start {
    const naive_network *net;
    const talus_optimizer_spec *optimizer;
    int64_t n;
    const double *theta, *X, *Y; /* Y: n × d_L, or NULL if there are labels */
    const int32_t *labels;
} bench_naive_start;

/* Each returns NULL if there is no memory. */
void *bench_naive_trainer_create_f32(const bench_naive_start *start);
void *bench_naive_trainer_create_f64(const bench_naive_start *start);

void bench_naive_step_f32(void *trainer);
void bench_naive_step_f64(void *trainer);

void bench_naive_trainer_destroy_f32(void *trainer);
void bench_naive_trainer_destroy_f64(void *trainer);

#endif
