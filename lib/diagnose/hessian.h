/* Products of the Hessian H = ∂²C/∂θ² with vectors, exactly, by forward over reverse:
 *
 *     Ż_l = Ȧ_{l−1}·W_lᵀ + A_{l−1}·V_lᵀ + 1·v_bᵀ,   Ȧ_l = f′ ⊙ Ż_l
 *     Ġ_{l−1} = Δ̇_l·W_l + Δ_l·V_l,   Δ̇_l = f′ ⊙ Ġ_l + f″ ⊙ Ż_l ⊙ G_l
 *     (H·v)_W = Δ̇_lᵀ·A_{l−1} + Δ_lᵀ·Ȧ_{l−1},   (H·v)_b = Δ̇_lᵀ·1
 *
 * with the tangents of kernels/curvature.h where there is a normalisation between Z_l and f.
 * Source: Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6(1), 1994. */
#ifndef TL_DIAGNOSE_HESSIAN_H
#define TL_DIAGNOSE_HESSIAN_H

#include <talus/diagnose.h>

#include "engine/pass.h"
#include "kernels/normalize_sums.h"

/* A layer's output on its way, in tiles of features × samples; level 0 are the inputs, whose Ȧ is 0. */
typedef struct tl_tangent_level {
    void *z, *z_dot, *a_dot;   /* what f is taken of, its tangent, and Ȧ */
    void *normalized_dot;      /* of a normalised layer: Ż, then the tangent of ẑ; else NULL */
    tl_normalize_sums *groups; /* of a normalised layer: of each sample, or of each unit; else NULL */
} tl_tangent_level;

typedef struct tl_hessian {
    tl_pass *pass;                 /* that has been run forward through the loss */
    int64_t places;                /* for tiles: 1, or one for each where they wait for each other */
    double *scales;                /* of each sample of a tile: its weight over the sum of all */
    void *delta[2], *delta_dot[2]; /* of a layer and of the one below, by turns */
    int64_t widest;                /* the rows that each of these has */
    void *rows;                    /* A or Ȧ of a tile, by samples */
    tl_tangent_level *levels;      /* 0 … L */
    tl_normalize_sums *groups;     /* where those of the levels lie */
    void *numbers;                 /* where all else lies */
} tl_hessian;

/* Runs the pass, whose arguments have been checked, forward, and takes the memory that products need; name is what messages
 * begin with. */
talus_status tl_hessian_begin(tl_hessian *hessian, tl_pass *pass, const char *name);
void tl_hessian_end(tl_hessian *hessian);

/* product ← H·v, both as the parameters. In one thread. */
void tl_hessian_apply(const tl_hessian *hessian, const void *v, void *product);

/* The steps of layer l forward: its product; f. And back: f′; the shares of its parameters and Δ below. Between the two of a
 * layer that is normalised over the batch, all tiles wait. */
enum { TL_TANGENT_PRODUCT, TL_TANGENT_ACTIVATE, TL_TANGENT_DIFFERENTIATE, TL_TANGENT_DESCEND };

/* Takes such a step with a tile, in each precision. */
typedef struct tl_tangent_step {
    int kind, layer;
} tl_tangent_step;
void tl_hessian_step_f32(const tl_hessian *hessian, int64_t tile, tl_tangent_step step, const void *v,
                         void *product);
void tl_hessian_step_f64(const tl_hessian *hessian, int64_t tile, tl_tangent_step step, const void *v,
                         void *product);

#endif
