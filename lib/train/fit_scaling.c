/* The scaling of a network that fits a data set. */
#include "base/call.h"
#include "data/columns.h"
#include "engine/arguments.h"
#include "train/batches.h"

typedef talus_status scale_call(talus_network *network, const double *shift, const double *scale,
                                int64_t count);

/* scale = 1/spread, in the place of the spread */
static void invert(double *spread, int64_t count)
{
    for (int64_t j = 0; j < count; j++)
        spread[j] = spread[j] >= 0x1p-1022 ? 1 / spread[j] : 1;
}

static talus_status scale_to(talus_network *network, tl_columns *columns, int kind, scale_call *scale)
{
    bool standard = kind == TALUS_SCALING_STANDARD;
    const double *shift = standard ? columns->mean : columns->least;
    double *spread = standard ? columns->deviation : columns->most;
    for (int64_t j = 0; !standard && j < columns->count; j++)
        spread[j] -= columns->least[j];
    invert(spread, columns->count);
    return scale(network, shift, spread, columns->count);
}

/* call is the name that messages begin with. */
static talus_status fit(talus_network *network, const char *call, const talus_dataset *dataset,
                        bool of_targets, int kind, scale_call *scale)
{
    talus_context *context = network->context;
    tl_columns columns;
    talus_status status = tl_columns_compute(context, call, dataset, of_targets,
                                             kind == TALUS_SCALING_STANDARD, &columns);
    if (status == TALUS_OK)
        status = scale_to(network, &columns, kind, scale);
    tl_columns_destroy(context, &columns);
    return status;
}

static talus_status check(talus_context *context, const char *call, const talus_dataset *dataset, int kind)
{
    if (dataset == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: dataset must not be NULL", call);
    if (kind < 0 || kind >= TALUS_SCALING_COUNT)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: kind must be one of standard, range; got %d", call,
                       kind);
    return TALUS_OK;
}

static talus_status fit_inputs(talus_network *network, const talus_dataset *dataset, int kind)
{
    static const char call[] = "fit_input_scaling";
    talus_status status = check(network->context, call, dataset, kind);
    if (status == TALUS_OK)
        status = tl_check_columns(network->context, network, "fit_input_scaling: dataset", dataset);
    if (status != TALUS_OK)
        return status;
    return fit(network, call, dataset, false, kind, talus_network_scale_inputs);
}

talus_status talus_network_fit_input_scaling(talus_network *network, const talus_dataset *dataset, int kind)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, network == NULL ? NULL : network->context);
    return status == TALUS_OK ? tl_call_end(&call, fit_inputs(network, dataset, kind)) : status;
}

static talus_status fit_targets(talus_network *network, const talus_dataset *dataset, int kind)
{
    static const char call[] = "fit_target_scaling";
    talus_status status = check(network->context, call, dataset, kind);
    if (status == TALUS_OK)
        status = tl_check_target_scaling(network, call);
    if (status != TALUS_OK)
        return status;
    if (dataset->targets.cols == 0)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "%s: dataset must have targets, got a data set without", call);
    status = tl_check_targets(network->context, network, &dataset->targets);
    if (status != TALUS_OK)
        return status;
    return fit(network, call, dataset, true, kind, talus_network_scale_targets);
}

talus_status talus_network_fit_target_scaling(talus_network *network, const talus_dataset *dataset, int kind)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, network == NULL ? NULL : network->context);
    return status == TALUS_OK ? tl_call_end(&call, fit_targets(network, dataset, kind)) : status;
}
