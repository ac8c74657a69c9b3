#include <math.h>

#include "kernels/array.h"
#include "kernels/coefficients.h"

#if TL_PRECISION == 32
#define SQRT sqrtf
#else
#define SQRT sqrt
#endif

void K(update_gradient_descent)(int64_t rows, int64_t cols, real *w, real *s, real *t, int64_t ld,
                                const real *g, int64_t ld_g, const real *c)
{
    (void)s, (void)t;
    const real rate = c[TL_DESCENT_RATE];
    for (int64_t i = 0; i < rows; i++) {
        real *restrict theta = w + i * ld;
        const real *restrict gradient = g + i * ld_g;
        for (int64_t j = 0; j < cols; j++)
            theta[j] -= rate * gradient[j];
    }
}

void K(update_momentum)(int64_t rows, int64_t cols, real *w, real *s, real *t, int64_t ld, const real *g,
                        int64_t ld_g, const real *c)
{
    (void)t;
    const real decay = c[TL_MOMENTUM_DECAY], at = c[TL_MOMENTUM_AT], ahead = c[TL_MOMENTUM_AHEAD];
    for (int64_t i = 0; i < rows; i++) {
        real *restrict theta = w + i * ld, *restrict velocity = s + i * ld;
        const real *restrict gradient = g + i * ld_g;
        for (int64_t j = 0; j < cols; j++) {
            velocity[j] = decay * velocity[j] + gradient[j];
            theta[j] -= at * velocity[j] + ahead * gradient[j];
        }
    }
}

void K(update_adam)(int64_t rows, int64_t cols, real *w, real *s, real *t, int64_t ld, const real *g,
                    int64_t ld_g, const real *c)
{
    const real decay_1 = c[TL_ADAM_DECAY_1], take_1 = c[TL_ADAM_TAKE_1];
    const real decay_2 = c[TL_ADAM_DECAY_2], take_2 = c[TL_ADAM_TAKE_2];
    const real rate = c[TL_ADAM_RATE], epsilon = c[TL_ADAM_EPSILON];
    for (int64_t i = 0; i < rows; i++) {
        real *restrict theta = w + i * ld, *restrict m = s + i * ld, *restrict v = t + i * ld;
        const real *restrict gradient = g + i * ld_g;
        for (int64_t j = 0; j < cols; j++) {
            m[j] = decay_1 * m[j] + take_1 * gradient[j];
            v[j] = decay_2 * v[j] + take_2 * (gradient[j] * gradient[j]);
            theta[j] -= rate * m[j] / (SQRT(v[j]) + epsilon);
        }
    }
}
