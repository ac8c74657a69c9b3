/* A fit that solves the last layer at its end. */
#include <math.h>

#include "train/fit.h"
#include "train/report.h"

talus_status tl_fit_reserve_readout(tl_fit *fit)
{
    talus_network *network = fit->trainer->network;
    talus_solve_options options;
    if (!fit->options.solve_readout)
        return TALUS_OK;
    if (fit->options.readout_if_better && fit->validation == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "fit: readout_if_better needs a validation set");
    talus_solve_options_defaults(&options);
    options.ridge = fit->options.readout_ridge;
    talus_status status = tl_readout_open(&fit->readout, network, "fit: solve_readout", fit->training,
                                          &options);
    if (status != TALUS_OK || !fit->options.readout_if_better)
        return status;
    fit->unsolved = tl_allocate(network->context, tl_network_state_bytes(network));
    if (fit->unsolved != NULL)
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "fit: the allocator returned no memory for the network before its readout is solved");
}

static talus_status validate(const tl_fit *fit, double *cost)
{
    talus_metrics metrics = {.cost = NAN};
    talus_status status = TALUS_OK;
    if (fit->validation != NULL)
        status = tl_evaluate(fit->trainer->network, fit->trainer->workspace, &fit->validation_feed, NULL,
                             NULL, &metrics);
    *cost = metrics.cost;
    return status;
}

/* The solution stays, or the network is again what it was; both have their cost on the validation set. */
static void choose(tl_fit *fit, double before)
{
    talus_fit_result *result = &fit->result;
    result->readout_kept = fit->unsolved == NULL || (isfinite(result->readout_validation_cost) &&
                                                     !(result->readout_validation_cost > before));
    if (!result->readout_kept)
        tl_network_state_restore(fit->trainer->network, fit->unsolved);
}

talus_status tl_fit_solve_readout(tl_fit *fit)
{
    talus_fit_result *result = &fit->result;
    double before = NAN;
    talus_status status = TALUS_OK;
    result->readout_rank = 0;
    result->readout_condition = result->readout_cost = result->readout_validation_cost = NAN;
    result->readout_kept = result->readout_orthogonal = 0;
    if (!fit->options.solve_readout)
        return TALUS_OK;
    if (fit->unsolved != NULL) {
        tl_network_state_save(fit->trainer->network, fit->unsolved);
        status = validate(fit, &before);
    }
    if (status == TALUS_OK)
        status = tl_readout_solve(&fit->readout);
    if (status == TALUS_OK)
        status = validate(fit, &result->readout_validation_cost);
    if (status != TALUS_OK)
        return status;
    result->readout_rank = fit->readout.result.rank;
    result->readout_condition = fit->readout.result.condition;
    result->readout_cost = fit->readout.result.cost;
    result->readout_orthogonal = fit->readout.result.orthogonal;
    choose(fit, before);
    return TALUS_OK;
}

void tl_fit_release_readout(tl_fit *fit, talus_context *context)
{
    tl_readout_close(&fit->readout);
    tl_release(context, fit->unsolved);
    fit->unsolved = NULL;
}
