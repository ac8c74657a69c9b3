/* What a schedule may say. */
#include <math.h>

#include "base/context.h"
#include "optimize/rate_schedule.h"

static const char *unit_name(int unit)
{
    return unit == TALUS_UNIT_EPOCHS ? "epochs" : "steps";
}

const tl_names tl_unit_names = {TALUS_ENUMERATION_UNIT, TALUS_UNIT_COUNT, unit_name};

#define ROW(field) TL_FIELD(talus_schedule, field)
#define NAME(list) .type = TALUS_OPTION_TYPE_NAME, .names = &(list), .most = INFINITY
#define NUMBER     .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY
#define POSITIVE   NUMBER, .least_open = true
#define SHARE      .type = TALUS_OPTION_TYPE_DOUBLE, .most = 1
#define COUNT      .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY
#define POINTER    .type = TALUS_OPTION_TYPE_POINTER

static const tl_option rows[] = {
    {ROW(kind), NAME(tl_schedule_kind_names), .sentence = "How the factor follows from the step."},
    {ROW(unit), NAME(tl_unit_names), .sentence = "What warmup and length are counted in."},
    {ROW(warmup), NUMBER, .sentence = "The length of the linear warm-up; 0: none."},
    {ROW(warmup_from), SHARE, .standard = 0.01, .sentence = "The factor at the start of the warm-up."},
    {ROW(length), NUMBER,
     .sentence =
         "The length; 0: what is left of the run, of polynomial, cosine, one_cycle and "
         "flat_then_cosine. Default 10 for step, inverse_time and cosine_restarts, 1 for exponential."},
    {ROW(decay), POSITIVE, .standard = 0.1,
     .sentence = "What the factor is multiplied by; default 0.95 for exponential."},
    {ROW(power), POSITIVE, .standard = 1, .sentence = "The power of polynomial and inverse_time."},
    {ROW(first), NUMBER, .standard = 0.04, .sentence = "Of one_cycle: the factor at its start."},
    {ROW(last), NUMBER,
     .sentence = "The factor at the end; of reduce_on_plateau, the least one. Default 4e-6 for one_cycle."},
    {ROW(share), SHARE, .standard = 0.3,
     .sentence = "Of the length, the share in which one_cycle rises, or flat_then_cosine is flat: default "
                 "0.75."},
    {ROW(stretch), COUNT, .least = 1, .standard = 1,
     .sentence = "Of cosine_restarts: how many times as long as a cycle the next one is."},
    {ROW(patience), COUNT, .least = 1, .standard = 10, .unit = "epochs",
     .sentence = "Of reduce_on_plateau: epochs without improvement before a reduction."},
    {ROW(cooldown), COUNT, .unit = "epochs",
     .sentence = "Of reduce_on_plateau: epochs after a reduction that do not count as without improvement."},
    {ROW(least_change), NUMBER, .standard = 1e-4,
     .sentence = "Of reduce_on_plateau: a change must exceed it to be an improvement."},
    {ROW(callback), POINTER, .sentence = "Of callback: gives the factor of a step after the warm-up."},
    {ROW(user), POINTER, .sentence = "Of callback: handed to it."},
};

const tl_options tl_schedule_table = {
    .name = "schedule",
    .size = sizeof(talus_schedule),
    .began = TL_END_OF(talus_schedule, least_change),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

static void replace(double *standard, double own)
{
    if (own != 0)
        *standard = own;
}

void talus_schedule_defaults_sized(talus_schedule *schedule, size_t size, int kind)
{
    talus_schedule known;
    const tl_schedule_row *row = tl_schedule_row_of(kind);
    tl_options_defaults(&tl_schedule_table, &known, sizeof known);
    known.kind = kind;
    if (row != NULL) {
        replace(&known.length, row->length);
        replace(&known.decay, row->decay);
        replace(&known.last, row->last);
        replace(&known.share, row->share);
    }
    if (schedule != NULL)
        tl_result_give(&known, sizeof known, schedule, size);
}

/* What follows from the kind and no range says. */
static talus_status check_kind(talus_context *context, const char *subject, const talus_schedule *schedule,
                               const tl_schedule_row *row)
{
    if (row->length != 0 && schedule->length == 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: the length of %s must be above 0, got 0", subject,
                       row->name);
    if (row->is_told && !(schedule->decay < 1 && schedule->last <= 1))
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "%s: of %s, decay must be below 1 and last at most 1, got %g and %g", subject,
                       row->name, schedule->decay, schedule->last);
    if (row->calls && schedule->callback == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: callback must not be NULL", subject);
    return TALUS_OK;
}

talus_status tl_schedule_take(talus_context *context, const char *subject, talus_schedule *schedule,
                              const talus_schedule *from, size_t size)
{
    static const char *const of_all[] = {"kind", "unit", "warmup", "warmup_from", NULL};
    const tl_options *table = &tl_schedule_table;
    if (subject == NULL)
        subject = table->name;
    if (from == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must not be NULL", subject);
    talus_status status = tl_options_take(context, table, subject, schedule, from, size);
    if (status == TALUS_OK)
        status = tl_options_check(context, table, subject, schedule);
    if (status != TALUS_OK)
        return status;
    const tl_schedule_row *row = tl_schedule_row_of(schedule->kind);
    status = tl_options_check_unused(context, table, subject, row->name, of_all, row->options, schedule);
    return status == TALUS_OK ? check_kind(context, subject, schedule, row) : status;
}

talus_status tl_schedule_check_run(talus_context *context, const char *subject,
                                   const talus_schedule *schedule, const tl_run *run)
{
    const tl_schedule_row *row = tl_schedule_row_of(schedule->kind);
    if (!row->takes_run || schedule->length > 0 || run->steps > 0)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_ARGUMENT,
                   "%s: the length of %s must be above 0 where the steps of the run are not known, got 0",
                   subject == NULL ? tl_schedule_table.name : subject, row->name);
}
