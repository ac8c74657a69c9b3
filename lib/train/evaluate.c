#include <math.h>

#include "engine/arguments.h"
#include "train/batches.h"

/* Right decisions among all decisions. */
static double accuracy(const talus_network *network, int64_t samples, int64_t right)
{
    switch (network->loss) {
    case TALUS_CROSS_ENTROPY:
        return (double)right / (double)samples;
    case TALUS_BINARY_CROSS_ENTROPY:
        return (double)right / ((double)samples * (double)tl_network_outputs(network));
    default:
        return NAN;
    }
}

talus_status talus_evaluate(const talus_network *network, talus_workspace *workspace,
                            const talus_dataset *dataset, talus_metrics *metrics)
{
    tl_pass pass;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK && metrics == NULL)
        status = tl_fail(workspace->context, TALUS_ERROR_ARGUMENT, "metrics is NULL");
    if (status == TALUS_OK)
        status = tl_check_dataset(workspace->context, network, "dataset", dataset);
    if (status != TALUS_OK)
        return status;
    workspace->kept = (tl_cut){0};
    pass.work = TL_FORWARD | TL_LOSS | TL_DECISIONS;
    int64_t samples = dataset->samples, right = 0, step = workspace->plan.max_batch;
    double loss = 0;
    for (int64_t first = 0; first < samples; first += step) {
        int64_t count = samples - first < step ? samples - first : step;
        tl_totals totals;
        tl_batch_of(dataset, NULL, first, count, &pass);
        pass.first_row = first;
        status = tl_pass_run(&pass, &totals);
        if (status != TALUS_OK)
            return status;
        loss += totals.cost * (double)count;
        right += totals.right;
    }
    *metrics = (talus_metrics){samples, loss / (double)samples, accuracy(network, samples, right)};
    return TALUS_OK;
}
