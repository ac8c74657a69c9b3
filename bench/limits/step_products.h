/* The bare products of a step, one cblas call each over the whole batch, threaded by BLAS itself:
 *
 *     Z_l  = A_{l−1}·W_lᵀ      l = 1 … L      NT
 *     G    = Δ_l·W_l           l = L … 2      NN
 *     ∇W_l = Δ_lᵀ·A_{l−1}      l = L … 1      TN
 *
 * Nothing else: no bias, no activation, no update. Their flops are bench_shape_flops. */
#ifndef BENCH_STEP_PRODUCTS_H
#define BENCH_STEP_PRODUCTS_H

#include "cases/setup.h"

typedef struct bench_step_products {
    bench_setup setup;
    void *A[NAIVE_MAX_LAYERS + 1];      /* n × d_l */
    void *delta[NAIVE_MAX_LAYERS + 1];  /* n × d_l */
    void *W[NAIVE_MAX_LAYERS + 1];      /* d_l × d_{l−1} */
    void *grad_W[NAIVE_MAX_LAYERS + 1]; /* d_l × d_{l−1} */
} bench_step_products;

/* Dense matrices of random numbers, W_l scaled so that Z_l is of the size of A_{l−1}. On failure a sentence
 * on stderr. */
bool bench_step_products_create(const bench_setup *setup, bench_step_products *gemms);
void bench_step_products_destroy(bench_step_products *gemms);

/* For bench_rounds: all products of a step are one repetition. */
double bench_step_products_measure(void *gemms, int64_t repetitions);

#endif
