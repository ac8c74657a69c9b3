/* Lion, and resilient propagation. */
#include <math.h>

#include "base/context.h"
#include "optimize/rules.h"

static void lion_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    c[TL_LION_DECAY] = step->spec->beta1;
    c[TL_LION_TAKE] = 1 - step->spec->beta1;
    c[TL_LION_DECAY_2] = step->spec->beta2;
    c[TL_LION_TAKE_2] = 1 - step->spec->beta2;
    c[TL_LION_RATE] = step->spec->rate;
}

static double lion_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    (void)step, (void)g;
    return c[TL_LION_RATE];
}

/* The cost of the step, and whether it has grown since the step before. */
enum { IRPROP_COST, IRPROP_GREW };
static void irprop_remember(const tl_rule_step *step, double memory[TL_RULE_MEMORY])
{
    memory[IRPROP_GREW] = step->t > 1 && step->cost > memory[IRPROP_COST];
    memory[IRPROP_COST] = step->cost;
}

static void irprop_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    const talus_optimizer_spec *spec = step->spec;
    c[TL_IRPROP_FIRST] = fmin(spec->rate, spec->most_step);
    c[TL_IRPROP_INCREASE] = spec->increase;
    c[TL_IRPROP_DECREASE] = spec->decrease;
    c[TL_IRPROP_LEAST] = spec->least_step;
    c[TL_IRPROP_MOST] = spec->most_step;
    c[TL_IRPROP_UNDO] = step->memory[IRPROP_GREW];
}

static double irprop_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    (void)step, (void)g;
    return c[TL_IRPROP_MOST];
}

static talus_status check_irprop(talus_context *context, const talus_optimizer_spec *spec)
{
    if (spec->least_step <= spec->most_step)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT,
                   "optimizer: least_step must be at most most_step, %g, got %g", spec->most_step,
                   spec->least_step);
}

const tl_rule tl_rule_lion = {
    .name = "lion",
    .forms = {{TL_UPDATE_LION, TL_LION_STATES}},
    .rate = 0.0001,
    .options = {"beta1", "beta2"},
    .standards = {{"beta2", 0.99}},
    .coefficients = lion_coefficients,
    .reach = lion_reach,
};

const tl_rule tl_rule_irprop_minus = {
    .name = "irprop_minus",
    .forms = {{TL_UPDATE_IRPROP, TL_IRPROP_STATES}},
    .rate = 0.1,
    .options = {"increase", "decrease", "least_step", "most_step"},
    .takes_signs = true,
    .check = check_irprop,
    .coefficients = irprop_coefficients,
    .reach = irprop_reach,
};

const tl_rule tl_rule_irprop_plus = {
    .name = "irprop_plus",
    .forms = {{TL_UPDATE_IRPROP, TL_IRPROP_STATES}},
    .rate = 0.1,
    .options = {"increase", "decrease", "least_step", "most_step"},
    .takes_signs = true,
    .needs_cost = true,
    .check = check_irprop,
    .remember = irprop_remember,
    .coefficients = irprop_coefficients,
    .reach = irprop_reach,
};
