#include "optimize/rule.h"

#include <float.h>
#include <math.h>

#include "optimize/minimizer.h"

static void descent_coefficients(const talus_optimizer_spec *spec, int64_t t, double c[TL_COEFFICIENTS])
{
    (void)t;
    c[TL_DESCENT_RATE] = spec->rate;
}

static void momentum_coefficients(const talus_optimizer_spec *spec, int64_t t, double c[TL_COEFFICIENTS])
{
    (void)t;
    c[TL_MOMENTUM_DECAY] = spec->momentum;
    c[TL_MOMENTUM_AT] = spec->nesterov ? spec->rate * spec->momentum : spec->rate;
    c[TL_MOMENTUM_AHEAD] = spec->nesterov ? spec->rate : 0;
}

/* η·m̂/(√v̂ + ε) = η·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε·√(1−β₂ᵗ)) */
static void adam_coefficients(const talus_optimizer_spec *spec, int64_t t, double c[TL_COEFFICIENTS])
{
    double correction_1 = 1 - pow(spec->beta1, (double)t);
    double root_2 = sqrt(1 - pow(spec->beta2, (double)t));
    c[TL_ADAM_DECAY_1] = spec->beta1;
    c[TL_ADAM_TAKE_1] = 1 - spec->beta1;
    c[TL_ADAM_DECAY_2] = spec->beta2;
    c[TL_ADAM_TAKE_2] = 1 - spec->beta2;
    c[TL_ADAM_RATE] = spec->rate * root_2 / correction_1;
    c[TL_ADAM_EPSILON] = spec->epsilon * root_2;
}

static double descent_reach(const double c[TL_COEFFICIENTS], int64_t t, double g)
{
    (void)t;
    return c[TL_DESCENT_RATE] * g;
}

/* |v| ≤ g·Σ μᵏ over t terms; where μ may round to 1, g·t */
static double momentum_reach(const double c[TL_COEFFICIENTS], int64_t t, double g)
{
    double left = 1 - c[TL_MOMENTUM_DECAY], terms = left < 1e-6 ? (double)t : fmin((double)t, 2 / left);
    return (c[TL_MOMENTUM_AT] * terms + c[TL_MOMENTUM_AHEAD]) * g;
}

/* m is a weighted sum of the same gradients whose squares v is of, so |m| ≤ √v·(1−β₁)/√((1−β₂)·(1−β₁²/β₂)) where
 * β₁² < β₂ (Cauchy and Schwarz), but for gradients below `lost`, whose squares vanish; else m ≤ g. */
static double adam_reach(const double c[TL_COEFFICIENTS], int64_t t, double g)
{
    (void)t;
    double lost = sqrt(FLT_MIN / c[TL_ADAM_TAKE_2]),
           ratio = c[TL_ADAM_DECAY_1] * c[TL_ADAM_DECAY_1] / c[TL_ADAM_DECAY_2];
    double bounded = 2 * c[TL_ADAM_TAKE_1] / sqrt(c[TL_ADAM_TAKE_2] * (1 - ratio)) +
                     lost / c[TL_ADAM_EPSILON];
    double any = g / c[TL_ADAM_EPSILON];
    return c[TL_ADAM_RATE] * (ratio < 0.999 && bounded < any ? bounded : any);
}

static const tl_rule rules[TALUS_METHOD_COUNT] = {
    [TALUS_GRADIENT_DESCENT] = {.name = "gradient_descent",
                                .states = TL_DESCENT_STATES,
                                .rate = 0.1,
                                .coefficients = descent_coefficients,
                                .reach = descent_reach},
    [TALUS_MOMENTUM] = {.name = "momentum",
                        .states = TL_MOMENTUM_STATES,
                        .rate = 0.01,
                        .options = {"momentum", "nesterov"},
                        .coefficients = momentum_coefficients,
                        .reach = momentum_reach},
    [TALUS_ADAM] = {.name = "adam",
                    .states = TL_ADAM_STATES,
                    .rate = 0.001,
                    .options = {"beta1", "beta2", "epsilon"},
                    .coefficients = adam_coefficients,
                    .reach = adam_reach,
                    .first = {{TL_ADAM_RATE, "rate·√(1−beta2)/(1−beta1)"},
                              {TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}}},
    [TALUS_LBFGS] = {.name = "lbfgs", .search = &tl_lbfgs, .rate = TL_NO_RATE, .options = {"history"}},
    [TALUS_CONJUGATE_GRADIENT] = {.name = "conjugate_gradient",
                                  .search = &tl_conjugate_gradient,
                                  .rate = TL_NO_RATE},
};

const tl_rule *tl_rule_of(int method)
{
    return method >= 0 && method < TALUS_METHOD_COUNT ? &rules[method] : NULL;
}

static const char *name_of(int method)
{
    return rules[method].name;
}

const tl_names tl_method_names = {TALUS_ENUMERATION_METHOD, TALUS_METHOD_COUNT, name_of};
