/* Schedule-free AdamW. */
#include <math.h>

#include "base/context.h"
#include "optimize/rules.h"

/* γ_t = η·√(1−β₂ᵗ) */
static double free_rate(const tl_rule_step *step)
{
    return step->spec->rate * sqrt(tl_correction(step->spec->beta2, step->t));
}

/* Over the steps 1 … t: Σ γ_i², Σ γ_i, Σ γ_i·λ_i; and c_{t+1} = γ_t²/Σ γ_i², which is 1 as in the first step while all γ_i²
 * vanish */
enum { FREE_SQUARES, FREE_RATES, FREE_DECAYS, FREE_WEIGHT };
static void free_remember(const tl_rule_step *step, double memory[TL_RULE_MEMORY])
{
    double rate = free_rate(step);
    memory[FREE_SQUARES] += rate * rate;
    memory[FREE_RATES] += rate;
    memory[FREE_DECAYS] += rate * step->spec->weight_decay;
    memory[FREE_WEIGHT] = memory[FREE_SQUARES] > 0 ? rate * rate / memory[FREE_SQUARES] : 1;
}

static void free_coefficients(const tl_rule_step *step, double c[TL_COEFFICIENTS])
{
    const talus_optimizer_spec *spec = step->spec;
    double weight = step->memory[FREE_WEIGHT];
    c[TL_REMAINS] = 1;
    c[TL_SCHEDULE_FREE_WEIGHT] = weight;
    c[TL_SCHEDULE_FREE_REST] = 1 - weight;
    c[TL_SCHEDULE_FREE_TAKE] = 1 - spec->beta1 * (1 - weight);
    c[TL_SCHEDULE_FREE_BETA] = spec->beta1;
    c[TL_SCHEDULE_FREE_DECAY_2] = spec->beta2;
    c[TL_SCHEDULE_FREE_TAKE_2] = 1 - spec->beta2;
    c[TL_SCHEDULE_FREE_RATE] = free_rate(step);
    c[TL_SCHEDULE_FREE_EPSILON] = spec->epsilon;
    c[TL_SCHEDULE_FREE_DECAY] = free_rate(step) * spec->weight_decay;
}

/* |d| ≤ Σ γ_i·(g/ε + λ_i·|y|), and y changes by no more than d and n. */
static double free_reach(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    return 2 * step->factor *
           (step->memory[FREE_RATES] * g / c[TL_SCHEDULE_FREE_EPSILON] +
            step->memory[FREE_DECAYS] * TL_SCHEDULE_FREE_MOST);
}

static double free_hold(const tl_rule_step *step, const double c[TL_COEFFICIENTS], double g)
{
    return fmax(g * g, free_reach(step, c, g));
}

/* From y = (1−β₁)·z + β₁·x and d = z − y follows x = y − (1/β₁ − 1)·d. */
static double free_average(const talus_optimizer_spec *spec)
{
    return 1 / spec->beta1 - 1;
}

static talus_status check_free(talus_context *context, const talus_optimizer_spec *spec)
{
    if (spec->beta1 > 0)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "optimizer: beta1 of schedule_free must be above 0, got %g",
                   spec->beta1);
}

const tl_rule tl_rule_schedule_free = {
    .name = "schedule_free",
    .forms = {{TL_UPDATE_SCHEDULE_FREE, TL_SCHEDULE_FREE_STATES}},
    .rate = 0.0025,
    .options = {"beta1", "beta2", "epsilon"},
    .check = check_free,
    .remember = free_remember,
    .coefficients = free_coefficients,
    .reach = free_reach,
    .hold = free_hold,
    .average = free_average,
    .first = {{TL_SCHEDULE_FREE_RATE, "rate·√(1−beta2)"}},
};
