/* Second derivatives: how activations and losses carry a tangent, which is a directional derivative ẋ = d/dt x(θ + t·v) at
 * t = 0. Plain loops in double, for diagnosis. Include it from templates.
 *
 * Arrays are tiles of features × samples, as in families.h. */
#ifndef TL_KERNELS_CURVATURE_H
#define TL_KERNELS_CURVATURE_H

#include <stdbool.h>

#include "base/real.h"

/* A tile with its tangents, which are called dot. */
typedef struct TL(tl_tangent) {
    int64_t rows, cols, ld;
    double parameter;        /* of the kind */
    const real *z, *z_dot;   /* Z and Ż; of losses that are not computed from Z: A and Ȧ */
    const real *a;           /* A, of whole layers */
    real *a_dot;             /* Ȧ */
    const real *y;           /* of losses: the targets */
    const double *scales;    /* of losses: of each sample */
    real *delta, *delta_dot; /* Δ and Δ̇ */
} TL(tl_tangent);

/* Whether there are second derivatives of a kind. */
bool TL(tl_activation_has_curvature)(int activation);
bool TL(tl_loss_has_curvature)(int loss);

/* Ȧ = f′ ⊙ Ż */
void TL(tl_activation_forward_tangent)(int activation, const TL(tl_tangent) * x);

/* From G = ∂C/∂A and Ġ in their place: Δ = f′ ⊙ G,  Δ̇ = f′ ⊙ Ġ + f″ ⊙ Ż ⊙ G */
void TL(tl_activation_backward_tangent)(int activation, const TL(tl_tangent) * x);

/* Δ = ∂(Σ_j scale_j·loss_j)/∂Z, or ∂/∂A, and Δ̇ */
void TL(tl_loss_tangent)(int loss, const TL(tl_tangent) * x);

#endif
