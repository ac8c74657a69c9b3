/* What a trainer looks at while it trains. */
#ifndef TL_TRAIN_WATCH_H
#define TL_TRAIN_WATCH_H

#include "train/trainer.h"

/* Whether the next step is looked at. It must then store its gradient in the trainer. */
bool tl_watch_looks(const talus_trainer *trainer);

/* Before and after a step of one batch; `looks` is what the call above said. Nothing that the step computes changes. */
void tl_watch_begin(talus_trainer *trainer, bool looks);
void tl_watch_end(talus_trainer *trainer, const tl_pass *pass, double loss, bool looks);

#endif
