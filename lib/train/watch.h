/* What a trainer looks at while it trains. */
#ifndef TL_TRAIN_WATCH_H
#define TL_TRAIN_WATCH_H

#include "train/trainer.h"

/* Memory for looks. call is what messages begin with. */
talus_status tl_watch_reserve(talus_trainer *trainer, const char *call);

/* Before a step, and after it, with the pass of its last batch. Nothing that the step computes changes.
 *   stores    the step's gradient comes first; else phase B makes the update
 *   gradient  that gradient; NULL if the pass made the update
 *   found     what is not finite, if the step was not made; else NULL */
void tl_watch_begin(talus_trainer *trainer, bool stores);
void tl_watch_end(talus_trainer *trainer, const tl_pass *pass, const void *gradient,
                  const talus_non_finite *found);

/* After each batch of a step. */
void tl_watch_add(talus_trainer *trainer, const tl_pass *pass);

#endif
