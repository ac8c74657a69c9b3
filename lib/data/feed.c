#include "data/feed.h"

tl_samples tl_samples_of(const talus_dataset *dataset, const int64_t *rows, int64_t first, int64_t count)
{
    if (rows == NULL)
        rows = dataset->rows;
    const int64_t skip = rows == NULL ? first : 0;
    tl_samples samples = {.count = count, .mean_weight = dataset->mean_weight};
    const talus_matrix *const from[] = {&dataset->inputs, &dataset->targets, &dataset->weights};
    tl_source *const to[] = {&samples.inputs, &samples.targets, &samples.weights};
    for (int i = 0; i < 3; i++) {
        to[i]->matrix = from[i]->data == NULL ? *from[i] : tl_matrix_from_row(*from[i], skip);
        to[i]->rows = rows == NULL ? NULL : rows + first;
    }
    return samples;
}

talus_status tl_feed_open(tl_feed *feed, talus_context *context, const talus_dataset *dataset, int64_t batch)
{
    (void)context, (void)batch;
    *feed = (tl_feed){.dataset = dataset};
    return TALUS_OK;
}

void tl_feed_close(tl_feed *feed)
{
    *feed = (tl_feed){0};
}

talus_status tl_feed_read(const tl_feed *feed, const int64_t *rows, int64_t first, int64_t count,
                          tl_samples *samples)
{
    *samples = tl_samples_of(feed->dataset, rows, first, count);
    return TALUS_OK;
}
