/* The memory of a pass: one arena, laid out when the workspace is made. */
#ifndef TL_ENGINE_WORKSPACE_H
#define TL_ENGINE_WORKSPACE_H

#include <talus/evaluate.h>

#include "base/cache.h"
#include "engine/schedule.h"
#include "kernels/pieces.h"

/* The statistics of a layer that is normalised over the batch; NULL for others. */
typedef struct tl_batch_statistics {
    double *tile_means, *tile_squares; /* of each tile: μ and Σ (z − μ)² of each unit: tiles × d_l */
    double *means, *squares;           /* of the batch */
    double *variances;                 /* by which the layer is normalised, together with means */
    double *straight,
        *along; /* the means over the batch of Δ and Δ ⊙ ẑ; 0 where the statistics are constants */
} tl_batch_statistics;

/* Of a layer with a penalty on its spectral norm: s, and s·u·vᵀ, the gradient of s²/2. */
typedef struct tl_spectral_slope {
    double norm;
    double *left; /* s·u, d_l numbers */
    void *right;  /* v, d_{l−1} numbers of the network's precision */
} tl_spectral_slope;

/* Operands in pieces, where products are not exact; else NULL (engine/split_operands.h). */
typedef struct tl_split_level {
    uint16_t *weights, *across; /* W_l and W_lᵀ, as left tiles */
    uint16_t
        *features; /* A_l, and on the way back Δ_l, of each tile of samples: right tiles along the features */
    uint16_t *samples; /* A_l: right tiles along the samples; not for the last level */
    uint16_t *deltas;  /* Δ_l: left tiles along the samples */
} tl_split_level;

/* What a layer's output needs; level 0 is the input. Arrays are of the network's precision.
 * Tile t of an array of features × samples starts at d·width·t and has the leading dimension `width`. */
typedef struct tl_level {
    int64_t width;  /* d_l */
    void *features; /* A_l in tiles of features × samples */
    void *deltas;   /* Δ_l, laid out likewise; at level 0 the place of A_0, which no one needs by then */
    void *samples;  /* A_l by samples, with leading dimension `ld`; not for the last level */
    int64_t ld;
    void *
        slopes; /* f_l′(Z_l), with dropout f_l′(Z_l) ⊙ M_l, in tiles of features × samples; only where it is needed */
    void *negatives;  /* min(Z_l, 0) of a layer that learns slopes, laid out and dropped as they are */
    void *normalized; /* ẑ of a normalised layer in tiles of features × samples, for the way back */
    void *inverse;    /* and 1/√(σ² + ε) of each sample, if it is over the units */
    tl_batch_statistics statistics;
    tl_spectral_slope spectral; /* NULL in it without the penalty */
    tl_split_level split;
    void *sums[TALUS_PART_COUNT]; /* of parts with a number a unit, for each tile the sum over its samples of
                                     what their gradient is made of, for biases Δ_l: tiles × d_l. Biases have them always, even
                                     in a layer that has none; other parts that the layer does not have, NULL. */
} tl_level;

/* What phase A finds out about a tile. */
typedef struct tl_tile_report {
    double loss;      /* the weighted sum over its samples */
    double correct;   /* weighted correct decisions */
    double decisions; /* all that there were to make, weighted */
    int bad;          /* TL_BAD_INPUTS, TL_BAD_TARGETS, or 0 */
} tl_tile_report;

/* What a worker finds out in a pass: how large numbers get, for the judgement whether an update could overflow. */
typedef struct tl_extent {
    _Alignas(TL_LINE_BYTES) double activations; /* Σ of the squares of those that it made, or a bound of it */
    double deltas;                              /* Σ of the squares of the deltas */
    bool overflow;                              /* a rehearsed update did not stay finite */
} tl_extent;

/* The penalty on a tile of weights, and the sum of their squares if it has them. */
typedef struct tl_penalty {
    double cost, squares;
} tl_penalty;

struct talus_workspace {
    talus_context *context;
    const talus_network *network;
    const void *kernels;            /* the table of the network's precision */
    const tl_piece_kernels *pieces; /* NULL: products are exact */
    tl_plan plan;
    int64_t weight_tile_count;
    tl_weight_tile *weight_tiles;
    tl_schedule schedule;
    int64_t kept; /* samples of the last forward call, for a backward call; 0: there is none */
    void *arena;
    int64_t bytes; /* that the workspace takes in all */
    tl_level
        raw; /* inputs that are projected: width, features, samples and ld; of width 0 without a projection */
    void *targets; /* Y in tiles of features × samples */
    void *scratch; /* for each worker: a tile of weights, a tile of outputs by samples, or rows of Wᵀ */
    int64_t scratch_size; /* elements for each worker */
    tl_tile_report *reports;
    double *range_losses;  /* of each tile, the parts of its loss that the ranges of outputs have */
    tl_extent *extents;    /* of each worker */
    tl_penalty *penalties; /* of each tile of weights; NULL: the network has none */
    void *
        directions; /* for each worker two vectors of direction_size elements; NULL: no layer has power iterations */
    int64_t direction_size;
    tl_level levels[]; /* 0 … L */
};

/* The same as talus_workspace_create, for a context and sizes that have been checked. name is what messages call
 * the thing that is made. */
talus_status tl_workspace_create(talus_context *context, const talus_network *network, int64_t max_batch,
                                 const char *name, talus_workspace **workspace);

/* The same if that takes at most so many bytes; else *workspace becomes NULL. *needed: the bytes, −1 if they exceed any memory. */
talus_status tl_workspace_create_within(talus_context *context, const talus_network *network,
                                        int64_t max_batch, const char *name, int64_t most, int64_t *needed,
                                        talus_workspace **workspace);

/* The schedule for a batch of so many samples: the one at hand, or made anew. */
const tl_schedule *tl_workspace_schedule(talus_workspace *workspace, int64_t samples);

#endif
