/* Flat vectors: what optimisers need of them beside their updates. */
#include "kernels/vector.h"

#include <math.h>

#include "kernels/math.h"
#include "kernels/sum.h"

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

static real_word larger_word(real_word a, real_word b)
{
    return a > b ? a : b;
}

/* max |x_i|; NaN if any is NaN. As numbers the bits of |x| have the order of |x|, and those of NaN are behind all. */
double K(largest)(int64_t count, const real *x)
{
    enum { LANES = 32 };
    const real_word size = ~(real_word)0 >> 1; /* all bits but the sign */
    real_word most[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            most[lane] = larger_word(most[lane], real_to_word(x[i + lane]) & size);
    for (int lane = 0; i + lane < count; lane++)
        most[lane] = larger_word(most[lane], real_to_word(x[i + lane]) & size);
    for (int lane = 1; lane < LANES; lane++)
        most[0] = larger_word(most[0], most[lane]);
    return (double)real_from_word(most[0]);
}

/* Σ x_i² in double, in sixteen running sums */
static double sum_of_squares(int64_t count, const real *x)
{
    enum { LANES = 16 };
    double sums[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += (double)x[i + lane] * (double)x[i + lane];
    for (int lane = 0; i + lane < count; lane++)
        sums[lane] += (double)x[i + lane] * (double)x[i + lane];
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

/* Scaled by a power of 2 where squares overflow or vanish. */
double K(norm)(int64_t count, const real *x)
{
    double squares = sum_of_squares(count, x);
    if (squares > 1e-200 && squares < 1e300)
        return sqrt(squares);
    double most = K(largest)(count, x);
    if (!isfinite(most) || most == 0)
        return most;
    int exponent = ilogb(most);
    double s = scalbn(1, exponent < -1000 ? 1000 : -exponent);
    return sqrt(K(dot)(count, s, x, x)) / s;
}

/* Comparisons of vectors are −1 where they hold. A lane counts fewer than 2³¹ before the counts are added. */
void K(count_small)(int64_t count, const real *x, double least, int64_t *zero, int64_t *below)
{
    typedef real_word words __attribute__((vector_size(TL_VECTOR_BYTES)));
    const real end = (real)least;
    words zeros = {0}, small = {0};
    int64_t i = 0;
    for (; i + TL_LANES <= count; i += TL_LANES) {
        const real_vector a = *(const real_vector_at *)(x + i);
        zeros -= (words)(a == 0);
        small -= (words)((a < end) & (a > -end));
    }
    for (int lane = 0; lane < TL_LANES; lane++) {
        *zero += (int64_t)zeros[lane];
        *below += (int64_t)small[lane];
    }
    for (; i < count; i++) {
        *zero += x[i] == 0;
        *below += x[i] < end && x[i] > -end;
    }
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
