#include "limits/step_products.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "limits/blas.h"
#include "measure/rounds.h"

/* Random numbers of (−scale, scale). */
static void *matrix(const bench_setup *setup, int64_t rows, int64_t cols, double scale, uint64_t *state)
{
    return bench_random_matrix(setup->precision, rows * cols, scale, state);
}

bool bench_step_products_create(const bench_setup *setup, bench_step_products *g)
{
    const int64_t *d = setup->shape.d;
    uint64_t state = setup->seed;
    bool good = true;
    *g = (bench_step_products){.setup = *setup};
    for (int l = 0; l <= setup->shape.L && good; l++) {
        g->A[l] = matrix(setup, setup->n, d[l], 1, &state);
        good = g->A[l] != NULL;
        if (l == 0 || !good)
            continue;
        g->delta[l] = matrix(setup, setup->n, d[l], 1, &state);
        g->W[l] = matrix(setup, d[l], d[l - 1], sqrt(3.0 / (double)d[l - 1]), &state);
        g->grad_W[l] = matrix(setup, d[l], d[l - 1], 1, &state);
        good = g->delta[l] && g->W[l] && g->grad_W[l];
    }
    if (!good) {
        fprintf(stderr, "talus-bench: no memory for the matrices of the bare products\n");
        bench_step_products_destroy(g);
    }
    return good;
}

void bench_step_products_destroy(bench_step_products *g)
{
    for (int l = 0; l <= g->setup.shape.L; l++) {
        free(g->A[l]);
        free(g->delta[l]);
        free(g->W[l]);
        free(g->grad_W[l]);
    }
    *g = (bench_step_products){0};
}

/* C (m × n) = op(A)·op(B) with k terms in each sum, all dense and row-major. */
static void multiply(int precision, bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k,
                     const void *A, const void *B, void *C)
{
    bench_blas_product(precision, trans_a, trans_b, m, n, k, A, trans_a ? m : k, B, trans_b ? k : n, false, C,
                       n);
}

/* The products in the order of a step; Δ_{l−1} takes what Δ_l·W_l gives as it is. */
static void products_of_a_step(void *context)
{
    const bench_step_products *g = context;
    const int64_t n = g->setup.n, *d = g->setup.shape.d;
    int precision = g->setup.precision, L = g->setup.shape.L;
    for (int l = 1; l <= L; l++)
        multiply(precision, 0, 1, n, d[l], d[l - 1], g->A[l - 1], g->W[l], g->A[l]);
    for (int l = L; l >= 1; l--) {
        multiply(precision, 1, 0, d[l], d[l - 1], n, g->delta[l], g->A[l - 1], g->grad_W[l]);
        if (l > 1)
            multiply(precision, 0, 0, n, d[l - 1], d[l], g->delta[l], g->W[l], g->delta[l - 1]);
    }
}

double bench_step_products_measure(void *context, int64_t repetitions)
{
    bench_step_products *gemms = context;
    int before = bench_blas_threads(gemms->setup.threads);
    double seconds = bench_repeat(products_of_a_step, gemms, repetitions);
    bench_blas_threads(before);
    return seconds;
}
