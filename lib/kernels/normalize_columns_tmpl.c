#include "kernels/normalize.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "kernels/block.h"
#include "kernels/sum.h"

/* What is known of each column: Σ z, then Σ (z − m) and Σ (z − m)² for a first mean m; the mean, as a number of the precision
 * and the rest that it leaves; 1/√(σ² + ε). */
typedef struct columns {
    double sum[TL_TILE_COLS], mean[TL_TILE_COLS], squares[TL_TILE_COLS];
    real high[TL_TILE_COLS], low[TL_TILE_COLS];
} columns;

static void add_row(columns *restrict c, int64_t cols, const real *restrict z)
{
    for (int64_t j = 0; j < cols; j++)
        c->sum[j] += (double)z[j];
}

static void add_deviations(columns *restrict c, int64_t cols, const real *restrict z)
{
    for (int64_t j = 0; j < cols; j++) {
        double deviation = (double)z[j] - c->mean[j];
        c->sum[j] += deviation;
        c->squares[j] += deviation * deviation;
    }
}

/* Two passes, of which the second finds by how much the first mean m was rounded: with r = Σ (z − m) over d numbers,
 * μ = m + r/d and σ² = (Σ (z − m)² − r²/d)/d.   Chan, Golub and LeVeque 1983, eq. 1.7 */
static void find_statistics(columns *c, const TL(tl_normalize_args) * x)
{
    const double d = (double)x->rows;
    for (int64_t j = 0; j < x->cols; j++)
        c->sum[j] = c->squares[j] = 0;
    for (int64_t i = 0; i < x->rows; i++)
        add_row(c, x->cols, x->a + i * x->ld);
    for (int64_t j = 0; j < x->cols; j++) {
        c->mean[j] = c->sum[j] / d;
        c->sum[j] = 0;
    }
    for (int64_t i = 0; i < x->rows; i++)
        add_deviations(c, x->cols, x->a + i * x->ld);
    for (int64_t j = 0; j < x->cols; j++) {
        double rest = c->sum[j] / d, mean = c->mean[j] + rest;
        double variance = c->squares[j] / d - rest * rest;
        c->high[j] = (real)mean;
        c->low[j] = (real)((c->mean[j] - (double)c->high[j]) + rest);
        x->inverse[j] = (real)(1 / sqrt((variance < 0 ? 0 : variance) + x->epsilon));
    }
}

/* ẑ is the mean's number of the precision first taken off z, which is exact where they are close, then the rest. */
void K(normalize_columns)(const TL(tl_normalize_args) * x)
{
    columns c;
    assert(x->cols <= TL_TILE_COLS);
    find_statistics(&c, x);
    for (int64_t i = 0; i < x->rows; i++) {
        const real scale = x->scale[i];
        const real *restrict inverse = x->inverse;
        real *restrict row = x->a + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++)
            row[j] = (row[j] - c.high[j] - c.low[j]) * inverse[j];
        if (x->normalized != NULL)
            memcpy(x->normalized + i * x->ld, row, (size_t)x->cols * sizeof *row);
        for (int64_t j = 0; j < x->cols; j++)
            row[j] *= scale;
    }
    *x->squares += (double)(x->rows * x->cols);
}

/* With g = γ ⊙ Δ: Σ_i g_ij and Σ_i g_ij·ẑ_ij of each column. */
static void add_gradients(int64_t cols, real scale, const real *restrict delta,
                          const real *restrict normalized, real *restrict sum, real *restrict product)
{
    for (int64_t j = 0; j < cols; j++) {
        real g = scale * delta[j];
        sum[j] += g;
        product[j] += g * normalized[j];
    }
}

/* ∂C/∂z_ij = r_j·(g_ij − (Σ_k g_kj)/d − ẑ_ij·(Σ_k g_kj·ẑ_kj)/d) */
void K(normalize_columns_backward)(const TL(tl_normalize_args) * x)
{
    const real d = (real)x->rows;
    real sum[TL_TILE_COLS] = {0}, product[TL_TILE_COLS] = {0};
    square_sums squares = {.rest = 0};
    assert(x->cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < x->rows; i++) {
        const real *delta = x->delta + i * x->ld, *normalized = x->normalized + i * x->ld;
        add_gradients(x->cols, x->scale[i], delta, normalized, sum, product);
        x->scale_sums[i] = dot_row(x->cols, delta, normalized);
    }
    for (int64_t j = 0; j < x->cols; j++) {
        sum[j] /= d;
        product[j] /= d;
    }
    for (int64_t i = 0; i < x->rows; i++) {
        const real *restrict normalized = x->normalized + i * x->ld, *restrict inverse = x->inverse;
        const real scale = x->scale[i];
        real *restrict delta = x->delta + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++)
            delta[j] = inverse[j] * (scale * delta[j] - sum[j] - normalized[j] * product[j]);
        x->sums[i] = sum_row(x->cols, delta);
        add_squares(&squares, x->cols, delta);
    }
    *x->squares += total_of(&squares);
}
