/* The next θ from θ and the gradient. */
#include <tgmath.h>

#include "parts.h"

/* θ ← θ − η·g */
static void gradient_descent(const talus_optimizer_spec *spec, int64_t count, real *theta, const real *g)
{
    real eta = (real)spec->rate;
    for (int64_t i = 0; i < count; i++)
        theta[i] -= eta * g[i];
}

/* v ← μ·v + g,   θ ← θ − η·v,   with nesterov  θ ← θ − η·(g + μ·v) */
static void momentum(const talus_optimizer_spec *spec, int64_t count, real *theta, const real *g, real *v)
{
    real eta = (real)spec->rate, mu = (real)spec->momentum;
    for (int64_t i = 0; i < count; i++) {
        v[i] = mu * v[i] + g[i];
        theta[i] -= spec->nesterov ? eta * (g[i] + mu * v[i]) : eta * v[i];
    }
}

/* m ← β₁·m + (1−β₁)·g,   v ← β₂·v + (1−β₂)·g²
 * θ ← θ − η·m̂/(√v̂ + ε),   m̂ = m/(1−β₁ᵗ),   v̂ = v/(1−β₂ᵗ) */
static void adam(const naive_optimizer *o, int64_t count, real *theta, const real *g)
{
    real eta = (real)o->spec.rate, epsilon = (real)o->spec.epsilon;
    real beta1 = (real)o->spec.beta1, one_minus_beta1 = (real)(1 - o->spec.beta1);
    real beta2 = (real)o->spec.beta2, one_minus_beta2 = (real)(1 - o->spec.beta2);
    real correct1 = (real)(1 - pow(o->spec.beta1, (double)o->t));
    real correct2 = (real)(1 - pow(o->spec.beta2, (double)o->t));
    for (int64_t i = 0; i < count; i++) {
        o->m[i] = beta1 * o->m[i] + one_minus_beta1 * g[i];
        o->v[i] = beta2 * o->v[i] + one_minus_beta2 * g[i] * g[i];
        theta[i] -= eta * (o->m[i] / correct1) / (sqrt(o->v[i] / correct2) + epsilon);
    }
}

void naive_update(naive_optimizer *optimizer, int64_t count, real *theta, const real *gradient)
{
    optimizer->t += 1;
    switch (optimizer->spec.method) {
    case TALUS_MOMENTUM:
        momentum(&optimizer->spec, count, theta, gradient, optimizer->v);
        break;
    case TALUS_ADAM:
        adam(optimizer, count, theta, gradient);
        break;
    default:
        gradient_descent(&optimizer->spec, count, theta, gradient);
    }
}
