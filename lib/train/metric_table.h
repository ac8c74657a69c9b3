/* One row a metric. The rest of the library asks for no metric by its name: a new one is a field of talus_report, a row, and
 * the function that measures it. */
#ifndef TL_TRAIN_METRIC_TABLE_H
#define TL_TRAIN_METRIC_TABLE_H

#include "base/options.h"
#include "train/predictions.h"

/* x_i of a metric that is the mean Σ w_i·x_i/W. */
typedef double tl_sample_value(const tl_predictions *predictions, int64_t i);

/* Sets the fields of a report that it measures, all of which were NaN. */
typedef talus_status tl_measure(const tl_predictions *predictions, talus_report *report);

typedef struct tl_metric_row {
    const char *name; /* of its field in talus_report */
    size_t offset;
    unsigned tasks;     /* bits 1 << task that it is defined for; 0: all */
    bool probabilities; /* that it needs as outputs */
    bool more_is_better;
    tl_sample_value *mean_of; /* of a mean */
    tl_measure *measure;      /* of another metric; both NULL: it comes from the network's loss */
} tl_metric_row;

/* The row of a metric; NULL if it is unknown. */
const tl_metric_row *tl_metric_row_of(int metric);

extern const tl_names tl_metric_names, tl_task_names;
extern const tl_options tl_report_table; /* talus_report_options */

/* Takes the caller's options of `size` bytes; NULL: the defaults. */
talus_status tl_report_take(talus_context *context, talus_report_options *options,
                            const talus_report_options *from, size_t size);

/* That a task has the options that are not at their defaults. */
talus_status tl_report_check_task(talus_context *context, const talus_report_options *options);

/* Such a mean with its standard error. */
talus_estimate tl_mean(const tl_predictions *predictions, tl_sample_value *value);

tl_sample_value tl_sample_right, tl_sample_among_first, tl_sample_log_loss, tl_sample_brier,
    tl_sample_absolute_error;
tl_measure tl_measure_classes, tl_measure_auc, tl_measure_calibration, tl_measure_r2, tl_measure_rmse;

#endif
