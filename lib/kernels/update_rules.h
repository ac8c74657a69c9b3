/* The update rules, for one parameter: coefficients.h has their equations. Template header. */
#ifndef TL_KERNELS_UPDATE_RULES_H
#define TL_KERNELS_UPDATE_RULES_H

#include <math.h>

#include "base/real.h"
#include "kernels/coefficients.h"

#if TL_PRECISION == 32
#define SQRT sqrtf
#else
#define SQRT sqrt
#endif

/* Each rule takes the value, from which weight decay has been taken off, and its states, the gradient g, and the coefficients
 * c of this step. */

typedef struct parameter {
    real theta, state[TL_MOST_STATES];
} parameter;

typedef parameter rule(parameter p, real g, const real *c);

static inline real larger(real a, real b)
{
    return a > b ? a : b;
}

static inline real smaller(real a, real b)
{
    return a < b ? a : b;
}

static inline real sign(real x)
{
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

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

/* m and v of Adam and those after it; v where there is no m. */
static inline real mean(real m, real g, const real *c)
{
    return c[TL_ADAM_DECAY_1] * m + c[TL_ADAM_TAKE_1] * g;
}

static inline real mean_square(real v, real g, const real *c)
{
    return c[TL_ADAM_DECAY_2] * v + c[TL_ADAM_TAKE_2] * (g * g);
}

static inline parameter adam(parameter p, real g, const real *c)
{
    real m = mean(p.state[0], g, c), v = mean_square(p.state[1], g, c);
    p.theta -= c[TL_ADAM_RATE] * m / (SQRT(v) + c[TL_ADAM_EPSILON]);
    p.state[0] = m;
    p.state[1] = v;
    return p;
}

static inline parameter amsgrad(parameter p, real g, const real *c)
{
    real m = mean(p.state[0], g, c), v = mean_square(p.state[1], g, c), most = larger(p.state[2], v);
    p.theta -= c[TL_ADAM_RATE] * m / (SQRT(most) + c[TL_ADAM_EPSILON]);
    p.state[0] = m;
    p.state[1] = v;
    p.state[2] = most;
    return p;
}

static inline parameter adamax(parameter p, real g, const real *c)
{
    real m = mean(p.state[0], g, c);
    real u = larger(c[TL_ADAM_DECAY_2] * p.state[1], larger(g, -g) + c[TL_ADAM_EPSILON]);
    p.theta -= c[TL_ADAM_RATE] * m / u;
    p.state[0] = m;
    p.state[1] = u;
    return p;
}

static inline parameter nadam(parameter p, real g, const real *c)
{
    real m = mean(p.state[0], g, c), v = mean_square(p.state[1], g, c);
    p.theta -= (c[TL_ADAM_RATE] * m + c[TL_NADAM_AHEAD] * g) / (SQRT(v) + c[TL_ADAM_EPSILON]);
    p.state[0] = m;
    p.state[1] = v;
    return p;
}

static inline parameter radam(parameter p, real g, const real *c)
{
    real m = mean(p.state[0], g, c), v = mean_square(p.state[1], g, c);
    p.theta -= c[TL_ADAM_RATE] * m / (c[TL_RADAM_ROOT] * SQRT(v) + c[TL_ADAM_EPSILON]);
    p.state[0] = m;
    p.state[1] = v;
    return p;
}

static inline parameter adagrad(parameter p, real g, const real *c)
{
    real s = p.state[0] + g * g;
    p.theta -= c[TL_ADAM_RATE] * g / (SQRT(s) + c[TL_ADAM_EPSILON]);
    p.state[0] = s;
    return p;
}

static inline parameter adadelta(parameter p, real g, const real *c)
{
    real v = mean_square(p.state[0], g, c), u = smaller(p.state[1], (real)TL_ADADELTA_MOST);
    real change = g * SQRT((u + c[TL_ADAM_EPSILON]) / (v + c[TL_ADAM_EPSILON]));
    p.theta -= c[TL_ADAM_RATE] * change;
    p.state[0] = v;
    p.state[1] = mean_square(u, change, c);
    return p;
}

static inline parameter rmsprop(parameter p, real g, const real *c)
{
    real v = mean_square(p.state[0], g, c);
    p.theta -= c[TL_ADAM_RATE] * g / (SQRT(v) + c[TL_ADAM_EPSILON]);
    p.state[0] = v;
    return p;
}

static inline parameter rmsprop_momentum(parameter p, real g, const real *c)
{
    real v = mean_square(p.state[0], g, c);
    real b = c[TL_RMSPROP_MOMENTUM] * p.state[1] + g / (SQRT(v) + c[TL_ADAM_EPSILON]);
    p.theta -= c[TL_ADAM_RATE] * b;
    p.state[0] = v;
    p.state[1] = b;
    return p;
}

/* √(v − ḡ²), the deviation of g; roundings may leave a little less than 0 */
static inline real deviation(real v, real of_g)
{
    return SQRT(larger(v - of_g * of_g, 0));
}

static inline parameter rmsprop_centered(parameter p, real g, const real *c)
{
    real v = mean_square(p.state[0], g, c);
    real of_g = c[TL_ADAM_DECAY_2] * p.state[1] + c[TL_ADAM_TAKE_2] * g;
    p.theta -= c[TL_ADAM_RATE] * g / (deviation(v, of_g) + c[TL_ADAM_EPSILON]);
    p.state[0] = v;
    p.state[1] = of_g;
    return p;
}

static inline parameter rmsprop_both(parameter p, real g, const real *c)
{
    real v = mean_square(p.state[0], g, c);
    real of_g = c[TL_ADAM_DECAY_2] * p.state[1] + c[TL_ADAM_TAKE_2] * g;
    real b = c[TL_RMSPROP_MOMENTUM] * p.state[2] + g / (deviation(v, of_g) + c[TL_ADAM_EPSILON]);
    p.theta -= c[TL_ADAM_RATE] * b;
    p.state[0] = v;
    p.state[1] = of_g;
    p.state[2] = b;
    return p;
}

static inline parameter lion(parameter p, real g, const real *c)
{
    p.theta -= c[TL_LION_RATE] * sign(c[TL_LION_DECAY] * p.state[0] + c[TL_LION_TAKE] * g);
    p.state[0] = c[TL_LION_DECAY_2] * p.state[0] + c[TL_LION_TAKE_2] * g;
    return p;
}

static inline parameter adopt(parameter p, real g, const real *c)
{
    real ratio = g / larger(SQRT(p.state[1]), c[TL_ADAM_EPSILON]);
    real m = mean(p.state[0], larger(-c[TL_ADOPT_CLIP], smaller(ratio, c[TL_ADOPT_CLIP])), c);
    p.theta -= c[TL_ADAM_RATE] * m;
    p.state[0] = m;
    p.state[1] = mean_square(p.state[1], g, c);
    return p;
}

static inline parameter schedule_free(parameter p, real g, const real *c)
{
    const real most = (real)TL_SCHEDULE_FREE_MOST;
    real y = p.theta, d = p.state[0];
    real v = c[TL_SCHEDULE_FREE_DECAY_2] * p.state[1] + c[TL_SCHEDULE_FREE_TAKE_2] * (g * g);
    real n = c[TL_SCHEDULE_FREE_RATE] * g / (SQRT(v) + c[TL_SCHEDULE_FREE_EPSILON]) +
             c[TL_SCHEDULE_FREE_DECAY] * larger(-most, smaller(y, most));
    p.theta = y + (c[TL_SCHEDULE_FREE_WEIGHT] * d - c[TL_SCHEDULE_FREE_TAKE] * n);
    p.state[0] = c[TL_SCHEDULE_FREE_REST] * (d - c[TL_SCHEDULE_FREE_BETA] * n);
    p.state[1] = v;
    return p;
}

static inline parameter irprop(parameter p, real g, const real *c)
{
    real before = p.state[0], length = p.state[1], now = sign(g), turned = before * now;
    real longer = smaller(length * c[TL_IRPROP_INCREASE], c[TL_IRPROP_MOST]);
    real shorter = larger(length * c[TL_IRPROP_DECREASE], c[TL_IRPROP_LEAST]);
    real next = turned > 0 ? longer : turned < 0 ? shorter : length;
    next = next > 0 ? next : c[TL_IRPROP_FIRST];
    p.theta -= turned < 0 ? -(c[TL_IRPROP_UNDO] * before * length) : now * next;
    p.state[0] = turned < 0 ? 0 : now;
    p.state[1] = next;
    return p;
}

static inline parameter muon(parameter p, real g, const real *c)
{
    p.state[0] = c[TL_MATRIX_DECAY] * p.state[0] + g;
    p.theta -= c[TL_MATRIX_RATE] * p.state[TL_MATRIX_DIRECTION];
    return p;
}

static inline parameter soap(parameter p, real g, const real *c)
{
    p.state[0] = mean(p.state[0], g, c);
    p.state[1] = mean_square(p.state[1], p.state[TL_SOAP_PROJECTED], c);
    p.theta -= c[TL_ADAM_RATE] * p.state[TL_MATRIX_DIRECTION];
    return p;
}

static inline parameter kfac(parameter p, real g, const real *c)
{
    (void)g;
    p.state[0] = c[TL_MATRIX_DECAY] * p.state[0] + p.state[TL_MATRIX_DIRECTION];
    p.theta -= c[TL_MATRIX_RATE] * p.state[0];
    return p;
}

#undef SQRT

#endif
