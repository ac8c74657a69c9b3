/* Schedules of a fit: numbers of the trainer that change from step to step. */
#include <float.h>
#include <math.h>

#include "data/dataset.h"
#include "optimize/rule.h"
#include "train/fit.h"

const char *tl_fit_schedule_name(int which)
{
    static const char *const names[TL_FIT_SCHEDULES] = {[TL_FIT_RATE] = "rate_schedule",
                                                        [TL_FIT_DROPOUT] = "dropout_schedule",
                                                        [TL_FIT_DECAY] = "decay_schedule"};
    return names[which];
}

const talus_schedule **tl_fit_schedule_place(talus_fit_options *options, int which)
{
    const talus_schedule **const places[TL_FIT_SCHEDULES] = {[TL_FIT_RATE] = &options->rate_schedule,
                                                             [TL_FIT_DROPOUT] = &options->dropout_schedule,
                                                             [TL_FIT_DECAY] = &options->decay_schedule};
    return places[which];
}

/* The number that a schedule multiplies, in its place. */
static double *number_of(const tl_fit *fit, int which)
{
    talus_trainer *trainer = fit->trainer;
    double *const numbers[TL_FIT_SCHEDULES] = {
        [TL_FIT_RATE] = &trainer->optimizer->spec.rate,
        [TL_FIT_DROPOUT] = &trainer->dropout_factor,
        [TL_FIT_DECAY] = &trainer->optimizer->spec.weight_decay,
    };
    return numbers[which];
}

static int64_t groups(int64_t samples, int64_t batch, int64_t together)
{
    int64_t batches = samples / batch + (samples % batch > 0 ? 1 : 0);
    return batches / together + (batches % together > 0 ? 1 : 0);
}

/* The run as the schedules see it: the steps that were taken, and those that this fit has before it, also where it goes on
 * from a checkpoint. */
static tl_run run_of(const tl_fit *fit)
{
    const talus_fit_options *options = &fit->options;
    const talus_trainer *trainer = fit->trainer;
    int64_t samples = fit->training->samples, done = talus_trainer_steps(trainer);
    int64_t an_epoch = groups(samples, options->batch, options->accumulate), left = 0, whole;
    int64_t epochs = fit->last - trainer->completed;
    if (trainer->under_way.samples == samples)
        left = groups(samples - trainer->under_way.done, options->batch, options->accumulate), epochs--;
    if (!tl_multiply(epochs, an_epoch, &whole) || whole > INT64_MAX / 4)
        whole = INT64_MAX / 4;
    int64_t limit = options->max_steps - fit->result.steps;
    if (options->max_steps > 0 && limit < whole + left)
        return (tl_run){an_epoch, done + limit};
    return (tl_run){an_epoch, done + whole + left};
}

/* That there is something for a schedule to change. */
static talus_status check(const tl_fit *fit, int which)
{
    const talus_network *network = fit->trainer->network;
    const talus_optimizer_spec *spec = &fit->trainer->optimizer->spec;
    const tl_rule *rule = tl_rule_of(spec->method);
    if (which == TL_FIT_RATE && (rule->search != NULL || rule->takes_signs))
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "fit: rate_schedule must be NULL with %s, whose steps have no rate", rule->name);
    if (which == TL_FIT_DECAY && spec->weight_decay == 0)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "fit: decay_schedule must be NULL for an optimiser without weight decay");
    bool drops = false;
    for (int l = 0; l <= network->layer_count; l++)
        drops |= network->layers[l].dropout > 0;
    if (which == TL_FIT_DROPOUT && !drops)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "fit: dropout_schedule must be NULL for a network without dropout");
    return TALUS_OK;
}

talus_status tl_fit_take_schedules(tl_fit *fit)
{
    talus_context *context = fit->trainer->network->context;
    talus_status status = TALUS_OK;
    fit->run = run_of(fit);
    for (int which = 0; which < TL_FIT_SCHEDULES && status == TALUS_OK; which++) {
        tl_scheduled *scheduled = &fit->scheduled[which];
        const talus_schedule *from = *tl_fit_schedule_place(&fit->options, which);
        if (from == NULL)
            continue;
        status = check(fit, which);
        if (status == TALUS_OK)
            status = tl_schedule_take(context, tl_fit_schedule_name(which), &scheduled->schedule, from,
                                      (size_t)fit->options.schedule_size);
        scheduled->is_on = status == TALUS_OK;
        scheduled->own = scheduled->set = *number_of(fit, which);
    }
    return status;
}

/* What a callback has set in the place of a number is the new one that the schedule multiplies. A rate that vanishes is the
 * least one that does not. */
talus_status tl_fit_schedule_step(tl_fit *fit)
{
    talus_trainer *trainer = fit->trainer;
    talus_status status = TALUS_OK;
    for (int which = 0; which < TL_FIT_SCHEDULES && status == TALUS_OK; which++) {
        tl_scheduled *scheduled = &fit->scheduled[which];
        double *number = number_of(fit, which), factor;
        if (!scheduled->is_on)
            continue;
        if (*number != scheduled->set)
            scheduled->own = *number;
        status = tl_schedule_factor(trainer->network->context, tl_fit_schedule_name(which),
                                    &scheduled->schedule, &fit->run, talus_trainer_steps(trainer),
                                    &trainer->plateaus[which], &factor);
        if (status != TALUS_OK)
            return status;
        double least = trainer->network->precision == TALUS_DTYPE_F32 ? (double)FLT_MIN : DBL_MIN;
        if (which == TL_FIT_DROPOUT)
            status = talus_trainer_set_dropout_factor(trainer, scheduled->own * factor);
        else
            *number = fmax(scheduled->own * factor, which == TL_FIT_RATE ? least : 0);
        scheduled->set = *number;
    }
    return status;
}

void tl_fit_end_schedules(tl_fit *fit)
{
    for (int which = 0; which < TL_FIT_SCHEDULES; which++) {
        tl_scheduled *scheduled = &fit->scheduled[which];
        double *number = number_of(fit, which);
        if (scheduled->is_on && *number == scheduled->set)
            *number = scheduled->set = scheduled->own;
    }
}

void tl_fit_tell_schedules(tl_fit *fit, double value)
{
    for (int which = 0; which < TL_FIT_SCHEDULES; which++) {
        const tl_scheduled *scheduled = &fit->scheduled[which];
        if (scheduled->is_on && tl_schedule_row_of(scheduled->schedule.kind)->is_told)
            tl_plateau_tell(&scheduled->schedule, value,
                            talus_metric_more_is_better(fit->options.metric) == 1,
                            &fit->trainer->plateaus[which]);
    }
}
