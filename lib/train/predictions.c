#include "train/predictions.h"

#include <float.h>
#include <stdio.h>

/* The first of the largest. */
static int64_t largest(const tl_predictions *p, int64_t i,
                       double value(const tl_predictions *, int64_t, int64_t))
{
    int64_t best = 0;
    double most = value(p, i, 0);
    for (int64_t k = 1; k < p->columns; k++) {
        double x = value(p, i, k);
        best = x > most ? k : best;
        most = x > most ? x : most;
    }
    return best;
}

int64_t tl_target_class(const tl_predictions *p, int64_t i)
{
    if (p->targets.matrix.dtype == TALUS_DTYPE_I32)
        return (int64_t)tl_source_value(&p->targets, tl_source_row(&p->targets, i), 0);
    return largest(p, i, tl_target);
}

int64_t tl_output_class(const tl_predictions *p, int64_t i)
{
    return largest(p, i, tl_output);
}

/* Checks ------------------------------------------------------------------------------------------------------ */

static bool has_labels(const tl_predictions *p)
{
    return p->targets.matrix.dtype == TALUS_DTYPE_I32;
}

static talus_status check_targets_shape(const tl_predictions *p)
{
    int64_t cols = p->targets.matrix.cols;
    if (has_labels(p) && p->options.task == TALUS_TASK_VALUES)
        return tl_fail(p->context, TALUS_ERROR_ARGUMENT, "report: targets of values must not be labels");
    if (has_labels(p) && p->options.task == TALUS_TASK_SIDES && p->columns > 1)
        return tl_fail(p->context, TALUS_ERROR_SHAPE,
                       "report: labels are targets of sides with one output only, got %lld outputs",
                       (long long)p->columns);
    if (cols != (has_labels(p) ? 1 : p->columns))
        return tl_fail(p->context, TALUS_ERROR_SHAPE, "targets must have %lld columns, got %lld",
                       (long long)(has_labels(p) ? 1 : p->columns), (long long)cols);
    return TALUS_OK;
}

/* The range of a target's number. */
static void target_range(const tl_predictions *p, double *least, double *most)
{
    bool sides = p->options.task == TALUS_TASK_SIDES, classes = p->options.task == TALUS_TASK_CLASSES;
    *least = sides || classes ? 0 : -DBL_MAX;
    *most = sides ? 1 : classes && has_labels(p) ? (double)(p->columns - 1) : DBL_MAX;
}

static talus_status refuse_number(const tl_predictions *p, const char *name, int64_t row, int64_t col,
                                  double least, double most, double got)
{
    char range[64];
    if (most < DBL_MAX)
        (void)snprintf(range, sizeof range, "a number in %g … %g", least, most);
    else
        (void)snprintf(range, sizeof range, "a finite number%s", least == 0 ? " of at least 0" : "");
    return tl_fail(p->context, TALUS_ERROR_DATA,
                   "%s: row %lld, column %lld (counted from 0) must be %s, got %g", name, (long long)row,
                   (long long)col, range, got);
}

static talus_status check_targets(const tl_predictions *p)
{
    double least, most;
    target_range(p, &least, &most);
    for (int64_t i = 0; i < p->samples; i++) {
        int64_t row = tl_source_row(&p->targets, i);
        for (int64_t k = 0; k < p->targets.matrix.cols; k++) {
            double y = tl_source_value(&p->targets, row, k);
            if (!(y >= least && y <= most))
                return refuse_number(p, "targets", row, k, least, most, y);
        }
    }
    return TALUS_OK;
}

static talus_status add_weights(tl_predictions *p)
{
    p->weight = 0;
    for (int64_t i = 0; i < p->samples; i++) {
        double w = tl_weight_of(p, i);
        if (!(w >= 0 && w <= DBL_MAX))
            return refuse_number(p, "weights", tl_source_row(&p->weights, i), 0, 0, DBL_MAX, w);
        p->weight += w;
    }
    if (p->weight > 0 && p->weight <= DBL_MAX)
        return TALUS_OK;
    return tl_fail(p->context, TALUS_ERROR_DATA, "weights must have a finite sum above 0, got %g", p->weight);
}

static bool are_probable(const tl_predictions *p)
{
    bool all = true;
    for (int64_t i = 0; i < p->samples; i++)
        for (int64_t k = 0; k < p->columns; k++)
            all &= tl_output(p, i, k) >= 0 && tl_output(p, i, k) <= 1;
    return all;
}

/* A matrix of f64 that the options ask for. */
static talus_status check_wanted(const tl_predictions *p, const char *name, const talus_matrix *wanted,
                                 int64_t rows, int64_t cols)
{
    talus_matrix checked;
    if (wanted == NULL)
        return TALUS_OK;
    talus_status status = tl_check_matrix(p->context, name, wanted, TL_DTYPE(TALUS_DTYPE_F64), &checked);
    if (status == TALUS_OK && (checked.rows != rows || checked.cols != cols))
        status = tl_fail(p->context, TALUS_ERROR_SHAPE, "%s must be %lld × %lld, got %lld × %lld", name,
                         (long long)rows, (long long)cols, (long long)checked.rows, (long long)checked.cols);
    return status;
}

static talus_status check_all_wanted(const tl_predictions *p)
{
    bool sides = p->options.task == TALUS_TASK_SIDES;
    int64_t classes = sides ? 2 : p->columns;
    if (sides && p->columns > 1 && p->options.confusion != NULL)
        return tl_fail(p->context, TALUS_ERROR_SHAPE,
                       "report: confusion must be NULL for sides with several outputs, got %lld of them",
                       (long long)p->columns);
    talus_status status = check_wanted(p, "confusion", p->options.confusion, classes, classes);
    return status == TALUS_OK ? check_wanted(p, "classes", p->options.classes, p->columns, 5) : status;
}

talus_status tl_predictions_check(tl_predictions *p)
{
    talus_status status = check_targets_shape(p);
    if (status == TALUS_OK)
        status = check_all_wanted(p);
    if (status == TALUS_OK)
        status = check_targets(p);
    if (status == TALUS_OK)
        status = add_weights(p);
    p->probable = status == TALUS_OK && are_probable(p);
    p->epsilon = p->outputs.matrix.dtype == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON;
    return status;
}
