#include "data/dataset.h"

#include "base/call.h"

talus_status tl_dataset_create(talus_context *context, const talus_matrix *inputs,
                               const talus_matrix *targets, talus_dataset **dataset)
{
    talus_dataset *made = tl_allocate(context, sizeof *made);
    if (made == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for a data set");
    made->context = context;
    made->samples = inputs->rows;
    made->inputs = *inputs;
    if (targets != NULL)
        made->targets = *targets;
    *dataset = made;
    return TALUS_OK;
}

talus_status tl_dataset_check_targets(talus_context *context, const talus_matrix *targets, int64_t samples,
                                      bool missing, talus_matrix *checked)
{
    talus_status status = tl_check_matrix(context, "targets", targets,
                                          TL_DTYPES_VALUES | TL_DTYPE(TALUS_DTYPE_I32), checked);
    if (status != TALUS_OK)
        return status;
    if (checked->dtype == TALUS_DTYPE_I32 && checked->cols != 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "targets: labels (i32) must have 1 column, got %lld",
                       (long long)checked->cols);
    if (checked->rows != samples)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "targets must have %lld rows, one for each row of inputs, got %lld",
                       (long long)samples, (long long)checked->rows);
    return tl_check_values_of(context, "targets", checked, NULL, missing);
}

talus_status tl_dataset_check_resident(talus_context *context, const char *call, const talus_dataset *dataset)
{
    if (dataset->targets.data != NULL || dataset->targets.cols == 0)
        return TALUS_OK;
    return tl_fail(
        context, TALUS_ERROR_ARGUMENT,
        "%s: the targets of all samples must stand in memory, and are streamed: give them as a matrix "
        "(resident of a talus_stream)",
        call);
}

static talus_status from_matrices(talus_context *context, const talus_matrix *inputs,
                                  const talus_matrix *targets, bool missing, talus_dataset **dataset)
{
    if (dataset == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "dataset must not be NULL");
    talus_matrix x, y;
    talus_status status = tl_check_matrix(context, "inputs", inputs, TL_DTYPES_VALUES, &x);
    if (status == TALUS_OK && targets != NULL)
        status = tl_dataset_check_targets(context, targets, x.rows, missing, &y);
    if (status == TALUS_OK)
        status = tl_check_values(context, "inputs", &x);
    if (status != TALUS_OK)
        return status;
    return tl_dataset_create(context, &x, targets == NULL ? NULL : &y, dataset);
}

talus_status talus_dataset_from_matrices(talus_context *context, const talus_matrix *inputs,
                                         const talus_matrix *targets, talus_dataset **dataset)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, from_matrices(context, inputs, targets, false, dataset))
                              : status;
}

talus_status talus_dataset_with_missing_targets(talus_context *context, const talus_matrix *inputs,
                                                const talus_matrix *targets, talus_dataset **dataset)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, from_matrices(context, inputs, targets, true, dataset))
                              : status;
}

talus_status tl_dataset_borrow(const talus_dataset *whole, talus_dataset **part)
{
    talus_dataset *made = NULL;
    talus_status status = tl_dataset_create(whole->context, &whole->inputs, &whole->targets, &made);
    if (status != TALUS_OK)
        return status;
    made->samples = whole->samples;
    made->rows = whole->rows;
    made->weights = whole->weights;
    made->mean_weight = whole->mean_weight;
    made->held_weights = whole->held_weights;
    if (made->held_weights != NULL)
        made->held_weights->holders++;
    made->stream = whole->stream;
    *part = made;
    return TALUS_OK;
}

int64_t talus_dataset_samples(const talus_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->samples;
}

int64_t talus_dataset_inputs(const talus_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->inputs.cols;
}

int64_t talus_dataset_targets(const talus_dataset *dataset)
{
    return dataset == NULL ? 0 : dataset->targets.cols;
}

int64_t talus_dataset_row(const talus_dataset *dataset, int64_t sample)
{
    if (dataset == NULL || sample < 0 || sample >= dataset->samples)
        return -1;
    return dataset->rows == NULL ? sample : dataset->rows[sample];
}

talus_status talus_dataset_matrices(const talus_dataset *dataset, talus_matrix *inputs, talus_matrix *targets)
{
    if (dataset == NULL)
        return TALUS_ERROR_ARGUMENT;
    if (inputs != NULL)
        *inputs = dataset->inputs;
    if (targets != NULL)
        *targets = dataset->targets;
    return TALUS_OK;
}

void talus_dataset_destroy(talus_dataset *dataset)
{
    if (dataset == NULL)
        return;
    talus_context *context = dataset->context;
    tl_release(context, dataset->owned_inputs);
    tl_release(context, dataset->owned_targets);
    talus_array_destroy(dataset->owned_arrays[0]);
    talus_array_destroy(dataset->owned_arrays[1]);
    tl_weights_let_go(context, dataset->held_weights);
    tl_release(context, dataset->owned_rows);
    tl_release(context, dataset);
}
