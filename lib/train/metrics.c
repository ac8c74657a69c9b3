#include <math.h>
#include <string.h>

#include "base/call.h"
#include "base/options.h"
#include "engine/arguments.h"
#include "train/batches.h"
#include "train/report.h"

/* Correct decisions among all decisions; NaN if there are none. */
static double accuracy(const tl_totals *totals)
{
    return totals->decisions > 0 ? totals->correct / totals->decisions : NAN;
}

/* What both forms check first. */
static talus_status begin(const talus_network *network, talus_workspace *workspace,
                          const talus_metrics *metrics, size_t size, tl_pass *pass)
{
    talus_status status = tl_pass_begin(network, workspace, pass);
    if (status == TALUS_OK && metrics == NULL)
        status = tl_fail(workspace->context, TALUS_ERROR_ARGUMENT, "metrics must not be NULL");
    if (status == TALUS_OK)
        status = tl_result_check(workspace->context, "metrics", size, TL_END_OF(talus_metrics, cost));
    pass->work = TL_FORWARD | TL_LOSS | TL_DECISIONS;
    return status;
}

static talus_metrics metrics_of(int64_t samples, const tl_totals *totals)
{
    return (talus_metrics){samples, tl_cost(totals), accuracy(totals)};
}

static talus_status evaluate_batch(const talus_network *network, talus_workspace *workspace,
                                   const talus_batch *batch, size_t batch_size, talus_metrics *metrics,
                                   size_t metrics_size)
{
    tl_pass pass;
    tl_totals totals;
    talus_status status = begin(network, workspace, metrics, metrics_size, &pass);
    if (status == TALUS_OK)
        status = tl_pass_batch(&pass, batch, batch_size);
    if (status != TALUS_OK)
        return status;
    workspace->kept = 0;
    status = tl_pass_run(&pass, &totals);
    if (status != TALUS_OK)
        return status;
    const talus_metrics found = metrics_of(pass.samples, &totals);
    tl_result_give(&found, sizeof found, metrics, metrics_size);
    return TALUS_OK;
}

talus_status talus_evaluate_batch_sized(const talus_network *network, talus_workspace *workspace,
                                        const talus_batch *batch, size_t batch_size, talus_metrics *metrics,
                                        size_t metrics_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, evaluate_batch(network, workspace, batch, batch_size,
                                                                  metrics, metrics_size))
                              : status;
}

/* With the cost of each range, unless range_costs is NULL. */
static talus_status run_over(tl_pass *pass, const tl_feed *feed, double *range_costs, tl_totals *totals)
{
    int ranges = range_costs == NULL ? 0 : pass->network->range_count;
    pass->workspace->kept = 0;
    pass->range_losses = range_costs;
    for (int r = 0; r < ranges; r++)
        range_costs[r] = 0;
    talus_status status = tl_run_over(pass, feed, totals);
    for (int r = 0; r < ranges; r++)
        range_costs[r] /= totals->weight;
    return status;
}

talus_status tl_evaluate(const talus_network *network, talus_workspace *workspace, const tl_feed *feed,
                         double *range_costs, double *sample_losses, talus_metrics *metrics)
{
    tl_pass pass = {.network = network,
                    .workspace = workspace,
                    .work = TL_FORWARD | TL_LOSS | TL_DECISIONS,
                    .sample_losses = sample_losses};
    tl_totals totals;
    talus_status status = run_over(&pass, feed, range_costs, &totals);
    if (status == TALUS_OK)
        *metrics = metrics_of(feed->dataset->samples, &totals);
    return status;
}

/* Checks a data set and opens a feed for it. */
static talus_status open(const talus_network *network, talus_workspace *workspace,
                         const talus_dataset *dataset, tl_feed *feed)
{
    talus_status status = tl_check_dataset(workspace->context, network, "dataset", dataset);
    return status == TALUS_OK
               ? tl_feed_open(feed, workspace->context, dataset, TL_FEED_ALL, workspace->plan.max_batch)
               : status;
}

static talus_status evaluate(const talus_network *network, talus_workspace *workspace,
                             const talus_dataset *dataset, talus_metrics *metrics, size_t size)
{
    tl_pass pass;
    tl_feed feed;
    talus_metrics found;
    talus_status status = begin(network, workspace, metrics, size, &pass);
    if (status == TALUS_OK)
        status = open(network, workspace, dataset, &feed);
    if (status != TALUS_OK)
        return status;
    status = tl_evaluate(network, workspace, &feed, NULL, NULL, &found);
    tl_feed_close(&feed);
    if (status == TALUS_OK)
        tl_result_give(&found, sizeof found, metrics, size);
    return status;
}

talus_status talus_evaluate_sized(const talus_network *network, talus_workspace *workspace,
                                  const talus_dataset *dataset, talus_metrics *metrics, size_t size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, evaluate(network, workspace, dataset, metrics, size))
                              : status;
}

/* An error leaves costs as they were. */
static talus_status measure_ranges(tl_pass *pass, const tl_feed *feed, double *costs, int64_t count)
{
    tl_totals totals;
    talus_context *context = pass->workspace->context;
    const size_t bytes = (size_t)count * sizeof *costs;
    double *found = tl_allocate(context, bytes);
    if (found == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for the costs of %lld ranges",
                       (long long)count);
    talus_status status = run_over(pass, feed, found, &totals);
    if (status == TALUS_OK)
        memcpy(costs, found, bytes);
    tl_release(context, found);
    return status;
}

static talus_status evaluate_ranges(const talus_network *network, talus_workspace *workspace,
                                    const talus_dataset *dataset, double *costs, int64_t count)
{
    tl_pass pass;
    tl_feed feed;
    talus_context *context = workspace->context;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK && costs == NULL)
        status = tl_fail(context, TALUS_ERROR_ARGUMENT, "costs must not be NULL");
    if (status == TALUS_OK && count != network->range_count)
        status = tl_fail(context, TALUS_ERROR_SHAPE, "count must be %d, the number of ranges, got %lld",
                         network->range_count, (long long)count);
    if (status == TALUS_OK)
        status = open(network, workspace, dataset, &feed);
    if (status != TALUS_OK)
        return status;
    pass.work = TL_FORWARD | TL_LOSS;
    status = measure_ranges(&pass, &feed, costs, count);
    tl_feed_close(&feed);
    return status;
}

talus_status talus_evaluate_ranges(const talus_network *network, talus_workspace *workspace,
                                   const talus_dataset *dataset, double *costs, int64_t count)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, evaluate_ranges(network, workspace, dataset, costs, count))
                              : status;
}
