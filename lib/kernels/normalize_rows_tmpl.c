/* Normalisation of units over the samples of a batch: each row has a mean and a variance. */
#include <math.h>
#include <string.h>

#include "kernels/normalize.h"
#include "kernels/sum.h"

enum { LANES = 8 }; /* of running sums in double, so that the order of the additions depends on cols alone */

static double total(double lanes[LANES])
{
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int lane = 0; lane < half; lane++)
            lanes[lane] += lanes[lane + half];
    return lanes[0];
}

static double mean_of(int64_t cols, const real *x)
{
    double sums[LANES] = {0};
    int64_t j = 0;
    for (; j + LANES <= cols; j += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += (double)x[j + lane];
    for (int lane = 0; j + lane < cols; lane++)
        sums[lane] += (double)x[j + lane];
    return total(sums) / (double)cols;
}

/* Σ (x − m) and Σ (x − m)² */
static void deviations(int64_t cols, const real *x, double m, double *sum, double *square)
{
    double sums[LANES] = {0}, squares[LANES] = {0};
    int64_t j = 0;
    for (; j + LANES <= cols; j += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            double deviation = (double)x[j + lane] - m;
            sums[lane] += deviation;
            squares[lane] += deviation * deviation;
        }
    for (int lane = 0; j + lane < cols; lane++) {
        double deviation = (double)x[j + lane] - m;
        sums[lane] += deviation;
        squares[lane] += deviation * deviation;
    }
    *sum = total(sums);
    *square = total(squares);
}

/* As for columns, two passes: with r = Σ (x − m) over n numbers, μ = m + r/n and Σ (x − μ)² = Σ (x − m)² − r²/n. */
void K(moments)(int64_t rows, int64_t cols, const real *x, int64_t ld, double *means, double *squares)
{
    for (int64_t i = 0; i < rows; i++) {
        double mean = mean_of(cols, x + i * ld), rest, square;
        deviations(cols, x + i * ld, mean, &rest, &square);
        double less = square - rest * rest / (double)cols;
        means[i] = mean + rest / (double)cols;
        squares[i] = less < 0 ? 0 : less;
    }
}

void K(dot_rows)(int64_t rows, int64_t cols, const real *x, const real *y, int64_t ld, real *sums)
{
    for (int64_t i = 0; i < rows; i++)
        sums[i] = dot_row(cols, x + i * ld, y + i * ld);
}

static real inverse_of(const TL(tl_normalize_args) * x, int64_t i)
{
    return (real)(1 / sqrt(x->variances[i] + x->epsilon));
}

/* The mean's number of the precision is taken off first, which is exact where they are close, then its rest. */
void K(normalize_rows)(const TL(tl_normalize_args) * x)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        const real high = (real)x->means[i], low = (real)(x->means[i] - (double)high);
        const real inverse = inverse_of(x, i), scale = x->scale[i];
        real *restrict row = x->a + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++)
            row[j] = (row[j] - high - low) * inverse;
        if (x->normalized != NULL)
            memcpy(x->normalized + i * x->ld, row, (size_t)x->cols * sizeof *row);
        add_squares(&squares, x->cols, row);
        for (int64_t j = 0; j < x->cols; j++)
            row[j] *= scale;
    }
    *x->squares += total_of(&squares);
}

/* ∂C/∂z_ij = γ_i·r_i·(δ_ij − mean δ_i − ẑ_ij·mean (δ_i ⊙ ẑ_i)) */
void K(normalize_rows_backward)(const TL(tl_normalize_args) * x)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        const real straight = (real)x->straight[i], along = (real)x->along[i];
        const real factor = x->scale[i] * inverse_of(x, i);
        const real *restrict normalized = x->normalized + i * x->ld;
        real *restrict delta = x->delta + i * x->ld;
        for (int64_t j = 0; j < x->cols; j++)
            delta[j] = factor * (delta[j] - straight - normalized[j] * along);
        add_squares(&squares, x->cols, delta);
    }
    *x->squares += total_of(&squares);
}
