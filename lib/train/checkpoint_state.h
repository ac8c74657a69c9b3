/* All that a fit under way consists of, between two of its steps, in the order in which checkpoints have it. */
#ifndef TL_TRAIN_CHECKPOINT_STATE_H
#define TL_TRAIN_CHECKPOINT_STATE_H

#include "train/archive.h"
#include "train/fit.h"

/* What a trainer is made of, and what its fit must be given again. */
typedef struct tl_checkpoint_head {
    talus_optimizer_spec optimizer;
    talus_fit_options options;
    bool is_scheduled[TL_FIT_SCHEDULES];
    talus_schedule schedules[TL_FIT_SCHEDULES];
    int64_t max_batch;         /* of the trainer */
    int64_t samples, held_out; /* of the training and of the validation set; 0: there is none */
} tl_checkpoint_head;

void tl_archive_head(tl_archive *archive, tl_checkpoint_head *head);

/* All else but the network, whose parameters and running statistics stand before it. What is read needs its memory: that of the
 * history grows here. */
void tl_archive_fit(tl_archive *archive, tl_fit *fit);

#endif
