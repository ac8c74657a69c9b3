#include "train/batches.h"

#include "base/philox.h"
#include "engine/arguments.h"

talus_status tl_check_dataset(talus_context *context, const talus_network *network, const char *name,
                              const talus_dataset *dataset)
{
    talus_matrix checked;
    if (dataset == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must not be NULL", name);
    if (dataset->targets.data == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must have targets, got a data set without", name);
    if (dataset->inputs.cols != tl_network_inputs(network))
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "%s must have %lld columns of inputs, as the network has, got %lld", name,
                       (long long)tl_network_inputs(network), (long long)dataset->inputs.cols);
    return tl_check_targets(context, network, &dataset->targets, &checked);
}

void tl_batch_of(const talus_dataset *dataset, const int64_t *rows, int64_t first, int64_t count,
                 tl_pass *pass)
{
    if (rows == NULL)
        rows = dataset->rows;
    int64_t skip = rows == NULL ? first : 0;
    pass->inputs = (tl_source){
        .matrix = tl_matrix_from_row(dataset->inputs, skip),
        .rows = rows == NULL ? NULL : rows + first,
    };
    pass->targets = (tl_source){.matrix = tl_matrix_from_row(dataset->targets, skip),
                                .rows = pass->inputs.rows};
    pass->samples = count;
}

void tl_draw_order(const talus_dataset *dataset, uint64_t seed, int64_t epoch, int64_t *rows)
{
    tl_dataset_list_rows(dataset, rows);
    tl_shuffle(seed, TL_PURPOSE_SHUFFLE, (uint32_t)epoch, dataset->samples, rows);
}

talus_status tl_check_readable(talus_workspace *workspace, const talus_dataset *dataset)
{
    tl_pass pass = {.network = workspace->network, .workspace = workspace, .work = TL_CHECK};
    int64_t samples = dataset->samples, step = workspace->plan.max_batch;
    talus_status status = TALUS_OK;
    for (int64_t first = 0; status == TALUS_OK && first < samples; first += step) {
        tl_batch_of(dataset, NULL, first, samples - first < step ? samples - first : step, &pass);
        pass.first_row = first;
        status = tl_pass_run(&pass, NULL);
    }
    return status;
}
