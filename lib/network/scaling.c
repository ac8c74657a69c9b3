/* The scaling of a network, as numbers. */
#include "network/scaling.h"

#include <math.h>

#include "base/call.h"
#include "network/network.h"

static const char *scaling_name(int scaling)
{
    static const char *const names[TALUS_SCALING_COUNT] = {
        [TALUS_SCALING_STANDARD] = "standard",
        [TALUS_SCALING_RANGE] = "range",
        [TALUS_SCALING_ROBUST] = "robust",
    };
    return names[scaling];
}

const tl_names tl_scaling_names = {TALUS_ENUMERATION_SCALING, TALUS_SCALING_COUNT, scaling_name};

/* Its inverse is such a number too. */
static bool is_scale(double number)
{
    return fabs(number) >= 0x1p-1022 && fabs(number) <= 0x1p1022;
}

static talus_status check_numbers(talus_context *context, const char *call, int64_t count,
                                  const double *shift, const double *scale)
{
    for (int64_t j = 0; j < count; j++) {
        if (shift != NULL && !isfinite(shift[j]))
            return tl_fail(context, TALUS_ERROR_DATA, "%s: shift[%lld] must be a finite number, got %g", call,
                           (long long)j, shift[j]);
        if (scale != NULL && !is_scale(scale[j]))
            return tl_fail(context, TALUS_ERROR_DATA,
                           "%s: scale[%lld] must be a finite number other than 0 (2^-1022 … 2^1022 in size), "
                           "got %g",
                           call, (long long)j, scale[j]);
    }
    return TALUS_OK;
}

talus_status tl_scaling_make(talus_context *context, const char *call, int64_t count, const double *shift,
                             const double *scale, tl_scaling *scaling)
{
    int64_t bytes;
    double *numbers = NULL;
    if (tl_multiply(count, 3 * (int64_t)sizeof *numbers, &bytes))
        numbers = tl_allocate(context, (size_t)bytes);
    if (numbers == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "%s: there is no memory for the scaling of %lld columns",
                       call, (long long)count);
    *scaling = (tl_scaling){count, numbers, numbers + count, numbers + 2 * count};
    for (int64_t j = 0; j < count; j++) {
        scaling->shift[j] = shift == NULL ? 0 : shift[j];
        scaling->scale[j] = scale == NULL ? 1 : scale[j];
        scaling->inverse[j] = 1 / scaling->scale[j];
    }
    return TALUS_OK;
}

talus_status tl_scaling_copy(talus_context *context, const char *call, const tl_scaling *from, tl_scaling *to)
{
    *to = (tl_scaling){0};
    return from->count == 0 ? TALUS_OK
                            : tl_scaling_make(context, call, from->count, from->shift, from->scale, to);
}

void tl_scaling_remove(talus_context *context, tl_scaling *scaling)
{
    tl_release(context, scaling->shift);
    *scaling = (tl_scaling){0};
}

/* Takes the caller's numbers, for so many columns. */
static talus_status take(talus_context *context, const char *call, int64_t columns, int64_t count,
                         const double *shift, const double *scale, tl_scaling *made)
{
    *made = (tl_scaling){0};
    if (shift == NULL && scale == NULL)
        return TALUS_OK;
    if (count != 1 && count != columns)
        return tl_fail(context, TALUS_ERROR_SHAPE, "%s: count must be 1 or %lld, got %lld", call,
                       (long long)columns, (long long)count);
    talus_status status = check_numbers(context, call, count, shift, scale);
    return status == TALUS_OK ? tl_scaling_make(context, call, count, shift, scale, made) : status;
}

/* The numbers may have been made from those that they replace. */
static void replace(talus_context *context, tl_scaling *scaling, tl_scaling made)
{
    tl_scaling_remove(context, scaling);
    *scaling = made;
}

static talus_status check_range(talus_context *context, const char *call, const tl_range *range)
{
    const tl_loss_kind *loss = range->loss_kind;
    if (loss->least > -INFINITY || loss->most < INFINITY)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "%s: the loss must be one whose targets may be any number, got %s, whose target is %s",
                       call, loss->name, loss->targets);
    const tl_activation_kind *activation = tl_activation_kind_of(range->activation);
    if (activation->whole_layer)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "%s: the last layer must have an activation whose outputs do not depend on each "
                       "other, got %s",
                       call, activation->name);
    return TALUS_OK;
}

talus_status tl_check_target_scaling(const talus_network *network, const char *call)
{
    talus_status status = TALUS_OK;
    for (int r = 0; status == TALUS_OK && r < network->range_count; r++)
        status = check_range(network->context, call, &network->ranges[r]);
    return status;
}

static talus_status scale_inputs(talus_network *network, const double *shift, const double *scale,
                                 int64_t count)
{
    tl_scaling made;
    talus_status status = take(network->context, "scale_inputs", tl_network_columns(network), count, shift,
                               scale, &made);
    if (status == TALUS_OK)
        replace(network->context, &network->input_scaling, made);
    return status;
}

talus_status talus_network_scale_inputs(talus_network *network, const double *shift, const double *scale,
                                        int64_t count)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, scale_inputs(network, shift, scale, count)) : status;
}

talus_status tl_check_clip(talus_context *context, const char *call, double clip)
{
    if (clip == 0 || (clip >= 0x1p-100 && clip <= 0x1p100))
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_DATA, "%s: clip must be 2^-100 … 2^100, or 0 for none, got %g", call,
                   clip);
}

static talus_status clip_inputs(talus_network *network, double clip)
{
    talus_status status = tl_check_clip(network->context, "clip_inputs", clip);
    if (status == TALUS_OK)
        network->input_clip = clip;
    return status;
}

talus_status talus_network_clip_inputs(talus_network *network, double clip)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, clip_inputs(network, clip)) : status;
}

talus_status talus_network_input_clip(const talus_network *network, double *clip)
{
    if (network == NULL || clip == NULL)
        return TALUS_ERROR_ARGUMENT;
    *clip = network->input_clip;
    return TALUS_OK;
}

/* Where a loss has two outputs for a target, a mean is given as the target is; the logarithm s of the variance of a scaled
 * target as that of the raw one, s − 2·log |scale|. */
static void spread(const tl_range *range, const tl_scaling *targets, tl_scaling *outputs)
{
    for (int64_t k = 0; k < range->outputs; k++) {
        int64_t at = targets->count > 1 ? range->first_target + k % range->targets : 0, to = range->first + k;
        bool variance = k >= range->targets;
        outputs->shift[to] = variance ? -2 * log(fabs(targets->scale[at])) : targets->shift[at];
        outputs->scale[to] = variance ? 1 : targets->scale[at];
        outputs->inverse[to] = variance ? 1 : targets->inverse[at];
    }
}

/* Stays empty where outputs are scaled as targets are. */
static talus_status make_outputs(const talus_network *network, const char *call, const tl_scaling *targets,
                                 tl_scaling *outputs)
{
    int64_t count = tl_network_outputs(network);
    *outputs = (tl_scaling){0};
    if (targets->count == 0 || count == tl_network_targets(network))
        return TALUS_OK;
    talus_status status = tl_scaling_make(network->context, call, count, NULL, NULL, outputs);
    for (int r = 0; status == TALUS_OK && r < network->range_count; r++)
        spread(&network->ranges[r], targets, outputs);
    return status;
}

static talus_status scale_targets(talus_network *network, const double *shift, const double *scale,
                                  int64_t count)
{
    static const char call[] = "scale_targets";
    talus_context *context = network->context;
    tl_scaling targets, outputs;
    talus_status status = tl_check_target_scaling(network, call);
    if (status == TALUS_OK)
        status = take(context, call, tl_network_targets(network), count, shift, scale, &targets);
    if (status != TALUS_OK)
        return status;
    status = make_outputs(network, call, &targets, &outputs);
    if (status != TALUS_OK) {
        tl_scaling_remove(context, &targets);
        return status;
    }
    replace(context, &network->target_scaling, targets);
    replace(context, &network->output_scaling, outputs);
    return TALUS_OK;
}

const tl_scaling *tl_scaling_of_outputs(const talus_network *network)
{
    return network->output_scaling.count > 0 ? &network->output_scaling : &network->target_scaling;
}

talus_status talus_network_scale_targets(talus_network *network, const double *shift, const double *scale,
                                         int64_t count)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, scale_targets(network, shift, scale, count)) : status;
}

static talus_status lend(const tl_scaling *scaling, int64_t *count, const double **shift,
                         const double **scale)
{
    if (count != NULL)
        *count = scaling->count;
    if (shift != NULL)
        *shift = scaling->shift;
    if (scale != NULL)
        *scale = scaling->scale;
    return TALUS_OK;
}

talus_status talus_network_input_scaling(const talus_network *network, int64_t *count, const double **shift,
                                         const double **scale)
{
    return network == NULL ? TALUS_ERROR_ARGUMENT : lend(&network->input_scaling, count, shift, scale);
}

talus_status talus_network_target_scaling(const talus_network *network, int64_t *count, const double **shift,
                                          const double **scale)
{
    return network == NULL ? TALUS_ERROR_ARGUMENT : lend(&network->target_scaling, count, shift, scale);
}
