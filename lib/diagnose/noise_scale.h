/* What batches say of the noise of gradients. */
#ifndef TL_DIAGNOSE_NOISE_SCALE_H
#define TL_DIAGNOSE_NOISE_SCALE_H

#include <talus/diagnose.h>

#include "engine/pass.h"

/* The means of signal and noise over batches, and sums of products of the deviations from them. */
typedef struct tl_noise_sums {
    int64_t batches;
    double signal, noise;
    double signal_signal, signal_noise, noise_noise;
} tl_noise_sums;

/* Checks where the result goes; and that the samples of a batch have no weights and come in parts of `small`. */
talus_status tl_noise_check_result(talus_context *context, const talus_noise_scale *noise, size_t size);
talus_status tl_noise_check_parts(const tl_pass *pass, int64_t small);

/* Prepares a pass over a batch for tl_noise_add, and allocates a gradient for it. */
talus_status tl_noise_begin(tl_pass *pass);

/* Adds what the pass's batch says, in parts of `small` samples. */
talus_status tl_noise_add(tl_noise_sums *sums, const tl_pass *pass, int64_t small);

talus_noise_scale tl_noise_result(const tl_noise_sums *sums);

#endif
