/* The gradient over the root of its mean square. */
#include <float.h>
#include <math.h>

#include "base/context.h"
#include "optimize/rules.h"

/* Rate and ε as they are. */
static void plain_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    tl_moments(step->spec, c);
    c[TL_ADAM_DECAY_1] = 0;
}

static double adagrad_hold(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    (void)c;
    return (double)step->t * g * g;
}

/* |Δ| ≤ g·√((u + ε)/ε); a quotient that overflows is no bound */
static double adadelta_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    double most = 1 + TL_ADADELTA_MOST / c[TL_ADAM_EPSILON];
    (void)step;
    return most < FLT_MAX ? c[TL_ADAM_RATE] * g * sqrt(most) : INFINITY;
}

static void rmsprop_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    tl_moments(step->spec, c);
    c[TL_RMSPROP_MOMENTUM] = step->spec->momentum;
}

static int rmsprop_form(const talus_optimizer_spec *spec)
{
    return (spec->centered ? 1 : 0) + (spec->momentum > 0 ? 2 : 0);
}

static double rmsprop_hold(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    return fmax(g * g, tl_terms(c[TL_RMSPROP_MOMENTUM], step->t) * g / c[TL_ADAM_EPSILON]);
}

static double rmsprop_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    return c[TL_ADAM_RATE] * tl_terms(c[TL_RMSPROP_MOMENTUM], step->t) * g / c[TL_ADAM_EPSILON];
}

/* The first gradient only gives v = g²; c_t = (t−1)^¼ from the second on. */
static void adopt_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    tl_moments(step->spec, c);
    if (step->t == 1) {
        c[TL_REMAINS] = 1;
        c[TL_ADAM_RATE] = c[TL_ADAM_DECAY_2] = 0;
        c[TL_ADAM_TAKE_2] = 1;
    } else
        c[TL_ADOPT_CLIP] = pow((double)(step->t - 1), 0.25);
}

static double adopt_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    (void)g;
    return c[TL_ADAM_RATE] * (double)step->t * c[TL_ADOPT_CLIP];
}

const tl_rule tl_rule_adagrad = {
    .name = "adagrad",
    .forms = {{TL_UPDATE_ADAGRAD, TL_ADAGRAD_STATES}},
    .rate = 0.01,
    .options = {"epsilon"},
    .standards = {{"epsilon", 1e-10}},
    .coefficients = plain_coefficients,
    .reach = tl_quotient_reach,
    .hold = adagrad_hold,
};

const tl_rule tl_rule_adadelta = {
    .name = "adadelta",
    .forms = {{TL_UPDATE_ADADELTA, TL_ADADELTA_STATES}},
    .rate = 1,
    .options = {"beta2", "epsilon"},
    .standards = {{"beta2", 0.9}, {"epsilon", 1e-6}},
    .coefficients = plain_coefficients,
    .reach = adadelta_reach,
};

const tl_rule tl_rule_rmsprop = {
    .name = "rmsprop",
    .forms = {{TL_UPDATE_RMSPROP, TL_RMSPROP_STATES},
              {TL_UPDATE_RMSPROP_CENTERED, TL_RMSPROP_STATES + 1},
              {TL_UPDATE_RMSPROP_MOMENTUM, TL_RMSPROP_STATES + 1},
              {TL_UPDATE_RMSPROP_BOTH, TL_RMSPROP_STATES + 2}},
    .form = rmsprop_form,
    .rate = 0.01,
    .options = {"beta2", "epsilon", "momentum", "centered"},
    .standards = {{"beta2", 0.99}, {"momentum", 0}},
    .coefficients = rmsprop_coefficients,
    .reach = rmsprop_reach,
    .hold = rmsprop_hold,
};

const tl_rule tl_rule_adopt = {
    .name = "adopt",
    .forms = {{TL_UPDATE_ADOPT, TL_ADAM_STATES}},
    .rate = 0.001,
    .options = {"beta1", "beta2", "epsilon"},
    .standards = {{"beta2", 0.9999}, {"epsilon", 1e-6}},
    .coefficients = adopt_coefficients,
    .reach = adopt_reach,
};
