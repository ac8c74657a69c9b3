/* What the spec of an optimiser may say. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "base/context.h"
#include "base/text.h"
#include "optimize/rule.h"

#define ROW(field) TL_FIELD(talus_optimizer_spec, field)
#define DECAY      .type = TALUS_OPTION_TYPE_DOUBLE, .most = 1, .most_open = true
#define NONE_IS_0  .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY
#define POSITIVE   .type = TALUS_OPTION_TYPE_DOUBLE, .least_open = true, .most = INFINITY

static const tl_option rows[] = {
    {ROW(method), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_method_names, .most = INFINITY,
     .standard = TALUS_ADAM, .sentence = "The update rule."},
    {ROW(nesterov), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Of momentum: whether it looks ahead."},
    {ROW(rate), POSITIVE, .standard = TL_NO_RATE,
     .sentence =
         "The learning rate; its default depends on the method. Of irprop: the length of the first step."},
    {ROW(momentum), DECAY, .standard = 0.9,
     .sentence =
         "Of momentum and rmsprop: what remains of the velocity after a step; default 0 for rmsprop."},
    {ROW(beta1), DECAY, .standard = 0.9, .sentence = "The decay of the mean of the gradient."},
    {ROW(beta2), DECAY, .standard = 0.999,
     .sentence = "The decay of the mean of the squared gradient; its default depends on the method."},
    {ROW(epsilon), POSITIVE, .standard = 1e-8,
     .sentence = "Keeps denominators from 0; its default depends on the method."},
    {ROW(clip_value), NONE_IS_0,
     .sentence = "What no element of the gradient exceeds: larger ones are cut; 0 for none."},
    {ROW(clip_norm), NONE_IS_0,
     .sentence = "What the norm of the gradient does not exceed: a longer one is scaled to it; 0 for none."},
    {ROW(history), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = 1000, .standard = 10,
     .unit = "iterations",
     .sentence = "Of lbfgs: how many of the last iterations it learns the curvature from."},
    {ROW(weight_decay), NONE_IS_0,
     .sentence = "What a step takes off each parameter, times the rate; default 0.01 for adamw, else 0."},
    {ROW(dampening), DECAY, .sentence = "Of momentum: what is missing of each gradient in the velocity."},
    {ROW(momentum_decay), NONE_IS_0, .standard = 0.004,
     .sentence = "Of nadam: how fast its momentum grows to beta1."},
    {ROW(centered), .type = TALUS_OPTION_TYPE_INT64, .most = 1,
     .sentence =
         "Of rmsprop: 1 divides by the deviation of the gradient, not by the root of its mean square."},
    {ROW(increase), .type = TALUS_OPTION_TYPE_DOUBLE, .standard = 1.2, .least = 1, .most = INFINITY,
     .least_open = true,
     .sentence = "Of irprop: the factor on the step while the sign of the gradient stays."},
    {ROW(decrease), .type = TALUS_OPTION_TYPE_DOUBLE, .standard = 0.5, .least_open = true, .most = 1,
     .most_open = true,
     .sentence = "Of irprop: the factor on the step after the sign of the gradient has turned."},
    {ROW(least_step), POSITIVE, .standard = 1e-6, .sentence = "Of irprop: the least length of a step."},
    {ROW(most_step), POSITIVE, .standard = 50, .sentence = "Of irprop: the greatest length of a step."},
    {ROW(refresh), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INFINITY, .standard = 10,
     .unit = "steps", .sentence = "Of soap and kfac: after so many steps bases or inverses are made anew."},
    {ROW(block), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = 32766, .standard = 128, .unit = "rows",
     .sentence = "Of soap and kfac: the most rows of a block of a side of a matrix."},
    {ROW(damping), POSITIVE, .standard = 0.001, .sentence = "Of kfac: what is added to the curvature."},
    {ROW(kl_clip), NONE_IS_0, .standard = 0.001,
     .sentence = "Of kfac: what a step may change the predictions by; 0 for no limit."},
};

const tl_options tl_optimizer_table = {
    .name = "optimizer",
    .size = sizeof(talus_optimizer_spec),
    .began = TL_END_OF(talus_optimizer_spec, beta2),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

static void store(const tl_option *option, talus_optimizer_spec *spec, double value)
{
    if (option->type == TALUS_OPTION_TYPE_DOUBLE)
        tl_option_store_number(option, spec, value);
    else
        tl_option_store_integer(option, spec, (int64_t)value);
}

/* Those of the table, but for what the method has of its own; without a rate if it is unknown. */
static talus_optimizer_spec defaults_of(int method)
{
    talus_optimizer_spec spec;
    const tl_rule *rule = tl_rule_of(method);
    tl_options_defaults(&tl_optimizer_table, &spec, sizeof spec);
    spec.method = method;
    spec.rate = rule == NULL ? 0 : rule->rate;
    for (int i = 0; rule != NULL && i < TL_MOST_STANDARDS && rule->standards[i].name != NULL; i++)
        for (const tl_option *option = rows; option < rows + sizeof rows / sizeof *rows; option++)
            if (strcmp(option->name, rule->standards[i].name) == 0)
                store(option, &spec, rule->standards[i].value);
    return spec;
}

void talus_optimizer_defaults_sized(talus_optimizer_spec *spec, size_t size, int method)
{
    talus_optimizer_spec known = defaults_of(method);
    if (spec != NULL)
        tl_result_give(&known, sizeof known, spec, size);
}

talus_status tl_take_optimizer(talus_context *context, const talus_optimizer_spec *from, size_t size,
                               talus_optimizer_spec *spec)
{
    talus_status status = tl_options_take(context, &tl_optimizer_table, NULL, spec, from, size);
    if (status != TALUS_OK)
        return status;
    *spec = defaults_of(spec->method);
    return tl_struct_take(context, tl_optimizer_table.name, tl_optimizer_table.began, spec, sizeof *spec,
                          from, size);
}

/* Refuses a number that would vanish or overflow in a precision. */
static talus_status check_normal(talus_context *context, const char *name, double value, int precision)
{
    static const struct {
        double least, most; /* normal numbers */
        const char *least_text, *most_text;
    } limits[TL_PRECISIONS] = {
        [TALUS_DTYPE_F32] = {FLT_MIN, FLT_MAX, "1.1754944e-38", "3.4028235e38"},
        [TALUS_DTYPE_F64] = {DBL_MIN, DBL_MAX, "2.2250738585072014e-308", "1.7976931348623157e308"},
    };
    char got[TL_NUMBER_BYTES];
    bool small = value < limits[precision].least;
    if (!small && value <= limits[precision].most)
        return TALUS_OK;
    tl_text_of_double(value, got);
    return tl_fail(context, TALUS_ERROR_ARGUMENT,
                   "optimizer: %s must be %s %s, the %s normal number of %s, got %s", name,
                   small ? "at least" : "at most",
                   small ? limits[precision].least_text : limits[precision].most_text,
                   small ? "smallest" : "largest", tl_dtype_name(precision), got);
}

static talus_status check_clipping(talus_context *context, const talus_optimizer_spec *spec, int precision)
{
    if (spec->clip_value > 0 && spec->clip_norm > 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "optimizer: one of clip_value and clip_norm must be 0, got %g and %g",
                       spec->clip_value, spec->clip_norm);
    if (spec->clip_norm > 0)
        return check_normal(context, "clip_norm", spec->clip_norm, precision);
    return spec->clip_value > 0 ? check_normal(context, "clip_value", spec->clip_value, precision) : TALUS_OK;
}

/* What the first step makes of the spec. */
static talus_status check_first(talus_context *context, const talus_optimizer_spec *spec, int precision)
{
    const tl_rule *rule = tl_rule_of(spec->method);
    double c[TL_COEFFICIENTS] = {0}, memory[TL_RULE_MEMORY] = {0};
    tl_rule_step step = {spec, 1, 0, 1, memory};
    talus_status status = TALUS_OK;
    if (rule->remember != NULL)
        rule->remember(&step, memory);
    rule->coefficients(&step, c);
    for (int i = 0; status == TALUS_OK && i < TL_MOST_OPTIONS && rule->first[i].formula != NULL; i++)
        status = check_normal(context, rule->first[i].formula, c[rule->first[i].coefficient], precision);
    return status;
}

talus_status tl_check_optimizer(talus_context *context, const talus_optimizer_spec *spec, int precision)
{
    static const char *const of_updates[] = {"method",    "rate",         "clip_value",
                                             "clip_norm", "weight_decay", NULL};
    static const char *const of_signs[] = {"method", "rate", NULL};
    static const char *const of_searches[] = {"method", NULL};
    talus_status status = tl_options_check(context, &tl_optimizer_table, NULL, spec);
    if (status != TALUS_OK)
        return status;
    const tl_rule *rule = tl_rule_of(spec->method);
    status = tl_options_check_unused(context, &tl_optimizer_table, NULL, rule->name,
                                     rule->search != NULL ? of_searches
                                     : rule->takes_signs  ? of_signs
                                                          : of_updates,
                                     rule->options, spec);
    if (status == TALUS_OK && rule->check != NULL)
        status = rule->check(context, spec);
    if (status == TALUS_OK)
        status = check_normal(context, "rate", spec->rate, precision);
    if (status == TALUS_OK)
        status = check_normal(context, "epsilon", spec->epsilon, precision);
    if (status == TALUS_OK && spec->weight_decay > 0)
        status = check_normal(context, "weight_decay", spec->weight_decay, precision);
    if (status == TALUS_OK)
        status = check_clipping(context, spec, precision);
    return status == TALUS_OK && rule->search == NULL ? check_first(context, spec, precision) : status;
}
