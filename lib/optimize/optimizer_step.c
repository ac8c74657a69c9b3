/* The parts of a step. */
#include <assert.h>
#include <float.h>
#include <math.h>

#include "optimize/optimizer.h"

/* What depends on the precision. */
static const struct {
    double smallest, largest; /* normal numbers */
    double epsilon;
    void (*apply)(const talus_optimizer *optimizer, const tl_setting *setting, void *parameters,
                  int64_t offset, int64_t rows, int64_t cols, int64_t ld, const void *gradient,
                  int64_t ld_gradient);
    bool (*rehearse)(const talus_optimizer *optimizer, const tl_setting *setting, const void *parameters,
                     int64_t offset, int64_t rows, int64_t cols, int64_t ld, const void *gradient,
                     int64_t ld_gradient);
} facts[TL_PRECISIONS] = {
    [TALUS_DTYPE_F32] = {FLT_MIN, FLT_MAX, FLT_EPSILON, tl_optimizer_apply_f32, tl_optimizer_rehearse_f32},
    [TALUS_DTYPE_F64] = {DBL_MIN, DBL_MAX, DBL_EPSILON, tl_optimizer_apply_f64, tl_optimizer_rehearse_f64},
};

static tl_rule_step begun_step(const talus_optimizer *optimizer, const talus_optimizer_spec *spec)
{
    const tl_progress *begun = &optimizer->begun;
    return (tl_rule_step){spec, optimizer->steps + 1, optimizer->cost, begun->factor, begun->memory};
}

/* Coefficients must not vanish in the precision: an ε of 0 divides 0 by 0. */
static void begin_setting(const talus_optimizer *optimizer, tl_setting *setting)
{
    const double smallest = facts[optimizer->precision].smallest;
    talus_optimizer_spec spec = optimizer->spec;
    spec.rate *= setting->rate;
    spec.weight_decay *= setting->decay;
    tl_rule_step step = begun_step(optimizer, &spec);
    double *c = setting->coefficients;
    for (int i = 0; i < TL_COEFFICIENTS; i++)
        c[i] = 0;
    c[TL_REMAINS] = 1 - spec.rate * spec.weight_decay;
    tl_rule_of(spec.method)->coefficients(&step, c);
    for (int i = 0; i < TL_COEFFICIENTS; i++)
        if (c[i] != 0 && fabs(c[i]) < smallest)
            c[i] = copysign(smallest, c[i]);
}

void tl_optimizer_begin(talus_optimizer *optimizer)
{
    const tl_rule *rule = tl_rule_of(optimizer->spec.method);
    const tl_factors *factors = &optimizer->factors;
    tl_progress *begun = &optimizer->begun;
    *begun = optimizer->done;
    for (int64_t i = 0; i < factors->setting_count; i++)
        begun->factor = fmax(begun->factor, factors->settings[i].rate * fmax(1, factors->settings[i].decay));
    if (rule->remember != NULL) {
        tl_rule_step step = begun_step(optimizer, &optimizer->spec);
        rule->remember(&step, begun->memory);
    }
    for (int64_t i = 0; i < factors->setting_count; i++)
        begin_setting(optimizer, &factors->settings[i]);
    optimizer->scale = 1;
}

void tl_optimizer_end(talus_optimizer *optimizer)
{
    optimizer->steps++;
    optimizer->done = optimizer->begun;
    optimizer->cost = NAN;
}

bool tl_optimizer_wants_all(const talus_optimizer *optimizer)
{
    return optimizer->spec.clip_norm > 0 || tl_rule_of(optimizer->spec.method)->needs_cost ||
           tl_optimizer_has_matrices(optimizer);
}

bool tl_optimizer_searches(const talus_optimizer *optimizer)
{
    return tl_rule_of(optimizer->spec.method)->search != NULL;
}

/* What no element of the clipped gradient exceeds. */
static double clipped(const talus_optimizer *optimizer, double bound)
{
    const talus_optimizer_spec *spec = &optimizer->spec;
    double most = spec->clip_norm > 0 ? spec->clip_norm : spec->clip_value;
    return most > 0 && !(bound <= most) ? most : bound;
}

/* NaN if one is NaN */
static double larger(double a, double b)
{
    return a >= b || isnan(a) ? a : b;
}

/* A change below half the last digit of the largest number takes no finite number to infinity. */
static bool setting_is_safe(const talus_optimizer *optimizer, const tl_setting *setting)
{
    const tl_rule *rule = tl_rule_of(optimizer->spec.method);
    const double *c = setting->coefficients, g = optimizer->begun.largest;
    double most = facts[optimizer->precision].largest, digit = facts[optimizer->precision].epsilon / 4 * most;
    tl_rule_step step = begun_step(optimizer, &optimizer->spec);
    double state = rule->hold == NULL ? g * g : rule->hold(&step, c, g);
    return rule->reach(&step, c, g) <= digit && state <= most / 4 && g * g <= most / 4 &&
           fabs(c[TL_REMAINS]) <= 1;
}

bool tl_optimizer_is_safe(void *rule, double bound)
{
    talus_optimizer *optimizer = rule;
    const tl_factors *factors = &optimizer->factors;
    const double most = facts[optimizer->precision].largest / 4,
                 g = larger(clipped(optimizer, bound), optimizer->matrices.largest);
    optimizer->begun.largest = larger(g, optimizer->done.largest);
    bool safe = bound <= most && g <= most;
    for (int64_t i = 0; safe && i < factors->setting_count; i++)
        safe = factors->settings[i].rate == 0 || setting_is_safe(optimizer, &factors->settings[i]);
    return safe;
}

bool tl_optimizer_may_learn(const talus_optimizer *optimizer, double bound)
{
    const tl_matrix_rule *rule = tl_rule_of(optimizer->spec.method)->matrices;
    const double g = clipped(optimizer, bound);
    const int64_t longest = optimizer->matrices.longest, block = optimizer->spec.block;
    const double length = (double)longest *
                          (double)(block < longest ? block : longest); /* of products with bases, too */
    return rule == NULL || !rule->learns_squares || g * g * length <= facts[optimizer->precision].largest / 4;
}

static const tl_setting *setting_at(const talus_optimizer *optimizer, int64_t offset)
{
    return tl_setting_of(&optimizer->factors, tl_place_of(&optimizer->factors, offset));
}

bool tl_matrix_is_frozen(const talus_optimizer *optimizer, const tl_matrix *matrix)
{
    const tl_factors *factors = &optimizer->factors;
    const int64_t end = matrix->offset + matrix->rows * matrix->cols;
    bool frozen = true;
    for (int64_t i = tl_place_of(factors, matrix->offset);
         i < factors->place_count && factors->places[i].first < end; i++)
        frozen &= tl_setting_of(factors, i)->rate == 0;
    return frozen;
}

bool tl_optimizer_clips(const talus_optimizer *optimizer)
{
    return optimizer->spec.clip_value > 0 || optimizer->scale != 1;
}

bool tl_optimizer_takes_all(const talus_optimizer *optimizer, int64_t offset, int64_t count)
{
    const tl_factors *factors = &optimizer->factors;
    bool all = !tl_optimizer_clips(optimizer);
    for (int64_t i = tl_place_of(factors, offset);
         i < factors->place_count && factors->places[i].first < offset + count; i++)
        all &= tl_setting_of(factors, i)->rate > 0;
    return all;
}

bool tl_optimizer_is_frozen(void *rule, int64_t offset)
{
    return setting_at(rule, offset)->rate == 0;
}

void tl_optimizer_apply(void *rule, void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                        const void *gradient, int64_t ld_gradient)
{
    const talus_optimizer *optimizer = rule;
    const tl_setting *setting = setting_at(optimizer, offset);
    assert(setting_at(optimizer, offset + (rows - 1) * ld + cols - 1) == setting);
    if (setting->rate > 0)
        facts[optimizer->precision].apply(optimizer, setting, parameters, offset, rows, cols, ld, gradient,
                                          ld_gradient);
}

bool tl_optimizer_rehearse(void *rule, const void *parameters, int64_t offset, int64_t rows, int64_t cols,
                           int64_t ld, const void *gradient, int64_t ld_gradient)
{
    const talus_optimizer *optimizer = rule;
    const tl_setting *setting = setting_at(optimizer, offset);
    return setting->rate == 0 || facts[optimizer->precision].rehearse(optimizer, setting, parameters, offset,
                                                                      rows, cols, ld, gradient, ld_gradient);
}
