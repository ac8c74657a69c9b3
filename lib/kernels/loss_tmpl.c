#include "kernels/loss.h"

#include <assert.h>

#include "kernels/kernels.h"
#include "kernels/math.h"

/* Losses are added in double: down each column, then along the columns. */
static double total(int64_t cols, const double *losses)
{
    double sum = 0;
    for (int64_t j = 0; j < cols; j++)
        sum += losses[j];
    return sum;
}

/* ½·Σ_k (a_k − y_k)²,  ∂/∂a = a − y */
double K(loss_squared_error)(int64_t rows, int64_t cols, real *a, const real *y, real *delta, int64_t ld,
                             real scale)
{
    double losses[TL_TILE_COLS] = {0};
    assert(cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < rows; i++) {
        const real *restrict output = a + i * ld, *restrict target = y + i * ld;
        real *restrict d = delta + i * ld;
        for (int64_t j = 0; j < cols; j++) {
            real error = output[j] - target[j];
            losses[j] += 0.5 * ((double)error * (double)error);
            d[j] = error * scale;
        }
    }
    return total(cols, losses);
}

/* −y·log σ(z) − (1 − y)·log(1 − σ(z)) = max(z, 0) − z·y + log(1 + exp(−|z|)),  ∂/∂z = σ(z) − y */
double K(loss_binary_cross_entropy)(int64_t rows, int64_t cols, real *a, const real *y, real *delta,
                                    int64_t ld, real scale)
{
    double losses[TL_TILE_COLS] = {0};
    assert(cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < rows; i++) {
        const real *restrict target = y + i * ld;
        real *restrict output = a + i * ld, *restrict d = delta + i * ld;
        for (int64_t j = 0; j < cols; j++) {
            real z = output[j], t = target[j];
            real straight = (z < 0 ? 0 : z) - z * t;
            losses[j] += (double)(straight + real_log1p_in_range(real_exp_decay(z)));
            output[j] = real_sigmoid(z);
            d[j] = (output[j] - t) * scale;
        }
    }
    return total(cols, losses);
}

/* What cross-entropy collects of a column: m = max z, s = Σ exp(z − m), Σ y and Σ y·(m − z). */
typedef struct columns {
    real most[TL_TILE_COLS], powers[TL_TILE_COLS], targets[TL_TILE_COLS];
    double losses[TL_TILE_COLS];
} columns;

static void find_most(columns *c, int64_t rows, int64_t cols, const real *z, int64_t ld)
{
    for (int64_t j = 0; j < cols; j++)
        c->most[j] = z[j];
    for (int64_t i = 1; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            c->most[j] = z[i * ld + j] > c->most[j] ? z[i * ld + j] : c->most[j];
}

/* z becomes exp(z − m). A target of 0 counts nothing, however far below m its z is. */
static void add_row(columns *restrict c, int64_t cols, real *restrict z, const real *restrict y)
{
    for (int64_t j = 0; j < cols; j++) {
        real below = c->most[j] - z[j];
        z[j] = real_exp(-below);
        c->powers[j] += z[j];
        c->targets[j] += y[j];
        c->losses[j] += (double)(y[j] == 0 ? 0 : y[j] * below);
    }
}

/* Σ_k y_k·((m − z_k) + log s),  ∂/∂z = a·Σ_k y_k − y with a = exp(z − m)/s */
double K(loss_cross_entropy)(int64_t rows, int64_t cols, real *a, const real *y, real *delta, int64_t ld,
                             real scale)
{
    columns c = {.losses = {0}};
    assert(cols <= TL_TILE_COLS);
    find_most(&c, rows, cols, a, ld);
    for (int64_t i = 0; i < rows; i++)
        add_row(&c, cols, a + i * ld, y + i * ld);
    for (int64_t j = 0; j < cols; j++)
        c.losses[j] += (double)(c.targets[j] * real_log(c.powers[j]));
    for (int64_t i = 0; i < rows; i++) {
        const real *restrict target = y + i * ld;
        real *restrict output = a + i * ld, *restrict d = delta + i * ld;
        for (int64_t j = 0; j < cols; j++) {
            output[j] /= c.powers[j];
            d[j] = (output[j] * c.targets[j] - target[j]) * scale;
        }
    }
    return total(cols, c.losses);
}

int64_t K(right_squared_error)(int64_t rows, int64_t cols, const real *a, const real *y, int64_t ld)
{
    (void)rows, (void)cols, (void)a, (void)y, (void)ld;
    return 0;
}

/* Outputs on the same side of ½ as their targets. */
int64_t K(right_binary_cross_entropy)(int64_t rows, int64_t cols, const real *a, const real *y, int64_t ld)
{
    int64_t right = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            right += (a[i * ld + j] > R(0.5)) == (y[i * ld + j] > R(0.5));
    return right;
}

/* The row of the largest element of each column, the first of equals. */
static void find_largest(int64_t rows, int64_t cols, const real *x, int64_t ld, real_bits *restrict row)
{
    real most[TL_TILE_COLS];
    for (int64_t j = 0; j < cols; j++) {
        most[j] = x[j];
        row[j] = 0;
    }
    for (int64_t i = 1; i < rows; i++)
        for (int64_t j = 0; j < cols; j++) {
            bool larger = x[i * ld + j] > most[j];
            row[j] = larger ? (real_bits)i : row[j];
            most[j] = larger ? x[i * ld + j] : most[j];
        }
}

/* Samples whose largest output stands where their largest target does. */
int64_t K(right_cross_entropy)(int64_t rows, int64_t cols, const real *a, const real *y, int64_t ld)
{
    real_bits outputs[TL_TILE_COLS], targets[TL_TILE_COLS];
    int64_t right = 0;
    assert(cols <= TL_TILE_COLS);
    find_largest(rows, cols, a, ld, outputs);
    find_largest(rows, cols, y, ld, targets);
    for (int64_t j = 0; j < cols; j++)
        right += outputs[j] == targets[j];
    return right;
}
