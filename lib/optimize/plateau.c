/* Reductions on plateaus. */
#include <math.h>

#include "base/call.h"
#include "optimize/rate_schedule.h"

talus_plateau tl_plateau_begin(void)
{
    return (talus_plateau){.factor = 1, .best = NAN};
}

void talus_plateau_defaults_sized(talus_plateau *plateau, size_t size)
{
    talus_plateau known = tl_plateau_begin();
    if (plateau != NULL)
        tl_result_give(&known, sizeof known, plateau, size);
}

static bool is_better(const talus_schedule *schedule, double value, bool more_is_better, double best)
{
    double change = more_is_better ? value - best : best - value;
    return isnan(best) ? !isnan(value) : change > schedule->least_change;
}

void tl_plateau_tell(const talus_schedule *schedule, double value, bool more_is_better,
                     talus_plateau *plateau)
{
    if (is_better(schedule, value, more_is_better, plateau->best)) {
        plateau->best = value;
        plateau->waited = 0;
    } else if (plateau->cooling == 0) {
        plateau->waited++;
    }
    if (plateau->cooling > 0)
        plateau->cooling--;
    if (plateau->waited >= schedule->patience) {
        plateau->factor = fmax(plateau->factor * schedule->decay, schedule->last);
        plateau->cooling = schedule->cooldown;
        plateau->waited = 0;
    }
}

talus_status tl_plateau_take(talus_context *context, talus_plateau *plateau, const talus_plateau *from,
                             size_t size)
{
    *plateau = tl_plateau_begin();
    if (from == NULL)
        return TALUS_OK;
    talus_status status = tl_struct_take(context, "plateau", TL_END_OF(talus_plateau, cooling), plateau,
                                         sizeof *plateau, from, size);
    if (status != TALUS_OK)
        return status;
    if (!(plateau->factor >= 0 && plateau->factor <= 1))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "plateau: factor must be 0 … 1, got %g",
                       plateau->factor);
    if (plateau->waited < 0 || plateau->cooling < 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "plateau: waited and cooling must be at least 0, got %lld and %lld",
                       (long long)plateau->waited, (long long)plateau->cooling);
    return TALUS_OK;
}

static talus_status tell(talus_context *context, const talus_schedule *from, size_t schedule_size,
                         double value, int more_is_better, talus_plateau *plateau, size_t plateau_size)
{
    talus_schedule schedule;
    talus_plateau known;
    if (plateau == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "plateau must not be NULL");
    if (more_is_better != 0 && more_is_better != 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "plateau: more_is_better must be 0 or 1, got %d",
                       more_is_better);
    talus_status status = tl_schedule_take(context, NULL, &schedule, from, schedule_size);
    if (status == TALUS_OK && !tl_schedule_row_of(schedule.kind)->is_told)
        status = tl_fail(context, TALUS_ERROR_ARGUMENT,
                         "schedule: kind must be reduce_on_plateau to be told a value; got %s",
                         tl_schedule_row_of(schedule.kind)->name);
    if (status == TALUS_OK)
        status = tl_plateau_take(context, &known, plateau, plateau_size);
    if (status != TALUS_OK)
        return status;
    tl_plateau_tell(&schedule, value, more_is_better, &known);
    tl_result_give(&known, sizeof known, plateau, plateau_size);
    return TALUS_OK;
}

talus_status talus_plateau_tell_sized(talus_context *context, const talus_schedule *schedule,
                                      size_t schedule_size, double value, int more_is_better,
                                      talus_plateau *plateau, size_t plateau_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, tell(context, schedule, schedule_size, value,
                                                        more_is_better, plateau, plateau_size))
                              : status;
}
