#include "data/feed.h"

#include "base/call.h"

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

/* Memory for a batch of what a matrix would hold if it were not streamed; none for one that is not. */
static bool reserve(talus_context *context, const talus_matrix *streamed, int64_t batch, talus_matrix *matrix)
{
    int64_t elements, bytes;
    if (streamed->data != NULL || streamed->cols == 0)
        return true;
    *matrix = *streamed;
    matrix->rows = batch;
    if (tl_multiply(batch, matrix->cols, &elements) &&
        tl_multiply(elements, (int64_t)tl_dtype_size(matrix->dtype), &bytes))
        matrix->data = tl_allocate(context, (size_t)bytes);
    return matrix->data != NULL;
}

talus_status tl_feed_open(tl_feed *feed, talus_context *context, const talus_dataset *dataset,
                          unsigned wanted, int64_t batch)
{
    *feed = (tl_feed){.dataset = dataset, .context = context};
    feed->streams = ((wanted & TL_FEED_INPUTS) && dataset->inputs.data == NULL) ||
                    ((wanted & TL_FEED_TARGETS) && dataset->targets.data == NULL &&
                     dataset->targets.cols > 0);
    if (!feed->streams)
        return TALUS_OK;
    if (batch > dataset->samples)
        batch = dataset->samples;
    if (reserve(context, &dataset->inputs, batch, &feed->inputs) &&
        reserve(context, &dataset->targets, batch, &feed->targets))
        feed->numbers = tl_allocate(context, (size_t)batch * sizeof *feed->numbers);
    if (feed->numbers != NULL)
        return TALUS_OK;
    tl_feed_close(feed);
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "stream: there is no memory for a batch of %lld samples of %lld inputs and %lld targets",
                   (long long)batch, (long long)dataset->inputs.cols, (long long)dataset->targets.cols);
}

void tl_feed_close(tl_feed *feed)
{
    tl_release(feed->context, feed->inputs.data);
    tl_release(feed->context, feed->targets.data);
    tl_release(feed->context, feed->numbers);
    *feed = (tl_feed){0};
}

/* Calls the caller's function, and checks what it has given. */
static talus_status fetch(const tl_feed *feed, const int64_t *numbers, const talus_matrix *inputs,
                          const talus_matrix *targets)
{
    const talus_stream *stream = &feed->dataset->stream;
    const int64_t count = inputs->rows;
    tl_call *call = tl_callback_begin(feed->context, TL_CALLBACK_OPEN);
    int result = stream->read(numbers, count, inputs->data, targets->data, stream->user);
    tl_callback_end(call);
    if (result != 0)
        return tl_fail(feed->context, TALUS_ERROR_DATA,
                       "stream: read must return 0, got %d for a batch of %lld, from row %lld to row %lld",
                       result, (long long)count, (long long)numbers[0], (long long)numbers[count - 1]);
    talus_status status = tl_check_values_of(feed->context, "inputs", inputs, numbers, false);
    return status == TALUS_OK && targets->data != NULL
               ? tl_check_values_of(feed->context, "targets", targets, numbers, stream->missing_targets)
               : status;
}

talus_status tl_feed_read(const tl_feed *feed, const int64_t *rows, int64_t first, int64_t count,
                          tl_samples *samples)
{
    *samples = tl_samples_of(feed->dataset, rows, first, count);
    if (!feed->streams)
        return TALUS_OK;
    samples->numbers = samples->inputs.rows;
    if (samples->numbers == NULL) {
        for (int64_t i = 0; i < count; i++)
            feed->numbers[i] = first + i;
        samples->numbers = feed->numbers;
    }
    talus_matrix inputs = feed->inputs, targets = feed->targets;
    inputs.rows = targets.rows = count;
    samples->inputs = (tl_source){.matrix = inputs};
    if (targets.data != NULL)
        samples->targets = (tl_source){.matrix = targets};
    return fetch(feed, samples->numbers, &inputs, &targets);
}
