#include "engine/arguments.h"

#include "base/options.h"

talus_status tl_pass_begin(const talus_network *network, talus_workspace *workspace, tl_pass *pass)
{
    if (network == NULL)
        return tl_fail(workspace->context, TALUS_ERROR_ARGUMENT, "network must not be NULL");
    if (workspace->network != network)
        return tl_fail(workspace->context, TALUS_ERROR_ARGUMENT,
                       "the workspace was made for another network");
    *pass = (tl_pass){.network = network, .workspace = workspace};
    return TALUS_OK;
}

talus_status tl_pass_inputs(tl_pass *pass, const talus_matrix *inputs)
{
    talus_workspace *workspace = pass->workspace;
    talus_matrix *checked = &pass->inputs.matrix;
    talus_status status = tl_check_matrix(workspace->context, "inputs", inputs, TL_DTYPES_VALUES, checked);
    if (status != TALUS_OK)
        return status;
    if (checked->cols != tl_network_columns(pass->network))
        return tl_fail(workspace->context, TALUS_ERROR_SHAPE, "inputs must have %lld columns, %s, got %lld",
                       (long long)tl_network_columns(pass->network),
                       pass->network->input_projection.columns > 0 ? "as the projection of the network takes"
                                                                   : "one an input of the network",
                       (long long)checked->cols);
    pass->samples = checked->rows;
    return TALUS_OK;
}

talus_status tl_pass_check_batch(const tl_pass *pass)
{
    const talus_workspace *workspace = pass->workspace;
    if (pass->samples <= workspace->plan.max_batch)
        return TALUS_OK;
    return tl_fail(workspace->context, TALUS_ERROR_SHAPE,
                   "inputs must have at most %lld rows, the batch of the workspace, got %lld",
                   (long long)workspace->plan.max_batch, (long long)pass->samples);
}

static talus_status check_rows(const tl_pass *pass, const char *name, const talus_matrix *matrix)
{
    if (matrix->rows == pass->samples)
        return TALUS_OK;
    return tl_fail(pass->workspace->context, TALUS_ERROR_SHAPE,
                   "%s must have %lld rows, one a sample of the batch, got %lld", name,
                   (long long)pass->samples, (long long)matrix->rows);
}

talus_status tl_check_targets(talus_context *context, const talus_network *network,
                              const talus_matrix *targets)
{
    bool labels = targets->dtype == TALUS_DTYPE_I32;
    if (labels && tl_network_label_count(network) == 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "targets must be values (f32, f64 or u8) for %s of %lld outputs, got labels (i32)",
                       network->range_count > 1 ? "several losses" : network->ranges->loss_kind->name,
                       (long long)tl_network_outputs(network));
    int64_t cols = labels ? 1 : tl_network_targets(network);
    if (targets->cols != cols)
        return tl_fail(context, TALUS_ERROR_SHAPE, "targets must have %lld %s, got %lld", (long long)cols,
                       labels ? "column of labels" : "columns, as the network has targets",
                       (long long)targets->cols);
    return TALUS_OK;
}

/* Labels or values of as many rows as X has. */
static talus_status take_targets(tl_pass *pass, const talus_matrix *targets)
{
    talus_context *context = pass->workspace->context;
    talus_matrix *checked = &pass->targets.matrix;
    talus_status status = tl_check_matrix(context, "targets", targets,
                                          TL_DTYPES_VALUES | TL_DTYPE(TALUS_DTYPE_I32), checked);
    if (status == TALUS_OK)
        status = tl_check_targets(context, pass->network, checked);
    return status == TALUS_OK ? check_rows(pass, "targets", checked) : status;
}

static talus_status take_weights(tl_pass *pass, const talus_matrix *weights)
{
    if (weights->data == NULL)
        return TALUS_OK;
    return tl_pass_matrix(pass, "weights", weights, 1, &pass->weights.matrix);
}

talus_status tl_pass_batch(tl_pass *pass, const talus_batch *batch, size_t size)
{
    talus_context *context = pass->workspace->context;
    talus_batch taken;
    if (batch == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "batch must not be NULL");
    talus_status status = tl_struct_take(context, "batch", TL_END_OF(talus_batch, weights), &taken,
                                         sizeof taken, batch, size);
    if (status == TALUS_OK)
        status = tl_pass_inputs(pass, &taken.inputs);
    if (status == TALUS_OK)
        status = tl_pass_check_batch(pass);
    if (status == TALUS_OK)
        status = take_targets(pass, &taken.targets);
    return status == TALUS_OK ? take_weights(pass, &taken.weights) : status;
}

talus_status tl_pass_matrix(const tl_pass *pass, const char *name, const talus_matrix *matrix, int64_t cols,
                            talus_matrix *checked)
{
    talus_context *context = pass->workspace->context;
    talus_status status = tl_check_matrix(context, name, matrix, TL_DTYPES_REAL, checked);
    if (status == TALUS_OK && checked->cols != cols)
        status = tl_fail(context, TALUS_ERROR_SHAPE, "%s must have %lld columns, got %lld", name,
                         (long long)cols, (long long)checked->cols);
    return status == TALUS_OK ? check_rows(pass, name, checked) : status;
}
