/* Schedules: factors of a rate, or of another number of a training, by the step. They see no optimiser and no network. */
#ifndef TL_OPTIMIZE_RATE_SCHEDULE_H
#define TL_OPTIMIZE_RATE_SCHEDULE_H

#include <talus/schedule.h>

#include "base/options.h"

/* What the factor of a step follows from. */
typedef struct tl_moment {
    talus_context *context;
    const talus_schedule *schedule;
    const talus_plateau *plateau;
    double t, length; /* steps since the end of the warm-up, and T in steps; whole numbers */
} tl_moment;

#define TL_MOST_SCHEDULE_OPTIONS 5

/* What there is to know of a kind. */
typedef struct tl_schedule_row {
    const char *name;
    double (*factor)(const tl_moment *moment);         /* m(t) */
    const char *options[TL_MOST_SCHEDULE_OPTIONS + 1]; /* beside those that all kinds have; then NULL */
    bool takes_run;                                    /* a length of 0 is what is left of the run */
    bool is_told, calls;                               /* values of a metric; the caller's function */
    double length, decay, last, share;                 /* defaults; 0: those of the table */
} tl_schedule_row;

/* The row of a kind; NULL if it is unknown. */
const tl_schedule_row *tl_schedule_row_of(int kind);

extern const tl_names tl_schedule_kind_names, tl_unit_names;
extern const tl_options tl_schedule_table; /* talus_schedule */

/* Takes the caller's schedule of `size` bytes and checks it: every range, and that what the kind does not have is at its
 * default. subject is what messages call it; NULL: "schedule". */
talus_status tl_schedule_take(talus_context *context, const char *subject, talus_schedule *schedule,
                              const talus_schedule *from, size_t size);

/* The run that a schedule belongs to. */
typedef struct tl_run {
    int64_t steps_per_epoch; /* at least 1 */
    int64_t steps;           /* in all; 0: unknown */
} tl_run;

/* That a run says how long it is, if a schedule that was checked asks for it. */
talus_status tl_schedule_check_run(talus_context *context, const char *subject,
                                   const talus_schedule *schedule, const tl_run *run);

/* The factor of a step of a run; both were checked. TALUS_ERROR_DATA if it is not finite or below 0. */
talus_status tl_schedule_factor(talus_context *context, const char *subject, const talus_schedule *schedule,
                                const tl_run *run, int64_t step, const talus_plateau *plateau,
                                double *factor);

/* The plateau before the first epoch; and what an epoch's value makes of it. */
talus_plateau tl_plateau_begin(void);
void tl_plateau_tell(const talus_schedule *schedule, double value, bool more_is_better,
                     talus_plateau *plateau);

/* Takes the caller's plateau of `size` bytes and checks it; NULL: one before the first epoch. */
talus_status tl_plateau_take(talus_context *context, talus_plateau *plateau, const talus_plateau *from,
                             size_t size);

#endif
