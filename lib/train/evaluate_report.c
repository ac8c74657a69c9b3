/* Reports of a network on a data set. */
#include <math.h>

#include "base/call.h"
#include "engine/arguments.h"
#include "train/batches.h"
#include "train/metric_table.h"
#include "train/report.h"

int tl_network_task(const talus_network *network)
{
    static const int tasks[] = {[TL_LABELS_NONE] = TALUS_TASK_VALUES,
                                [TL_LABELS_CLASSES] = TALUS_TASK_CLASSES,
                                [TL_LABELS_SIDES] = TALUS_TASK_SIDES};
    return tasks[network->ranges->loss_kind->labels];
}

/* The outputs of a whole data set; `outputs` has a row for each sample. */
static talus_status predict_all(tl_pass *pass, const tl_feed *feed, const talus_matrix *outputs)
{
    int64_t samples = feed->dataset->samples, step = pass->workspace->plan.max_batch;
    talus_status status = TALUS_OK;
    pass->work = TL_FORWARD;
    for (int64_t first = 0; status == TALUS_OK && first < samples; first += step) {
        status = tl_pass_read(feed, NULL, first, samples - first < step ? samples - first : step, pass);
        pass->first_row = first;
        pass->outputs = tl_matrix_from_row(*outputs, first);
        if (status == TALUS_OK)
            status = tl_pass_run(pass, NULL);
    }
    pass->outputs.data = NULL;
    return status;
}

static void exponentiate(const talus_matrix *outputs)
{
    int64_t count = outputs->rows * outputs->cols;
    for (int64_t i = 0; i < count; i++)
        if (outputs->dtype == TALUS_DTYPE_F32)
            ((float *)outputs->data)[i] = (float)exp((double)((float *)outputs->data)[i]);
        else
            ((double *)outputs->data)[i] = exp(((double *)outputs->data)[i]);
}

static bool all_finite(const tl_predictions *p)
{
    bool all = true;
    for (int64_t i = 0; i < p->samples; i++)
        for (int64_t k = 0; k < p->outputs.matrix.cols; k++)
            all &= isfinite(tl_output(p, i, k));
    return all;
}

/* Predicts and measures; memory holds the outputs. */
static talus_status judge_outputs(tl_pass *pass, const tl_feed *feed, int metric, void *memory,
                                  tl_predictions *p, talus_report *report)
{
    p->outputs.matrix = talus_matrix_view(memory, pass->network->precision, p->samples,
                                          tl_network_outputs(pass->network));
    talus_status status = predict_all(pass, feed, &p->outputs.matrix);
    if (pass->network->ranges->loss_kind->logarithms)
        exponentiate(&p->outputs.matrix);
    if (status != TALUS_OK || !all_finite(p))
        return status;
    tl_pass_at(feed->dataset, NULL, 0, p->samples, pass);
    p->targets = pass->targets;
    p->weights = pass->weights;
    p->columns = p->targets.matrix.dtype == TALUS_DTYPE_I32 ? p->outputs.matrix.cols : p->targets.matrix.cols;
    status = tl_predictions_check(p);
    return status == TALUS_OK ? tl_report_measure(p, metric, report) : status;
}

static talus_status judge_all_outputs(tl_pass *pass, const tl_feed *feed, int metric, tl_predictions *p,
                                      talus_report *report)
{
    int64_t bytes;
    void *memory = NULL;
    if (tl_multiply(p->samples,
                    tl_network_outputs(pass->network) * (int64_t)tl_dtype_size(pass->network->precision),
                    &bytes))
        memory = tl_allocate(p->context, (size_t)bytes);
    if (memory == NULL)
        return tl_fail(p->context, TALUS_ERROR_MEMORY,
                       "report: the allocator returned no memory for the predictions of %lld samples",
                       (long long)p->samples);
    talus_status status = judge_outputs(pass, feed, metric, memory, p, report);
    tl_release(p->context, memory);
    return status;
}

/* losses has room for that of each sample. */
static talus_status judge_losses(tl_pass *pass, const tl_feed *feed, double *losses, talus_report *report)
{
    tl_totals totals;
    pass->work = TL_FORWARD | TL_LOSS;
    pass->sample_losses = losses;
    talus_status status = tl_run_over(pass, feed, &totals);
    if (status == TALUS_OK)
        report->cost = (talus_estimate){tl_cost(&totals), tl_cost_error(feed->dataset, losses)};
    return status;
}

static talus_status judge_cost(talus_context *context, tl_pass *pass, const tl_feed *feed,
                               talus_report *report)
{
    const int64_t samples = feed->dataset->samples;
    double *losses = tl_allocate(context, (size_t)samples * sizeof *losses);
    if (losses == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "report: the allocator returned no memory for the losses of %lld samples",
                       (long long)samples);
    talus_status status = judge_losses(pass, feed, losses, report);
    tl_release(context, losses);
    return status;
}

/* Settles the task, and checks that it has the options and the metric. */
static talus_status settle_task(const talus_network *network, int metric, tl_predictions *p)
{
    if (p->options.task == TALUS_TASK_AUTO)
        p->options.task = tl_network_task(network);
    if (metric >= 0 && !talus_metric_applies(metric, p->options.task))
        return tl_fail(p->context, TALUS_ERROR_ARGUMENT, "metric must be defined for a task of %s; got %s",
                       tl_name(&tl_task_names, p->options.task), tl_name(&tl_metric_names, metric));
    return tl_report_check_task(p->context, &p->options);
}

/* Measures what is wanted. */
static talus_status judge(tl_pass *pass, const tl_feed *feed, int metric, tl_predictions *p,
                          talus_report *report)
{
    talus_status status = TALUS_OK;
    pass->workspace->kept = 0;
    p->samples = feed->dataset->samples;
    *report = tl_report_empty(p->samples);
    if (metric != TALUS_METRIC_COST)
        status = judge_all_outputs(pass, feed, metric, p, report);
    if (status == TALUS_OK && (metric < 0 || metric == TALUS_METRIC_COST))
        status = judge_cost(p->context, pass, feed, report);
    return status;
}

talus_status tl_report_judge(const talus_network *network, talus_workspace *workspace,
                             const talus_dataset *dataset, int metric, const talus_report_options *options,
                             talus_report *report)
{
    tl_pass pass;
    tl_feed feed;
    tl_predictions p = {.context = workspace->context, .options = *options};
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK)
        status = tl_check_dataset(workspace->context, network, "dataset", dataset);
    if (status == TALUS_OK && network->range_count > 1)
        status = tl_fail(workspace->context, TALUS_ERROR_ARGUMENT,
                         "report: the network must have one loss, got %d ranges of outputs",
                         network->range_count);
    if (status == TALUS_OK && metric != TALUS_METRIC_COST)
        status = tl_dataset_check_resident(workspace->context, "report", dataset);
    if (status == TALUS_OK)
        status = settle_task(network, metric, &p);
    if (status == TALUS_OK)
        status = tl_feed_open(&feed, workspace->context, dataset, TL_FEED_ALL, workspace->plan.max_batch);
    if (status != TALUS_OK)
        return status;
    status = judge(&pass, &feed, metric, &p, report);
    tl_feed_close(&feed);
    return status;
}

static talus_status evaluate_report(const talus_network *network, talus_workspace *workspace,
                                    const talus_dataset *dataset, const talus_report_options *from,
                                    size_t options_size, talus_report *report, size_t report_size)
{
    talus_report_options options;
    talus_report known;
    talus_status status = tl_report_check(workspace->context, report, report_size);
    if (status == TALUS_OK)
        status = tl_report_take(workspace->context, &options, from, options_size);
    if (status == TALUS_OK)
        status = tl_report_judge(network, workspace, dataset, -1, &options, &known);
    if (status == TALUS_OK)
        tl_result_give(&known, sizeof known, report, report_size);
    return status;
}

talus_status talus_evaluate_report_sized(const talus_network *network, talus_workspace *workspace,
                                         const talus_dataset *dataset, const talus_report_options *options,
                                         size_t options_size, talus_report *report, size_t report_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, evaluate_report(network, workspace, dataset, options,
                                                                   options_size, report, report_size))
                              : status;
}

static talus_status evaluate_metric(const talus_network *network, talus_workspace *workspace,
                                    const talus_dataset *dataset, int metric,
                                    const talus_report_options *from, size_t options_size,
                                    talus_estimate *estimate)
{
    talus_report_options options;
    talus_report report;
    talus_context *context = workspace->context;
    if (estimate == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "estimate must not be NULL");
    if (tl_metric_row_of(metric) == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "metric must be a talus_metric, got %d", metric);
    talus_status status = tl_report_take(context, &options, from, options_size);
    if (status == TALUS_OK && (options.confusion != NULL || options.classes != NULL))
        status = tl_fail(context, TALUS_ERROR_ARGUMENT,
                         "report: confusion and classes must be NULL for one metric");
    if (status == TALUS_OK)
        status = tl_report_judge(network, workspace, dataset, metric, &options, &report);
    return status == TALUS_OK ? talus_report_estimate(&report, metric, estimate) : status;
}

talus_status talus_evaluate_metric_sized(const talus_network *network, talus_workspace *workspace,
                                         const talus_dataset *dataset, int metric,
                                         const talus_report_options *options, size_t options_size,
                                         talus_estimate *estimate)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, evaluate_metric(network, workspace, dataset, metric,
                                                                   options, options_size, estimate))
                              : status;
}
