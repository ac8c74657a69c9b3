#include "train/metric_table.h"

#include <stddef.h>
#include <string.h>

#define FIELD(field) .name = #field, .offset = offsetof(talus_report, field)
#define VALUES       .tasks = 1 << TALUS_TASK_VALUES
#define CLASSES      .tasks = 1 << TALUS_TASK_CLASSES
#define DECISIONS    .tasks = 1 << TALUS_TASK_CLASSES | 1 << TALUS_TASK_SIDES

/* Rows that one function measures stand together. */
static const tl_metric_row rows[TALUS_METRIC_COUNT] = {
    [TALUS_METRIC_COST] = {FIELD(cost)},
    [TALUS_METRIC_ACCURACY] = {FIELD(accuracy), DECISIONS, .more_is_better = true,
                               .mean_of = tl_sample_right},
    [TALUS_METRIC_TOP_K_ACCURACY] = {FIELD(top_k_accuracy), CLASSES, .more_is_better = true,
                                     .mean_of = tl_sample_among_first},
    [TALUS_METRIC_PRECISION] = {FIELD(precision), DECISIONS, .more_is_better = true,
                                .measure = tl_measure_classes},
    [TALUS_METRIC_RECALL] = {FIELD(recall), DECISIONS, .more_is_better = true, .measure = tl_measure_classes},
    [TALUS_METRIC_F1] = {FIELD(f1), DECISIONS, .more_is_better = true, .measure = tl_measure_classes},
    [TALUS_METRIC_WEIGHTED_PRECISION] = {FIELD(weighted_precision), DECISIONS, .more_is_better = true,
                                         .measure = tl_measure_classes},
    [TALUS_METRIC_WEIGHTED_RECALL] = {FIELD(weighted_recall), DECISIONS, .more_is_better = true,
                                      .measure = tl_measure_classes},
    [TALUS_METRIC_WEIGHTED_F1] = {FIELD(weighted_f1), DECISIONS, .more_is_better = true,
                                  .measure = tl_measure_classes},
    [TALUS_METRIC_LOG_LOSS] = {FIELD(log_loss), DECISIONS, .probabilities = true,
                               .mean_of = tl_sample_log_loss},
    [TALUS_METRIC_AUC] = {FIELD(auc), DECISIONS, .more_is_better = true, .measure = tl_measure_auc},
    [TALUS_METRIC_BRIER_SCORE] = {FIELD(brier_score), DECISIONS, .probabilities = true,
                                  .mean_of = tl_sample_brier},
    [TALUS_METRIC_CALIBRATION_ERROR] = {FIELD(calibration_error), DECISIONS, .probabilities = true,
                                        .measure = tl_measure_calibration},
    [TALUS_METRIC_R2] = {FIELD(r2), VALUES, .more_is_better = true, .measure = tl_measure_r2},
    [TALUS_METRIC_RMSE] = {FIELD(rmse), VALUES, .measure = tl_measure_rmse},
    [TALUS_METRIC_MAE] = {FIELD(mae), VALUES, .mean_of = tl_sample_absolute_error},
};

const tl_metric_row *tl_metric_row_of(int metric)
{
    return metric >= 0 && metric < TALUS_METRIC_COUNT ? &rows[metric] : NULL;
}

static const char *metric_name(int metric)
{
    return rows[metric].name;
}

static const char *task_name(int task)
{
    static const char *const names[TALUS_TASK_COUNT] = {
        [TALUS_TASK_AUTO] = "auto",
        [TALUS_TASK_VALUES] = "values",
        [TALUS_TASK_CLASSES] = "classes",
        [TALUS_TASK_SIDES] = "sides",
    };
    return names[task];
}

const tl_names tl_metric_names = {TALUS_ENUMERATION_METRIC, TALUS_METRIC_COUNT, metric_name};
const tl_names tl_task_names = {TALUS_ENUMERATION_TASK, TALUS_TASK_COUNT, task_name};

int talus_metric_more_is_better(int metric)
{
    const tl_metric_row *row = tl_metric_row_of(metric);
    return row == NULL ? -1 : row->more_is_better;
}

int talus_metric_applies(int metric, int task)
{
    const tl_metric_row *row = tl_metric_row_of(metric);
    if (row == NULL || task <= TALUS_TASK_AUTO || task >= TALUS_TASK_COUNT)
        return -1;
    return row->tasks == 0 || (row->tasks >> task & 1) != 0;
}

talus_status talus_report_estimate_sized(const talus_report *report, size_t size, int metric,
                                         talus_estimate *estimate)
{
    const tl_metric_row *row = tl_metric_row_of(metric);
    if (report == NULL || estimate == NULL || row == NULL || row->offset + sizeof *estimate > size)
        return TALUS_ERROR_ARGUMENT;
    memcpy(estimate, (const char *)report + row->offset, sizeof *estimate);
    return TALUS_OK;
}
