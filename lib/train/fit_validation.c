/* What a fit is validated on, and the value that is watched. */
#include <math.h>

#include "train/batches.h"
#include "train/fit.h"

talus_status tl_fit_split(tl_fit *fit, talus_context *context)
{
    const talus_dataset *whole = fit->training;
    double share = fit->options.validation_split;
    if (share == 0)
        return TALUS_OK;
    if (fit->validation != NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "fit: validation_split must be 0 with a validation set, got %g", share);
    if (whole->samples < 2)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "fit: training must have at least 2 samples for a validation_split, got %lld",
                       (long long)whole->samples);
    talus_dataset same = *whole;
    same.context = context; /* which another thread does not use, unlike perhaps the data set's */
    talus_status status = talus_dataset_split(&same, share, whole->targets.dtype == TALUS_DTYPE_I32,
                                              (uint64_t)fit->options.seed, &fit->parts[0], &fit->parts[1]);
    if (status == TALUS_OK)
        fit->validation = fit->parts[0], fit->training = fit->parts[1];
    return status;
}

talus_status tl_fit_validate(const tl_fit *fit, talus_epoch *epoch)
{
    epoch->validation_cost = epoch->validation_accuracy = NAN;
    if (fit->validation == NULL)
        return TALUS_OK;
    talus_metrics metrics;
    tl_fit_exchange_average(fit);
    talus_status status = talus_evaluate(fit->trainer->network, fit->trainer->workspace, fit->validation,
                                         &metrics);
    tl_fit_exchange_average(fit);
    if (status == TALUS_OK) {
        epoch->validation_cost = metrics.cost;
        epoch->validation_accuracy = metrics.accuracy;
    }
    return status;
}

double tl_fit_watched(const tl_fit *fit, const talus_epoch *epoch)
{
    return fit->validation == NULL ? epoch->cost : epoch->validation_cost;
}
