/* Regularisation of weights in a pass. */
#ifndef TL_ENGINE_PENALTY_H
#define TL_ENGINE_PENALTY_H

#include "engine/pass.h"

/* Tasks over the tiles of weights, in each precision: job is a tl_pass. The penalty of a tile goes to the workspace; a
 * constraint scales rows of weights that have become longer than allowed. */
void tl_run_penalty_f32(void *job, int64_t index, int worker);
void tl_run_penalty_f64(void *job, int64_t index, int worker);
void tl_run_constraint_f32(void *job, int64_t index, int worker);
void tl_run_constraint_f64(void *job, int64_t index, int worker);

/* Tasks over the layers 1, 2, …, from 0: the spectral norm of weights with a penalty on it, and its slope, go to the workspace;
 * weights whose spectral norm has become larger than allowed are scaled. */
void tl_run_spectral_penalty_f32(void *job, int64_t index, int worker);
void tl_run_spectral_penalty_f64(void *job, int64_t index, int worker);
void tl_run_spectral_norm_f32(void *job, int64_t index, int worker);
void tl_run_spectral_norm_f64(void *job, int64_t index, int worker);

/* Adds the gradient of the penalty to the gradient of a tile of weights. */
void tl_add_penalty_gradient_f32(const tl_pass *pass, const tl_weight_tile *tile, float *gradient,
                                 int64_t ld);
void tl_add_penalty_gradient_f64(const tl_pass *pass, const tl_weight_tile *tile, double *gradient,
                                 int64_t ld);

#endif
