/* A fit that was read from a checkpoint, and waits for its data to go on. */
#ifndef TL_TRAIN_RESUME_H
#define TL_TRAIN_RESUME_H

#include <talus/checkpoint.h>

#include "train/checkpoint_state.h"

typedef struct tl_resumed {
    bool waits;
    tl_checkpoint_head head; /* whose options have the schedules, the path and the notes below */
    tl_fit fit;              /* how it stood; its memory becomes that of the fit that goes on */
    char *path, *notes;
    int64_t fallback; /* newer checkpoints that could not be read */
} tl_resumed;

/* Whether a trainer has a fit that waits. */
bool tl_trainer_waits(const talus_trainer *trainer);

/* Of such a trainer: checks the options and the data of a fit against it, and makes it that fit. It waits until that begins;
 * before, nothing in it changes. */
talus_status tl_fit_resume(tl_fit *fit);
void tl_fit_begins_resumed(talus_trainer *trainer);

/* context: of the trainer */
void tl_resumed_destroy(tl_resumed *resumed, talus_context *context);

/* The memory of a fit that is not that of one that waits. */
void tl_fit_release(tl_fit *fit, talus_context *context);

#endif
