/* C = A·B for tiles that lie in the cache, without packing and without a call per tile of the BLAS.
 *
 * A block of C stays in registers while the inner index runs: each step loads a row of B, multiplies it by one number
 * of A for every row of C, and adds. Blocks are as large as the registers allow, for the two numbers of loads
 * and multiplications to fit (Goto and van de Geijn, Anatomy of high-performance matrix multiplication, 2008).
 * An element of C is the sum over the inner index in its order, one fused multiply-add after the other where there are
 * such: neither the blocks it falls in nor the pieces that the inner index is cut into change a bit. */
#include <stdbool.h>
#include <stddef.h>

#include "base/cache.h"
#include "kernels/block.h"
#include "kernels/product.h"

typedef real vector __attribute__((vector_size(TL_VECTOR_BYTES)));
typedef real vector_at __attribute__((vector_size(TL_VECTOR_BYTES), aligned(sizeof(real)), may_alias));

/* The largest block: ROWS[v] rows of v vectors. With 32 registers 24 hold C, with 16 registers 12 do. */
#define MOST_ROWS (2 * TL_BLOCK_ROWS)
#if TL_REGISTERS == 32
#define VECTORS 4
static const int block_rows[VECTORS + 1] = {0, MOST_ROWS, MOST_ROWS, 8, TL_BLOCK_ROWS};
#else
#define VECTORS 2
static const int block_rows[VECTORS + 1] = {0, MOST_ROWS, TL_BLOCK_ROWS};
#endif

/* What is inlined gets constant rows and vectors, so that C lives in registers. */
#define INLINE __attribute__((always_inline)) static inline

/* The compiler keeps a pointer that it knows nothing of in a register, and does not compute it again in every step. */
#define OPAQUE(pointer) __asm__("" : "+r"(pointer))

/* The numbers of A that come next: those of the rows below, a cache line of each at a time, or, where A lies
 * transposed, the next cache line of each of its rows. */
INLINE void prefetch_factors(int rows, int64_t p, const real *a, int64_t row_step, int64_t inner_step)
{
    enum { LINE = TL_LINE_BYTES / sizeof(real) };
    if (inner_step != 1) {
        __builtin_prefetch(a + p * inner_step + LINE);
    } else if (p % LINE == 0) {
        TL_UNROLL
        for (int i = 0; i < rows; i++)
            __builtin_prefetch(a + (rows + i) * row_step + p);
    }
}

INLINE void load(int rows, int vectors, vector c[][VECTORS], bool continued, const real *from, int64_t ldc)
{
    TL_UNROLL
    for (int i = 0; i < rows; i++) {
        TL_UNROLL
        for (int v = 0; v < vectors; v++) {
            c[i][v] = (vector){0};
            if (continued)
                c[i][v] = *(const vector_at *)(from + i * ldc + v * TL_LANES);
        }
    }
}

/* What will be added to, while the inner index runs. */
INLINE void prefetch_sums(int rows, const real *from, int64_t ldc)
{
    TL_UNROLL
    for (int i = 0; i < rows; i++)
        __builtin_prefetch(from + i * ldc, 1);
}

INLINE void add(int rows, int vectors, vector c[][VECTORS], const real *from, int64_t ldc)
{
    TL_UNROLL
    for (int i = 0; i < rows; i++) {
        TL_UNROLL
        for (int v = 0; v < vectors; v++)
            c[i][v] += *(const vector_at *)(from + i * ldc + v * TL_LANES);
    }
}

INLINE void store(int rows, int vectors, vector c[][VECTORS], real *to, int64_t ldc)
{
    TL_UNROLL
    for (int i = 0; i < rows; i++) {
        TL_UNROLL
        for (int v = 0; v < vectors; v++)
            *(vector_at *)(to + i * ldc + v * TL_LANES) = c[i][v];
    }
}

/* One step of the inner index: a row of B, times the number at `at` of each row of A. */
INLINE void step(int rows, int vectors, vector c[][VECTORS], const real *const *a, int64_t at, const real *b)
{
    vector row[VECTORS];
    TL_UNROLL
    for (int v = 0; v < vectors; v++)
        row[v] = *(const vector_at *)(b + v * TL_LANES);
    TL_UNROLL
    for (int i = 0; i < rows; i++) {
        const real factor = a[i][at];
        TL_UNROLL
        for (int v = 0; v < vectors; v++)
            c[i][v] += factor * row[v];
    }
}

/* The block of C at (i, j). `along` says that the inner step of A is 1. So many steps are unrolled: what counts and
 * moves pointers takes turns from the multiplications. */
INLINE void block(int rows, int vectors, bool along, int unrolled, const TL(tl_operands) * x, int64_t i,
                  int64_t j)
{
    const int64_t inner_step = along ? 1 : x->inner_step, row_step = along ? x->row_step : 1;
    const int64_t k = x->k, ldb = x->ldb;
    real *to = x->c + i * x->ldc + j;
    vector c[MOST_ROWS][VECTORS];
    load(rows, vectors, c, x->sum == TL_SUM_CONTINUED, to, x->ldc);
    if (x->sum == TL_SUM_ADDED)
        prefetch_sums(rows, to, x->ldc);
    for (int64_t s = 0; s < x->pieces; s++) {
        const real *a = x->a + s * x->a_piece + i * row_step, *b = x->b + s * x->b_piece + j;
        const real *from[MOST_ROWS];
        int64_t p = 0;
        TL_UNROLL
        for (int r = 0; r < rows; r++) {
            from[r] = a + r * row_step;
            if (along && unrolled > 1)
                OPAQUE(from[r]);
        }
        for (; p + unrolled <= k; p += unrolled) {
            if (along)
                prefetch_factors(rows, p, a, row_step, 1);
            TL_UNROLL
            for (int q = 0; q < unrolled; q++, b += ldb) {
                if (!along)
                    prefetch_factors(rows, p + q, a, 1, inner_step);
                step(rows, vectors, c, from, (p + q) * inner_step, b);
            }
        }
        for (; p < k; p++, b += ldb)
            step(rows, vectors, c, from, p * inner_step, b);
    }
    if (x->sum == TL_SUM_ADDED)
        add(rows, vectors, c, to, x->ldc);
    store(rows, vectors, c, to, x->ldc);
}

INLINE void any_block(int rows, int vectors, const TL(tl_operands) * x, int64_t i, int64_t j)
{
    if (x->inner_step == 1)
        block(rows, vectors, true, 1, x, i, j);
    else
        block(rows, vectors, false, 1, x, i, j);
}

/* The block in which nearly all work is done, in functions of its own, so that it gets all registers. */
enum { UNROLLED = 4 };
_Static_assert(TL_INNER_STEP % UNROLLED == 0, "pieces of the inner index leave no rest");
_Static_assert(TL_COLUMN_STEP % TL_LANES == 0, "columns of tiles fill vectors");

__attribute__((noinline)) static void main_block(const TL(tl_operands) * x, int64_t i, int64_t j)
{
    block(TL_BLOCK_ROWS, VECTORS, true, UNROLLED, x, i, j);
}

__attribute__((noinline)) static void main_block_transposed(const TL(tl_operands) * x, int64_t i, int64_t j)
{
    block(TL_BLOCK_ROWS, VECTORS, false, UNROLLED, x, i, j);
}

/* The rows of the next block, when `left` rows are left. */
static int next_rows(int vectors, int64_t left)
{
    static const int sizes[] = {MOST_ROWS, 8, TL_BLOCK_ROWS, 4, 2, 1};
    _Static_assert(MOST_ROWS > 8 && 8 > TL_BLOCK_ROWS && TL_BLOCK_ROWS > 4, "the largest comes first");
    int i = 0;
    while (sizes[i] > block_rows[vectors] || sizes[i] > left)
        i++;
    return sizes[i];
}

/* All rows of a strip of `vectors` vectors from column j on. */
INLINE void strip(int vectors, const TL(tl_operands) * x, int64_t j)
{
    for (int64_t i = 0; i < x->m;) {
        int rows = next_rows(vectors, x->m - i);
        if (rows == MOST_ROWS && block_rows[vectors] >= MOST_ROWS)
            any_block(MOST_ROWS, vectors, x, i, j);
        else if (rows == 8 && block_rows[vectors] >= 8)
            any_block(8, vectors, x, i, j);
        else if (rows == TL_BLOCK_ROWS && vectors == VECTORS)
            (x->inner_step == 1 ? main_block : main_block_transposed)(x, i, j);
        else if (rows == TL_BLOCK_ROWS)
            any_block(TL_BLOCK_ROWS, vectors, x, i, j);
        else if (rows == 4)
            any_block(4, vectors, x, i, j);
        else if (rows == 2)
            any_block(2, vectors, x, i, j);
        else
            any_block(1, vectors, x, i, j);
        i += rows;
    }
}

#define STRIP __attribute__((noinline)) static void

STRIP strip_1(const TL(tl_operands) * x, int64_t j)
{
    strip(1, x, j);
}

STRIP strip_2(const TL(tl_operands) * x, int64_t j)
{
    strip(2, x, j);
}

#if VECTORS == 4
STRIP strip_3(const TL(tl_operands) * x, int64_t j)
{
    strip(3, x, j);
}

STRIP strip_4(const TL(tl_operands) * x, int64_t j)
{
    strip(4, x, j);
}
#endif

void K(product)(const TL(tl_operands) * x)
{
    static void (*const strips[])(const TL(tl_operands) *, int64_t) = {
        NULL,
        strip_1,
        strip_2,
#if VECTORS == 4
        strip_3,
        strip_4,
#endif
    };
    for (int64_t j = 0; j < x->n;) {
        int64_t left = (x->n - j + TL_LANES - 1) / TL_LANES;
        int64_t vectors = left < VECTORS ? left : VECTORS;
        strips[vectors](x, j);
        j += vectors * TL_LANES;
    }
}
