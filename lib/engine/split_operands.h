/* The operands of a network's products where they are cut into pieces (kernels/pieces.h).
 *
 * Weights are split at the beginning of a pass, so what the caller writes to the parameters needs no notice. Outputs and
 * deltas stay in tiles of features × samples as they are, and rows of them are split when they are final, while they are in
 * the cache. Slabs of rows and tiles of weights have multiples of 32 rows then, so each fills whole tiles of pieces. */
#ifndef TL_ENGINE_SPLIT_OPERANDS_H
#define TL_ENGINE_SPLIT_OPERANDS_H

#include "engine/pass.h"

/* The strips of an operand of so many rows or columns, and the numbers of one: its length along the inner index. */
int64_t tl_split_strips(int64_t outer);
int64_t tl_split_strip(const tl_plan *plan, int64_t inner);

/* Around a task with products of a pass, in each worker. */
void tl_products_begin(const tl_pass *pass, int worker);
void tl_products_end(const tl_pass *pass);

/* A task: the operands of a pass that a tile of weights is part of. job is a tl_pass. */
void tl_split_weights(void *job, int64_t index, int worker);

/* Rows of A_l of a tile of samples: what multiplies W_{l+1}, and with TL_KEEP what multiplies Δ_{l+1}. */
void tl_split_outputs(const tl_pass *pass, int l, int64_t tile, int64_t row, int64_t rows);

/* Rows of Δ_l: what multiplies W_lᵀ, where a pass goes on below; and with TL_BACKWARD what multiplies A_{l−1}, for
 * phase B, which may be another pass. */
void tl_split_deltas(const tl_pass *pass, int l, int64_t tile, int64_t row, int64_t rows);

/* Rows of W_l·A_{l−1} and W_{l+1}ᵀ·Δ_{l+1}, features × samples, in the place of Z_l and Δ_l of a tile. */
void tl_multiply_forward(const tl_pass *pass, int l, int64_t tile, int64_t row, int64_t rows);
void tl_multiply_backward(const tl_pass *pass, int l, int64_t tile, int64_t row, int64_t rows);

/* gradient (+)= Σ over `count` tiles of samples from `first` on, each with so many samples, of Δ_lᵀ·A_{l−1}. */
void tl_multiply_gradient(const tl_pass *pass, const tl_weight_tile *tile, int64_t first, int64_t count,
                          int64_t samples, float *gradient, int64_t ld);

#endif
