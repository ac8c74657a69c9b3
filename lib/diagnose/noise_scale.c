/* How noisy gradients are. */
#include <math.h>
#include <talus/diagnose.h>

#include "base/call.h"
#include "base/options.h"
#include "engine/arguments.h"
#include "optimize/flat_vector.h"

/* ‖∇C‖² over `count` rows of the batch from `first` on. */
static talus_status square_of(const tl_pass *whole, int64_t first, int64_t count, void *gradient,
                              double *square)
{
    tl_pass pass = *whole;
    const talus_network *network = pass.network;
    const tl_vectors space = {pass.workspace->context, network->precision, network->parameter_count,
                              pass.workspace->kernels};
    pass.inputs.matrix = tl_matrix_from_row(whole->inputs.matrix, first);
    pass.targets.matrix = tl_matrix_from_row(whole->targets.matrix, first);
    pass.samples = count;
    pass.first_row = first;
    pass.gradient = gradient;
    talus_status status = tl_pass_run(&pass, NULL);
    if (status == TALUS_OK)
        *square = tl_vector_dot(&space, gradient, gradient);
    return status;
}

/* With b samples E‖g_b‖² = ‖G‖² + tr Σ/b, so two b give estimates of both without bias: of all n samples, and of b of them,
 * the mean over n/b parts. */
static talus_status estimate(const tl_pass *pass, int64_t small, void *gradient, talus_noise_scale *found)
{
    const double n = (double)pass->samples, b = (double)small;
    double of_all = 0, of_parts = 0, square = 0;
    talus_status status = square_of(pass, 0, pass->samples, gradient, &of_all);
    for (int64_t first = 0; status == TALUS_OK && first < pass->samples; first += small) {
        status = square_of(pass, first, small, gradient, &square);
        of_parts += square * b / n;
    }
    if (status != TALUS_OK)
        return status;
    found->signal = (n * of_all - b * of_parts) / (n - b);
    found->noise = (of_parts - of_all) / (1 / b - 1 / n);
    found->scale = found->signal > 0 ? found->noise / found->signal : INFINITY;
    return TALUS_OK;
}

static talus_status check_sizes(const tl_pass *pass, int64_t small)
{
    talus_context *context = pass->workspace->context;
    if (pass->weights.matrix.data != NULL)
        return tl_fail(context, TALUS_ERROR_UNSUPPORTED,
                       "noise_scale: the batch must have no weights: its parts would not count alike");
    if (small < 1 || pass->samples % small != 0 || pass->samples / small < 2)
        return tl_fail(
            context, TALUS_ERROR_SHAPE,
            "noise_scale: small must divide the %lld samples of the batch into 2 parts or more, got %lld",
            (long long)pass->samples, (long long)small);
    return TALUS_OK;
}

static talus_status measure(const talus_network *network, talus_workspace *workspace,
                            const talus_batch *batch, size_t batch_size, int64_t small,
                            talus_noise_scale *noise, size_t size)
{
    tl_pass pass;
    talus_noise_scale found;
    talus_context *context = workspace->context;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK && noise == NULL)
        status = tl_fail(context, TALUS_ERROR_ARGUMENT, "noise_scale: noise must not be NULL");
    if (status == TALUS_OK)
        status = tl_result_check(context, "noise_scale", size, TL_END_OF(talus_noise_scale, noise));
    if (status == TALUS_OK)
        status = tl_pass_batch(&pass, batch, batch_size);
    if (status == TALUS_OK)
        status = check_sizes(&pass, small);
    if (status != TALUS_OK)
        return status;
    pass.work = TL_FORWARD | TL_KEEP | TL_LOSS | TL_BACKWARD | TL_WEIGHTS;
    pass.penalises = true;
    workspace->kept = 0;
    void *gradient = tl_allocate(context,
                                 (size_t)network->parameter_count * tl_dtype_size(network->precision));
    if (gradient == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY,
                       "noise_scale: the allocator returned no memory for a gradient of %lld numbers",
                       (long long)network->parameter_count);
    status = estimate(&pass, small, gradient, &found);
    tl_release(context, gradient);
    if (status == TALUS_OK)
        tl_result_give(&found, sizeof found, noise, size);
    return status;
}

talus_status talus_noise_scale_of_sized(const talus_network *network, talus_workspace *workspace,
                                        const talus_batch *batch, size_t batch_size, int64_t small,
                                        talus_noise_scale *noise, size_t noise_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, workspace == NULL ? NULL : workspace->context);
    return status == TALUS_OK
               ? tl_call_end(&call, measure(network, workspace, batch, batch_size, small, noise, noise_size))
               : status;
}
