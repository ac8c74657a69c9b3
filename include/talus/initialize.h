/* First weights that follow from data. Those that do not are drawn by talus_network_create and talus_network_initialize
 * (talus/network.h). */
#ifndef TALUS_INITIALIZE_H
#define TALUS_INITIALIZE_H

#include <talus/network.h>

TALUS_BEGIN_C

/* How talus_network_unit_variance ended. */
typedef struct talus_unit_variance {
    double error;       /* the largest |var Z_l − 1| of a layer */
    int layer;          /* l of that layer, 1 … L */
    int converged;      /* 1: error ≤ tolerance */
    int64_t iterations; /* scalings, of all layers together */
} talus_unit_variance;

/* Layer-sequential unit variance: layer after layer, from the first, W_l is divided by the standard deviation of Z_l until
 *
 *     |var Z_l − 1| ≤ tolerance,     var Z = Σ_ik (z_ik − μ)²/(n·d_l),     μ = Σ_ik z_ik/(n·d_l)
 *
 * over all samples i of a batch and all units k of the layer, with the layers below as they have become. So signals neither grow
 * nor fade on their way up, whatever the activations are. The paper takes orthonormal weights to begin with
 * (TALUS_INIT_ORTHOGONAL), tolerance 0.1 and at most 10 iterations.   Mishkin and Matas 2016, All you need is a good init,
 * arXiv:1511.06422, algorithm 1
 *
 * Z_l = A_{l−1}·W_lᵀ + 1·b_lᵀ is what stands before a normalisation; A_{l−1} is that of talus_predict, without dropout and by
 * running statistics. Inputs are scaled, clipped and projected as the network has it. Only weights change. With biases of 0, as
 * a new network has them, the first scaling is exact but for rounding. No scaling makes up for biases whose own variance is above
 * 1: then converged is 0.
 *   inputs       n × p of f32, f64 or u8, with p = talus_network_columns; a few hundred samples are enough
 *   tolerance    at least 0; 0: 0.01
 *   iterations   the most scalings of a layer, at least 0; 0: 10
 *   result       receives how it ended; or NULL. result_size is the caller's sizeof.
 * Takes memory for the time of the call: of the parameters, and of 2·n·max d_l numbers. Variances are taken in double, in the order of
 * the samples, so the bits do not depend on threads.
 * TALUS_ERROR_ARGUMENT (a NULL, a bad tolerance or number, another dtype), TALUS_ERROR_SHAPE (another number of
 * columns than p), TALUS_ERROR_DATA (an input that is not finite; a layer whose Z does not vary, or is not finite),
 * TALUS_ERROR_MEMORY. After an error the network is as it was. */
TALUS_API talus_status talus_network_unit_variance_sized(talus_network *network, const talus_matrix *inputs,
                                                         double tolerance, int64_t iterations,
                                                         talus_unit_variance *result, size_t result_size);

static inline talus_status talus_network_unit_variance(talus_network *network, const talus_matrix *inputs,
                                                       double tolerance, int64_t iterations,
                                                       talus_unit_variance *result)
{
    return talus_network_unit_variance_sized(network, inputs, tolerance, iterations, result,
                                             sizeof(talus_unit_variance));
}

TALUS_END_C

#endif
