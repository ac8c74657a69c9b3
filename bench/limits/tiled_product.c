#include "limits/tiled_product.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "limits/blas.h"
#include "measure/numbers.h"
#include "measure/rounds.h"

#define CHECKED 97 /* elements, spread over C */

static int add(bench_product *list, int count, bench_product product)
{
    list[count] = product;
    return count + 1;
}

int bench_products_of(const bench_shape *shape, int64_t n, int precision, bench_product *list)
{
    int count = 0;
    for (int l = 1; l <= shape->L; l++) {
        int64_t out = shape->d[l], in = shape->d[l - 1];
        bench_product p = {.layer = l, .precision = precision, .form = BENCH_NT, .m = n, .n = out, .k = in};
        count = add(list, count, p);
        p.form = BENCH_NN, p.n = in, p.k = out;
        if (l > 1)
            count = add(list, count, p);
        p.form = BENCH_TN, p.m = out, p.k = n;
        count = add(list, count, p);
    }
    return count;
}

bool bench_product_open(bench_product *p, uint64_t seed)
{
    p->A = bench_random_matrix(p->precision, p->m * p->k, 1, &seed);
    p->B = bench_random_matrix(p->precision, p->k * p->n, 1, &seed);
    p->C = bench_random_matrix(p->precision, p->m * p->n, 1, &seed);
    if (!p->A || !p->B || !p->C)
        fprintf(stderr, "talus-bench: no memory for the matrices of a product\n");
    return p->A && p->B && p->C;
}

void bench_product_close(bench_product *p)
{
    free(p->A);
    free(p->B);
    free(p->C);
    p->A = p->B = p->C = NULL;
}

static void *element(void *matrix, int precision, int64_t at)
{
    return (char *)matrix + at * (int64_t)bench_number_bytes(precision);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Where op(A) at (i, p), and op(B) at (p, j), stand. */
static int64_t place_a(const bench_product *x, int64_t i, int64_t p)
{
    return x->form == BENCH_TN ? p * x->m + i : i * x->k + p;
}

static int64_t place_b(const bench_product *x, int64_t p, int64_t j)
{
    return x->form == BENCH_NT ? j * x->k + p : p * x->n + j;
}

/* Adds the pieces of the sums of one tile of C, one after the other. */
static void multiply_tile(const bench_tiling *t, int64_t i, int64_t j)
{
    const bench_product *x = t->product;
    int64_t rows = least(t->m, x->m - i), cols = least(t->n, x->n - j);
    for (int64_t p = 0; p < x->k; p += t->k)
        bench_blas_product(x->precision, x->form == BENCH_TN, x->form == BENCH_NT, rows, cols,
                           least(t->k, x->k - p), element(x->A, x->precision, place_a(x, i, p)),
                           x->form == BENCH_TN ? x->m : x->k, element(x->B, x->precision, place_b(x, p, j)),
                           x->form == BENCH_NT ? x->k : x->n, p > 0,
                           element(x->C, x->precision, i * x->n + j), x->n);
}

static void multiply(void *context)
{
    const bench_tiling *t = context;
    for (int64_t i = 0; i < t->product->m; i += t->m)
        for (int64_t j = 0; j < t->product->n; j += t->n)
            multiply_tile(t, i, j);
}

double bench_tiling_measure(void *context, int64_t repetitions)
{
    int before = bench_blas_threads(1);
    double seconds = bench_repeat(multiply, context, repetitions);
    bench_blas_threads(before);
    return seconds;
}

bool bench_tiling_verify(const bench_tiling *t)
{
    const bench_product *x = t->product;
    double epsilon = bench_epsilon(x->precision), apart = 0;
    bench_tiling tiling = *t;
    bench_tiling_measure(&tiling, 1);
    for (int64_t e = 0; e < CHECKED; e++) {
        int64_t at = e * (x->m * x->n - 1) / (CHECKED - 1), i = at / x->n, j = at % x->n;
        double sum = 0;
        for (int64_t p = 0; p < x->k; p++)
            sum += bench_number_at(x->A, x->precision, place_a(x, i, p)) *
                   bench_number_at(x->B, x->precision, place_b(x, p, j));
        apart = bench_worse(apart, fabs(sum - bench_number_at(x->C, x->precision, at)));
    }
    bool good = apart <= 2 * epsilon * ((double)x->k + 64);
    if (!good)
        fprintf(stderr, "talus-bench: a product of tiles differs by %.3g\n", apart);
    return good;
}
