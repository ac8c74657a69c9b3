/* The public calls that look for extreme eigenvalues. */
#include "base/call.h"
#include "base/options.h"
#include "diagnose/hessian.h"
#include "diagnose/lanczos.h"
#include "engine/arguments.h"

static talus_status check_result(talus_context *context, const talus_spectrum *spectrum, size_t size)
{
    if (spectrum == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "spectrum: spectrum must not be NULL");
    return tl_result_check(context, "spectrum", size, TL_END_OF(talus_spectrum, whole));
}

/* The Hessian of a network ----------------------------------------------------------------------------------- */

/* f32 networks have their vectors in f32. */
typedef struct network_hessian {
    tl_hessian hessian;
    float *from, *to; /* P of each; NULL in f64 */
    int64_t count;
} network_hessian;

static talus_status multiply_hessian(void *self, const double *v, double *product)
{
    const network_hessian *h = self;
    if (h->from == NULL) {
        tl_hessian_apply(&h->hessian, v, product);
        return TALUS_OK;
    }
    for (int64_t i = 0; i < h->count; i++)
        h->from[i] = (float)v[i];
    tl_hessian_apply(&h->hessian, h->from, h->to);
    for (int64_t i = 0; i < h->count; i++)
        product[i] = (double)h->to[i];
    return TALUS_OK;
}

static talus_status reserve_vectors(network_hessian *h, const talus_network *network, talus_context *context)
{
    h->count = network->parameter_count;
    if (network->precision == TALUS_DTYPE_F64)
        return TALUS_OK;
    h->from = tl_allocate(context, (size_t)h->count * sizeof(float));
    h->to = tl_allocate(context, (size_t)h->count * sizeof(float));
    if (h->from != NULL && h->to != NULL)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "spectrum: the allocator returned no memory for %lld parameters", (long long)h->count);
}

static talus_status of_network(const talus_network *network, talus_workspace *workspace,
                               const talus_batch *batch, size_t batch_size, int64_t iterations,
                               double tolerance, int64_t seed, talus_spectrum *spectrum, size_t size)
{
    tl_pass pass;
    talus_spectrum found;
    network_hessian h = {.from = NULL};
    talus_context *context = workspace->context;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK)
        status = check_result(context, spectrum, size);
    if (status == TALUS_OK)
        status = tl_pass_batch(&pass, batch, batch_size);
    if (status == TALUS_OK)
        status = tl_hessian_begin(&h.hessian, &pass, "spectrum");
    if (status != TALUS_OK)
        return status;
    status = reserve_vectors(&h, network, context);
    if (status == TALUS_OK)
        status = tl_lanczos(context, &(tl_operator){multiply_hessian, &h, h.count}, iterations, tolerance,
                            seed, &found);
    tl_release(context, h.from);
    tl_release(context, h.to);
    tl_hessian_end(&h.hessian);
    if (status == TALUS_OK)
        tl_result_give(&found, sizeof found, spectrum, size);
    return status;
}

talus_status talus_hessian_spectrum_sized(const talus_network *network, talus_workspace *workspace,
                                          const talus_batch *batch, size_t batch_size, int64_t iterations,
                                          double tolerance, int64_t seed, talus_spectrum *spectrum,
                                          size_t spectrum_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK
               ? tl_call_end(&call, of_network(network, workspace, batch, batch_size, iterations, tolerance,
                                               seed, spectrum, spectrum_size))
               : status;
}

/* An operator of the caller's -------------------------------------------------------------------------------- */

typedef struct callers_operator {
    talus_context *context;
    talus_product product;
    void *user;
    int64_t n;
} callers_operator;

static talus_status multiply_callers(void *self, const double *v, double *product)
{
    const callers_operator *o = self;
    talus_matrix from = talus_matrix_view(v, TALUS_DTYPE_F64, 1, o->n),
                 to = talus_matrix_view(product, TALUS_DTYPE_F64, 1, o->n);
    tl_call *call = tl_callback_begin(o->context, TL_CALLBACK_OPEN);
    int returned = o->product(&from, &to, o->user);
    tl_callback_end(call);
    if (returned == 0)
        return TALUS_OK;
    return tl_fail(o->context, TALUS_ERROR_STATE, "spectrum: the product must return 0, got %d", returned);
}

static talus_status of_callers(callers_operator *o, int64_t iterations, double tolerance, int64_t seed,
                               talus_spectrum *spectrum, size_t size)
{
    talus_spectrum found;
    talus_status status = check_result(o->context, spectrum, size);
    if (status == TALUS_OK && o->product == NULL)
        status = tl_fail(o->context, TALUS_ERROR_ARGUMENT, "spectrum: product must not be NULL");
    if (status == TALUS_OK && o->n < 1)
        status = tl_fail(o->context, TALUS_ERROR_SHAPE, "spectrum: n must be at least 1, got %lld",
                         (long long)o->n);
    if (status == TALUS_OK)
        status = tl_lanczos(o->context, &(tl_operator){multiply_callers, o, o->n}, iterations, tolerance,
                            seed, &found);
    if (status == TALUS_OK)
        tl_result_give(&found, sizeof found, spectrum, size);
    return status;
}

talus_status talus_spectrum_of_sized(talus_context *context, talus_product product, void *user, int64_t n,
                                     int64_t iterations, double tolerance, int64_t seed,
                                     talus_spectrum *spectrum, size_t spectrum_size)
{
    tl_call call;
    callers_operator o = {context, product, user, n};
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK
               ? tl_call_end(&call, of_callers(&o, iterations, tolerance, seed, spectrum, spectrum_size))
               : status;
}
