/* Reports: metrics of predictions, and of a network on a data set. */
#ifndef TL_TRAIN_REPORT_H
#define TL_TRAIN_REPORT_H

#include "data/feed.h"
#include "engine/workspace.h"
#include "train/predictions.h"

/* The task of a network: what its loss takes labels for, or values. */
int tl_network_task(const talus_network *network);

/* A report of n samples in which all is NaN. */
talus_report tl_report_empty(int64_t samples);

/* Measures one metric of predictions that were checked, or all: −1. */
talus_status tl_report_measure(const tl_predictions *predictions, int metric, talus_report *report);

/* The standard error of the mean loss of a data set, from the losses of its samples. */
double tl_cost_error(const talus_dataset *dataset, const double *losses);

/* Evaluates a network on a data set that was checked, as talus_evaluate does, with a feed for the workspace's batch. range_costs
 * receives the costs of its ranges and sample_losses the losses of the samples, unless they are NULL. */
talus_status tl_evaluate(const talus_network *network, talus_workspace *workspace, const tl_feed *feed,
                         double *range_costs, double *sample_losses, talus_metrics *metrics);

/* The caller's report and its size. */
talus_status tl_report_check(talus_context *context, const void *report, size_t size);

/* Judges a network by one metric, or by all: −1, with options that were taken by tl_report_take. */
talus_status tl_report_judge(const talus_network *network, talus_workspace *workspace,
                             const talus_dataset *dataset, int metric, const talus_report_options *options,
                             talus_report *report);

#endif
