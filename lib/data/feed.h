/* Batches of a data set: who goes through its samples takes them from here, whether they stand in memory or are streamed. */
#ifndef TL_DATA_FEED_H
#define TL_DATA_FEED_H

#include "data/dataset.h"
#include "kernels/source.h"

/* Samples in memory. */
typedef struct tl_samples {
    int64_t count;
    tl_source inputs, targets, weights; /* data NULL: there are none, or they are streamed */
    double mean_weight;                 /* of the data set, where it has weights; else 0 */
    const int64_t *numbers;             /* what messages call streamed samples; NULL: none is streamed */
} tl_samples;

/* Samples first … first+count−1 of a data set in the order of `rows`, which are rows of its matrices (NULL: as they stand): what of
 * them stands in memory. */
tl_samples tl_samples_of(const talus_dataset *dataset, const int64_t *rows, int64_t first, int64_t count);

/* What goes through a data set batch by batch. Its memory is for what is streamed: there is none for other data sets. */
typedef struct tl_feed {
    const talus_dataset *dataset;
    talus_context *context; /* of the call */
    bool streams;           /* what is wanted has to be read from the stream */
    talus_matrix inputs, targets;
    int64_t *numbers; /* of rows that follow each other */
} tl_feed;

/* What is wanted of the samples; the rest need not be there. */
enum { TL_FEED_INPUTS = 1, TL_FEED_TARGETS = 2, TL_FEED_ALL = 3 };

/* Begins to go through a data set in batches of at most so many samples. A feed that was opened is to be closed, as one of zeros
 * may be, too. */
talus_status tl_feed_open(tl_feed *feed, talus_context *context, const talus_dataset *dataset,
                          unsigned wanted, int64_t batch);
void tl_feed_close(tl_feed *feed);

/* A batch, which stands until the next one is read; rows as of tl_samples_of. TALUS_ERROR_DATA of a stream that fails, or gives
 * values that cannot be used. */
talus_status tl_feed_read(const tl_feed *feed, const int64_t *rows, int64_t first, int64_t count,
                          tl_samples *samples);

#endif
