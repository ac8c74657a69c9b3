/* c = A·b for a vector b: the products of a batch of one sample. They are bound by the reading of A, which is read once.
 * An element of c is a sum in an order that its own row of A fixes, so no division of the rows changes a bit. */
#include <assert.h>
#include <stddef.h>

#include "kernels/product.h"

typedef real vector __attribute__((vector_size(TL_VECTOR_BYTES)));
typedef real vector_at __attribute__((vector_size(TL_VECTOR_BYTES), aligned(sizeof(real)), may_alias));

#define INLINE __attribute__((always_inline)) static inline

static real sum_lanes(vector x)
{
    real sum = 0;
    for (int i = 0; i < TL_LANES; i++)
        sum += x[i];
    return sum;
}

/* c_i = Σ_p a_ip·b_p for rows of A that lie along the inner index: a vector of running sums for each row */
INLINE void dot_rows(int rows, const TL(tl_operands) * x, int64_t i)
{
    enum { MOST = 8 };
    const real *a = x->a + i * x->row_step;
    vector sums[MOST] = {{0}};
    int64_t p = 0;
    for (; p + TL_LANES <= x->k; p += TL_LANES) {
        const vector b = *(const vector_at *)(x->b + p);
        TL_UNROLL
        for (int r = 0; r < rows; r++)
            sums[r] += *(const vector_at *)(a + r * x->row_step + p) * b;
    }
    for (int r = 0; r < rows; r++) {
        real rest = 0;
        for (int64_t q = p; q < x->k; q++)
            rest += a[r * x->row_step + q] * x->b[q];
        x->c[i + r] = sum_lanes(sums[r]) + rest;
    }
}

static void along(const TL(tl_operands) * x)
{
    int64_t i = 0;
    for (; i + 8 <= x->m; i += 8)
        dot_rows(8, x, i);
    for (; i < x->m; i++)
        dot_rows(1, x, i);
}

/* The same where A lies across: c += b_p·(column p of A), for some elements of c at a time */
static void across(const TL(tl_operands) * x)
{
    enum { STRIP = 256 };
    for (int64_t first = 0; first < x->m; first += STRIP) {
        const int64_t count = x->m - first < STRIP ? x->m - first : STRIP;
        real *restrict c = x->c + first;
        for (int64_t i = 0; i < count; i++)
            c[i] = 0;
        for (int64_t p = 0; p < x->k; p++) {
            const real *restrict a = x->a + first + p * x->inner_step;
            const real b = x->b[p];
            for (int64_t i = 0; i < count; i++)
                c[i] += a[i] * b;
        }
    }
}

void K(product_with_vector)(const TL(tl_operands) * x)
{
    assert(x->n == 1 && x->ldb == 1 && x->ldc == 1 && x->pieces == 1 && x->sum == TL_SUM_NEW);
    (x->inner_step == 1 ? along : across)(x);
}
