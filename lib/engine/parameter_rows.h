/* Rows of the Jacobian of the outputs of a network by its parameters: ∂a_ik/∂θ of output k for sample i, by batched
 * backpropagation. For each output k all samples of a tile go back together,
 *
 *     Δ_L = (1·e_kᵀ) ⊙ f_L′,   Δ_l = (Δ_{l+1}·W_{l+1}) ⊙ f_l′,
 *
 * and row (i, k) holds δ_l·a_{l−1}ᵀ for W_l and δ_l for b_l of its sample; where a layer has them, also what they are for slopes
 * and for the scales and shifts of a normalisation. */
#ifndef TL_ENGINE_PARAMETER_ROWS_H
#define TL_ENGINE_PARAMETER_ROWS_H

#include "engine/pass.h"

/* What is wanted of a batch that a pass has been run on, with TL_FORWARD | TL_KEEP, and TL_LOSS for what is weighted: the
 * number k of sample i stands in row i·d_L + k. */
typedef struct tl_jacobian {
    tl_pass *pass;
    double *rows;      /* receives n·d_L rows of P; NULL: not wanted */
    int64_t ld;        /* of them, at least P */
    double *residuals; /* receives r_ik = s_ik·(a_ik − y_ik), n·d_L numbers; NULL: not wanted */
    double
        weight; /* W > 0: rows are those of r with s_ik = √(weight of i · weight of k / W), and 0 where y_ik is missing;
                      0: rows are ∂a_ik/∂θ, and there are no residuals */
    double *
        sums; /* with W, in the place of rows: receives of each tile Σ j_ik·r_ik and Σ j_ik² over its rows j_ik, P numbers each;
                     NULL: not wanted */
} tl_jacobian;

/* Fills rows, sums and residuals, in tiles of samples on the threads of the context. A layer that is normalised over the batch counts
 * as one of constant statistics. There must be gradients (tl_check_slopes). */
void tl_jacobian_run(const tl_jacobian *jacobian);

/* The task of a tile, in each precision: job is a tl_jacobian. */
void tl_jacobian_tile_f32(void *job, int64_t tile, int worker);
void tl_jacobian_tile_f64(void *job, int64_t tile, int worker);

#endif
