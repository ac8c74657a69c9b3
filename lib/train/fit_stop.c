/* The rules that end a fit. */
#include <signal.h>

#include "base/clock.h"
#include "train/fit.h"

_Static_assert(_Generic((sig_atomic_t)0, int : 1, default : 0), "handlers set the flag of a fit");

static bool is_rule(int outcome)
{
    return outcome != TALUS_OUTCOME_STOPPED && outcome != TALUS_OUTCOME_TIME &&
           outcome != TALUS_OUTCOME_LIMIT;
}

void tl_fit_end(tl_fit *fit, int outcome)
{
    if (fit->rule == TALUS_OUTCOME_COMPLETED && is_rule(outcome))
        fit->rule = outcome;
    if (fit->result.outcome == TALUS_OUTCOME_COMPLETED)
        fit->result.outcome = outcome;
}

bool tl_fit_goes_on(tl_fit *fit)
{
    const talus_fit_options *options = &fit->options;
    if (options->stop != NULL && *options->stop != 0)
        tl_fit_end(fit, TALUS_OUTCOME_STOPPED);
    if (options->max_steps > 0 && fit->result.steps >= options->max_steps)
        tl_fit_end(fit, TALUS_OUTCOME_LIMIT);
    if (options->max_seconds > 0 && tl_now() - fit->start >= options->max_seconds)
        tl_fit_end(fit, TALUS_OUTCOME_TIME);
    return fit->result.outcome == TALUS_OUTCOME_COMPLETED;
}

void tl_fit_check_epoch(tl_fit *fit, const talus_epoch *epoch)
{
    const talus_fit_options *options = &fit->options;
    if (options->least_gradient_norm > 0 && epoch->gradient_norm <= options->least_gradient_norm)
        tl_fit_end(fit, TALUS_OUTCOME_CONVERGED);
    bool more = talus_metric_more_is_better(options->metric) == 1;
    if (options->stop_at_target &&
        (more ? epoch->watched >= options->target : epoch->watched <= options->target))
        tl_fit_end(fit, TALUS_OUTCOME_TARGET);
    if (options->patience > 0 && fit->best.since >= options->patience)
        tl_fit_end(fit, TALUS_OUTCOME_STALLED);
}
