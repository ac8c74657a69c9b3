/* Predictions beside what they should have been, as metrics read them. */
#ifndef TL_TRAIN_PREDICTIONS_H
#define TL_TRAIN_PREDICTIONS_H

#include <stdbool.h>
#include <talus/metrics.h>

#include "base/context.h"
#include "kernels/source.h"

typedef struct tl_predictions {
    talus_context *context;
    int64_t samples, columns;            /* n; K, of outputs */
    tl_source outputs, targets, weights; /* data of weights NULL: all are 1 */
    const double *losses;                /* of the samples, where the cost is judged */
    talus_report_options options;        /* whose task is never TALUS_TASK_AUTO */

    /* Set by tl_predictions_check. */
    double weight;  /* Σ w */
    bool probable;  /* all outputs are in 0 … 1 */
    double epsilon; /* of the outputs' precision */
} tl_predictions;

/* Checks the shapes of targets and weights beside the outputs, their values, and the matrices of the options; n, K, the task
 * and the sources are set, and the outputs are finite. */
talus_status tl_predictions_check(tl_predictions *predictions);

/* a_ik, y_ik and w_i; a label is a target of 1 for its class and 0 for the others, or a side itself. */
static inline double tl_output(const tl_predictions *p, int64_t i, int64_t k)
{
    return tl_source_value(&p->outputs, tl_source_row(&p->outputs, i), k);
}

static inline double tl_target(const tl_predictions *p, int64_t i, int64_t k)
{
    int64_t row = tl_source_row(&p->targets, i);
    if (p->targets.matrix.dtype != TALUS_DTYPE_I32)
        return tl_source_value(&p->targets, row, k);
    double label = tl_source_value(&p->targets, row, 0);
    return p->options.task == TALUS_TASK_CLASSES ? label == (double)k : label;
}

static inline double tl_weight_of(const tl_predictions *p, int64_t i)
{
    return p->weights.matrix.data == NULL ? 1
                                          : tl_source_value(&p->weights, tl_source_row(&p->weights, i), 0);
}

/* An element of a matrix of f64 that the options ask for. */
static inline double *tl_wanted_at(const talus_matrix *wanted, int64_t row, int64_t col)
{
    return (double *)wanted->data + row * (wanted->stride == 0 ? wanted->cols : wanted->stride) + col;
}

/* The class that a sample is of, and the one that it is predicted to be of. */
int64_t tl_target_class(const tl_predictions *predictions, int64_t i);
int64_t tl_output_class(const tl_predictions *predictions, int64_t i);

/* Of sides: whether output k should answer yes, and whether it does. */
static inline bool tl_target_is_yes(const tl_predictions *p, int64_t i, int64_t k)
{
    return tl_target(p, i, k) > 0.5;
}

static inline bool tl_output_is_yes(const tl_predictions *p, int64_t i, int64_t k)
{
    return tl_output(p, i, k) > p->options.threshold;
}

#endif
