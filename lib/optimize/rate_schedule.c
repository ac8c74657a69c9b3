#include "optimize/rate_schedule.h"

#include <math.h>

#include "base/call.h"
#include "base/text.h"

static const double pi = 3.14159265358979323846;

/* From `from` at u = 0 to `to` at u = 1, exactly, along half a cosine: (1−h)·from + h·to, h = (1 − cos πu)/2. */
static double half_cosine(double u, double from, double to)
{
    double h = (1 - cos(pi * u)) / 2;
    return (1 - h) * from + h * to;
}

/* u = min(t/T, 1) */
static double done(double t, double length)
{
    return t < length ? t / length : 1;
}

static double constant(const tl_moment *at)
{
    (void)at;
    return 1;
}

static double steps_down(const tl_moment *at)
{
    return pow(at->schedule->decay, floor(at->t / at->length));
}

static double exponential(const tl_moment *at)
{
    return pow(at->schedule->decay, at->t / at->length);
}

static double inverse_time(const tl_moment *at)
{
    return pow(1 + at->t / at->length, -at->schedule->power);
}

static double polynomial(const tl_moment *at)
{
    double left = pow(1 - done(at->t, at->length), at->schedule->power);
    return left + (1 - left) * at->schedule->last;
}

static double cosine(const tl_moment *at)
{
    return half_cosine(done(at->t, at->length), 1, at->schedule->last);
}

static double cosine_restarts(const tl_moment *at)
{
    double t = at->t, length = at->length, stretch = (double)at->schedule->stretch;
    if (stretch == 1)
        t = fmod(t, length);
    for (; t >= length; length *= stretch)
        t -= length;
    return half_cosine(t / length, 1, at->schedule->last);
}

/* From 1 to `last` over what follows the share of the length. */
static double fall(const tl_moment *at)
{
    double begin = at->schedule->share * at->length;
    return half_cosine(done(at->t - begin, at->length - begin), 1, at->schedule->last);
}

static double one_cycle(const tl_moment *at)
{
    double top = at->schedule->share * at->length;
    return at->t < top ? half_cosine(at->t / top, at->schedule->first, 1) : fall(at);
}

static double flat_then_cosine(const tl_moment *at)
{
    return at->t < at->schedule->share * at->length ? 1 : fall(at);
}

static double reduce_on_plateau(const tl_moment *at)
{
    return at->plateau->factor;
}

static double callback(const tl_moment *at)
{
    tl_call *call = tl_callback_begin(at->context, TL_CALLBACK_OPEN);
    double factor = at->schedule->callback((int64_t)at->t, at->schedule->user);
    tl_callback_end(call);
    return factor;
}

static const tl_schedule_row rows[TALUS_SCHEDULE_KIND_COUNT] = {
    [TALUS_SCHEDULE_CONSTANT] = {.name = "constant", .factor = constant},
    [TALUS_SCHEDULE_STEP] = {.name = "step",
                             .factor = steps_down,
                             .options = {"length", "decay"},
                             .length = 10},
    [TALUS_SCHEDULE_EXPONENTIAL] = {.name = "exponential",
                                    .factor = exponential,
                                    .options = {"length", "decay"},
                                    .length = 1,
                                    .decay = 0.95},
    [TALUS_SCHEDULE_INVERSE_TIME] = {.name = "inverse_time",
                                     .factor = inverse_time,
                                     .options = {"length", "power"},
                                     .length = 10},
    [TALUS_SCHEDULE_POLYNOMIAL] = {.name = "polynomial",
                                   .factor = polynomial,
                                   .options = {"length", "power", "last"},
                                   .takes_run = true},
    [TALUS_SCHEDULE_COSINE] = {.name = "cosine",
                               .factor = cosine,
                               .options = {"length", "last"},
                               .takes_run = true},
    [TALUS_SCHEDULE_COSINE_RESTARTS] = {.name = "cosine_restarts",
                                        .factor = cosine_restarts,
                                        .options = {"length", "last", "stretch"},
                                        .length = 10},
    [TALUS_SCHEDULE_ONE_CYCLE] = {.name = "one_cycle",
                                  .factor = one_cycle,
                                  .options = {"length", "first", "last", "share"},
                                  .takes_run = true,
                                  .last = 4e-6},
    [TALUS_SCHEDULE_FLAT_THEN_COSINE] = {.name = "flat_then_cosine",
                                         .factor = flat_then_cosine,
                                         .options = {"length", "last", "share"},
                                         .takes_run = true,
                                         .share = 0.75},
    [TALUS_SCHEDULE_REDUCE_ON_PLATEAU] = {.name = "reduce_on_plateau",
                                          .factor = reduce_on_plateau,
                                          .is_told = true,
                                          .options = {"decay", "last", "patience", "cooldown",
                                                      "least_change"}},
    [TALUS_SCHEDULE_CALLBACK] = {.name = "callback",
                                 .factor = callback,
                                 .calls = true,
                                 .options = {"callback", "user"}},
};

const tl_schedule_row *tl_schedule_row_of(int kind)
{
    return kind >= 0 && kind < TALUS_SCHEDULE_KIND_COUNT ? &rows[kind] : NULL;
}

static const char *name_of(int kind)
{
    return rows[kind].name;
}

const tl_names tl_schedule_kind_names = {TALUS_ENUMERATION_SCHEDULE_KIND, TALUS_SCHEDULE_KIND_COUNT, name_of};

/* A length in steps. */
static double steps_of(const talus_schedule *schedule, const tl_run *run, double length)
{
    return round(schedule->unit == TALUS_UNIT_EPOCHS ? length * (double)run->steps_per_epoch : length);
}

static double length_of(const talus_schedule *schedule, const tl_run *run, double warmup)
{
    double length = schedule->length == 0 ? (double)run->steps - warmup
                                          : steps_of(schedule, run, schedule->length);
    return fmax(length, 1);
}

talus_status tl_schedule_factor(talus_context *context, const char *subject, const talus_schedule *schedule,
                                const tl_run *run, int64_t step, const talus_plateau *plateau, double *factor)
{
    double i = (double)step, warmup = steps_of(schedule, run, schedule->warmup);
    tl_moment moment = {context, schedule, plateau, fmax(i - warmup, 0), length_of(schedule, run, warmup)};
    *factor = rows[schedule->kind].factor(&moment);
    if (i < warmup)
        *factor *= schedule->warmup_from + (1 - schedule->warmup_from) * (i / warmup);
    if (isfinite(*factor) && *factor >= 0)
        return TALUS_OK;
    char got[TL_NUMBER_BYTES];
    tl_text_of_double(*factor, got);
    return tl_fail(context, TALUS_ERROR_DATA,
                   "%s: the factor of step %lld must be a finite number of at least 0, got %s",
                   subject == NULL ? tl_schedule_table.name : subject, (long long)step, got);
}

/* The public call */

static talus_status check_run(talus_context *context, int64_t step, const tl_run *run, const double *factor)
{
    if (factor == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "schedule: factor must not be NULL");
    if (step < 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "schedule: step must be at least 0, got %lld",
                       (long long)step);
    if (run->steps_per_epoch < 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "schedule: steps_per_epoch must be at least 1, got %lld",
                       (long long)run->steps_per_epoch);
    if (run->steps < 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "schedule: steps must be at least 0, got %lld",
                       (long long)run->steps);
    return TALUS_OK;
}

static talus_status find_factor(talus_context *context, const talus_schedule *from, size_t schedule_size,
                                int64_t step, const tl_run *run, const talus_plateau *plateau,
                                size_t plateau_size, double *factor)
{
    talus_schedule schedule;
    talus_plateau known;
    double found;
    talus_status status = check_run(context, step, run, factor);
    if (status == TALUS_OK)
        status = tl_schedule_take(context, NULL, &schedule, from, schedule_size);
    if (status == TALUS_OK)
        status = tl_schedule_check_run(context, NULL, &schedule, run);
    if (status == TALUS_OK)
        status = tl_plateau_take(context, &known, plateau, plateau_size);
    if (status == TALUS_OK)
        status = tl_schedule_factor(context, NULL, &schedule, run, step, &known, &found);
    if (status == TALUS_OK)
        *factor = found;
    return status;
}

talus_status talus_schedule_factor_sized(talus_context *context, const talus_schedule *schedule,
                                         size_t schedule_size, int64_t step, int64_t steps_per_epoch,
                                         int64_t steps, const talus_plateau *plateau, size_t plateau_size,
                                         double *factor)
{
    tl_call call;
    tl_run run = {steps_per_epoch, steps};
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, find_factor(context, schedule, schedule_size, step, &run,
                                                               plateau, plateau_size, factor))
                              : status;
}
