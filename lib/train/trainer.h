/* train: networks, optimisers and data sets come together. */
#ifndef TL_TRAIN_TRAINER_H
#define TL_TRAIN_TRAINER_H

#include <talus/train.h>

#include "engine/pass.h"
#include "optimize/optimizer.h"

struct talus_trainer {
    talus_network *network;
    talus_workspace *workspace;
    talus_optimizer *optimizer;
    tl_update update; /* of the optimizer */
};

/* One step on a batch whose arguments have been checked: pass has its inputs, targets and cut. */
talus_status tl_trainer_run(talus_trainer *trainer, tl_pass *pass, tl_totals *totals);

#endif
