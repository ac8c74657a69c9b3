#include "train/batches.h"

#include <math.h>

#include "base/philox.h"
#include "engine/arguments.h"

talus_status tl_check_columns(talus_context *context, const talus_network *network, const char *name,
                              const talus_dataset *dataset)
{
    if (dataset->inputs.cols == tl_network_columns(network))
        return TALUS_OK;
    return tl_fail(
        context, TALUS_ERROR_SHAPE, "%s must have %lld columns of inputs, as the network %s, got %lld", name,
        (long long)tl_network_columns(network), network->input_projection.columns > 0 ? "projects" : "has",
        (long long)dataset->inputs.cols);
}

talus_status tl_check_dataset(talus_context *context, const talus_network *network, const char *name,
                              const talus_dataset *dataset)
{
    if (dataset == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must not be NULL", name);
    if (dataset->targets.cols == 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must have targets, got a data set without", name);
    talus_status status = tl_check_columns(context, network, name, dataset);
    if (status == TALUS_OK && dataset->weights.data != NULL &&
        !(isfinite(dataset->mean_weight) && dataset->mean_weight > 0))
        status = tl_fail(context, TALUS_ERROR_DATA,
                         "%s: the weights of its samples must have a finite sum above 0, got the mean %g",
                         name, dataset->mean_weight);
    return status == TALUS_OK ? tl_check_targets(context, network, &dataset->targets) : status;
}

static void point_at(tl_pass *pass, const tl_samples *samples)
{
    pass->inputs = samples->inputs;
    pass->targets = samples->targets;
    pass->weights = samples->weights;
    pass->mean_weight = samples->mean_weight;
    pass->numbers = samples->numbers;
    pass->samples = samples->count;
}

void tl_pass_at(const talus_dataset *dataset, const int64_t *rows, int64_t first, int64_t count,
                tl_pass *pass)
{
    const tl_samples samples = tl_samples_of(dataset, rows, first, count);
    point_at(pass, &samples);
}

talus_status tl_pass_read(const tl_feed *feed, const int64_t *rows, int64_t first, int64_t count,
                          tl_pass *pass)
{
    tl_samples samples;
    talus_status status = tl_feed_read(feed, rows, first, count, &samples);
    pass->workspace->kept = 0; /* nor does a stream keep anything there */
    if (status == TALUS_OK)
        point_at(pass, &samples);
    return status;
}

void tl_draw_order(const talus_dataset *dataset, uint64_t seed, int64_t epoch, int64_t *rows)
{
    tl_dataset_list_rows(dataset, rows);
    tl_shuffle(seed, TL_PURPOSE_SHUFFLE, (uint32_t)epoch, dataset->samples, rows);
}

/* Appends the rows of a chunk to the first `filled` ones; returns how many there are then. */
static int64_t append_chunk(const talus_dataset *dataset, int64_t chunk, int64_t size, int64_t filled,
                            int64_t *rows)
{
    int64_t first = chunk * size, left = dataset->samples - first;
    for (int64_t i = first; i < first + (left < size ? left : size); i++)
        rows[filled++] = dataset->rows == NULL ? i : dataset->rows[i];
    return filled;
}

/* The order of the chunks stands at the end of rows: a chunk has at least one row, so that those that are filled never reach
 * the chunks that are to come. */
void tl_draw_chunked_order(const talus_dataset *dataset, uint64_t seed, int64_t epoch, tl_chunks chunks,
                           int64_t *rows)
{
    int64_t count = (dataset->samples - 1) / chunks.rows + 1, *order = rows + (dataset->samples - count);
    for (int64_t j = 0; j < count; j++)
        order[j] = j;
    tl_shuffle(seed, TL_PURPOSE_SHUFFLE, (uint32_t)epoch, count, order);
    for (int64_t j = 0, start = 0, filled = 0; j < count; j++) {
        filled = append_chunk(dataset, order[j], chunks.rows, filled, rows);
        if ((j + 1) % chunks.window != 0 && j + 1 < count)
            continue;
        tl_random_pair of_window = tl_random(seed, TL_PURPOSE_WINDOWS, (uint32_t)epoch,
                                             (uint64_t)(j / chunks.window));
        tl_shuffle(of_window.first, TL_PURPOSE_WINDOWS, (uint32_t)epoch, filled - start, rows + start);
        start = filled;
    }
}

talus_status tl_run_over(tl_pass *pass, const tl_feed *feed, tl_totals *totals)
{
    int64_t samples = feed->dataset->samples, step = pass->workspace->plan.max_batch;
    double *sample_losses = pass->sample_losses;
    *totals = (tl_totals){0};
    for (int64_t first = 0; first < samples; first += step) {
        tl_totals of_batch;
        pass->first_row = first;
        pass->sample_losses = sample_losses == NULL ? NULL : sample_losses + first;
        talus_status status = tl_pass_read(feed, NULL, first, samples - first < step ? samples - first : step,
                                           pass);
        if (status == TALUS_OK)
            status = tl_pass_run(pass, &of_batch);
        if (status != TALUS_OK)
            return status;
        totals->loss += of_batch.loss;
        totals->weight += of_batch.weight;
        totals->correct += of_batch.correct;
        totals->decisions += of_batch.decisions;
    }
    return TALUS_OK;
}

talus_status tl_check_readable(talus_workspace *workspace, const tl_feed *feed)
{
    tl_pass pass = {.network = workspace->network, .workspace = workspace, .work = TL_CHECK};
    tl_totals unused;
    return feed->streams ? TALUS_OK : tl_run_over(&pass, feed, &unused);
}
