/* What a spec says of the loss, or of the losses of several ranges of outputs. */
#include <math.h>
#include <stdio.h>

#include "network/network.h"

#define RANGE(field) TL_FIELD(talus_output_range, field)

static const tl_option range_rows[] = {
    {RANGE(outputs), .type = TALUS_OPTION_TYPE_INT64, .least = 1, .most = INT32_MAX,
     .out_of_range = TALUS_ERROR_SHAPE, .unit = "outputs",
     .sentence = "The number of outputs; it has no default."},
    {RANGE(activation), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_activation_names, .most = INFINITY,
     .standard = TALUS_IDENTITY, .sentence = "The activation of the outputs."},
    {RANGE(loss), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_loss_names, .most = INFINITY,
     .standard = TALUS_SQUARED_ERROR, .sentence = "The loss between outputs and targets."},
    {RANGE(alpha), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY,
     .sentence = "The parameter of an activation that has one; 0: the default of the activation."},
    {RANGE(loss_parameter), .type = TALUS_OPTION_TYPE_DOUBLE, .least = -INFINITY, .most = INFINITY,
     .sentence = "The parameter of a loss that has one; 0: the default of the loss."},
    {RANGE(weight), .type = TALUS_OPTION_TYPE_DOUBLE, .most = INFINITY, .most_open = true,
     .sentence = "What the loss is multiplied with; 0: 1."},
};

const tl_options tl_range_table = {
    .name = "range",
    .size = sizeof(talus_output_range),
    .began = TL_END_OF(talus_output_range, weight),
    .count = sizeof range_rows / sizeof *range_rows,
    .rows = range_rows,
};

void talus_output_range_defaults_sized(talus_output_range *range, size_t size)
{
    tl_options_defaults(&tl_range_table, range, size);
}

/* Range `number` = 0 … of a spec; a network with one loss is one range. */
static talus_status take_range(talus_context *context, const talus_network_spec *spec,
                               const talus_layer *last, int number, talus_output_range *range)
{
    char subject[32];
    if (spec->ranges == NULL) {
        *range = (talus_output_range){last->width, last->activation,     spec->loss,
                                      last->alpha, spec->loss_parameter, 0};
        return TALUS_OK;
    }
    (void)snprintf(subject, sizeof subject, "range %d", number);
    const char *from = (const char *)spec->ranges + (size_t)number * (size_t)spec->range_size;
    talus_status status = tl_options_take(context, &tl_range_table, subject, range, from,
                                          (size_t)spec->range_size);
    return status == TALUS_OK ? tl_options_check(context, &tl_range_table, subject, range) : status;
}

static int count_ranges(const talus_network_spec *spec)
{
    return spec->ranges == NULL ? 1 : spec->range_count;
}

/* That a loss fits its activation and its outputs. subject: what messages begin with. */
static talus_status check_range(talus_context *context, const char *subject, const talus_output_range *range)
{
    const tl_loss_kind *loss = tl_loss_kind_of(range->loss);
    if (loss->fused >= 0 && loss->fused != range->activation)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s: the last activation must be %s for %s, got %s",
                       subject, tl_name(&tl_activation_names, loss->fused), loss->name,
                       tl_name(&tl_activation_names, range->activation));
    if (range->outputs % loss->outputs != 0)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "%s: the last width must be a multiple of %d for %s, got %lld", subject, loss->outputs,
                       loss->name, (long long)range->outputs);
    return tl_check_parameter(context, subject, loss->name, &loss->parameter, "loss_parameter",
                              range->loss_parameter);
}

static talus_status check_ranges(talus_context *context, const talus_network_spec *spec,
                                 const talus_layer *last)
{
    if (spec->ranges == NULL && spec->range_count == 0 && spec->range_size == 0)
        return TALUS_OK;
    if (spec->ranges == NULL || spec->range_count < 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "network: ranges, range_count and range_size must be set together, got %s, %d and %d",
                       spec->ranges == NULL ? "NULL" : "an array", spec->range_count, spec->range_size);
    if (last->activation != TALUS_IDENTITY || spec->loss != TALUS_SQUARED_ERROR || spec->loss_parameter != 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "network: with ranges, the last activation, loss and loss_parameter must be identity, "
                       "squared_error and 0, got %s, %s and %g",
                       tl_name(&tl_activation_names, last->activation), tl_name(&tl_loss_names, spec->loss),
                       spec->loss_parameter);
    return TALUS_OK;
}

/* Checks each range, and counts outputs and targets. */
static talus_status check_each(talus_context *context, const talus_network_spec *spec,
                               const talus_layer *last, int64_t *targets, bool *fused)
{
    char subject[32] = "network";
    int64_t outputs = 0;
    *targets = 0, *fused = false;
    for (int r = 0; r < count_ranges(spec); r++) {
        talus_output_range range;
        talus_status status = take_range(context, spec, last, r, &range);
        const tl_activation_kind *kind = tl_activation_kind_of(range.activation);
        if (spec->ranges != NULL)
            (void)snprintf(subject, sizeof subject, "range %d", r);
        if (status == TALUS_OK && spec->ranges != NULL)
            status = tl_check_parameter(context, subject, kind->name, &kind->parameter, "alpha", range.alpha);
        if (status == TALUS_OK && spec->ranges != NULL && kind->learns_slopes)
            status = tl_fail(context, TALUS_ERROR_ARGUMENT,
                             "%s: the activation must be one without slopes to learn, got %s", subject,
                             kind->name);
        if (status == TALUS_OK)
            status = check_range(context, subject, &range);
        if (status != TALUS_OK)
            return status;
        outputs += range.outputs;
        *targets += range.outputs / tl_loss_kind_of(range.loss)->outputs;
        *fused |= tl_loss_kind_of(range.loss)->fused >= 0;
    }
    if (outputs == last->width)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_SHAPE,
                   "network: the ranges must have the %lld outputs of the last layer between them, got %lld",
                   (long long)last->width, (long long)outputs);
}

static talus_status check_output_weights(talus_context *context, const talus_network_spec *spec,
                                         int64_t targets)
{
    const double *weights = spec->output_weights;
    if (spec->output_weight_count != (weights == NULL ? 0 : targets))
        return tl_fail(context, TALUS_ERROR_SHAPE, "network: output_weight_count must be %lld, %s, got %d",
                       (long long)(weights == NULL ? 0 : targets),
                       weights == NULL ? "as output_weights is NULL" : "the number of targets",
                       spec->output_weight_count);
    for (int64_t k = 0; k < spec->output_weight_count; k++)
        if (!(isfinite(weights[k]) && weights[k] >= 0))
            return tl_fail(context, TALUS_ERROR_ARGUMENT,
                           "network: output_weights[%lld] must be a finite number of at least 0, got %g",
                           (long long)k, weights[k]);
    return TALUS_OK;
}

talus_status tl_check_loss(talus_context *context, const talus_network_spec *spec, const talus_layer *last)
{
    int64_t targets;
    bool fused; /* some outputs are probabilities */
    talus_status status = check_ranges(context, spec, last);
    if (status == TALUS_OK)
        status = check_each(context, spec, last, &targets, &fused);
    if (status == TALUS_OK)
        status = check_output_weights(context, spec, targets);
    if (status == TALUS_OK && spec->label_smoothing != 0 && !fused)
        status = tl_fail(context, TALUS_ERROR_ARGUMENT, "network: label_smoothing must be 0 with %s, got %g",
                         spec->ranges == NULL ? tl_name(&tl_loss_names, spec->loss) : "such ranges",
                         spec->label_smoothing);
    return status;
}

/* Memory for the ranges of several losses. */
static talus_status reserve_ranges(talus_network *network, const talus_network_spec *spec)
{
    network->range_count = count_ranges(spec);
    network->ranges = &network->whole;
    if (spec->ranges == NULL)
        return TALUS_OK;
    size_t count = (size_t)spec->range_count;
    network->given_ranges = tl_allocate(network->context,
                                        count * (sizeof *network->given_ranges + sizeof *network->ranges));
    if (network->given_ranges == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "network: the allocator returned no memory for %d ranges", spec->range_count);
    network->ranges = (tl_range *)(network->given_ranges + count);
    return TALUS_OK;
}

/* Fills the ranges; whether one has a weight other than 1. */
static bool fill_ranges(talus_network *network, const talus_network_spec *spec)
{
    const tl_layer *layer = tl_network_last(network);
    const talus_layer last = {.width = layer->width, .activation = layer->activation, .alpha = layer->alpha};
    int64_t first = 0, first_target = 0;
    bool weighted = false;
    for (int r = 0; r < network->range_count; r++) {
        talus_output_range range;
        (void)take_range(network->context, spec, &last, r, &range);
        const tl_loss_kind *loss = tl_loss_kind_of(range.loss);
        const tl_activation_kind *kind = tl_activation_kind_of(range.activation);
        range.weight = range.weight == 0 ? 1 : range.weight;
        range.alpha = range.alpha == 0 ? kind->parameter.standard : range.alpha;
        range.loss_parameter = range.loss_parameter == 0 ? loss->parameter.standard : range.loss_parameter;
        network->ranges[r] = (tl_range){
            .first = first,
            .outputs = range.outputs,
            .first_target = first_target,
            .targets = range.outputs / loss->outputs,
            .activation = range.activation,
            .alpha = range.alpha,
            .loss = range.loss,
            .loss_kind = loss,
            .loss_parameter = range.loss_parameter,
        };
        if (spec->ranges != NULL)
            network->given_ranges[r] = range;
        weighted |= range.weight != 1;
        first += range.outputs;
        first_target += range.outputs / loss->outputs;
    }
    return weighted;
}

/* The factor of a target: its weight, and that of its range. */
static void set_factor(talus_network *network, int64_t target, double weight)
{
    double factor = network->output_weights == NULL ? 1 : network->output_weights[target];
    factor *= weight;
    if (network->precision == TALUS_DTYPE_F64)
        ((double *)network->output_factors)[target] = factor;
    else
        ((float *)network->output_factors)[target] = (float)factor;
}

static talus_status make_factors(talus_network *network, const double *weights)
{
    int64_t count = tl_network_targets(network), bytes;
    double *numbers = NULL;
    if (tl_multiply(count, 2 * (int64_t)sizeof *numbers, &bytes))
        numbers = tl_allocate(network->context, (size_t)bytes);
    if (numbers == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "network: the allocator returned no memory for %lld output_weights", (long long)count);
    network->output_factors = numbers;
    network->output_weights = weights == NULL ? NULL : numbers + count;
    for (int64_t k = 0; weights != NULL && k < count; k++)
        network->output_weights[k] = weights[k];
    for (int r = 0; r < network->range_count; r++) {
        const tl_range *range = &network->ranges[r];
        double weight = network->given_ranges == NULL ? 1 : network->given_ranges[r].weight;
        for (int64_t k = 0; k < range->targets; k++)
            set_factor(network, range->first_target + k, weight);
    }
    return TALUS_OK;
}

talus_status tl_take_loss(talus_network *network, const talus_network_spec *spec)
{
    talus_status status = reserve_ranges(network, spec);
    if (status != TALUS_OK)
        return status;
    bool weighted = fill_ranges(network, spec);
    network->label_smoothing = spec->label_smoothing;
    network->missing_targets = spec->missing_targets != 0;
    return weighted || spec->output_weights != NULL ? make_factors(network, spec->output_weights) : TALUS_OK;
}

talus_status tl_copy_loss(const talus_network *from, talus_network *to)
{
    talus_network_spec spec;
    talus_status status = talus_network_get_spec(from, &spec);
    to->given_ranges = NULL;
    to->output_weights = to->output_factors = NULL;
    return status == TALUS_OK ? tl_take_loss(to, &spec) : status;
}

void tl_release_loss(talus_network *network)
{
    tl_release(network->context, network->given_ranges);
    tl_release(network->context, network->output_factors);
}
