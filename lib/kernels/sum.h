/* Sums along rows. */
#ifndef TL_KERNELS_SUM_H
#define TL_KERNELS_SUM_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/variant.h"

/* Σ x_j, in sixteen running sums, so that the order of the additions depends on cols alone. */
static inline real sum_row(int64_t cols, const real *x)
{
    enum { LANES = 16 };
    if (cols == 1)
        return x[0] + 0; /* as below: −0 becomes 0 */
    real lanes[LANES] = {0};
    int64_t j = 0;
    for (; j + LANES <= cols; j += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += x[j + lane];
    for (int lane = 0; j + lane < cols; lane++)
        lanes[lane] += x[j + lane];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            lanes[lane] += lanes[lane + half];
    return lanes[0];
}

/* Σ x_j·y_j, likewise. */
static inline real dot_row(int64_t cols, const real *x, const real *y)
{
    enum { LANES = 16 };
    real lanes[LANES] = {0};
    int64_t j = 0;
    for (; j + LANES <= cols; j += LANES)
        for (int lane = 0; lane < LANES; lane++)
            lanes[lane] += x[j + lane] * y[j + lane];
    for (int lane = 0; j + lane < cols; lane++)
        lanes[lane] += x[j + lane] * y[j + lane];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            lanes[lane] += lanes[lane + half];
    return lanes[0];
}

/* Σ weight_j·x_j, in double, one after the other. */
static inline double sum_weighted(int64_t cols, const double *weights, const double *x)
{
    double sum = 0;
    for (int64_t j = 0; j < cols; j++)
        sum += weights[j] * x[j];
    return sum;
}

/* The same, and each x_j is added to kept_j, unless that is NULL. */
static inline double sum_and_keep(int64_t cols, const double *weights, const double *x, double *kept)
{
    for (int64_t j = 0; kept != NULL && j < cols; j++)
        kept[j] += x[j];
    return sum_weighted(cols, weights, x);
}

/* Σ x² over the rows of a tile, to judge how large numbers get; it may overflow to infinity, which judges them large. */
typedef real real_vector __attribute__((vector_size(TL_VECTOR_BYTES)));
typedef real real_vector_at __attribute__((vector_size(TL_VECTOR_BYTES), aligned(sizeof(real)), may_alias));
typedef struct square_sums {
    real_vector of[4];
    real rest;
} square_sums;

static inline void add_squares(square_sums *sums, int64_t cols, const real *x)
{
    int64_t j = 0;
    for (; j + 4 * TL_LANES <= cols; j += 4 * TL_LANES) {
        TL_UNROLL
        for (int v = 0; v < 4; v++) {
            const real_vector a = *(const real_vector_at *)(x + j + v * TL_LANES);
            sums->of[v] += a * a;
        }
    }
    for (; j + TL_LANES <= cols; j += TL_LANES) {
        const real_vector a = *(const real_vector_at *)(x + j);
        sums->of[0] += a * a;
    }
    for (; j < cols; j++)
        sums->rest += x[j] * x[j];
}

static inline double total_of(const square_sums *sums)
{
    const real_vector four = (sums->of[0] + sums->of[1]) + (sums->of[2] + sums->of[3]);
    real lanes[TL_LANES];
    for (int lane = 0; lane < TL_LANES; lane++)
        lanes[lane] = four[lane];
    for (int half = TL_LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            lanes[lane] += lanes[lane + half];
    return (double)(lanes[0] + sums->rest);
}

#endif
