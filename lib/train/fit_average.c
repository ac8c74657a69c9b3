/* The moving average of the parameters:  θ̄ ← θ̄ + (1−β)/(1−βᵗ)·(θ − θ̄)  after step t = 1, 2, …, which is
 * Σ_i βᵗ⁻ⁱ·θ_i divided by the sum of its weights, so that the first parameters have no share in it. It is a mean of points
 * within max_norm and spectral_norm, balls, and so within them. Running statistics are averaged in the same way. */
#include <math.h>

#include "optimize/flat_vector.h"
#include "train/fit.h"

static talus_status reserve(talus_trainer *trainer)
{
    const talus_network *network = trainer->network;
    talus_status status = tl_trainer_reserve_average(trainer, "fit");
    if (status != TALUS_OK || network->statistic_count == 0 || trainer->average_statistics != NULL)
        return status;
    trainer->average_statistics = tl_allocate(network->context,
                                              (size_t)network->statistic_count * sizeof(double));
    if (trainer->average_statistics != NULL)
        return TALUS_OK;
    return tl_fail(network->context, TALUS_ERROR_MEMORY,
                   "fit: the allocator returned no memory for an average of %lld running statistics",
                   (long long)network->statistic_count);
}

talus_status tl_fit_reserve_average(tl_fit *fit)
{
    talus_trainer *trainer = fit->trainer;
    if (tl_optimizer_has_average(trainer->optimizer) && fit->options.average > 0)
        return tl_fail(trainer->network->context, TALUS_ERROR_ARGUMENT,
                       "fit: average must be 0 with %s, which has an average of its own, got %g",
                       talus_method_name(trainer->optimizer->spec.method), fit->options.average);
    if (fit->options.average > 0)
        return reserve(trainer);
    trainer->averaged = 0;
    return TALUS_OK;
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
    for (int64_t i = 0; i < trainer->network->statistic_count; i++)
        trainer->average_statistics[i] = (1 - share) * trainer->average_statistics[i] +
                                         share * trainer->network->statistics[i];
}

void tl_fit_exchange_average(const tl_fit *fit)
{
    talus_trainer *trainer = fit->trainer;
    if (trainer->averaged > 0)
        tl_trainer_exchange_average(trainer);
    else if (!tl_trainer_hide_average(trainer))
        tl_trainer_show_average(trainer);
}

void tl_fit_exchange_result(const tl_fit *fit)
{
    if (fit->options.keep_average || tl_optimizer_has_average(fit->trainer->optimizer))
        tl_fit_exchange_average(fit);
}
