#define TL_PRECISION 64 /* all of it */
/* The products of a readout, for blocks of rows. The engine's kernels take rows as they lie, without packing: for a block that stays
 * in the cache they are faster than a BLAS, whose products want to be square, and take the narrow products of a few outputs along. */
#include "kernels/block.h"
#include "kernels/kernels.h"
#include "linalg/blas_product.h"
#include "linalg/factor.h"
#include "train/readout.h"

/* The columns of C that fill the registers. */
static int64_t strip_of(const tl_readout *r)
{
    return 2 * ((const tl_kernels_f64 *)r->kernels)->lanes;
}

/* C += AᵀB, for columns `a` of x to `end` and columns `b` to b + n */
static void add_product(const tl_readout *r, const double *x, int64_t rows, int64_t a, int64_t end, int64_t b,
                        int64_t n, double *c)
{
    ((const tl_kernels_f64 *)r->kernels)
        ->product(&(tl_operands_f64){.m = end - a,
                                     .n = n,
                                     .k = rows,
                                     .pieces = 1,
                                     .a = x + a,
                                     .row_step = 1,
                                     .inner_step = r->ld,
                                     .b = x + b,
                                     .ldb = r->ld,
                                     .sum = TL_SUM_ADDED,
                                     .c = c,
                                     .ldc = r->ld_sums});
}

/* A strip of columns of G, from the diagonal down; from a little above it, where that makes whole blocks of rows. */
static void add_strips(const tl_readout *r, const double *x, int64_t rows, double *normal)
{
    const int64_t end = r->d + r->k + 1, strip = strip_of(r);
    for (int64_t col = 0; col < r->d; col += strip) {
        const int64_t whole = tl_divide_up(end - col, TL_BLOCK_ROWS) * TL_BLOCK_ROWS,
                      row = whole <= end ? end - whole : col;
        add_product(r, x, rows, row, end, col, tl_smaller(strip, r->d - col),
                    normal + row * r->ld_sums + col);
    }
}

void tl_readout_add_normal(const tl_readout *r, const double *x, int64_t rows, int64_t panel, double *normal)
{
    const int64_t d = r->d, row = tl_readout_edge(d, panel, r->panels),
                  count = tl_readout_edge(d, panel + 1, r->panels) - row;
    if (r->own_products) {
        add_strips(r, x, rows, normal);
        return;
    }
    if (row > 0)
        tl_product_transposed_f64(count, row, rows, x + row, r->ld, x, r->ld, 1, normal + row * r->ld_sums,
                                  r->ld_sums);
    tl_gram_f64(rows, count, x + row, r->ld, 1, normal + row * r->ld_sums + row, r->ld_sums);
    if (row + count == d)
        tl_product_transposed_f64(r->k + 1, d, rows, x + d, r->ld, x, r->ld, 1, normal + d * r->ld_sums,
                                  r->ld_sums);
}

void tl_readout_add_cross(const tl_readout *r, const double *x, int64_t rows, int64_t panel, double *cross)
{
    const int64_t d = r->d, col = tl_readout_edge(d, panel, r->panels),
                  count = tl_readout_edge(d, panel + 1, r->panels) - col;
    if (r->own_products)
        add_product(r, x, rows, d, d + r->k, 0, d, cross);
    else
        tl_product_transposed_f64(r->k, count, rows, x + d, r->ld, x + col, r->ld, 1, cross + col,
                                  r->ld_sums);
}

void tl_readout_subtract_fit(const tl_readout *r, double *x, int64_t rows)
{
    const int64_t d = r->d, k = r->k;
    if (r->own_products)
        ((const tl_kernels_f64 *)r->kernels)
            ->product(&(tl_operands_f64){.m = rows,
                                         .n = k,
                                         .k = d,
                                         .pieces = 1,
                                         .a = x,
                                         .row_step = r->ld,
                                         .inner_step = 1,
                                         .b = r->transposed,
                                         .ldb = r->ld_fit,
                                         .sum = TL_SUM_CONTINUED,
                                         .c = x + d,
                                         .ldc = r->ld});
    else
        tl_product_f64(rows, k, d, x, r->ld, r->transposed, r->ld_fit, 1, x + d, r->ld);
}
