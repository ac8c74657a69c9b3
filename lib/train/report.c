#include "train/report.h"

#include <math.h>

#include "train/metric_table.h"

static talus_estimate *estimate_in(talus_report *report, const tl_metric_row *row)
{
    return (talus_estimate *)(void *)((char *)report + row->offset);
}

talus_report tl_report_empty(int64_t samples)
{
    talus_report report = {.samples = samples, .weight = NAN};
    for (int metric = 0; metric < TALUS_METRIC_COUNT; metric++)
        *estimate_in(&report, tl_metric_row_of(metric)) = (talus_estimate){NAN, NAN};
    return report;
}

/* Each function is called once. */
talus_status tl_report_measure(const tl_predictions *p, int metric, talus_report *report)
{
    talus_status status = TALUS_OK;
    tl_measure *last = NULL;
    report->weight = p->weight;
    for (int m = 0; status == TALUS_OK && m < TALUS_METRIC_COUNT; m++) {
        const tl_metric_row *row = tl_metric_row_of(m);
        bool wanted = metric < 0 || metric == m;
        bool defined = talus_metric_applies(m, p->options.task) && (p->probable || !row->probabilities);
        if (wanted && defined && row->mean_of != NULL)
            *estimate_in(report, row) = tl_mean(p, row->mean_of);
        if (!wanted || !defined || row->measure == NULL || row->measure == last)
            continue;
        last = row->measure;
        status = row->measure(p, report);
    }
    return status;
}

talus_status tl_report_check(talus_context *context, const void *report, size_t size)
{
    if (report == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "report must not be NULL");
    return tl_result_check(context, "report", size, TL_END_OF(talus_report, calibration_error));
}
