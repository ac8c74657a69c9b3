/* The call that solves the last layer of a network: which networks it takes, and for what it takes memory. */
#include "train/readout.h"

#include <float.h>
#include <math.h>

#include "base/call.h"

/* Checks --------------------------------------------------------------------------------------------------- */

static talus_status refuse(const tl_readout *r, const char *what)
{
    return tl_fail(r->network->context, TALUS_ERROR_ARGUMENT, "%s: %s", r->call, what);
}

static talus_status check_loss(const tl_readout *r)
{
    const talus_network *network = r->network;
    const tl_range *range = network->ranges;
    if (network->range_count > 1)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "%s: the network must have one loss, got %d ranges of outputs", r->call,
                       network->range_count);
    if (!range->loss_kind->squares)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "%s: the loss must be a squared error, got %s",
                       r->call, range->loss_kind->name);
    if (!tl_activation_kind_of(range->activation)->linear)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT,
                       "%s: the last activation must be the identity, got %s", r->call,
                       tl_activation_kind_of(range->activation)->name);
    if (network->missing_targets)
        return refuse(r, "the network must be one whose targets are never missing");
    if (network->output_weights != NULL && r->ridge > 0)
        return refuse(r, "ridge and l2 of the last layer must be 0 with weights of outputs");
    return TALUS_OK;
}

static talus_status check_layer(const tl_readout *r)
{
    const tl_layer *last = tl_network_last(r->network);
    if (last->norm->normalizes)
        return refuse(r, "the last layer must not be normalised");
    if (last->l1 > 0)
        return refuse(r, "l1 of the last layer must be 0");
    if (last->spectral_penalty > 0)
        return refuse(r, "spectral_penalty of the last layer must be 0");
    if (last->max_norm > 0)
        return refuse(r, "max_norm of the last layer must be 0");
    if (last->spectral_norm > 0)
        return refuse(r, "spectral_norm of the last layer must be 0");
    return check_loss(r);
}

/* The call's options have been checked. */
static void describe(tl_readout *r)
{
    const tl_layer *last = tl_network_last(r->network);
    const double epsilon = r->network->precision == TALUS_DTYPE_F32 ? FLT_EPSILON : DBL_EPSILON;
    r->d = last->inputs;
    r->k = last->width;
    r->biases = !last->without_biases;
    r->ridge = r->options.ridge + last->l2;
    if (r->options.rank_tolerance == 0)
        r->options.rank_tolerance = fmin((double)r->d * epsilon, 0.5);
}

talus_status tl_readout_open(tl_readout *r, talus_network *network, const char *call,
                             const talus_dataset *training, const talus_solve_options *options)
{
    *r = (tl_readout){.call = call, .network = network, .options = *options};
    describe(r);
    talus_status status = check_layer(r);
    if (status == TALUS_OK)
        status = tl_check_dataset(network->context, network, "training", training);
    r->feed.dataset = training;
    if (status == TALUS_OK)
        status = tl_readout_reserve(r);
    if (status == TALUS_OK)
        status = tl_feed_open(&r->feed, network->context, training, TL_FEED_ALL,
                              r->workspace->plan.max_batch);
    if (status != TALUS_OK)
        tl_readout_close(r);
    r->pass = (tl_pass){.network = network, .workspace = r->workspace};
    return status;
}

void tl_readout_close(tl_readout *r)
{
    if (r->network == NULL)
        return;
    if (r->feed.context != NULL)
        tl_feed_close(&r->feed);
    tl_release(r->network->context, r->arena);
    tl_release(r->network->context, r->stack);
    talus_workspace_destroy(r->workspace);
    *r = (tl_readout){0};
}

/* The call ------------------------------------------------------------------------------------------------- */

static talus_status solve(talus_network *network, const talus_dataset *training,
                          const talus_solve_options *from, size_t options_size, talus_solve_result *result,
                          size_t result_size)
{
    talus_solve_options options;
    tl_readout readout;
    talus_context *context = network->context;
    talus_status status = tl_options_take(context, &tl_solve_table, NULL, &options, from, options_size);
    if (status == TALUS_OK)
        status = tl_options_check(context, &tl_solve_table, NULL, &options);
    if (status == TALUS_OK && result != NULL)
        status = tl_result_check(context, "result of solve", result_size,
                                 TL_END_OF(talus_solve_result, refinements));
    if (status == TALUS_OK)
        status = tl_readout_open(&readout, network, "solve", training, &options);
    if (status != TALUS_OK)
        return status;
    status = tl_readout_solve(&readout);
    if (status == TALUS_OK && result != NULL)
        tl_result_give(&readout.result, sizeof readout.result, result, result_size);
    tl_readout_close(&readout);
    return status;
}

talus_status talus_solve_readout_sized(talus_network *network, const talus_dataset *training,
                                       const talus_solve_options *options, size_t options_size,
                                       talus_solve_result *result, size_t result_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, network == NULL ? NULL : network->context);
    return status == TALUS_OK
               ? tl_call_end(&call, solve(network, training, options, options_size, result, result_size))
               : status;
}
