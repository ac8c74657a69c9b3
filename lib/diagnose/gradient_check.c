/* The public calls that check a gradient. */
#include <string.h>

#include "base/call.h"
#include "base/options.h"
#include "diagnose/differences.h"
#include "engine/workspace.h"

static talus_status check_result(talus_context *context, const talus_gradient_check_result *result,
                                 size_t size)
{
    if (result == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "gradient_check: result must not be NULL");
    return tl_result_check(context, "result of gradient_check", size,
                           TL_END_OF(talus_gradient_check_result, col));
}

/* Networks ------------------------------------------------------------------------------------------------- */

typedef struct network_cost {
    talus_network *network;
    talus_workspace *workspace;
    const talus_batch *batch;
    size_t batch_size;
} network_cost;

static talus_status evaluate_network(void *self, double *value, double *gradient)
{
    const network_cost *cost = self;
    talus_matrix view = talus_matrix_view(gradient, TALUS_DTYPE_F64, 1, cost->network->parameter_count);
    return talus_gradient_sized(cost->network, cost->workspace, cost->batch, cost->batch_size, value,
                                gradient == NULL ? NULL : &view);
}

/* Names the parameter that stands at the result's index. */
static void locate(const talus_network *network, talus_gradient_check_result *result)
{
    const tl_part *part = tl_network_part_at(network, result->index, &result->layer);
    result->part = part->kind;
    result->row = (result->index - part->offset) / part->cols;
    result->col = (result->index - part->offset) % part->cols;
}

static talus_status check_network(talus_network *network, talus_workspace *workspace,
                                  const talus_batch *batch, size_t batch_size, int64_t count, int64_t seed,
                                  talus_gradient_check_result *result, size_t result_size)
{
    talus_context *context = workspace->context;
    network_cost cost = {network, workspace, batch, batch_size};
    talus_gradient_check_result found;
    talus_status status = check_result(context, result, result_size);
    if (status != TALUS_OK)
        return status;
    if (network == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "network must not be NULL");
    if (network->precision != TALUS_DTYPE_F64)
        return tl_fail(
            context, TALUS_ERROR_UNSUPPORTED,
            "gradient_check: precision must be f64, since differences of a cost in f32 have no digits "
            "left, got f32");
    tl_function function = {evaluate_network, &cost, network->parameters, network->parameter_count};
    status = tl_check_gradient(context, &function, count, seed, &found);
    if (status != TALUS_OK)
        return status;
    locate(network, &found);
    tl_result_give(&found, sizeof found, result, result_size);
    return TALUS_OK;
}

talus_status talus_gradient_check_sized(talus_network *network, talus_workspace *workspace,
                                        const talus_batch *batch, size_t batch_size, int64_t count,
                                        int64_t seed, talus_gradient_check_result *result, size_t result_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK ? tl_call_end(&call, check_network(network, workspace, batch, batch_size, count,
                                                                 seed, result, result_size))
                              : status;
}

/* Functions of the caller's -------------------------------------------------------------------------------- */

typedef struct callers_function {
    talus_context *context;
    talus_function function;
    void *user;
    double *x, *unasked; /* n of each; the second takes a gradient that no one asked for */
    int64_t n;
} callers_function;

static talus_status evaluate_callers(void *self, double *value, double *gradient)
{
    const callers_function *f = self;
    talus_matrix x = talus_matrix_view(f->x, TALUS_DTYPE_F64, 1, f->n),
                 to = talus_matrix_view(gradient == NULL ? f->unasked : gradient, TALUS_DTYPE_F64, 1, f->n);
    tl_call *call = tl_callback_begin(f->context, TL_CALLBACK_OPEN);
    int returned = f->function(&x, value, &to, f->user);
    tl_callback_end(call);
    if (returned == 0)
        return TALUS_OK;
    return tl_fail(f->context, TALUS_ERROR_STATE, "gradient_check: the function must return 0, got %d",
                   returned);
}

/* The point as a vector of doubles. */
static talus_status take_point(talus_context *context, const talus_matrix *x, talus_matrix *point)
{
    talus_status status = tl_check_matrix(context, "x", x, TL_DTYPE(TALUS_DTYPE_F64), point);
    if (status == TALUS_OK && point->rows != 1)
        status = tl_fail(context, TALUS_ERROR_SHAPE, "x must have 1 row, got %lld", (long long)point->rows);
    return status;
}

static talus_status check_function(callers_function *f, const talus_matrix *x, int64_t count, int64_t seed,
                                   talus_gradient_check_result *result, size_t result_size)
{
    talus_matrix point;
    talus_gradient_check_result found;
    talus_status status = check_result(f->context, result, result_size);
    if (status == TALUS_OK && f->function == NULL)
        status = tl_fail(f->context, TALUS_ERROR_ARGUMENT, "gradient_check: function must not be NULL");
    if (status == TALUS_OK)
        status = take_point(f->context, x, &point);
    if (status != TALUS_OK)
        return status;
    size_t bytes = (size_t)point.cols * sizeof(double);
    f->n = point.cols;
    f->x = tl_allocate(f->context, 2 * bytes);
    if (f->x == NULL)
        return tl_fail(f->context, TALUS_ERROR_MEMORY,
                       "gradient_check: the allocator returned no memory for %lld numbers", (long long)f->n);
    f->unasked = f->x + f->n;
    memcpy(f->x, point.data, bytes);
    tl_function function = {evaluate_callers, f, f->x, f->n};
    status = tl_check_gradient(f->context, &function, count, seed, &found);
    tl_release(f->context, f->x);
    if (status != TALUS_OK)
        return status;
    found.part = -1;
    found.col = found.index;
    tl_result_give(&found, sizeof found, result, result_size);
    return TALUS_OK;
}

talus_status talus_gradient_check_function_sized(talus_context *context, talus_function function, void *user,
                                                 const talus_matrix *x, int64_t count, int64_t seed,
                                                 talus_gradient_check_result *result, size_t result_size)
{
    tl_call call;
    callers_function f = {.context = context, .function = function, .user = user};
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, check_function(&f, x, count, seed, result, result_size))
                              : status;
}
