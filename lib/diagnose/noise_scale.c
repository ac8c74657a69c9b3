/* How noisy gradients are. */
#include "diagnose/noise_scale.h"

#include <math.h>

#include "base/call.h"
#include "base/options.h"
#include "engine/arguments.h"
#include "optimize/flat_vector.h"

static tl_source source_from(const tl_source *whole, int64_t first)
{
    tl_source part = *whole;
    if (part.rows != NULL)
        part.rows += first;
    else
        part.matrix = tl_matrix_from_row(whole->matrix, first);
    return part;
}

/* ‖∇C‖² over `count` samples of the batch from `first` on. */
static talus_status square_of(const tl_pass *whole, int64_t first, int64_t count, double *square)
{
    tl_pass pass = *whole;
    const talus_network *network = pass.network;
    const tl_vectors space = {pass.workspace->context, network->precision, network->parameter_count,
                              pass.workspace->kernels};
    pass.inputs = source_from(&whole->inputs, first);
    pass.targets = source_from(&whole->targets, first);
    pass.samples = count;
    pass.first_row = whole->first_row + first;
    if (pass.numbers != NULL)
        pass.numbers += first;
    talus_status status = tl_pass_run(&pass, NULL);
    if (status == TALUS_OK)
        *square = tl_vector_dot(&space, pass.gradient, pass.gradient);
    return status;
}

/* Means and deviations of one batch more.   Chan, Golub and LeVeque 1983, eq. 2.1 */
static void add_batch(tl_noise_sums *sums, double signal, double noise)
{
    const double before = (double)sums->batches, share = before / (before + 1);
    const double s = signal - sums->signal, n = noise - sums->noise;
    sums->batches++;
    sums->signal += s / (before + 1);
    sums->noise += n / (before + 1);
    sums->signal_signal += s * s * share;
    sums->signal_noise += s * n * share;
    sums->noise_noise += n * n * share;
}

/* With b samples E‖g_b‖² = ‖G‖² + tr Σ/b, so two b give estimates of both without bias: of all n samples, and of b of them,
 * the mean over n/b parts. */
talus_status tl_noise_add(tl_noise_sums *sums, const tl_pass *pass, int64_t small)
{
    const double n = (double)pass->samples, b = (double)small;
    double of_all = 0, of_parts = 0, square = 0;
    talus_status status = square_of(pass, 0, pass->samples, &of_all);
    for (int64_t first = 0; status == TALUS_OK && first < pass->samples; first += small) {
        status = square_of(pass, first, small, &square);
        of_parts += square * b / n;
    }
    if (status == TALUS_OK)
        add_batch(sums, (n * of_all - b * of_parts) / (n - b), (of_parts - of_all) / (1 / b - 1 / n));
    return status;
}

/* Of K pairs (s, t) with the ratio R = Σt/Σs, the standard error of R is √(Σ (t − R·s)²/(K·(K − 1)))/(Σs/K).
 * Cochran, Sampling Techniques, 3rd ed. 1977, chapter 6 */
talus_noise_scale tl_noise_result(const tl_noise_sums *sums)
{
    const double count = (double)sums->batches, ratio = sums->noise / sums->signal,
                 squares = sums->noise_noise - 2 * ratio * sums->signal_noise +
                           ratio * ratio * sums->signal_signal;
    talus_noise_scale result = {.scale = INFINITY,
                                .signal = sums->signal,
                                .noise = sums->noise,
                                .error = sums->batches > 1 ? INFINITY : NAN,
                                .batches = sums->batches};
    if (!(sums->signal > 0))
        return result;
    result.scale = ratio;
    if (sums->batches > 1)
        result.error = sqrt(fmax(squares, 0) / (count * (count - 1))) / sums->signal;
    return result;
}

talus_status tl_noise_check_result(talus_context *context, const talus_noise_scale *noise, size_t size)
{
    if (noise == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "noise_scale: noise must not be NULL");
    return tl_result_check(context, "noise_scale", size, TL_END_OF(talus_noise_scale, noise));
}

talus_status tl_noise_check_parts(const tl_pass *pass, int64_t small)
{
    talus_context *context = pass->workspace->context;
    if (pass->weights.matrix.data != NULL)
        return tl_fail(
            context, TALUS_ERROR_UNSUPPORTED,
            "noise_scale: the samples must have no weights: parts of a batch would not count alike");
    if (small < 1 || pass->samples % small != 0 || pass->samples / small < 2)
        return tl_fail(
            context, TALUS_ERROR_SHAPE,
            "noise_scale: small must divide the %lld samples of the batch into 2 parts or more, got %lld",
            (long long)pass->samples, (long long)small);
    return TALUS_OK;
}

talus_status tl_noise_begin(tl_pass *pass)
{
    const talus_network *network = pass->network;
    talus_context *context = pass->workspace->context;
    pass->work = TL_FORWARD | TL_KEEP | TL_LOSS | TL_BACKWARD | TL_WEIGHTS;
    pass->penalises = true;
    pass->workspace->kept = 0;
    pass->gradient = tl_allocate(context,
                                 (size_t)network->parameter_count * tl_dtype_size(network->precision));
    if (pass->gradient != NULL)
        return TALUS_OK;
    return tl_fail(context, TALUS_ERROR_MEMORY,
                   "noise_scale: the allocator returned no memory for a gradient of %lld numbers",
                   (long long)network->parameter_count);
}

/* Of a batch ------------------------------------------------------------------------------------------------- */

static talus_status measure(const talus_network *network, talus_workspace *workspace,
                            const talus_batch *batch, size_t batch_size, int64_t small,
                            talus_noise_scale *noise, size_t size)
{
    tl_pass pass;
    tl_noise_sums sums = {0};
    talus_noise_scale found;
    talus_status status = tl_pass_begin(network, workspace, &pass);
    if (status == TALUS_OK)
        status = tl_noise_check_result(workspace->context, noise, size);
    if (status == TALUS_OK)
        status = tl_pass_batch(&pass, batch, batch_size);
    if (status == TALUS_OK)
        status = tl_noise_check_parts(&pass, small);
    if (status == TALUS_OK)
        status = tl_noise_begin(&pass);
    if (status != TALUS_OK)
        return status;
    status = tl_noise_add(&sums, &pass, small);
    tl_release(workspace->context, pass.gradient);
    if (status != TALUS_OK)
        return status;
    found = tl_noise_result(&sums);
    tl_result_give(&found, sizeof found, noise, size);
    return TALUS_OK;
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
