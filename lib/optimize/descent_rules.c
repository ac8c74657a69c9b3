/* Gradient descent and momentum. */
#include <math.h>

#include "base/context.h"
#include "optimize/rules.h"

static void descent_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    c[TL_DESCENT_RATE] = step->spec->rate;
}

static double descent_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    (void)step;
    return c[TL_DESCENT_RATE] * g;
}

/* The kernel's v is v/(1−τ). */
static void momentum_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    const talus_optimizer_spec *spec = step->spec;
    double rate = spec->rate * (1 - spec->dampening);
    c[TL_MOMENTUM_DECAY] = spec->momentum;
    c[TL_MOMENTUM_AT] = spec->nesterov ? rate * spec->momentum : rate;
    c[TL_MOMENTUM_AHEAD] = spec->nesterov ? rate : 0;
}

static double momentum_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    return (c[TL_MOMENTUM_AT] * tl_terms(c[TL_MOMENTUM_DECAY], step->t) + c[TL_MOMENTUM_AHEAD]) * g;
}

static talus_status check_momentum(talus_context *context, const talus_optimizer_spec *spec)
{
    if (!spec->nesterov || spec->dampening == 0)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: dampening must be 0 with nesterov, got %g",
                   spec->dampening);
}

const tl_rule tl_rule_gradient_descent = {
    .name = "gradient_descent",
    .forms = {{TL_UPDATE_DESCENT, TL_DESCENT_STATES}},
    .rate = 0.1,
    .coefficients = descent_coefficients,
    .reach = descent_reach,
};

const tl_rule tl_rule_momentum = {
    .name = "momentum",
    .forms = {{TL_UPDATE_MOMENTUM, TL_MOMENTUM_STATES}},
    .rate = 0.01,
    .options = {"momentum", "nesterov", "dampening"},
    .check = check_momentum,
    .coefficients = momentum_coefficients,
    .reach = momentum_reach,
};
