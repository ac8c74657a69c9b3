/* Batches of a data set: who goes through its samples takes them from here. */
#ifndef TL_DATA_FEED_H
#define TL_DATA_FEED_H

#include "data/dataset.h"
#include "kernels/source.h"

/* Samples in memory. */
typedef struct tl_samples {
    int64_t count;
    tl_source inputs, targets, weights; /* data NULL: there are none */
    double mean_weight;                 /* of the data set, where it has weights; else 0 */
} tl_samples;

/* Samples first … first+count−1 of a data set in the order of `rows`, which are rows of its matrices (NULL: as they stand). */
tl_samples tl_samples_of(const talus_dataset *dataset, const int64_t *rows, int64_t first, int64_t count);

/* What goes through a data set batch by batch. */
typedef struct tl_feed {
    const talus_dataset *dataset;
} tl_feed;

/* Begins to go through a data set in batches of at most so many samples. A feed is to be closed, which one of zeros may be, too. */
talus_status tl_feed_open(tl_feed *feed, talus_context *context, const talus_dataset *dataset, int64_t batch);
void tl_feed_close(tl_feed *feed);

/* A batch, which stands until the next one is read: as tl_samples_of has it. */
talus_status tl_feed_read(const tl_feed *feed, const int64_t *rows, int64_t first, int64_t count,
                          tl_samples *samples);

#endif
