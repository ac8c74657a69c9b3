#include "optimize/rule.h"

#include <math.h>

#include "optimize/minimizer.h"
#include "optimize/rules.h"

/* Methods that search along lines. */
static const tl_rule lbfgs = {
    .name = "lbfgs", .search = &tl_lbfgs, .rate = TL_NO_RATE, .options = {"history"}};
static const tl_rule conjugate_gradient = {
    .name = "conjugate_gradient", .search = &tl_conjugate_gradient, .rate = TL_NO_RATE};

static const tl_rule *const rules[TALUS_METHOD_COUNT] = {
    [TALUS_GRADIENT_DESCENT] = &tl_rule_gradient_descent,
    [TALUS_MOMENTUM] = &tl_rule_momentum,
    [TALUS_ADAM] = &tl_rule_adam,
    [TALUS_ADAGRAD] = &tl_rule_adagrad,
    [TALUS_ADADELTA] = &tl_rule_adadelta,
    [TALUS_RMSPROP] = &tl_rule_rmsprop,
    [TALUS_AMSGRAD] = &tl_rule_amsgrad,
    [TALUS_ADAMW] = &tl_rule_adamw,
    [TALUS_ADAMAX] = &tl_rule_adamax,
    [TALUS_NADAM] = &tl_rule_nadam,
    [TALUS_RADAM] = &tl_rule_radam,
    [TALUS_LION] = &tl_rule_lion,
    [TALUS_ADOPT] = &tl_rule_adopt,
    [TALUS_SCHEDULE_FREE] = &tl_rule_schedule_free,
    [TALUS_IRPROP_MINUS] = &tl_rule_irprop_minus,
    [TALUS_IRPROP_PLUS] = &tl_rule_irprop_plus,
    [TALUS_LBFGS] = &lbfgs,
    [TALUS_CONJUGATE_GRADIENT] = &conjugate_gradient,
    [TALUS_MUON] = &tl_rule_muon,
    [TALUS_SOAP] = &tl_rule_soap,
    [TALUS_KFAC] = &tl_rule_kfac,
};

const tl_rule *tl_rule_of(int method)
{
    return method >= 0 && method < TALUS_METHOD_COUNT ? rules[method] : NULL;
}

const tl_form *tl_form_of(const talus_optimizer_spec *spec)
{
    const tl_rule *rule = tl_rule_of(spec->method);
    return &rule->forms[rule->form == NULL ? 0 : rule->form(spec)];
}

static const char *name_of(int method)
{
    return rules[method]->name;
}

const tl_names tl_method_names = {TALUS_ENUMERATION_METHOD, TALUS_METHOD_COUNT, name_of};

/* What several rules share ---------------------------------------------------------------------------------- */

void tl_moments(const talus_optimizer_spec *spec, double c[TL_COEFFICIENTS])
{
    c[TL_ADAM_DECAY_1] = spec->beta1;
    c[TL_ADAM_TAKE_1] = 1 - spec->beta1;
    c[TL_ADAM_DECAY_2] = spec->beta2;
    c[TL_ADAM_TAKE_2] = 1 - spec->beta2;
    c[TL_ADAM_RATE] = spec->rate;
    c[TL_ADAM_EPSILON] = spec->epsilon;
}

double tl_correction(double beta, int64_t t)
{
    return 1 - pow(beta, (double)t);
}

double tl_terms(double decay, int64_t t)
{
    double left = 1 - decay;
    return left < 1e-6 ? (double)t : fmin((double)t, 2 / left);
}

double tl_quotient_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    (void)step;
    return (c[TL_ADAM_RATE] + c[TL_NADAM_AHEAD]) * g / c[TL_ADAM_EPSILON];
}
