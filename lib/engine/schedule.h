/* The schedule of phase A for a batch: its stages in their order, as the executor runs them and talus_plan_describe prints
 * them. */
#ifndef TL_ENGINE_SCHEDULE_H
#define TL_ENGINE_SCHEDULE_H

#include "engine/plan.h"

/* What a pass does; phase A does its part stage by stage, in this order. */
enum {
    TL_FORWARD = 1,          /* read inputs, compute all A_l */
    TL_KEEP = 2,             /* and keep what backward and TL_WEIGHTS need: A_l by samples, slopes */
    TL_LOSS = 4,             /* read targets, compute loss and Δ_L */
    TL_DECISIONS = 8,        /* and count the correct decisions */
    TL_OUTPUT_GRADIENT = 16, /* read ∂C/∂A_L in the place of targets, compute Δ_L */
    TL_BACKWARD = 32,        /* compute Δ_l down to layer 1 */
    TL_INPUT_GRADIENT = 64,  /* and ∂C/∂X */
    TL_WEIGHTS = 128,        /* phase B: ∇W and ∇b, stored or handed to the update */
    TL_STATISTICS = 512,     /* normalise over the batch by its own statistics, not by the running ones */
    TL_CHECK = 256           /* alone: read inputs and targets as TL_FORWARD | TL_LOSS do, and no more */
};

/* A stage is done to a tile as a whole, or in slabs: rows of a layer in a group of tiles. */
enum {
    TL_STAGE_INPUTS, /* A_0 */
    TL_STAGE_FORWARD, /* slabs of A_l = f_l(W_l·A_{l−1} + b_l); of Z_l, if what comes then needs the whole layer */
    TL_STAGE_STATISTICS, /* a barrier, at which the statistics of the batch are made of those of the tiles */
    TL_STAGE_NORMALIZE, /* ẑ_l from Z_l, in slabs or the whole of it, and A_l; γ·ẑ + β, if f_l needs the whole layer */
    TL_STAGE_WHOLE_FORWARD, /* A_l from the whole of what f_l is taken of */
    TL_STAGE_OUTPUTS,       /* A_L stored, judged by the loss, or met by the caller's gradient */
    TL_STAGE_BACKWARD, /* slabs of Δ_l = (W_{l+1}ᵀ·Δ_{l+1}) ⊙ f_l′; without ⊙ f_l′ for l = 0 or a whole layer */
    TL_STAGE_WHOLE_BACKWARD, /* Δ_l from the whole of ∂C/∂A_l */
    TL_STAGE_SUMS,           /* a barrier, at which the sums of Δ and Δ ⊙ ẑ over the batch are made */
    TL_STAGE_NORMALIZE_BACKWARD, /* Δ_l = ∂C/∂Z_l from ∂C/∂(γ·ẑ_l + β), in slabs or the whole of it */
    TL_STAGE_STORE,              /* ∂C/∂X stored */
    TL_STAGE_BARRIER             /* all tiles have come here before one goes on */
};

typedef struct tl_stage {
    int kind;
    int layer;             /* that it works on */
    unsigned work, unless; /* it is done in a pass with one of the first bits and none of the second */
    int64_t group;         /* tiles of a slab; 1 for what takes a tile as a whole */
    int64_t rows, slabs;   /* rows of the layer, and the slabs that they are divided into; 1 */
    int64_t inner, step;   /* products: the inner length, and that of its pieces */
    bool packs;            /* products: rows of Wᵀ are copied first */
} tl_stage;

typedef struct tl_schedule {
    tl_tiling tiling;
    int threads;
    bool alone; /* each tile goes alone from barrier to barrier; else all tiles take each stage together */
    int stage_count;
    tl_stage *stages;
} tl_schedule;

/* The most stages that the schedule of a network has. */
int tl_schedule_room(const talus_network *network);

/* Makes the schedule for a batch on so many threads; stages has that room. */
void tl_schedule_make(const tl_plan *plan, const talus_network *network, int64_t samples, int threads,
                      tl_stage *stages, tl_schedule *schedule);

/* The tasks that a stage is divided into, and what a task takes. */
#define TL_GROUP_TILES 16 /* the most tiles of a slab */
typedef struct tl_slab {
    int64_t first_tile, tiles, row, rows;
} tl_slab;
int64_t tl_stage_tasks(const tl_schedule *schedule, const tl_stage *stage);
tl_slab tl_stage_slab(const tl_plan *plan, const tl_schedule *schedule, const tl_stage *stage, int64_t task);

#endif
