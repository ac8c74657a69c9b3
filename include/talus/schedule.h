/* Schedules: how a number of a training, such as the rate, changes from step to step.
 *
 * A schedule gives a factor s for each step i = 0, 1, 2, …: step i works with s·η, for a rate η. A linear warm-up of w steps
 * may precede every kind (Goyal et al. 2017, arXiv:1706.02677), whose own steps t = i − w are counted from the end of it:
 *
 *     s = m(0)·(a + (1−a)·i/w)   for i < w, a the factor at the start
 *     s = m(i − w)               for i ≥ w
 *
 * With T the length, γ decay, p power, first, last and share as they stand below, u = min(t/T, 1), and the half cosine
 * h(u) = (1 − cos πu)/2, which rises from 0 to 1, m(t) of each kind is
 *
 *     constant            1
 *     step                γ^⌊t/T⌋
 *     exponential         γ^(t/T)
 *     inverse time        (1 + t/T)^−p                               Robbins and Monro 1951; Darken and Moody 1990
 *     polynomial          last + (1 − last)·(1 − u)^p                Chen et al. 2016, arXiv:1606.00915
 *     cosine              1 + (last − 1)·h(u)                        Loshchilov and Hutter 2017, arXiv:1608.03983
 *     cosine, restarts    the same in cycles of T, m·T, m²·T, … steps, each of which begins at 1, with m = stretch
 *     one cycle           first + (1 − first)·h(t/(share·T))         while t < share·T; then
 *                         1 + (last − 1)·h((u − share)/(1 − share))  Smith 2018, arXiv:1803.09820
 *     flat, then cosine   1                                          while t < share·T; then as of one cycle
 *                                                                    Hägele et al. 2024, arXiv:2405.18392
 *     reduce on plateau   the factor that talus_plateau_tell has come to
 *     callback            what the caller's function gives for t
 *
 * One cycle is the form of two phases, both half cosines, which PyTorch's OneCycleLR has by default; there, T is one step
 * less. Of T steps, the last one is t = T−1: `last` itself is reached one step later, and stays.
 *
 * Lengths are in epochs or in steps, as `unit` says, and are rounded to the nearest number of steps; a length is at least one
 * step. So half an epoch is a length too, and a kind changes from step to step also where its length is in epochs. */
#ifndef TALUS_SCHEDULE_H
#define TALUS_SCHEDULE_H

#include <stdint.h>
#include <talus/context.h>

TALUS_BEGIN_C

typedef enum talus_schedule_kind {
    TALUS_SCHEDULE_CONSTANT = 0,          /* has unit, warmup and warmup_from only, as all kinds */
    TALUS_SCHEDULE_STEP = 1,              /* also has length and decay */
    TALUS_SCHEDULE_EXPONENTIAL = 2,       /* length and decay */
    TALUS_SCHEDULE_INVERSE_TIME = 3,      /* length and power */
    TALUS_SCHEDULE_POLYNOMIAL = 4,        /* length, power and last */
    TALUS_SCHEDULE_COSINE = 5,            /* length and last */
    TALUS_SCHEDULE_COSINE_RESTARTS = 6,   /* length, last and stretch */
    TALUS_SCHEDULE_ONE_CYCLE = 7,         /* length, first, last and share */
    TALUS_SCHEDULE_FLAT_THEN_COSINE = 8,  /* length, last and share */
    TALUS_SCHEDULE_REDUCE_ON_PLATEAU = 9, /* decay, last, patience, cooldown and least_change */
    TALUS_SCHEDULE_CALLBACK = 10,         /* callback and user */
    TALUS_SCHEDULE_KIND_COUNT = 11        /* known to this header */
} talus_schedule_kind;

/* The name of a kind, such as "cosine", or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_schedule_kind_name(int kind)
{
    return talus_enumeration_name(TALUS_ENUMERATION_SCHEDULE_KIND, kind);
}

static inline int talus_schedule_kind_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_SCHEDULE_KIND, name);
}

/* What lengths are counted in. */
typedef enum talus_unit {
    TALUS_UNIT_EPOCHS = 0,
    TALUS_UNIT_STEPS = 1,
    TALUS_UNIT_COUNT = 2 /* known to this header */
} talus_unit;

/* "epochs", "steps"; "unknown". And the value of a name; −1. */
static inline const char *talus_unit_name(int unit)
{
    return talus_enumeration_name(TALUS_ENUMERATION_UNIT, unit);
}

static inline int talus_unit_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_UNIT, name);
}

/* A kind has only some of these: the others must be left at their defaults, which are the first ones where several are
 * named. */
typedef struct talus_schedule {
    int kind;           /* a talus_schedule_kind; default TALUS_SCHEDULE_CONSTANT */
    int unit;           /* a talus_unit, of warmup and length; default TALUS_UNIT_EPOCHS */
    double warmup;      /* length w of the warm-up; default 0: none */
    double warmup_from; /* a, 0 … 1; default 0.01 */
    /* T. Of polynomial, cosine, one cycle, and flat then cosine: default 0, which is what is left of the run after the
     * warm-up. Of the others above 0, default 10; exponential: 1. */
    double length;
    double decay;     /* γ > 0; default 0.1; exponential: 0.95. Reduce on plateau: below 1 */
    double power;     /* p > 0; default 1 */
    double first;     /* ≥ 0; default 0.04 */
    double last;      /* ≥ 0; default 0; one cycle: 4e-6. Reduce on plateau: the least factor, at most 1 */
    double share;     /* of T, 0 … 1; default 0.3; flat then cosine: 0.75 */
    int64_t stretch;  /* m ≥ 1; default 1 */
    int64_t patience; /* epochs without improvement before a reduction, at least 1; default 10 */
    int64_t cooldown; /* epochs after a reduction that do not count as such; default 0 */
    double least_change;                          /* that is an improvement, ≥ 0; default 1e-4 */
    double (*callback)(int64_t step, void *user); /* m(t), finite and at least 0; of callback, default NULL */
    void *user;                                   /* handed to callback; default NULL */
} talus_schedule;

/* Fills a schedule with the defaults of a kind; an unknown kind is kept, and refused later. size is the caller's sizeof.
 * NULL is allowed. */
TALUS_API void talus_schedule_defaults_sized(talus_schedule *schedule, size_t size, int kind);

static inline void talus_schedule_defaults(talus_schedule *schedule, int kind)
{
    talus_schedule_defaults_sized(schedule, sizeof(talus_schedule), kind);
}

/* What a reduction on plateaus has seen: plain numbers, which may be stored and read back. Filled by
 * talus_plateau_defaults. */
typedef struct talus_plateau {
    double factor;   /* s; at first 1 */
    double best;     /* value told so far; at first NaN: none */
    int64_t waited;  /* epochs since it, or since the last reduction */
    int64_t cooling; /* epochs left of the cooldown */
} talus_plateau;

/* Fills a plateau as it is before the first epoch. size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_plateau_defaults_sized(talus_plateau *plateau, size_t size);

static inline void talus_plateau_defaults(talus_plateau *plateau)
{
    talus_plateau_defaults_sized(plateau, sizeof(talus_plateau));
}

/* Tells a reduction on plateaus the value of a metric after an epoch. The value is an improvement if it is better than the
 * best one by more than least_change, or the first that is a number. Any other value makes the epoch one without
 * improvement, except in the cooldown, and so does NaN. After `patience` of these since the last improvement or reduction,
 * the factor becomes max(γ·factor, last), and the cooldown begins.
 *   more_is_better                1: the metric is to grow, such as accuracy; 0: to fall, such as cost
 *   schedule_size, plateau_size   the caller's sizeof of both structs
 * TALUS_ERROR_ARGUMENT (a NULL, an option out of its range, a schedule of another kind, a plateau that cannot be one, a
 * size that is too small), TALUS_ERROR_UNSUPPORTED (the structs ask for what this version does not know). */
TALUS_API talus_status talus_plateau_tell_sized(talus_context *context, const talus_schedule *schedule,
                                                size_t schedule_size, double value, int more_is_better,
                                                talus_plateau *plateau, size_t plateau_size);

static inline talus_status talus_plateau_tell(talus_context *context, const talus_schedule *schedule,
                                              double value, int more_is_better, talus_plateau *plateau)
{
    return talus_plateau_tell_sized(context, schedule, sizeof(talus_schedule), value, more_is_better, plateau,
                                    sizeof(talus_plateau));
}

/* *factor = s of a step. It depends on the arguments alone.
 *   step             i = 0, 1, …
 *   steps_per_epoch  at least 1; where an epoch means nothing, 1
 *   steps            of the whole run; 0: unknown, for schedules that do not ask for it by a length of 0
 *   plateau          of reduce on plateau: where it stands, or NULL before the first epoch; other kinds do not read it
 *   schedule_size, plateau_size   the caller's sizeof of both structs
 * TALUS_ERROR_ARGUMENT (a NULL, a number or an option out of its range, an option that the kind does not have and that is
 * not at its default, a plateau that cannot be one, a size that is too small), TALUS_ERROR_DATA (the factor, the callback's
 * for one, is not finite or below 0), TALUS_ERROR_UNSUPPORTED (the structs ask for what this version does not know). */
TALUS_API talus_status talus_schedule_factor_sized(talus_context *context, const talus_schedule *schedule,
                                                   size_t schedule_size, int64_t step,
                                                   int64_t steps_per_epoch, int64_t steps,
                                                   const talus_plateau *plateau, size_t plateau_size,
                                                   double *factor);

static inline talus_status talus_schedule_factor(talus_context *context, const talus_schedule *schedule,
                                                 int64_t step, int64_t steps_per_epoch, int64_t steps,
                                                 const talus_plateau *plateau, double *factor)
{
    return talus_schedule_factor_sized(context, schedule, sizeof(talus_schedule), step, steps_per_epoch,
                                       steps, plateau, sizeof(talus_plateau), factor);
}

TALUS_END_C

#endif
