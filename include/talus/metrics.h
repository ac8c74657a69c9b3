/* Metrics: how good predictions are, beside the cost.
 *
 * Of n samples with weights w_i (1 unless they are given) and W = Σ w_i, outputs a_ik and targets y_ik, both in the caller's
 * units. What outputs mean is their task:
 *
 *     values   numbers to be close to their targets
 *     classes  K outputs, one a class: the larger, the likelier. A sample is of the class of its label or its largest target
 *              y_i, and is predicted to be of the class of its largest output, of equals the first in both.
 *     sides    each output answers yes or no: yes above the threshold, by default ½; a target is yes above ½. In the
 *              formulas below every output of a sample is a case of its own.
 *
 * A metric is NaN where its task is another one, where it is not defined, and where it needs probabilities and an output is
 * not in 0 … 1.
 *
 * Means over samples, x̄ = Σ w_i·x_i/W, have the standard error √(n₊/(n₊−1)·Σ w_i²·(x_i − x̄)²)/W, n₊ being the samples of
 * weight above 0, at least 2 (Cochran, Sampling techniques, 1977; Gatz and Smith 1995): s/√n where all weights are equal.
 * Weights are no counts here: one of 2 gives a mean as of two such samples, but not their standard error. Metrics that are no
 * means have the error NaN, but for those that give it below.
 *
 *     cost                x = the loss of a sample, as the network minimises it, without the penalty on its weights
 *     accuracy            x = 1 for a right prediction, 0 for another; with sides, the share of a sample's right answers
 *     top-k accuracy      classes: x = 1 if fewer than k outputs come before that of the sample's class, else 0. An output
 *                         comes before a smaller one, and of equals the first does.
 *     precision, recall, F1   TP/(TP+FP), TP/(TP+FN) and 2·TP/(2·TP+FP+FN), of each class or each output's yes, with the
 *                         weights TP of right, FP of wrong and FN of missing predictions of it. Precision is 0 where a class
 *                         is never predicted. Classes without samples have no recall and count in no average. The macro
 *                         average takes all classes alike, the weighted average by the weight of their samples.
 *                         Manning, Raghavan and Schütze, Introduction to information retrieval, 2008, chapters 8 and 13
 *     log loss            classes: x = −Σ_k y_k·log a_k; sides: −y·log a − (1−y)·log(1−a), the mean of a sample's. Of
 *                         probabilities, which are kept ε away from 0 and 1, ε being the epsilon of the outputs' precision
 *     AUC                 the share of pairs of a sample that is of a class and one that is not in which the first has the
 *                         larger output of that class; equal outputs count ½, a pair the product of its weights. NaN
 *                         without such pairs. Classes: each against the rest; of several the macro average. Of one output,
 *                         the error is that of Hanley and McNeil, Radiology 143, 1982: √((A(1−A) + (n₁−1)(Q₁−A²) +
 *                         (n₀−1)(Q₀−A²))/(n₁·n₀)), Q₁ = A/(2−A), Q₀ = 2A²/(1+A), for n₁ and n₀ samples of weight above 0.
 *     Brier score         classes: x = Σ_k (a_k − y_k)²; sides: (a − y)², the mean of a sample's. Of probabilities.
 *                         Brier, Verification of forecasts expressed in terms of probability, 1950
 *     calibration error   Σ_b W_b/W·|ȳ_b − p̄_b| over B bins of equal width, with the mean p̄_b of the probabilities in
 *                         (b/B, (b+1)/B] and the share ȳ_b of cases that came true. Classes: of the predicted class alone,
 *                         which is true if it is right; sides: of yes. Guo et al. 2017, arXiv:1706.04599
 *     R²                  values: the mean over outputs of 1 − Σ w_i·(a_i − y_i)²/Σ w_i·(y_i − ȳ)²; outputs whose targets
 *                         are all equal are left out
 *     RMSE                values: √x̄ of x = Σ_k (a_k − y_k)²/K; its error is that of x̄ over 2·√x̄ (the delta method)
 *     MAE                 values: x = Σ_k |a_k − y_k|/K */
#ifndef TALUS_METRICS_H
#define TALUS_METRICS_H

#include <talus/evaluate.h>

TALUS_BEGIN_C

typedef enum talus_metric {
    TALUS_METRIC_COST = 0, /* as talus_metrics.cost: of networks alone */
    TALUS_METRIC_ACCURACY = 1,
    TALUS_METRIC_TOP_K_ACCURACY = 2,
    TALUS_METRIC_PRECISION = 3, /* macro average, as the two below */
    TALUS_METRIC_RECALL = 4,
    TALUS_METRIC_F1 = 5,
    TALUS_METRIC_WEIGHTED_PRECISION = 6,
    TALUS_METRIC_WEIGHTED_RECALL = 7,
    TALUS_METRIC_WEIGHTED_F1 = 8,
    TALUS_METRIC_LOG_LOSS = 9,
    TALUS_METRIC_AUC = 10,
    TALUS_METRIC_BRIER_SCORE = 11,
    TALUS_METRIC_CALIBRATION_ERROR = 12,
    TALUS_METRIC_R2 = 13,
    TALUS_METRIC_RMSE = 14,
    TALUS_METRIC_MAE = 15,
    TALUS_METRIC_COUNT = 16 /* known to this header */
} talus_metric;

/* The name of a metric, such as "auc", or "unknown"; and the value that has a name, or −1. */
static inline const char *talus_metric_name(int metric)
{
    return talus_enumeration_name(TALUS_ENUMERATION_METRIC, metric);
}

static inline int talus_metric_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_METRIC, name);
}

/* 1: the more, the better; 0: the less; −1: there is no such metric. */
TALUS_API int talus_metric_more_is_better(int metric);

/* What outputs mean. AUTO is, of a network, what its loss takes labels for, and values if it takes none; of matrices, classes
 * for labels and several outputs, sides for labels and one output, else values. */
typedef enum talus_task {
    TALUS_TASK_AUTO = 0,
    TALUS_TASK_VALUES = 1,
    TALUS_TASK_CLASSES = 2,
    TALUS_TASK_SIDES = 3,
    TALUS_TASK_COUNT = 4 /* known to this header */
} talus_task;

/* "auto", "values", "classes", "sides"; "unknown". And the value of a name; −1. */
static inline const char *talus_task_name(int task)
{
    return talus_enumeration_name(TALUS_ENUMERATION_TASK, task);
}

static inline int talus_task_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_TASK, name);
}

/* 1: the metric is defined for outputs of a task; 0: it is NaN; −1: there is no such metric or task, or it is AUTO. */
TALUS_API int talus_metric_applies(int metric, int task);

/* A number with its standard error. The struct is frozen. */
typedef struct talus_estimate {
    double value;
    double error; /* NaN: none is known */
} talus_estimate;

/* How a report is made. Filled by talus_report_options_defaults. */
typedef struct talus_report_options {
    int task;         /* a talus_task; default TALUS_TASK_AUTO */
    int bins;         /* B of the calibration error, 1 … 256; default 15 */
    int64_t top_k;    /* k of the top-k accuracy, at least 1; default 5 */
    double threshold; /* of sides, any finite number; default 0.5 */
    /* Receives the confusion matrix, of f64: in row i and column j, the weight of the samples of class i that are predicted
     * to be of class j. K × K; of sides with one output 2 × 2, no before yes; not of others. Default NULL: not wanted. */
    const talus_matrix *confusion;
    /* Receives a row for each class or each output's yes, K × 5 of f64: precision, recall, F1, AUC against the rest, and the
     * weight of its samples. Not of values. Default NULL: not wanted. */
    const talus_matrix *classes;
} talus_report_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_report_options_defaults_sized(talus_report_options *options, size_t size);

static inline void talus_report_options_defaults(talus_report_options *options)
{
    talus_report_options_defaults_sized(options, sizeof(talus_report_options));
}

/* All metrics of some predictions. The library makes these, and later versions append fields. */
typedef struct talus_report {
    int64_t samples; /* n */
    double weight;   /* W */
    talus_estimate cost, accuracy, top_k_accuracy;
    talus_estimate precision, recall, f1; /* macro averages */
    talus_estimate weighted_precision, weighted_recall, weighted_f1;
    talus_estimate log_loss, auc, brier_score, calibration_error;
    talus_estimate r2, rmse, mae;
} talus_report;

/* A metric of a report by its enumerator. size is the caller's sizeof of the report.
 * TALUS_ERROR_ARGUMENT: a NULL, no such metric, or a report that ends before it. */
TALUS_API talus_status talus_report_estimate_sized(const talus_report *report, size_t size, int metric,
                                                   talus_estimate *estimate);

static inline talus_status talus_report_estimate(const talus_report *report, int metric,
                                                 talus_estimate *estimate)
{
    return talus_report_estimate_sized(report, sizeof(talus_report), metric, estimate);
}

/* Judges predictions, wherever they come from.
 *   outputs   n × K of f32 or f64
 *   targets   n × K of f32, f64 or u8, finite, in 0 … 1 for sides and at least 0 for classes; or n × 1 of i32 with labels:
 *             0 … K−1 for classes, 0 or 1 for sides with one output
 *   weights   n × 1 of f32 or f64, finite and at least 0, with a sum above 0; or NULL: 1 each
 *   options   NULL for the defaults
 *   report    receives the metrics; its cost is NaN
 *   options_size, report_size   the caller's sizeof of both structs
 * Memory for the ranks of n outputs and for K classes is allocated for the call.
 * TALUS_ERROR_ARGUMENT (a NULL, a dtype, an option out of its range or that the task does not have, a size that is too
 * small), TALUS_ERROR_SHAPE, TALUS_ERROR_DATA (a number that cannot be used: row and column are named),
 * TALUS_ERROR_UNSUPPORTED (the options ask for what this version does not know), TALUS_ERROR_MEMORY. */
TALUS_API talus_status talus_report_of_sized(talus_context *context, const talus_matrix *outputs,
                                             const talus_matrix *targets, const talus_matrix *weights,
                                             const talus_report_options *options, size_t options_size,
                                             talus_report *report, size_t report_size);

static inline talus_status talus_report_of(talus_context *context, const talus_matrix *outputs,
                                           const talus_matrix *targets, const talus_matrix *weights,
                                           const talus_report_options *options, talus_report *report)
{
    return talus_report_of_sized(context, outputs, targets, weights, options, sizeof(talus_report_options),
                                 report, sizeof(talus_report));
}

/* Judges a network on a data set: the report of its predictions, and its cost. Predictions of the whole data set are kept for
 * the call, n × d_L numbers of the network's precision, and then n losses of f64; if one is not finite, all metrics are NaN. Of gaussian_nll the
 * means are judged, of poisson the exponentials of the outputs. A missing target is refused. Arguments and errors are those
 * of talus_evaluate and talus_report_of. */
TALUS_API talus_status talus_evaluate_report_sized(const talus_network *network, talus_workspace *workspace,
                                                   const talus_dataset *dataset,
                                                   const talus_report_options *options, size_t options_size,
                                                   talus_report *report, size_t report_size);

static inline talus_status talus_evaluate_report(const talus_network *network, talus_workspace *workspace,
                                                 const talus_dataset *dataset,
                                                 const talus_report_options *options, talus_report *report)
{
    return talus_evaluate_report_sized(network, workspace, dataset, options, sizeof(talus_report_options),
                                       report, sizeof(talus_report));
}

/* The same of one metric alone, which takes less time than all. TALUS_ERROR_ARGUMENT also if there is no such metric, or
 * the task of the network has none. */
TALUS_API talus_status talus_evaluate_metric_sized(const talus_network *network, talus_workspace *workspace,
                                                   const talus_dataset *dataset, int metric,
                                                   const talus_report_options *options, size_t options_size,
                                                   talus_estimate *estimate);

static inline talus_status talus_evaluate_metric(const talus_network *network, talus_workspace *workspace,
                                                 const talus_dataset *dataset, int metric,
                                                 const talus_report_options *options,
                                                 talus_estimate *estimate)
{
    return talus_evaluate_metric_sized(network, workspace, dataset, metric, options,
                                       sizeof(talus_report_options), estimate);
}

TALUS_END_C

#endif
