/* Activations and their derivatives: what kernels.h lists as activate and differentiate. */
#ifndef TL_KERNELS_ACTIVATION_H
#define TL_KERNELS_ACTIVATION_H

#include "kernels/variant.h"

/* A = f(Z + b·1ᵀ) in place. Softmax is over all rows, and takes bias NULL for 0. */
typedef void K(activate)(int64_t rows, int64_t cols, real *z, int64_t ld, const real *bias, real alpha);

extern K(activate) K(activate_identity), K(activate_relu), K(activate_leaky_relu), K(activate_elu);
extern K(activate) K(activate_sigmoid), K(activate_tanh), K(activate_softplus), K(activate_softmax);

/* Δ ← Δ ⊙ f′(Z) with f′ computed from A, and sums[i] = Σ_j Δ_ij */
typedef void K(differentiate)(int64_t rows, int64_t cols, real *delta, const real *a, int64_t ld, real alpha,
                              real *sums);

extern K(differentiate) K(differentiate_identity), K(differentiate_relu), K(differentiate_leaky_relu);
extern K(differentiate) K(differentiate_elu), K(differentiate_sigmoid), K(differentiate_tanh);
extern K(differentiate) K(differentiate_softplus), K(differentiate_softmax);

#endif
