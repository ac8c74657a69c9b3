/* What a fit is validated on, and the value that is watched. */
#include <math.h>

#include "train/batches.h"
#include "train/fit.h"
#include "train/report.h"

talus_status tl_fit_split(tl_fit *fit, talus_context *context)
{
    const talus_dataset *whole = fit->training;
    double share = fit->options.validation_split;
    if (share == 0)
        return TALUS_OK;
    if (fit->validation != NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "fit: validation_split must be 0 with a validation set, got %g", share);
    if (whole->samples < 2)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "fit: training must have at least 2 samples for a validation_split, got %lld",
                       (long long)whole->samples);
    talus_dataset same = *whole;
    same.context = context; /* which another thread does not use, unlike perhaps the data set's */
    const bool labels = whole->targets.dtype == TALUS_DTYPE_I32 && whole->targets.data != NULL;
    talus_status status = talus_dataset_split(&same, share, labels, (uint64_t)fit->options.seed,
                                              &fit->parts[0], &fit->parts[1]);
    if (status == TALUS_OK)
        fit->validation = fit->parts[0], fit->training = fit->parts[1];
    return status;
}

talus_status tl_fit_check_metric(const tl_fit *fit, const talus_network *network)
{
    int metric = fit->options.metric;
    if (metric == TALUS_METRIC_COST)
        return TALUS_OK;
    if (fit->validation == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "fit: the metric %s needs a validation set",
                       talus_metric_name(metric));
    int task = tl_network_task(network);
    if (talus_metric_applies(metric, task) != 1)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "fit: the metric %s is not defined for the outputs of this network, which are %s",
                       talus_metric_name(metric), talus_task_name(task));
    return tl_dataset_check_resident(network->context, "fit: validation", fit->validation);
}

talus_status tl_fit_reserve_losses(tl_fit *fit)
{
    talus_context *context = fit->trainer->network->context;
    if (fit->validation == NULL)
        return TALUS_OK;
    fit->losses = tl_allocate(context, (size_t)fit->validation->samples * sizeof *fit->losses);
    if (fit->losses != NULL)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "fit: the allocator returned no memory for the losses of %lld validation samples",
                   (long long)fit->validation->samples);
}

/* Any metric of the network as it is. */
static talus_status measure(const tl_fit *fit, talus_epoch *epoch)
{
    talus_report report;
    talus_report_options options;
    talus_estimate estimate = {NAN, NAN};
    talus_report_options_defaults(&options);
    talus_status status = tl_report_judge(fit->trainer->network, fit->trainer->workspace, fit->validation,
                                          fit->options.metric, &options, &report);
    if (status == TALUS_OK)
        status = talus_report_estimate(&report, fit->options.metric, &estimate);
    epoch->watched = estimate.value;
    return status;
}

static talus_status evaluate(const tl_fit *fit, talus_epoch *epoch, double *range_costs)
{
    talus_metrics metrics;
    talus_status status = tl_evaluate(fit->trainer->network, fit->trainer->workspace, &fit->validation_feed,
                                      range_costs, fit->losses, &metrics);
    if (status != TALUS_OK)
        return status;
    epoch->validation_cost = epoch->watched = metrics.cost;
    epoch->validation_cost_error = tl_cost_error(fit->validation, fit->losses);
    epoch->validation_accuracy = metrics.accuracy;
    return fit->options.metric == TALUS_METRIC_COST ? TALUS_OK : measure(fit, epoch);
}

talus_status tl_fit_validate(const tl_fit *fit, talus_epoch *epoch, double *range_costs)
{
    for (int64_t r = 0; r < epoch->ranges; r++)
        range_costs[r] = NAN;
    epoch->validation_cost = epoch->validation_cost_error = epoch->validation_accuracy = NAN;
    epoch->watched = epoch->cost;
    if (fit->validation == NULL)
        return TALUS_OK;
    tl_fit_exchange_average(fit);
    talus_status status = evaluate(fit, epoch, range_costs);
    tl_fit_exchange_average(fit);
    return status;
}

double tl_fit_watched(const tl_fit *fit, const talus_epoch *epoch)
{
    return talus_metric_more_is_better(fit->options.metric) == 1 ? -epoch->watched : epoch->watched;
}
