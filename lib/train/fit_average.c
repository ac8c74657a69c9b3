/* The moving average of the parameters:  θ̄ ← θ̄ + (1−β)/(1−βᵗ)·(θ − θ̄)  after step t = 1, 2, …, which is
 * Σ_i βᵗ⁻ⁱ·θ_i divided by the sum of its weights, so that the first parameters have no share in it. */
#include <math.h>
#include <string.h>

#include "optimize/flat_vector.h"
#include "train/fit.h"

talus_status tl_fit_reserve_average(tl_fit *fit)
{
    talus_trainer *trainer = fit->trainer;
    const talus_network *network = trainer->network;
    if (fit->options.average == 0)
        trainer->averaged = 0;
    if (fit->options.average == 0 || trainer->average != NULL)
        return TALUS_OK;
    size_t bytes = (size_t)network->parameter_count * tl_dtype_size(network->precision);
    trainer->average = tl_allocate(network->context, bytes);
    if (trainer->average != NULL)
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "fit: the allocator returned no memory for an average of %lld parameters",
                   (long long)network->parameter_count);
}

void tl_fit_average_step(tl_fit *fit)
{
    talus_trainer *trainer = fit->trainer;
    const talus_optimizer *optimizer = trainer->optimizer;
    double beta = fit->options.average;
    if (beta == 0)
        return;
    const tl_vectors space = {optimizer->context, optimizer->precision, optimizer->count, optimizer->kernels};
    double share = (1 - beta) / (1 - pow(beta, (double)++trainer->averaged));
    tl_vector_combine(&space, 1 - share, trainer->average, share, trainer->network->parameters,
                      trainer->average);
}

/* Exchanges the bytes of two blocks. */
static void exchange(void *a, void *b, size_t bytes)
{
    char piece[4096], *of_a = a, *of_b = b;
    for (size_t at = 0, length; at < bytes; at += length) {
        length = bytes - at < sizeof piece ? bytes - at : sizeof piece;
        memcpy(piece, of_a + at, length);
        memcpy(of_a + at, of_b + at, length);
        memcpy(of_b + at, piece, length);
    }
}

void tl_fit_exchange_average(const tl_fit *fit)
{
    const talus_network *network = fit->trainer->network;
    if (fit->trainer->averaged > 0)
        exchange(network->parameters, fit->trainer->average,
                 (size_t)network->parameter_count * tl_dtype_size(network->precision));
}
