/* How noisy gradients are, over the batches of a data set. */
#include "base/call.h"
#include "base/options.h"
#include "diagnose/noise_scale.h"
#include "engine/arguments.h"
#include "train/batches.h"

/* What is asked for. */
typedef struct survey {
    const talus_dataset *dataset;
    int64_t batch, small, batches;
    int64_t seed;
} survey;

static talus_status check_numbers(const survey *s, const tl_pass *pass)
{
    talus_context *context = pass->workspace->context;
    const int64_t most = tl_smaller(pass->workspace->plan.max_batch, s->dataset->samples);
    if (s->batch < 1 || s->batch > most)
        return tl_fail(
            context, TALUS_ERROR_ARGUMENT,
            "noise_scale: batch must be 1 … %lld, as the workspace and the data set allow, got %lld",
            (long long)most, (long long)s->batch);
    const int64_t there = s->dataset->samples / s->batch;
    if (s->batches < 0 || s->batches > there)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "noise_scale: batches must be 0 … %lld, as many as the data set has of %lld samples, "
                       "got %lld",
                       (long long)there, (long long)s->batch, (long long)s->batches);
    return TALUS_OK;
}

/* Batch after batch, in an order that is drawn. */
static talus_status run(const survey *s, const tl_feed *feed, tl_pass *pass, int64_t *rows,
                        tl_noise_sums *sums)
{
    const int64_t batches = s->batches == 0 ? s->dataset->samples / s->batch : s->batches;
    talus_status status = TALUS_OK;
    tl_draw_order(s->dataset, (uint64_t)s->seed, 0, rows);
    for (int64_t k = 0; status == TALUS_OK && k < batches; k++) {
        pass->first_row = k * s->batch;
        status = tl_pass_read(feed, rows, pass->first_row, s->batch, pass);
        if (status == TALUS_OK)
            status = tl_noise_add(sums, pass, s->small);
    }
    return status;
}

static talus_status allocate_and_run(const survey *s, tl_pass *pass, tl_noise_sums *sums)
{
    talus_context *context = pass->workspace->context;
    tl_feed feed;
    talus_status status = tl_feed_open(&feed, context, s->dataset, TL_FEED_ALL, s->batch);
    if (status != TALUS_OK)
        return status;
    int64_t *rows = tl_allocate_rows(context, s->dataset->samples);
    status = rows == NULL ? TALUS_ERROR_MEMORY : tl_noise_begin(pass);
    if (status == TALUS_OK)
        status = run(s, &feed, pass, rows, sums);
    tl_feed_close(&feed);
    tl_release(context, rows);
    tl_release(context, pass->gradient);
    return status;
}

static talus_status measure(const talus_network *network, talus_workspace *workspace, const survey *s,
                            talus_noise_scale *noise, size_t size)
{
    tl_pass pass;
    tl_noise_sums sums = {0};
    talus_noise_scale found;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK)
        status = tl_noise_check_result(workspace->context, noise, size);
    if (status == TALUS_OK)
        status = tl_check_dataset(workspace->context, network, "dataset", s->dataset);
    if (status == TALUS_OK)
        status = check_numbers(s, &pass);
    if (status != TALUS_OK)
        return status;
    tl_pass_at(s->dataset, NULL, 0, s->batch, &pass);
    status = tl_noise_check_parts(&pass, s->small);
    if (status == TALUS_OK)
        status = allocate_and_run(s, &pass, &sums);
    if (status != TALUS_OK)
        return status;
    found = tl_noise_result(&sums);
    tl_result_give(&found, sizeof found, noise, size);
    return TALUS_OK;
}

talus_status talus_noise_scale_over_sized(const talus_network *network, talus_workspace *workspace,
                                          const talus_dataset *dataset, int64_t batch, int64_t small,
                                          int64_t batches, int64_t seed, talus_noise_scale *noise,
                                          size_t noise_size)
{
    tl_call call;
    const survey s = {dataset, batch, small, batches, seed};
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, measure(network, workspace, &s, noise, noise_size))
                              : status;
}
