#include "kernels/directions.h"

#include <string.h>

/* Where second derivatives along k stand, or their sum. */
static int64_t second_of(const TL(tl_directions) * x, int64_t k)
{
    return x->count + (x->seconds == 1 ? 0 : k);
}

static real *at(const TL(tl_directions) * x, int64_t i, int64_t k)
{
    return x->x + i * TL(tl_directions_columns)(x) + k * x->samples;
}

void TL(tl_directions_scale)(const TL(tl_directions) * x, const double *factors)
{
    const int64_t columns = TL(tl_directions_columns)(x);
    for (int64_t i = 0; i < x->rows; i++) {
        const real factor = (real)factors[i];
        for (int64_t j = i * columns; j < (i + 1) * columns; j++)
            x->x[j] *= factor;
    }
}

static void multiply_row(const TL(tl_directions) * x, int64_t i, int64_t first, int64_t end,
                         const real *factors)
{
    for (int64_t k = first; k < end; k++)
        for (int64_t j = 0; j < x->samples; j++)
            at(x, i, k)[j] *= factors[j];
}

/* sums ← Σ_i factor_i ⊙ x_i for the directions from first on; with NULL for 1. */
static void sum_rows(const TL(tl_directions) * x, int64_t first, int64_t end, const real *factors,
                     double *sums)
{
    memset(sums + first * x->samples, 0, (size_t)((end - first) * x->samples) * sizeof *sums);
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t k = first; k < end; k++)
            for (int64_t j = 0; j < x->samples; j++)
                sums[k * x->samples + j] += (double)at(x, i, k)[j] *
                                            (factors == NULL ? 1 : (double)factors[i * x->ld + j]);
}

/* Second derivatives += factor ⊙ ẋ², with NULL for 1, in row i. */
static void add_squares(const TL(tl_directions) * x, int64_t i, const real *factors)
{
    for (int64_t k = 0; x->seconds > 0 && k < x->count; k++) {
        const real *dot = at(x, i, k);
        real *second = at(x, i, second_of(x, k));
        for (int64_t j = 0; j < x->samples; j++)
            second[j] += (factors == NULL ? 1 : factors[j]) * (dot[j] * dot[j]);
    }
}

void TL(tl_directions_bend)(const TL(tl_directions) * x, const real *slope, const real *curve)
{
    for (int64_t i = 0; i < x->rows; i++) {
        multiply_row(x, i, x->count, x->count + x->seconds, slope + i * x->ld);
        add_squares(x, i, x->seconds > 0 ? curve + i * x->ld : NULL);
        multiply_row(x, i, 0, x->count, slope + i * x->ld);
    }
}

/* x ← x − sums */
static void subtract(const TL(tl_directions) * x, int64_t i, int64_t first, int64_t end, const double *sums)
{
    for (int64_t k = first; k < end; k++)
        for (int64_t j = 0; j < x->samples; j++)
            at(x, i, k)[j] = (real)((double)at(x, i, k)[j] - sums[k * x->samples + j]);
}

void TL(tl_directions_softmax)(const TL(tl_directions) * x, const real *a, double *sums)
{
    const int64_t all = x->count + x->seconds;
    sum_rows(x, 0, x->count, a, sums);
    for (int64_t i = 0; i < x->rows; i++) {
        subtract(x, i, 0, x->count, sums);
        add_squares(x, i, NULL);
    }
    sum_rows(x, x->count, all, a, sums);
    for (int64_t i = 0; i < x->rows; i++) {
        subtract(x, i, x->count, all, sums);
        multiply_row(x, i, 0, all, a + i * x->ld);
    }
}

/* mean c² of each column of first derivatives. */
static void mean_squares(const TL(tl_directions) * x, const double *means, double *squares)
{
    memset(squares, 0, (size_t)(x->count * x->samples) * sizeof *squares);
    for (int64_t i = 0; i < x->rows; i++)
        for (int64_t j = 0; j < x->count * x->samples; j++) {
            const double c = (double)at(x, i, 0)[j] - means[j];
            squares[j] += c * c / (double)x->rows;
        }
}

/* x̂·(3p² − mean c²) − 2p·c of the directions of a row, times r, as the row is yet to be multiplied by r. */
static void add_curvature(const TL(tl_directions) * x, int64_t i, const real *normalized, const real *inverse,
                          const double *means, const double *along, const double *squares)
{
    for (int64_t k = 0; k < x->count; k++) {
        const real *dot = at(x, i, k);
        real *second = at(x, i, second_of(x, k));
        for (int64_t j = 0; j < x->samples; j++) {
            const int64_t column = k * x->samples + j;
            const double p = along[column], c = (double)dot[j] - means[column];
            second[j] += (real)((double)inverse[j] *
                                ((double)normalized[j] * (3 * p * p - squares[column]) - 2 * p * c));
        }
    }
}

/* x − mean x − x̂·mean(x̂ ⊙ x) */
static void project(const TL(tl_directions) * x, int64_t i, int64_t first, int64_t end,
                    const real *normalized, const double *means, const double *along)
{
    for (int64_t k = first; k < end; k++) {
        real *to = at(x, i, k);
        for (int64_t j = 0; j < x->samples; j++) {
            const int64_t column = k * x->samples + j;
            to[j] = (real)((double)to[j] - means[column] - (double)normalized[j] * along[column]);
        }
    }
}

void TL(tl_directions_normalize)(const TL(tl_directions) * x, const real *normalized, const real *inverse,
                                 double *sums)
{
    const int64_t columns = TL(tl_directions_columns)(x), all = x->count + x->seconds;
    double *means = sums, *along = sums + columns, *squares = along + columns;
    sum_rows(x, 0, all, NULL, means);
    sum_rows(x, 0, all, normalized, along);
    for (int64_t j = 0; j < columns; j++) {
        means[j] /= (double)x->rows;
        along[j] /= (double)x->rows;
    }
    if (x->seconds > 0)
        mean_squares(x, means, squares);
    for (int64_t i = 0; i < x->rows; i++) {
        const real *hat = normalized + i * x->ld;
        project(x, i, x->count, all, hat, means, along);
        if (x->seconds > 0)
            add_curvature(x, i, hat, inverse, means, along, squares);
        project(x, i, 0, x->count, hat, means, along);
        multiply_row(x, i, 0, all, inverse);
    }
}
