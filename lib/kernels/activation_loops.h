/* Loops of an activation over a tile. f is known where they are called, so the compiler expands it in them. */
#ifndef TL_KERNELS_ACTIVATION_LOOPS_H
#define TL_KERNELS_ACTIVATION_LOOPS_H

#include <stddef.h>

#include "kernels/families.h"
#include "kernels/sum.h"

/* f(z, α), or f′ of a = f(z) */
typedef real element(real x, real alpha);

/* f and f′ at z, which share what is costly */
typedef struct sloped {
    real value, slope;
} sloped;

typedef sloped sloped_element(real z, real alpha);

static inline void apply(const TL(tl_activation_args) * x, element *f, int64_t i)
{
    real *restrict row = x->a + i * x->ld;
    const real b = x->bias != NULL ? x->bias[i] : 0, alpha = x->alpha;
    for (int64_t j = 0; j < x->cols; j++)
        row[j] = f(row[j] + b, alpha);
}

static inline void forward(const TL(tl_activation_args) * x, element *f)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        apply(x, f, i);
        add_squares(&squares, x->cols, x->a + i * x->ld);
    }
    *x->squares += total_of(&squares);
}

/* The same for |f| ≤ 1 */
static inline void forward_bounded(const TL(tl_activation_args) * x, element *f)
{
    for (int64_t i = 0; i < x->rows; i++)
        apply(x, f, i);
    *x->squares += (double)(x->rows * x->cols);
}

/* α of a row */
static inline real alpha_of(const TL(tl_activation_args) * x, int64_t i)
{
    return x->alphas != NULL ? x->alphas[i] : x->alpha;
}

static inline void apply_sloped(const TL(tl_activation_args) * x, sloped_element *f, int64_t i)
{
    real *restrict row = x->a + i * x->ld;
    const real b = x->bias != NULL ? x->bias[i] : 0, alpha = alpha_of(x, i);
    for (int64_t j = 0; j < x->cols; j++)
        row[j] = f(row[j] + b, alpha).value;
}

static inline void apply_keeping(const TL(tl_activation_args) * x, sloped_element *f, int64_t i)
{
    real *restrict row = x->a + i * x->ld, *restrict slope = x->slope + i * x->ld;
    const real b = x->bias != NULL ? x->bias[i] : 0, alpha = alpha_of(x, i);
    for (int64_t j = 0; j < x->cols; j++) {
        sloped y = f(row[j] + b, alpha);
        row[j] = y.value;
        slope[j] = y.slope;
    }
}

/* The same, and f′(Z) is kept where it is wanted. */
static inline void forward_keeping(const TL(tl_activation_args) * x, sloped_element *f)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        if (x->slope == NULL)
            apply_sloped(x, f, i);
        else
            apply_keeping(x, f, i);
        add_squares(&squares, x->cols, x->a + i * x->ld);
    }
    *x->squares += total_of(&squares);
}

/* f′ from A */
static inline void backward(const TL(tl_activation_args) * x, element *slope)
{
    square_sums squares = {.rest = 0};
    for (int64_t i = 0; i < x->rows; i++) {
        real *restrict delta = x->delta + i * x->ld;
        const real *restrict a = x->a + i * x->ld;
        const real alpha = x->alpha;
        for (int64_t j = 0; j < x->cols; j++)
            delta[j] *= slope(a[j], alpha);
        x->sums[i] = sum_row(x->cols, delta);
        add_squares(&squares, x->cols, delta);
    }
    *x->squares += total_of(&squares);
}

#endif
