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
 *                                                                      Kingma and Ba 2015, arXiv:1412.6980
 *
 * Two methods search along lines θ + α·p, and evaluate cost and gradient at several α a step, until the strong Wolfe
 * conditions hold (Moré and Thuente 1994):
 *
 *     L-BFGS               p = −H·g, H made of γ·I and the last m pairs of changes of θ and g
 *                                                                      Nocedal 1980; Liu and Nocedal 1989
 *     conjugate gradient   p ← −g + β·p, with β ≥ 0 of Polak and Ribière, and Powell's restarts
 *                                                                      Gilbert and Nocedal 1992; Powell 1977
 *
 * They work in talus_minimize (talus/minimize.h) and in trainers, not in talus_optimizer_step. They want the exact
 * gradient of all data, or of large batches. */
#ifndef TALUS_OPTIMIZER_H
#define TALUS_OPTIMIZER_H

#include <talus/context.h>
#include <talus/matrix.h>

TALUS_BEGIN_C

typedef enum talus_method {
    TALUS_GRADIENT_DESCENT = 0,   /* has a rate only */
    TALUS_MOMENTUM = 1,           /* also has momentum and nesterov */
    TALUS_ADAM = 2,               /* also has beta1, beta2 and epsilon */
    TALUS_LBFGS = 3,              /* has history only */
    TALUS_CONJUGATE_GRADIENT = 4, /* has no options */
    TALUS_METHOD_COUNT = 5        /* known to this header */
} talus_method;

/* The name of a method, such as "adam", or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_method_name(int method)
{
    return talus_enumeration_name(TALUS_ENUMERATION_METHOD, method);
}

static inline int talus_method_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_METHOD, name);
}

/* A method has only some of these: the others must be left at their defaults. How small and how large rate and epsilon
 * may be, talus_optimizer_create says. */
typedef struct talus_optimizer_spec {
    int method;   /* a talus_method; default TALUS_ADAM */
    int nesterov; /* of momentum: 1 looks ahead; default 0 */
    double
        rate; /* η > 0; default 0.1 for gradient descent, 0.01 for momentum, 0.001 for Adam; methods that search along
                        lines have none, and leave it at 0.001 */
    double momentum; /* μ of momentum, 0 ≤ μ < 1; default 0.9 */
    double beta1;    /* β₁ of Adam, 0 ≤ β₁ < 1; default 0.9 */
    double beta2;    /* β₂ of Adam, 0 ≤ β₂ < 1; default 0.999 */
    double epsilon;  /* ε > 0 of Adam; default 1e-8 */

    /* Of every update rule; 0, the default, for none. At most one of the two. */
    double clip_value; /* c ≥ 0: g_i ← max(−c, min(g_i, c)) */
    double clip_norm; /* c ≥ 0: g ← g·min(1, c/‖g‖₂), ‖g‖ of the whole gradient (Pascanu et al. 2013) */

    int64_t history; /* m of L-BFGS, the pairs that it keeps, 1 … 1000; default 10 */
} talus_optimizer_spec;

/* Fills a spec with the defaults of a method; an unknown method is kept, with the rate 0, and refused later. size is the
 * caller's sizeof. NULL is allowed. */
TALUS_API void talus_optimizer_defaults_sized(talus_optimizer_spec *spec, size_t size, int method);

static inline void talus_optimizer_defaults(talus_optimizer_spec *spec, int method)
{
    talus_optimizer_defaults_sized(spec, sizeof(talus_optimizer_spec), method);
}

typedef struct talus_optimizer talus_optimizer;

/* Makes an optimiser of vectors of count numbers in a precision (TALUS_DTYPE_F32 or TALUS_DTYPE_F64); its state is 0.
 * η, ε, a threshold of clipping above 0, and what Adam's first step makes of them, η·√(1−β₂)/(1−β₁) and ε·√(1−β₂), must be normal numbers of the
 * precision, or they would vanish or overflow: 1.1754944e-38 … 3.4028235e38 in f32, and 2.2250738585072014e-308 …
 * 1.7976931348623157e308 in f64.
 *   size  the caller's sizeof of the spec
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, a number out of its range, an option that the method does not have
 * and that is not at its default, a size that is too small), TALUS_ERROR_SHAPE (count below 1 or too large),
 * TALUS_ERROR_UNSUPPORTED (the spec asks for what this version does not know), TALUS_ERROR_MEMORY. *optimizer is set on
 * success only. */
TALUS_API talus_status talus_optimizer_create_sized(talus_context *context, const talus_optimizer_spec *spec,
                                                    size_t size, int precision, int64_t count,
                                                    talus_optimizer **optimizer);

static inline talus_status talus_optimizer_create(talus_context *context, const talus_optimizer_spec *spec,
                                                  int precision, int64_t count, talus_optimizer **optimizer)
{
    return talus_optimizer_create_sized(context, spec, sizeof(talus_optimizer_spec), precision, count,
                                        optimizer);
}

/* Frees an optimiser. NULL is allowed. */
TALUS_API void talus_optimizer_destroy(talus_optimizer *optimizer);

/* One step: changes parameters by gradient; both are 1 × count of the optimiser's precision, and do not
 * overlap.
 * TALUS_ERROR_ARGUMENT (a NULL, another dtype, an overlap), TALUS_ERROR_SHAPE (another length), TALUS_ERROR_DATA (a
 * gradient that is not finite; a step that would leave parameters or state infinite): nothing has changed.
 * TALUS_ERROR_ARGUMENT for methods that search along lines, too. */
TALUS_API talus_status talus_optimizer_step(talus_optimizer *optimizer, const talus_matrix *parameters,
                                            const talus_matrix *gradient);

/* Changes η from the next step on. TALUS_ERROR_ARGUMENT if optimizer is NULL, or unless talus_optimizer_create would
 * take the rate with the other options. */
TALUS_API talus_status talus_optimizer_set_rate(talus_optimizer *optimizer, double rate);

TALUS_END_C

#endif
