/* Optimisers: how a gradient changes the parameters.
 *
 * An optimiser sees parameters θ and their gradient g as one flat vector each and knows no network, so it
 * serves a trainer and the caller's own function alike. Step t = 1, 2, … of each method:
 *
 *     gradient descent   θ ← θ − η·g
 *     momentum           v ← μ·v + g,   θ ← θ − η·v                    Polyak 1964
 *       with nesterov    v ← μ·v + g,   θ ← θ − η·(g + μ·v)            Sutskever et al. 2013, Nesterov 1983
 *     Adam               m ← β₁·m + (1−β₁)·g,   v ← β₂·v + (1−β₂)·g²
 *                        θ ← θ − η·m̂/(√v̂ + ε),  m̂ = m/(1−β₁ᵗ),  v̂ = v/(1−β₂ᵗ)
 *                                                                      Kingma and Ba 2015, arXiv:1412.6980 */
#ifndef TALUS_OPTIMIZER_H
#define TALUS_OPTIMIZER_H

#include <talus/context.h>
#include <talus/matrix.h>

TALUS_BEGIN_C

typedef enum talus_method {
    TALUS_GRADIENT_DESCENT,
    TALUS_MOMENTUM,
    TALUS_ADAM,
    TALUS_METHOD_COUNT
} talus_method;

typedef struct talus_optimizer_spec {
    int method;      /* a talus_method */
    double rate;     /* η, > 0; default 0.1 for gradient descent, 0.01 for momentum, 0.001 for Adam */
    double momentum; /* μ of momentum, 0 ≤ μ < 1; default 0.9 */
    int nesterov;    /* momentum looks ahead; default 0 */
    double beta1;    /* β₁ of Adam, 0 ≤ β₁ < 1; default 0.9 */
    double beta2;    /* β₂ of Adam, 0 ≤ β₂ < 1; default 0.999 */
    double epsilon;  /* ε of Adam, > 0; default 1e-8 */
} talus_optimizer_spec;

/* Fills a spec with the defaults of a method; an unknown method is kept and refused later. */
TALUS_API void talus_optimizer_defaults(talus_optimizer_spec *spec, int method);

typedef struct talus_optimizer talus_optimizer;

/* Makes an optimiser of vectors of count numbers in a precision (TALUS_F32 or TALUS_F64); its state is 0.
 * TALUS_ERROR_ARGUMENT (a NULL, an unknown method, a number out of its range: named), TALUS_ERROR_SHAPE
 * (count below 1 or too large), TALUS_ERROR_MEMORY. *optimizer is set on success only. */
TALUS_API talus_status talus_optimizer_create(talus_context *context, const talus_optimizer_spec *spec,
                                              int precision, int64_t count, talus_optimizer **optimizer);
TALUS_API void talus_optimizer_destroy(talus_optimizer *optimizer);

/* One step: changes parameters by gradient; both are 1 × count of the optimiser's precision, and do not
 * overlap. TALUS_ERROR_ARGUMENT, TALUS_ERROR_SHAPE. */
TALUS_API talus_status talus_optimizer_step(talus_optimizer *optimizer, const talus_matrix *parameters,
                                            const talus_matrix *gradient);

/* Changes η from the next step on. TALUS_ERROR_ARGUMENT unless rate is finite and > 0. */
TALUS_API talus_status talus_optimizer_set_rate(talus_optimizer *optimizer, double rate);

TALUS_END_C

#endif
