#include <math.h>

#include "train/levenberg_marquardt.h"

#define ROW(field) TL_FIELD(talus_levenberg_marquardt_options, field)

static const tl_option rows[] = {
    {ROW(method), .type = TALUS_OPTION_TYPE_POINTER,
     .sentence = "The method's own options; NULL: the defaults."},
    {ROW(memory), .type = TALUS_OPTION_TYPE_INT64, .standard = 4e9, .least = 1, .most = INFINITY,
     .unit = "bytes", .sentence = "The most that the call may allocate."},
    {ROW(parameter_limit), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "parameters",
     .sentence = "Above it steps are found by conjugate gradients; 0: there is no such limit."},
    {ROW(patience), .type = TALUS_OPTION_TYPE_INT64, .most = INFINITY, .unit = "iterations",
     .sentence = "It ends after so many in which the validation cost has not fallen; 0: not in force."},
};

const tl_options tl_levenberg_marquardt_table = {
    .name = "levenberg_marquardt",
    .size = sizeof(talus_levenberg_marquardt_options),
    .began = TL_END_OF(talus_levenberg_marquardt_options, patience),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_levenberg_marquardt_options_defaults_sized(talus_levenberg_marquardt_options *options, size_t size)
{
    tl_options_defaults(&tl_levenberg_marquardt_table, options, size);
}

/* What residuals of single samples exclude -------------------------------------------------------------------- */

static talus_status refuse(talus_context *context, int layer, const char *must, double got)
{
    return tl_fail(context, TALUS_ERROR_ARGUMENT, "levenberg_marquardt: layer %d must have %s, got %g", layer,
                   must, got);
}

static talus_status check_layer(talus_context *context, const tl_layer *layer, int number)
{
    if (layer->dropout > 0)
        return refuse(context, number, "no dropout, since the residuals would be random", layer->dropout);
    if (number == 0)
        return TALUS_OK;
    if (layer->norm->of_batch)
        return tl_fail(
            context, TALUS_ERROR_ARGUMENT,
            "levenberg_marquardt: layer %d must not be normalised over the batch, since the outputs "
            "of a sample would depend on all others; take layer normalisation",
            number);
    if (layer->l1 > 0)
        return refuse(context, number, "no l1, which is no square; take l2", layer->l1);
    if (layer->spectral_penalty > 0)
        return refuse(context, number, "no spectral_penalty, which is no square of single weights; take l2",
                      layer->spectral_penalty);
    if (layer->max_norm > 0)
        return refuse(context, number, "no max_norm, since steps would leave it", layer->max_norm);
    if (layer->spectral_norm > 0)
        return refuse(context, number, "no spectral_norm, since steps would leave it", layer->spectral_norm);
    return TALUS_OK;
}

talus_status tl_levenberg_marquardt_check(const talus_network *network)
{
    talus_context *context = network->context;
    talus_status status = tl_check_slopes(context, network, "levenberg_marquardt");
    for (int r = 0; status == TALUS_OK && r < network->range_count; r++)
        if (!network->ranges[r].loss_kind->squares)
            status = tl_fail(
                context, TALUS_ERROR_ARGUMENT,
                "levenberg_marquardt: the loss must be squared_error, the only sum of squares, got "
                "%s; talus_fit takes all losses",
                network->ranges[r].loss_kind->name);
    for (int l = 0; status == TALUS_OK && l <= network->layer_count; l++)
        status = check_layer(context, &network->layers[l], l);
    if (status == TALUS_OK && network->input_noise > 0)
        status = tl_fail(
            context, TALUS_ERROR_ARGUMENT,
            "levenberg_marquardt: input_noise must be 0, since the residuals would be random, got %g",
            network->input_noise);
    if (status == TALUS_OK && network->products != TALUS_PRODUCTS_EXACT)
        status = tl_fail(
            context, TALUS_ERROR_ARGUMENT,
            "levenberg_marquardt: products must be exact, since steps are judged by small differences of costs, "
            "got %s",
            tl_products_kind_of(network->products)->name);
    return status;
}
