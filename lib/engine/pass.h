/* A pass over one batch: which of the engine's work is wanted, on which data. */
#ifndef TL_ENGINE_PASS_H
#define TL_ENGINE_PASS_H

#include "engine/workspace.h"
#include "kernels/source.h"

/* What a pass does; phase A does its part tile by tile, in this order. */
enum {
    TL_FORWARD = 1,          /* read inputs, compute all A_l */
    TL_KEEP = 2,             /* and keep A_l by samples, which TL_WEIGHTS needs */
    TL_LOSS = 4,             /* read targets, compute loss and Δ_L */
    TL_DECISIONS = 8,        /* and count the right decisions */
    TL_OUTPUT_GRADIENT = 16, /* read ∂C/∂A_L in the place of targets, compute Δ_L */
    TL_BACKWARD = 32,        /* compute Δ_l down to layer 1 */
    TL_WEIGHTS = 64,         /* phase B: ∇W and ∇b, stored or handed to the update */
    TL_CHECK = 128           /* alone: read inputs and targets as TL_FORWARD | TL_LOSS do, and no more */
};

/* What is done with the gradient of a tile of weights (or of biases, as one row), while it is in the cache.
 * parameters points at the tile, which starts at `offset` of the flat vector; both have the network's precision. */
typedef struct tl_update {
    void (*apply)(void *rule, void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                  const void *gradient, int64_t ld_gradient);
    void *rule;
} tl_update;

/* The steps of phase A, in their order. A tile may go through all of them in one task, which keeps it in the cache;
 * or all tiles take each stage together, cut by rows of the layer, which keeps the weights in the cache and gives
 * work to more threads than there are tiles. The numbers come out the same. */
enum { TL_STAGE_INPUTS, TL_STAGE_FORWARD, TL_STAGE_OUTPUTS, TL_STAGE_BACKWARD, TL_STAGE_STORE, TL_STAGE_END };
typedef struct tl_stage {
    int kind;
    int number; /* of the layer that is produced: forward 1 … L, backward L−1 … 1, or 0 for ∂C/∂X */
} tl_stage;

typedef struct tl_pass {
    const talus_network *network;
    talus_workspace *workspace;
    unsigned work;
    tl_cut cut;
    tl_source inputs;            /* X */
    tl_source targets;           /* Y: values, or labels if its dtype is TALUS_I32; or ∂C/∂A_L */
    talus_matrix outputs;        /* receives A_L; data NULL: not wanted */
    talus_matrix input_gradient; /* receives ∂C/∂X; data NULL: not wanted */
    void *gradient;              /* receives the flat gradient, if update is NULL */
    int64_t first_row;           /* of the batch in the data set, for messages */
    const tl_update *update;     /* takes the gradient of the parameters and changes them; or NULL */
    int threads;                 /* at work; set by tl_pass_run */
    tl_stage stage;              /* that all threads are in, when tiles do not go alone */
} tl_pass;

tl_stage tl_stage_first(const tl_pass *pass);
tl_stage tl_stage_next(const tl_pass *pass, tl_stage stage);

/* The rows that the blocks of a stage cut: of the layer for products; 1 for what takes a tile as a whole. */
int64_t tl_stage_rows(const tl_pass *pass, const tl_stage *stage);

/* A task of the present stage: rows of a layer in a group of tiles. */
#define TL_GROUP_TILES 16
typedef struct tl_block {
    int64_t first_tile, tiles, row, rows;
} tl_block;
int64_t tl_stage_blocks(const tl_pass *pass);
tl_block tl_stage_block(const tl_pass *pass, int64_t index);

/* Sums over the batch. */
typedef struct tl_totals {
    double cost; /* mean loss */
    int64_t right;
} tl_totals;

/* Runs a pass whose arguments have been checked. Values are checked on the way: TALUS_ERROR_DATA before anything
 * but the workspace and the outputs has changed. An update is left out if the cost is not finite. totals may be
 * NULL. */
talus_status tl_pass_run(tl_pass *pass, tl_totals *totals);

/* The tasks of both phases, in each precision: job is a tl_pass. */
void tl_pass_tile_f32(void *job, int64_t tile, int worker);
void tl_pass_tile_f64(void *job, int64_t tile, int worker);
void tl_pass_block_f32(void *job, int64_t index, int worker);
void tl_pass_block_f64(void *job, int64_t index, int worker);
void tl_pass_weights_f32(void *job, int64_t index, int worker);
void tl_pass_weights_f64(void *job, int64_t index, int worker);

/* Names the value of the batch that cannot be used; bad_inputs says whether to look among inputs or targets. */
talus_status tl_pass_blame(const tl_pass *pass, bool bad_inputs);

/* The range that targets of a loss must lie in. */
void tl_target_range(int loss, double *least, double *most);

#endif
