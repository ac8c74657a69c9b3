/* A data set as the engine sees it: batches of rows, in an order. */
#ifndef TL_TRAIN_BATCHES_H
#define TL_TRAIN_BATCHES_H

#include "data/feed.h"
#include "engine/pass.h"

/* Checks that the inputs of a data set have the columns of a network's. name is what messages call the data set. */
talus_status tl_check_columns(talus_context *context, const talus_network *network, const char *name,
                              const talus_dataset *dataset);

/* Checks that a data set has targets and fits a network. */
talus_status tl_check_dataset(talus_context *context, const talus_network *network, const char *name,
                              const talus_dataset *dataset);

/* Points a pass at samples first … first+count−1 of a data set, in the order of `rows` as tl_draw_order makes it
 * (NULL: as they stand), which stand in memory; and at a batch of them, which a feed reads. */
void tl_pass_at(const talus_dataset *dataset, const int64_t *rows, int64_t first, int64_t count,
                tl_pass *pass);
talus_status tl_pass_read(const tl_feed *feed, const int64_t *rows, int64_t first, int64_t count,
                          tl_pass *pass);

/* Fills rows with the rows of all samples of a data set, in a random order that follows from seed and epoch. */
void tl_draw_order(const talus_dataset *dataset, uint64_t seed, int64_t epoch, int64_t *rows);

/* Runs of consecutive samples: how many each has, and how many make a window. */
typedef struct tl_chunks {
    int64_t rows, window;
} tl_chunks;

/* The same, but chunk by chunk: the chunks are in a random order, and the samples of each window of so many chunks that follow
 * each other in it are shuffled among themselves. */
void tl_draw_chunked_order(const talus_dataset *dataset, uint64_t seed, int64_t epoch, tl_chunks chunks,
                           int64_t *rows);

/* Runs a pass over all samples of a data set, batch by batch in their order. totals: of all of them. */
talus_status tl_run_over(tl_pass *pass, const tl_feed *feed, tl_totals *totals);

/* Reads all values of a data set that stands in memory once, as training would: TALUS_ERROR_DATA names one that cannot be
 * used. Nothing is read of a stream. */
talus_status tl_check_readable(talus_workspace *workspace, const tl_feed *feed);

#endif
