/* C = A·B for tiles that lie in the cache, without packing and without a call per tile of the BLAS.
 *
 * A block of C stays in registers while the inner index runs: each step loads a row of B, multiplies it by one number
 * of A for every row of C, and adds. Blocks are as large as the registers allow, for the two numbers of loads
 * and multiplications to fit (Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008).
 * An element of C is the sum over the inner index in its order, one fused multiply-add after the other where there are
 * such: neither the blocks it falls in nor the pieces that the inner index is cut into change a bit. */
#include <stdbool.h>
#include <stddef.h>

#include "kernels/product.h"

typedef real vector __attribute__((vector_size(TL_VECTOR_BYTES)));
typedef real vector_at __attribute__((vector_size(TL_VECTOR_BYTES), aligned(sizeof(real)), may_alias));

/* The largest block: ROWS[v] rows of v vectors. With 32 registers 24 hold C, with 16 registers 12 do. */
#if TL_REGISTERS == 32
#define VECTORS 4
static const int block_rows[VECTORS + 1] = {0, 12, 12, 8, 6};
#else
#define VECTORS 2
static const int block_rows[VECTORS + 1] = {0, 12, 6};
#endif
#define MOST_ROWS 12

/* The numbers of A that come next: those of the rows below, a cache line of each at a time, or, where A lies
 * transposed, the next cache line of each of its rows. */
__attribute__((always_inline)) static inline void ask_for_factors(int rows, int64_t p, const real *a,
                                                                  int64_t row_step, int64_t inner_step)
{
    enum { LINE = 64 / sizeof(real) };
    if (inner_step != 1)
        __builtin_prefetch(a + p * inner_step + LINE);
    else if (p % LINE == 0)
#pragma GCC unroll 12
        for (int i = 0; i < rows; i++)
            __builtin_prefetch(a + (rows + i) * row_step + p);
}

/* A block of rows × vectors; both are constants wherever this is expanded, so that c lives in registers. */
__attribute__((always_inline)) static inline void block(int rows, int vectors, int64_t k, const real *a,
                                                        int64_t row_step, int64_t inner_step, const real *b,
                                                        int64_t ldb, bool add, real *to, int64_t ldc)
{
    vector c[MOST_ROWS][VECTORS];
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++) {
            c[i][v] = (vector){0};
            if (add)
                c[i][v] = *(const vector_at *)(to + i * ldc + v * TL_LANES);
        }
    for (int64_t p = 0; p < k; p++) {
        vector row[VECTORS];
        ask_for_factors(rows, p, a, row_step, inner_step);
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++)
            row[v] = *(const vector_at *)(b + p * ldb + v * TL_LANES);
#pragma GCC unroll 12
        for (int i = 0; i < rows; i++) {
            const real factor = a[i * row_step + p * inner_step];
#pragma GCC unroll 4
            for (int v = 0; v < vectors; v++)
                c[i][v] += factor * row[v];
        }
    }
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++)
#pragma GCC unroll 4
        for (int v = 0; v < vectors; v++)
            *(vector_at *)(to + i * ldc + v * TL_LANES) = c[i][v];
}

/* The rows of the next block, when `left` rows are left. */
static int next_rows(int vectors, int64_t left)
{
    static const int sizes[] = {12, 8, 6, 4, 2, 1};
    int i = 0;
    while (sizes[i] > block_rows[vectors] || sizes[i] > left)
        i++;
    return sizes[i];
}

/* All rows of a strip of `vectors` vectors, a constant where this is expanded. */
__attribute__((always_inline)) static inline void strip(int vectors, int64_t m, int64_t k, const real *a,
                                                        int64_t row_step, int64_t inner_step, const real *b,
                                                        int64_t ldb, bool add, real *c, int64_t ldc)
{
    for (int64_t i = 0; i < m;) {
        int rows = next_rows(vectors, m - i);
        const real *from = a + i * row_step;
        real *to = c + i * ldc;
        if (rows == 12 && block_rows[vectors] >= 12)
            block(12, vectors, k, from, row_step, inner_step, b, ldb, add, to, ldc);
        else if (rows == 8 && block_rows[vectors] >= 8)
            block(8, vectors, k, from, row_step, inner_step, b, ldb, add, to, ldc);
        else if (rows == 6)
            block(6, vectors, k, from, row_step, inner_step, b, ldb, add, to, ldc);
        else if (rows == 4)
            block(4, vectors, k, from, row_step, inner_step, b, ldb, add, to, ldc);
        else if (rows == 2)
            block(2, vectors, k, from, row_step, inner_step, b, ldb, add, to, ldc);
        else
            block(1, vectors, k, from, row_step, inner_step, b, ldb, add, to, ldc);
        i += rows;
    }
}

#define STRIP __attribute__((noinline)) static void

STRIP strip_1(int64_t m, int64_t k, const real *a, int64_t row_step, int64_t inner_step, const real *b,
              int64_t ldb, bool add, real *c, int64_t ldc)
{
    strip(1, m, k, a, row_step, inner_step, b, ldb, add, c, ldc);
}

STRIP strip_2(int64_t m, int64_t k, const real *a, int64_t row_step, int64_t inner_step, const real *b,
              int64_t ldb, bool add, real *c, int64_t ldc)
{
    strip(2, m, k, a, row_step, inner_step, b, ldb, add, c, ldc);
}

#if VECTORS == 4
STRIP strip_3(int64_t m, int64_t k, const real *a, int64_t row_step, int64_t inner_step, const real *b,
              int64_t ldb, bool add, real *c, int64_t ldc)
{
    strip(3, m, k, a, row_step, inner_step, b, ldb, add, c, ldc);
}

STRIP strip_4(int64_t m, int64_t k, const real *a, int64_t row_step, int64_t inner_step, const real *b,
              int64_t ldb, bool add, real *c, int64_t ldc)
{
    strip(4, m, k, a, row_step, inner_step, b, ldb, add, c, ldc);
}
#endif

void K(product)(int64_t m, int64_t n, int64_t k, const real *a, int64_t row_step, int64_t inner_step,
                const real *b, int64_t ldb, bool add, real *c, int64_t ldc)
{
    static void (*const strips[])(int64_t, int64_t, const real *, int64_t, int64_t, const real *, int64_t,
                                  bool, real *, int64_t) = {
        NULL,
        strip_1,
        strip_2,
#if VECTORS == 4
        strip_3,
        strip_4,
#endif
    };
    for (int64_t j = 0; j < n;) {
        int64_t left = (n - j + TL_LANES - 1) / TL_LANES;
        int64_t vectors = left < VECTORS ? left : VECTORS;
        strips[vectors](m, k, a, row_step, inner_step, b + j, ldb, add, c + j, ldc);
        j += vectors * TL_LANES;
    }
}
