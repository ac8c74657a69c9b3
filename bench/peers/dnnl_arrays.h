/* What oneDNN does not have: loops over arrays, on the threads of OpenMP. */
#ifndef PEER_DNNL_ARRAYS_H
#define PEER_DNNL_ARRAYS_H

#include "serve.h"

/* delta ← delta ⊙ f′, from a = f(z). */
void arrays_derive(const char *activation, int64_t count, const float *a, float *delta);

/* C; delta = (A_L − Y)/n, n × d_L. */
double arrays_loss(const peer_case *c, const float *A, float *delta);

/* Adam: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − rate·m/(√v + ε); else v ← μv + g, θ ← θ − rate·v. */
typedef struct arrays_rule {
    bool adam;
    float momentum, beta1, beta2, epsilon, rate;
} arrays_rule;
void arrays_update(const arrays_rule *rule, int64_t count, float *theta, const float *g, float *m, float *v);

#endif
