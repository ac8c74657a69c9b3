/* One product of a step, in one cblas call or cut into tiles. */
#ifndef BENCH_TILED_PRODUCT_H
#define BENCH_TILED_PRODUCT_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/options.h"

typedef enum bench_form { BENCH_NT, BENCH_NN, BENCH_TN, BENCH_FORMS } bench_form;

/* C (m × n) = op(A)·op(B), k terms in each sum: forward Z_l = A_{l−1}·W_lᵀ is NT, backward G = Δ_l·W_l is NN, the
 * gradient ∇W_l = Δ_lᵀ·A_{l−1} is TN. */
typedef struct bench_product {
    bench_form form;
    int layer, precision;
    int64_t m, n, k;
    void *A, *B, *C;
} bench_product;

/* The products of a network for a batch; at most 3 a layer. Returns how many. */
int bench_products_of(const bench_shape *shape, int64_t n, int precision, bench_product *products);

/* Gives a product its matrices. False after a sentence on stderr. */
bool bench_product_open(bench_product *product, uint64_t seed);
void bench_product_close(bench_product *product);

/* A product with tiles of m × n × k at most; for bench_rounds. */
typedef struct bench_tiling {
    const bench_product *product;
    int64_t m, n, k;
} bench_tiling;
double bench_tiling_measure(void *tiling, int64_t repetitions);

/* Whether the product, tiled like this, gives the sums that plain loops give, for some of its elements, within
 * 2·ε·(k + 64) times the largest term. False after a sentence on stderr. */
bool bench_tiling_verify(const bench_tiling *tiling);

#endif
