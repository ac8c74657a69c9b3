/* Goes through the columns of a data set, sample after sample, in double: pieces of columns are tasks of the context's threads. */
#ifndef TL_DATA_COLUMN_SWEEP_H
#define TL_DATA_COLUMN_SWEEP_H

#include "data/feed.h"

enum {
    TL_SWEEP_BATCH = 256,
    TL_SWEEP_PIECE = 64
}; /* samples are read in such batches and pieces of columns */

/* Where numbers come from: a feed that is open for such batches, its targets or its inputs. */
typedef struct tl_sweep {
    const tl_feed *feed;
    bool of_targets;
    int64_t columns;
} tl_sweep;

/* What is done with the numbers x of a sample in columns first … first+count−1, to which all that it changes belongs. */
typedef void tl_visitor(void *state, int64_t first, int64_t count, const double *x);

/* Goes through the inputs or targets of all samples; each column sees them in their order. */
talus_status tl_sweep_run(const tl_sweep *sweep, tl_visitor *visit, void *state);

#endif
