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
 * Where products are not exact, their operands are split into pieces besides (engine/split_operands.h).
 *
 * Where many tiles share them, rows of Wᵀ are copied out of the flat vector first.
 *
 * The plan gives the sizes of all this for a network. What could change a bit follows from the shapes alone, never from
 * the number of threads; slabs of rows, which cannot with products of our own, are made equal for the threads. */
#ifndef TL_ENGINE_PLAN_H
#define TL_ENGINE_PLAN_H

#include "engine/plan_entry.h"
#include "network/network.h"

typedef struct tl_plan {
    int64_t max_batch;
    tl_plan_entry sizes;
    int64_t lanes;      /* columns come in multiples of this */
    int64_t parameters; /* of the network */
    bool weights_stay;  /* all weights fit into the cache of a core */
    int pieces;         /* that operands of products are cut into; 0: products are exact */
    int64_t row_step;   /* slabs of rows and tiles of weights have multiples of it */
} tl_plan;

tl_plan tl_plan_make(const talus_context *context, const talus_network *network, int64_t max_batch);

static inline int64_t tl_smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t tl_larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* ⌈a/b⌉ */
static inline int64_t tl_divide_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

/* How a batch of n samples lies in tiles: `tiles` tiles of `width` columns, the last with fewer samples. A width is
 * 1 or a multiple of the lanes, so that products meet no narrow edge; columns without a sample are filled with zeros. */
typedef struct tl_tiling {
    int64_t samples, width, tiles;
} tl_tiling;

tl_tiling tl_plan_tiling(const tl_plan *plan, int64_t samples);

/* The number of samples in a tile, and of columns that are computed for them: the last tile may be narrower. */
int64_t tl_tile_samples(const tl_tiling *tiling, int64_t tile);
int64_t tl_plan_columns(const tl_plan *plan, const tl_tiling *tiling, int64_t tile);

/* The length of the pieces that an inner index is divided into: equal ones in multiples of TL_INNER_STEP, none much longer
 * than `most`. */
int64_t tl_plan_piece(int64_t length, int64_t most);

/* The slabs of rows of a layer that are computed at once, and their first rows: about equal, so that so many threads
 * have as much work. With products of our own no slab changes a bit; with those of the BLAS they must not depend on the
 * threads. */
int64_t tl_plan_slabs(const tl_plan *plan, int64_t rows, int threads);
int64_t tl_plan_slab_row(const tl_plan *plan, int64_t rows, int64_t slabs, int64_t index);

/* Whether rows of Wᵀ are copied before they multiply so many tiles, and the elements of the room that a worker needs for
 * them; the network's widths are at most `widest`. */
bool tl_plan_packs(const tl_plan *plan, int64_t tiles);
int64_t tl_plan_pack_room(const tl_plan *plan, int64_t widest);

/* The threads of a context that products may run in: one, where they are calls of a BLAS that is for one thread. */
int tl_plan_workers(const tl_plan *plan, const talus_context *context);

/* The threads that a pass over so many samples is worth, of those that there are: a small one stays in the caller's. */
int tl_plan_threads(const tl_plan *plan, int64_t samples, int threads);

/* Whether each tile goes alone through all stages of phase A: if this gives every thread about the same work, and the
 * weights stay in a core's cache or are read once anyway. It decides who works when, not what is computed. */
bool tl_plan_tiles_go_alone(const tl_plan *plan, const tl_tiling *tiling, int threads);

/* The tiles of samples over which a weight gradient is summed at once: those of about so many samples, whose sum is then
 * added to the others', so that rounding errors do not grow with the batch. */
#define TL_SUM_SAMPLES 512
int64_t tl_sample_tiles(const tl_tiling *tiling);

/* The tiles of weights of a layer, and their rows and columns. */
typedef struct tl_weight_tile {
    int layer;
    int64_t row, rows, col, cols;
} tl_weight_tile;

int64_t tl_plan_weight_tiles(const tl_plan *plan, const talus_network *network);

/* The rows of a tile: equal parts of the layer's, so that tiles are about as much work. */
int64_t tl_plan_tile_rows(const tl_plan *plan, const tl_layer *layer);

/* All of them, in the order in which they are dealt out: the first rows of all layers, the next, and so on. So a thread
 * changes the rows that it multiplies with in the next step. */
void tl_plan_list_weight_tiles(const tl_plan *plan, const talus_network *network, tl_weight_tile *tiles);

#endif
