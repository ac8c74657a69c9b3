/* Flat vectors: what optimisers need of them beside their updates. */
#include "kernels/vector.h"

/* Σ (s·x_i)·(s·y_i) in double, in sixteen running sums */
double K(dot)(int64_t count, double s, const real *x, const real *y)
{
    enum { LANES = 16 };
    double sums[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += s * (double)x[i + lane] * (s * (double)y[i + lane]);
    for (int lane = 0; i + lane < count; lane++)
        sums[lane] += s * (double)x[i + lane] * (s * (double)y[i + lane]);
    double sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

/* max |x_i|; NaN if any is NaN */
double K(largest)(int64_t count, const real *x)
{
    enum { LANES = 16 };
    real most[LANES] = {0}, nan = 0;
    for (int64_t i = 0; i < count; i += LANES)
        for (int lane = 0; lane < LANES && i + lane < count; lane++) {
            real size = x[i + lane] < 0 ? -x[i + lane] : x[i + lane];
            most[lane] = size > most[lane] ? size : most[lane];
            nan = size == size ? nan : size;
        }
    for (int lane = 1; lane < LANES; lane++)
        most[0] = most[lane] > most[0] ? most[lane] : most[0];
    return nan == nan ? (double)most[0] : (double)nan;
}

/* y ← a·x + y */
void K(axpy)(int64_t count, double a, const real *x, real *y)
{
    const real factor = (real)a;
    for (int64_t i = 0; i < count; i++)
        y[i] += factor * x[i];
}

/* z ← a·x + b·y */
void K(combine)(int64_t count, double a, const real *x, double b, const real *y, real *z)
{
    const real of_x = (real)a, of_y = (real)b;
    for (int64_t i = 0; i < count; i++)
        z[i] = of_x * x[i] + of_y * y[i];
}

/* The product is rounded once: in float a scale below the smallest number would be lost. */
void K(clip)(int64_t count, double most, double scale, const real *restrict x, real *restrict y)
{
    const real end = (real)most;
    for (int64_t i = 0; i < count; i++) {
        real below = x[i] > end ? end : x[i];
        y[i] = (real)(scale * (double)(below < -end ? -end : below));
    }
}
