/* A fit under way, and what it consists of: one file an idea. */
#ifndef TL_TRAIN_FIT_H
#define TL_TRAIN_FIT_H

#include "train/trainer.h"

typedef struct tl_fit {
    talus_trainer *trainer;
    const talus_dataset *training, *validation; /* validation NULL: none */
    talus_fit_options options;
    int64_t last;  /* epoch of the fit */
    int64_t *rows; /* the order of the samples; NULL: as they stand */
    double start;
    talus_fit_result result;
} tl_fit;

/* Seconds since some moment. */
double tl_fit_now(void);

/* The next epoch, or what is left of the one under way. */
talus_status tl_fit_epoch(tl_fit *fit);

#endif
