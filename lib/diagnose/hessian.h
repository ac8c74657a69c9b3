/* Products of the Hessian H = ∂²C/∂θ² with vectors, exactly, by forward over reverse:
 *
 *     Ż_l = Ȧ_{l−1}·W_lᵀ + A_{l−1}·V_lᵀ + 1·v_bᵀ,   Ȧ_l = f′ ⊙ Ż_l
 *     Ġ_{l−1} = Δ̇_l·W_l + Δ_l·V_l,   Δ̇_l = f′ ⊙ Ġ_l + f″ ⊙ Ż_l ⊙ G_l
 *     (H·v)_W = Δ̇_lᵀ·A_{l−1} + Δ_lᵀ·Ȧ_{l−1},   (H·v)_b = Δ̇_lᵀ·1
 *
 * Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6(1), 1994. */
#ifndef TL_DIAGNOSE_HESSIAN_H
#define TL_DIAGNOSE_HESSIAN_H

#include <talus/diagnose.h>

#include "engine/pass.h"

/* A tile of a layer's output on its way, of features × samples; level 0 are the inputs, whose Ȧ is 0. */
typedef struct tl_tangent_level {
    void *z, *z_dot, *a_dot;
} tl_tangent_level;

typedef struct tl_hessian {
    tl_pass *pass;                 /* that has been run forward through the loss */
    double *scales;                /* of each sample of a tile: its weight over the sum of all */
    void *delta[2], *delta_dot[2]; /* of a layer and of the one below, by turns */
    void *rows;                    /* A or Ȧ of a tile, by samples */
    tl_tangent_level *levels;      /* 0 … L */
    void *numbers;                 /* where all these lie */
    char *next;                    /* of the numbers that have no use yet */
} tl_hessian;

/* Runs the pass, whose arguments have been checked, forward, and takes the memory that products need; name is what messages
 * begin with. Refuses what has no second derivative here. */
talus_status tl_hessian_begin(tl_hessian *hessian, tl_pass *pass, const char *name);
void tl_hessian_end(tl_hessian *hessian);

/* product ← H·v, both as the parameters. Tile after tile in one thread. */
void tl_hessian_apply(const tl_hessian *hessian, const void *v, void *product);

/* Whether kernels/curvature.h has rows of a kind. */
bool tl_activation_has_curvature_f64(int activation);
bool tl_loss_has_curvature_f64(int loss);

/* Adds the share of tile t, in each precision. */
void tl_hessian_tile_f32(const tl_hessian *hessian, int64_t t, const void *v, void *product);
void tl_hessian_tile_f64(const tl_hessian *hessian, int64_t t, const void *v, void *product);

#endif
