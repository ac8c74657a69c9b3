/* A fit under way, and what it consists of: one file an idea. */
#ifndef TL_TRAIN_FIT_H
#define TL_TRAIN_FIT_H

#include "train/trainer.h"

/* The best epoch so far, and the last one that was an improvement. */
typedef struct tl_best {
    void *state; /* of the network after it; NULL if it is not to be restored */
    int64_t epoch;
    double value;
    double improved; /* the value that an improvement must beat */
    int64_t since;   /* epochs after the last improvement */
} tl_best;

typedef struct tl_fit {
    talus_trainer *trainer;
    const talus_dataset *training, *validation; /* validation NULL: none */
    talus_dataset *parts[2]; /* that a validation_split made of the training set; NULL: there is none */
    talus_fit_options options;
    int64_t last;  /* epoch of the fit */
    int64_t *rows; /* the order of the samples; NULL: as they stand */
    double start;
    tl_best best;
    talus_fit_result result;
} tl_fit;

/* Seconds since some moment. */
double tl_fit_now(void);

/* Divides the training set if options ask for it. context: of the fit. */
talus_status tl_fit_split(tl_fit *fit, talus_context *context);

/* The next epoch, or what is left of the one under way. */
talus_status tl_fit_epoch(tl_fit *fit);

/* Evaluates the network after an epoch. */
talus_status tl_fit_validate(const tl_fit *fit, talus_epoch *epoch);

/* The value that is watched: the less, the better. */
double tl_fit_watched(const tl_fit *fit, const talus_epoch *epoch);

/* Memory for the best epoch; the epoch is judged by its value; the network becomes that of the best. */
talus_status tl_fit_reserve_best(tl_fit *fit);
void tl_fit_judge(tl_fit *fit, int64_t epoch, double value);
void tl_fit_restore_best(tl_fit *fit);

/* Ends the fit, unless it has ended already. Whether it goes on with another step; and after an epoch. */
void tl_fit_end(tl_fit *fit, int outcome);
bool tl_fit_goes_on(tl_fit *fit);
void tl_fit_check_epoch(tl_fit *fit, double value);

#endif
