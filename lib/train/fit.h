/* A fit under way, and what it consists of: one file an idea. */
#ifndef TL_TRAIN_FIT_H
#define TL_TRAIN_FIT_H

#include "data/feed.h"
#include "optimize/rate_schedule.h"
#include "train/readout.h"
#include "train/trainer.h"

/* The best epoch so far, and the last one that was an improvement. */
typedef struct tl_best {
    void *state; /* of the network after it; NULL if it is not to be restored */
    int64_t epoch;
    double value;
    double improved; /* the value that an improvement must beat */
    int64_t since;   /* epochs after the last improvement */
} tl_best;

/* Where an epoch began, or the fit inside of one; memory is NULL without retries. */
typedef struct tl_retreat {
    void *network, *optimizer, *average; /* states */
    double *range_losses;                /* of the epoch under way */
    int64_t averaged, completed;         /* of the trainer */
    talus_plateau plateaus[TL_FIT_SCHEDULES];
    tl_epoch_state under_way;
    talus_fit_result result;
    tl_best best;
} tl_retreat;

/* The epoch that was begun last, and that with the least cost; there is none while this is infinite. */
typedef struct tl_guard {
    tl_retreat begun, best;
    double least_cost;
} tl_guard;

/* A number that has a schedule: itself, and what the schedule made of it last. */
typedef struct tl_scheduled {
    bool is_on;
    talus_schedule schedule;
    double own, set;
} tl_scheduled;

/* The last checkpoint: when it was written, and what of. */
typedef struct tl_saved {
    double at;
    int64_t steps, epochs, retries;
    int outcome;
} tl_saved;

typedef struct tl_fit {
    talus_trainer *trainer;
    const talus_dataset *training, *validation; /* validation NULL: none */
    tl_feed feed, validation_feed;              /* that read them */
    talus_dataset *parts[2]; /* that a validation_split made of the training set; NULL: there is none */
    talus_fit_options options;
    bool one_cost;  /* each step is on the same cost, by a method that searches along lines */
    int64_t began;  /* epochs of the trainer before the fit */
    int64_t last;   /* epoch of the fit */
    double *losses; /* of the validation set's samples */
    int64_t *rows;  /* the order of the samples; NULL: as they stand */
    double start;
    tl_best best;
    tl_guard guard;
    tl_run run;
    tl_scheduled scheduled[TL_FIT_SCHEDULES];
    talus_fit_result result;
    int rule;            /* the outcome if the fit would not have been stopped, and had no limits */
    int64_t begun_epoch; /* the number of the epoch whose beginning the guard has; 0: none was begun */
    tl_saved saved;
    tl_readout readout; /* of a fit that solves it at its end */
    void *unsolved;     /* state of the network before; NULL: the solution stays in any case */
} tl_fit;

/* Divides the training set if options ask for it. context: of the fit. */
talus_status tl_fit_split(tl_fit *fit, talus_context *context);

/* The next step of the epoch under way. */
talus_status tl_fit_step(tl_fit *fit);

/* The next epoch, or what is left of the one under way. */
talus_status tl_fit_epoch(tl_fit *fit);

/* That the metric can be measured; memory for the losses of the validation set; and evaluates the network after an epoch, and each of its ranges of outputs. */
talus_status tl_fit_check_metric(const tl_fit *fit, const talus_network *network);
talus_status tl_fit_reserve_losses(tl_fit *fit);
talus_status tl_fit_validate(const tl_fit *fit, talus_epoch *epoch, double *range_costs);

/* The value that is watched, so that the less is the better. */
double tl_fit_watched(const tl_fit *fit, const talus_epoch *epoch);

/* Checks the schedules; sets all numbers for the next step; gives them back as they were; and tells what an epoch has come
 * to. */
talus_status tl_fit_take_schedules(tl_fit *fit);
talus_status tl_fit_schedule_step(tl_fit *fit);
void tl_fit_end_schedules(tl_fit *fit);
void tl_fit_tell_schedules(tl_fit *fit, double value);

/* The name of the option with a schedule; and the schedule that options have. */
const char *tl_fit_schedule_name(int which);
const talus_schedule **tl_fit_schedule_place(talus_fit_options *options, int which);

/* Memory for the best epoch; and the epoch is judged by its value. */
talus_status tl_fit_reserve_best(tl_fit *fit);
void tl_fit_judge(tl_fit *fit, const talus_epoch *epoch);

/* At the end: the network becomes that of the best epoch or the average, as options say. */
void tl_fit_settle(tl_fit *fit);

/* Then its last layer is solved, if options say so: the memory for it, the solution, and the end. context: of the fit. */
talus_status tl_fit_reserve_readout(tl_fit *fit);
talus_status tl_fit_solve_readout(tl_fit *fit);
void tl_fit_release_readout(tl_fit *fit, talus_context *context);

/* Memory for the average of the parameters; the share of a step in it; average and parameters change places, if there is an
 * average, the method's own for one; and the same if the average is what the network becomes at the end. */
talus_status tl_fit_reserve_average(tl_fit *fit);
void tl_fit_average_step(tl_fit *fit);
void tl_fit_exchange_average(const tl_fit *fit);
void tl_fit_exchange_result(const tl_fit *fit);

/* Memory for what retries go back to; an epoch begins, or is gone on with; it has ended with a cost; and the cost of the next
 * step is not finite: the fit goes back with half the rate, or ends. context: of the fit. */
talus_status tl_fit_reserve_guard(tl_fit *fit);
void tl_fit_release_guard(tl_fit *fit, talus_context *context);
void tl_fit_epoch_begins(tl_fit *fit);
void tl_fit_epoch_ends(tl_fit *fit, double cost);
void tl_fit_diverge(tl_fit *fit);

/* Checkpoints: whether one is due before the next step; writes one; writes one if it is due after an epoch; and at the end,
 * unless the last one is of it. */
bool tl_fit_is_due(const tl_fit *fit);
talus_status tl_fit_save(tl_fit *fit);
talus_status tl_fit_save_epoch(tl_fit *fit);
talus_status tl_fit_save_end(tl_fit *fit);

/* Ends the fit, unless it has ended already. Whether it goes on with another step; and after an epoch. */
void tl_fit_end(tl_fit *fit, int outcome);
bool tl_fit_goes_on(tl_fit *fit);
void tl_fit_check_epoch(tl_fit *fit, const talus_epoch *epoch);

#endif
