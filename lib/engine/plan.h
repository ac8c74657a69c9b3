/* engine: where products of tiles meet kernels. A pass over a batch has two phases:
 *
 *   phase A, over tiles of samples: a tile goes forward through all layers, through the loss, and back (Δ);
 *   phase B, over tiles of weights: ∇W = Δᵀ·A over the whole batch, and at once the update of these weights.
 *
 * In phase A a tile holds features × samples, so that Z_lᵀ = W_l·A_{l−1}ᵀ and Δ_lᵀ = W_{l+1}ᵀ·Δ_{l+1}ᵀ are fast
 * forms of product with the weights as they lie in the flat vector, a layer's output is the right side of the
 * next product, and losses and narrow layers vectorise over samples. For phase B each activation is also
 * written by samples while it is in the cache: ∇W_l = Δ_lᵀ·A_{l−1} is then such a form too.
 *
 * The plan says how this is cut. It follows from the shapes alone, never from the number of threads. */
#ifndef TL_ENGINE_PLAN_H
#define TL_ENGINE_PLAN_H

#include "network/network.h"

typedef struct tl_plan {
    int64_t max_batch;
    int64_t samples;     /* columns of a tile of phase A */
    int64_t features;    /* rows of a product in phase A */
    int64_t inner;       /* inner length of a product in phase A */
    int64_t weight_rows; /* size of a tile of weights in phase B */
    int64_t weight_cols;
} tl_plan;

/* How a batch of n samples is cut: `tiles` tiles of `width` columns, the last with fewer samples. A width is
 * 1 or a multiple of 16, so that products meet no narrow edge; columns without a sample are filled with zeros. */
typedef struct tl_cut {
    int64_t samples, width, tiles;
} tl_cut;

tl_plan tl_plan_make(const talus_network *network, int64_t max_batch);
tl_cut tl_plan_cut(const tl_plan *plan, int64_t samples);

/* The number of samples in a tile. */
int64_t tl_cut_samples(const tl_cut *cut, int64_t tile);

/* The tiles of weights of a layer, and their rows and columns. */
typedef struct tl_weight_tile {
    int layer; /* index, 0 … L−1 */
    int64_t row, rows, col, cols;
} tl_weight_tile;

int64_t tl_plan_weight_tiles(const tl_plan *plan, const talus_network *network);
tl_weight_tile tl_plan_weight_tile(const tl_plan *plan, const talus_network *network, int64_t index);

#endif
