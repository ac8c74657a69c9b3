/* Second derivatives: how activations, losses and normalisations carry a tangent, which is a directional derivative
 * ẋ = d/dt x(θ + t·v) at t = 0. Plain loops in double, for diagnosis. Include it from templates.
 *
 * Arrays are tiles of features × samples, as in families.h. */
#ifndef TL_KERNELS_CURVATURE_H
#define TL_KERNELS_CURVATURE_H

#include "base/real.h"
#include "kernels/normalize_sums.h"

/* A tile with its tangents, which are called dot. */
typedef struct TL(tl_tangent) {
    int64_t rows, cols, ld;
    double parameter; /* of the kind */
    const real *alphas; /* of kinds that learn α: of each row, and α̇; NULL: it is the parameter, and α̇ = 0 */
    const real *alphas_dot;
    real *alphas_product;       /* backward adds d/dt ∂C/∂α of each row */
    const real *z, *z_dot;      /* Z and Ż; of losses that are not computed from Z: A and Ȧ */
    const real *a;              /* A, of whole layers */
    real *a_dot;                /* Ȧ */
    const real *y;              /* of losses: the targets; NaN: missing */
    const real *output_weights; /* of losses: of each target; NULL: all are 1 */
    const double *scales;       /* of losses: of each sample */
    real *delta, *delta_dot;    /* Δ and Δ̇ */
} TL(tl_tangent);

/* Ȧ = f′ ⊙ Ż; and where α is learnt, so that f = max(z, 0) + α·min(z, 0), + α̇·min(Z, 0) */
void TL(tl_activation_forward_tangent)(int activation, const TL(tl_tangent) * x);

/* From G = ∂C/∂A and Ġ in their place: Δ = f′ ⊙ G,  Δ̇ = f′ ⊙ Ġ + ḟ′ ⊙ G with ḟ′ = f″ ⊙ Ż; and where α is learnt,
 * + α̇·[Z ≤ 0] */
void TL(tl_activation_backward_tangent)(int activation, const TL(tl_tangent) * x);

/* Δ = ∂(Σ_j scale_j·loss_j)/∂Z, or ∂/∂A, and Δ̇ */
void TL(tl_loss_tangent)(int loss, const TL(tl_tangent) * x);

/* From Z in its place: f′(Z), and f″(Z) unless that is NULL; of kinds of one unit. α is that of each row, or of all. */
void TL(tl_activation_slopes)(int activation, int64_t rows, int64_t cols, int64_t ld, double parameter,
                              const real *alphas, real *slope, real *curve);

/* A normalised tile: z_ij is normalised with others of the group i·row_step + j·col_step. */
typedef struct TL(tl_normalize_tangent) {
    int64_t rows, cols, ld;
    int64_t row_step, col_step;
    tl_normalize_sums *groups;
    double share;                  /* 1 over the numbers of a group; 0 where its statistics are constants */
    const real *normalized;        /* ẑ */
    real *normalized_dot;          /* Ż, which forward makes the tangent of ẑ */
    const real *scale, *scale_dot; /* γ and γ̇ of each row */
    const real *shift, *shift_dot; /* β and β̇ */
    real *z, *z_dot;               /* γ ⊙ ẑ + β and its tangent: made by forward */
    real *delta, *delta_dot; /* ∂C/∂(γ ⊙ ẑ + β) and its tangent, which backward makes those of ∂C/∂Z */
} TL(tl_normalize_tangent);

/* Forward and backward, each after the sums that it needs of all tiles of its groups. */
void TL(tl_normalize_add_tangents)(const TL(tl_normalize_tangent) * x);
void TL(tl_normalize_forward_tangent)(const TL(tl_normalize_tangent) * x);
void TL(tl_normalize_add_gradients)(const TL(tl_normalize_tangent) * x);
void TL(tl_normalize_backward_tangent)(const TL(tl_normalize_tangent) * x);

#endif
