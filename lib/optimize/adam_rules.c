/* Adam and those after it. */
#include <float.h>
#include <math.h>

#include "base/context.h"
#include "optimize/rules.h"

/* η·m̂/(√v̂ + ε) = η·√(1−β₂ᵗ)/(1−β₁ᵗ) · m/(√v + ε·√(1−β₂ᵗ)) */
void tl_adam_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    const talus_optimizer_spec *spec = step->spec;
    double root_2 = sqrt(tl_correction(spec->beta2, step->t));
    tl_moments(spec, c);
    c[TL_ADAM_RATE] = spec->rate * root_2 / tl_correction(spec->beta1, step->t);
    c[TL_ADAM_EPSILON] = spec->epsilon * root_2;
}

/* m is a weighted sum of the same gradients whose squares v is of, so |m| ≤ √v·(1−β₁)/√((1−β₂)·(1−β₁²/β₂)) where
 * β₁² < β₂ (Cauchy and Schwarz), but for gradients below `lost`, whose squares vanish; else m ≤ g. */
double tl_adam_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    (void)step;
    double lost = sqrt(FLT_MIN / c[TL_ADAM_TAKE_2]),
           ratio = c[TL_ADAM_DECAY_1] * c[TL_ADAM_DECAY_1] / c[TL_ADAM_DECAY_2];
    double bounded = 2 * c[TL_ADAM_TAKE_1] / sqrt(c[TL_ADAM_TAKE_2] * (1 - ratio)) +
                     lost / c[TL_ADAM_EPSILON];
    double any = g / c[TL_ADAM_EPSILON];
    return c[TL_ADAM_RATE] * (ratio < 0.999 && bounded < any ? bounded : any);
}

static void adamax_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    tl_moments(step->spec, c);
    c[TL_ADAM_RATE] = step->spec->rate / tl_correction(step->spec->beta1, step->t);
}

/* μ_t = β₁·(1 − ½·0.96^(t·ψ)) */
static double nadam_momentum(const talus_optimizer_spec *spec, int64_t t)
{
    return spec->beta1 * (1 - 0.5 * pow(0.96, (double)t * spec->momentum_decay));
}

/* What is left of Π μ_i after step 1 … t: memory is 1 − Π μ_i, which begins at 0. */
static void nadam_remember(const tl_rule_step *step, double memory[TL_RULE_MEMORY])
{
    memory[0] = 1 - nadam_momentum(step->spec, step->t) * (1 - memory[0]);
}

/* η·(μ_{t+1}·m/(1 − Π_{i≤t+1} μ_i) + (1−μ_t)·g/(1 − Π_{i≤t} μ_i)) over √v̂ + ε, corrected as Adam's */
static void nadam_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    const talus_optimizer_spec *spec = step->spec;
    double now = nadam_momentum(spec, step->t), next = nadam_momentum(spec, step->t + 1);
    double root_2 = sqrt(tl_correction(spec->beta2, step->t));
    tl_moments(spec, c);
    c[TL_ADAM_RATE] = spec->rate * root_2 * next / (1 - next * (1 - step->memory[0]));
    c[TL_NADAM_AHEAD] = spec->rate * root_2 * (1 - now) / step->memory[0];
    c[TL_ADAM_EPSILON] = spec->epsilon * root_2;
}

/* ρ∞ = 2/(1−β₂) − 1, ρ_t = ρ∞ − 2·t·β₂ᵗ/(1−β₂ᵗ); where ρ_t > 5 the variance of 1/√v is known, and
 * r_t = √((ρ_t−4)·(ρ_t−2)·ρ∞ / ((ρ∞−4)·(ρ∞−2)·ρ_t)) */
static void radam_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    const talus_optimizer_spec *spec = step->spec;
    double left = tl_correction(spec->beta2, step->t), most = 2 / (1 - spec->beta2) - 1;
    double rho = most - 2 * (double)step->t * (1 - left) / left;
    double rate = spec->rate / tl_correction(spec->beta1, step->t);
    bool known = rho > 5;
    tl_moments(spec, c);
    c[TL_ADAM_RATE] = known
                          ? rate * sqrt(left * (rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
                          : rate;
    c[TL_RADAM_ROOT] = known ? 1 : 0;
    c[TL_ADAM_EPSILON] = known ? spec->epsilon : 1;
}

static double radam_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    (void)step;
    return c[TL_ADAM_RATE] * g / c[TL_ADAM_EPSILON];
}

const tl_rule tl_rule_adam = {
    .name = "adam",
    .forms = {{TL_UPDATE_ADAM, TL_ADAM_STATES}},
    .rate = 0.001,
    .options = {"beta1", "beta2", "epsilon"},
    .coefficients = tl_adam_coefficients,
    .reach = tl_adam_reach,
    .first = {{TL_ADAM_RATE, "rate·√(1−beta2)/(1−beta1)"}, {TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}},
};

const tl_rule tl_rule_amsgrad = {
    .name = "amsgrad",
    .forms = {{TL_UPDATE_AMSGRAD, TL_AMSGRAD_STATES}},
    .rate = 0.001,
    .options = {"beta1", "beta2", "epsilon"},
    .coefficients = tl_adam_coefficients,
    .reach = tl_adam_reach,
    .first = {{TL_ADAM_RATE, "rate·√(1−beta2)/(1−beta1)"}, {TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}},
};

const tl_rule tl_rule_adamw = {
    .name = "adamw",
    .forms = {{TL_UPDATE_ADAM, TL_ADAM_STATES}},
    .rate = 0.001,
    .options = {"beta1", "beta2", "epsilon"},
    .standards = {{"weight_decay", 0.01}},
    .coefficients = tl_adam_coefficients,
    .reach = tl_adam_reach,
    .first = {{TL_ADAM_RATE, "rate·√(1−beta2)/(1−beta1)"}, {TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}},
};

const tl_rule tl_rule_adamax = {
    .name = "adamax",
    .forms = {{TL_UPDATE_ADAMAX, TL_ADAM_STATES}},
    .rate = 0.002,
    .options = {"beta1", "beta2", "epsilon"},
    .coefficients = adamax_coefficients,
    .reach = tl_quotient_reach,
    .first = {{TL_ADAM_RATE, "rate/(1−beta1)"}},
};

const tl_rule tl_rule_nadam = {
    .name = "nadam",
    .forms = {{TL_UPDATE_NADAM, TL_ADAM_STATES}},
    .rate = 0.002,
    .options = {"beta1", "beta2", "epsilon", "momentum_decay"},
    .remember = nadam_remember,
    .coefficients = nadam_coefficients,
    .reach = tl_quotient_reach,
    .first = {{TL_ADAM_EPSILON, "epsilon·√(1−beta2)"}},
};

const tl_rule tl_rule_radam = {
    .name = "radam",
    .forms = {{TL_UPDATE_RADAM, TL_ADAM_STATES}},
    .rate = 0.001,
    .options = {"beta1", "beta2", "epsilon"},
    .coefficients = radam_coefficients,
    .reach = radam_reach,
    .first = {{TL_ADAM_RATE, "rate/(1−beta1)"}},
};
