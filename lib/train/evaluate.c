#include <math.h>

#include "base/options.h"
#include "engine/arguments.h"
#include "train/batches.h"

/* Correct decisions among all decisions. */
static double accuracy(const talus_network *network, const tl_totals *totals)
{
    switch (network->loss_kind->decisions) {
    case TL_DECISIONS_SAMPLES:
        return totals->correct / totals->weight;
    case TL_DECISIONS_OUTPUTS:
        return totals->correct / (totals->weight * (double)tl_network_outputs(network));
    default:
        return NAN;
    }
}

talus_status talus_evaluate_sized(const talus_network *network, talus_workspace *workspace,
                                  const talus_dataset *dataset, talus_metrics *metrics, size_t size)
{
    tl_pass pass;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK && metrics == NULL)
        status = tl_fail(workspace->context, TALUS_ERROR_ARGUMENT, "metrics is NULL");
    if (status == TALUS_OK)
        status = tl_result_check(workspace->context, "metrics", size, TL_END_OF(talus_metrics, cost));
    if (status == TALUS_OK)
        status = tl_check_dataset(workspace->context, network, "dataset", dataset);
    if (status != TALUS_OK)
        return status;
    workspace->kept = 0;
    pass.work = TL_FORWARD | TL_LOSS | TL_DECISIONS;
    int64_t samples = dataset->samples, step = workspace->plan.max_batch;
    tl_totals all = {0};
    for (int64_t first = 0; first < samples; first += step) {
        int64_t count = samples - first < step ? samples - first : step;
        tl_totals totals;
        tl_batch_of(dataset, NULL, first, count, &pass);
        pass.first_row = first;
        status = tl_pass_run(&pass, &totals);
        if (status != TALUS_OK)
            return status;
        all.loss += totals.loss;
        all.weight += totals.weight;
        all.correct += totals.correct;
    }
    talus_metrics found = {samples, tl_cost(&all), accuracy(network, &all)};
    tl_result_give(&found, sizeof found, metrics, size);
    return TALUS_OK;
}
