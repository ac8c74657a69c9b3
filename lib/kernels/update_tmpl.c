#include "kernels/update.h"

#include <math.h>
#include <stddef.h>

#include "kernels/coefficients.h"

#if TL_PRECISION == 32
#define SQRT sqrtf
#else
#define SQRT sqrt
#endif

/* Each rule, for one parameter: its value and its states, the gradient g, the coefficients c of this step. */

typedef struct parameter {
    real theta, state[TL_MOST_STATES];
} parameter;

typedef parameter rule(parameter p, real g, const real *c);

static inline parameter gradient_descent(parameter p, real g, const real *c)
{
    p.theta -= c[TL_DESCENT_RATE] * g;
    return p;
}

static inline parameter momentum(parameter p, real g, const real *c)
{
    real v = c[TL_MOMENTUM_DECAY] * p.state[0] + g;
    p.theta -= c[TL_MOMENTUM_AT] * v + c[TL_MOMENTUM_AHEAD] * g;
    p.state[0] = v;
    return p;
}

static inline parameter adam(parameter p, real g, const real *c)
{
    real m = c[TL_ADAM_DECAY_1] * p.state[0] + c[TL_ADAM_TAKE_1] * g;
    real v = c[TL_ADAM_DECAY_2] * p.state[1] + c[TL_ADAM_TAKE_2] * (g * g);
    p.theta -= c[TL_ADAM_RATE] * m / (SQRT(v) + c[TL_ADAM_EPSILON]);
    p.state[0] = m;
    p.state[1] = v;
    return p;
}

/* The loop over a tile; the number of states and the rule are known where it is called. */
static inline void update(const TL(tl_update_args) * x, int states, rule *f)
{
    real c[TL_COEFFICIENTS];
    for (int k = 0; k < TL_COEFFICIENTS; k++)
        c[k] = x->coefficients[k];
    for (int64_t i = 0; i < x->rows; i++) {
        real *restrict theta = x->theta + i * x->ld;
        real *restrict first = states > 0 ? x->states[0] + i * x->ld : NULL;
        real *restrict second = states > 1 ? x->states[1] + i * x->ld : NULL;
        real *restrict third = states > 2 ? x->states[2] + i * x->ld : NULL;
        real *restrict fourth = states > 3 ? x->states[3] + i * x->ld : NULL;
        const real *restrict g = x->gradient + i * x->ld_gradient;
        for (int64_t j = 0; j < x->cols; j++) {
            parameter p = {theta[j],
                           {states > 0 ? first[j] : 0, states > 1 ? second[j] : 0, states > 2 ? third[j] : 0,
                            states > 3 ? fourth[j] : 0}};
            p = f(p, g[j], c);
            theta[j] = p.theta;
            if (states > 0)
                first[j] = p.state[0];
            if (states > 1)
                second[j] = p.state[1];
            if (states > 2)
                third[j] = p.state[2];
            if (states > 3)
                fourth[j] = p.state[3];
        }
    }
}

/* The kernels -------------------------------------------------------------------------------------------- */

static void update_gradient_descent(const TL(tl_update_args) * x)
{
    update(x, TL_DESCENT_STATES, gradient_descent);
}

static void update_momentum(const TL(tl_update_args) * x)
{
    update(x, TL_MOMENTUM_STATES, momentum);
}

static void update_adam(const TL(tl_update_args) * x)
{
    update(x, TL_ADAM_STATES, adam);
}

TL(tl_update_kernel) *const K(updates)[TALUS_METHOD_COUNT] = {
    [TALUS_GRADIENT_DESCENT] = update_gradient_descent,
    [TALUS_MOMENTUM] = update_momentum,
    [TALUS_ADAM] = update_adam,
};
