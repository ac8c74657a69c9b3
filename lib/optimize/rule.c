#include "optimize/rule.h"

#include <float.h>
#include <math.h>

talus_status tl_check_rate(talus_context *context, double rate)
{
    if (isfinite(rate) && rate > 0)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: rate is %g; a finite number above 0 is wanted",
                   rate);
}

/* A decay factor is in [0, 1). */
static talus_status check_decay(talus_context *context, const char *name, double value)
{
    if (value >= 0 && value < 1)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: %s is %g; 0 ≤ %s < 1 is wanted", name, value,
                   name);
}

static talus_status check_nothing(talus_context *context, const talus_optimizer_spec *spec)
{
    (void)context, (void)spec;
    return TALUS_OK;
}

static talus_status check_momentum(talus_context *context, const talus_optimizer_spec *spec)
{
    return check_decay(context, "momentum", spec->momentum);
}

static talus_status check_adam(talus_context *context, const talus_optimizer_spec *spec)
{
    talus_status status = check_decay(context, "beta1", spec->beta1);
    if (status == TALUS_OK)
        status = check_decay(context, "beta2", spec->beta2);
    if (status == TALUS_OK && !(isfinite(spec->epsilon) && spec->epsilon > 0))
        status = tl_fail(context, TALUS_ERROR_ARGUMENT,
                         "optimizer: epsilon is %g; a finite number above 0 is wanted", spec->epsilon);
    return status;
}

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
    c[TL_ADAM_EPSILON] = fmax(spec->epsilon * root_2, DBL_MIN);
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

#define COMMON .momentum = 0.9, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8

static const tl_rule rules[TALUS_METHOD_COUNT] = {
    [TALUS_GRADIENT_DESCENT] = {TL_DESCENT_STATES,
                                {TALUS_GRADIENT_DESCENT, .rate = 0.1, COMMON},
                                check_nothing,
                                descent_coefficients,
                                descent_reach},
    [TALUS_MOMENTUM] = {TL_MOMENTUM_STATES,
                        {TALUS_MOMENTUM, .rate = 0.01, COMMON},
                        check_momentum,
                        momentum_coefficients,
                        momentum_reach},
    [TALUS_ADAM] =
        {TL_ADAM_STATES, {TALUS_ADAM, .rate = 0.001, COMMON}, check_adam, adam_coefficients, adam_reach},
};

const tl_rule *tl_rule_of(int method)
{
    return method >= 0 && method < TALUS_METHOD_COUNT ? &rules[method] : NULL;
}

talus_status tl_check_optimizer(talus_context *context, const talus_optimizer_spec *spec)
{
    if (spec == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "the spec of the optimizer is NULL");
    const tl_rule *rule = tl_rule_of(spec->method);
    if (rule == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: method %d is unknown", spec->method);
    talus_status status = tl_check_rate(context, spec->rate);
    return status == TALUS_OK ? rule->check(context, spec) : status;
}

void talus_optimizer_defaults(talus_optimizer_spec *spec, int method)
{
    if (spec == NULL)
        return;
    const tl_rule *rule = tl_rule_of(method);
    *spec = rule != NULL ? rule->defaults : (talus_optimizer_spec){.method = method, COMMON};
}
