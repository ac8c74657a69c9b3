/* Reports of any predictions. */
#include "base/call.h"
#include "data/dataset.h"
#include "train/metric_table.h"
#include "train/report.h"

static int task_of(const talus_matrix *outputs, const talus_matrix *targets)
{
    if (targets->dtype != TALUS_DTYPE_I32)
        return TALUS_TASK_VALUES;
    return outputs->cols > 1 ? TALUS_TASK_CLASSES : TALUS_TASK_SIDES;
}

static talus_status take_matrices(const talus_matrix *outputs, const talus_matrix *targets,
                                  const talus_matrix *weights, tl_predictions *p)
{
    talus_context *context = p->context;
    talus_matrix *to[] = {&p->outputs.matrix, &p->targets.matrix, &p->weights.matrix};
    const talus_matrix *from[] = {outputs, targets, weights};
    static const char *const names[] = {"outputs", "targets", "weights"};
    static const unsigned dtypes[] = {TL_DTYPES_REAL, TL_DTYPES_VALUES | TL_DTYPE(TALUS_DTYPE_I32),
                                      TL_DTYPES_REAL};
    for (int m = 0; m < (weights == NULL ? 2 : 3); m++) {
        talus_status status = tl_check_matrix(context, names[m], from[m], dtypes[m], to[m]);
        if (status == TALUS_OK && to[m]->rows != p->outputs.matrix.rows)
            status = tl_fail(context, TALUS_ERROR_SHAPE, "%s must have %lld rows, as outputs, got %lld",
                             names[m], (long long)p->outputs.matrix.rows, (long long)to[m]->rows);
        if (status != TALUS_OK)
            return status;
    }
    if (p->weights.matrix.data != NULL && p->weights.matrix.cols != 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "weights must have 1 column, got %lld",
                       (long long)p->weights.matrix.cols);
    p->samples = p->outputs.matrix.rows;
    p->columns = p->outputs.matrix.cols;
    return tl_check_values(context, "outputs", &p->outputs.matrix);
}

static talus_status report_of(talus_context *context, const talus_matrix *outputs,
                              const talus_matrix *targets, const talus_matrix *weights,
                              const talus_report_options *options, size_t options_size, talus_report *report,
                              size_t report_size)
{
    tl_predictions p = {.context = context};
    talus_status status = tl_report_check(context, report, report_size);
    if (status == TALUS_OK)
        status = tl_report_take(context, &p.options, options, options_size);
    if (status == TALUS_OK)
        status = take_matrices(outputs, targets, weights, &p);
    if (status != TALUS_OK)
        return status;
    if (p.options.task == TALUS_TASK_AUTO)
        p.options.task = task_of(&p.outputs.matrix, &p.targets.matrix);
    status = tl_report_check_task(context, &p.options);
    if (status == TALUS_OK)
        status = tl_predictions_check(&p);
    talus_report known = tl_report_empty(p.samples);
    if (status == TALUS_OK)
        status = tl_report_measure(&p, -1, &known);
    if (status == TALUS_OK)
        tl_result_give(&known, sizeof known, report, report_size);
    return status;
}

talus_status talus_report_of_sized(talus_context *context, const talus_matrix *outputs,
                                   const talus_matrix *targets, const talus_matrix *weights,
                                   const talus_report_options *options, size_t options_size,
                                   talus_report *report, size_t report_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, report_of(context, outputs, targets, weights, options,
                                                             options_size, report, report_size))
                              : status;
}
