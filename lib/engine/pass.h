/* A pass over one batch: which of the engine's work is wanted, on which data. */
#ifndef TL_ENGINE_PASS_H
#define TL_ENGINE_PASS_H

#include "engine/workspace.h"
#include "kernels/source.h"

/* What is done with the gradient of a tile of weights (or of biases, as one row), while it is in the cache: the rows ×
 * cols parameters that start at `offset` of the flat vector are changed. */
typedef struct tl_update {
    /* Whether an update surely leaves finite parameters finite, if no element of the gradient exceeds `bound`. */
    bool (*is_safe)(void *rule, double bound);
    /* Whether the parameters from `offset` on stay as they are, so that no gradient is needed. They are a whole part. */
    bool (*is_frozen)(void *rule, int64_t offset);
    /* Where it is not sure: whether the same update as apply's would, without making it. */
    bool (*rehearse)(void *rule, const void *parameters, int64_t offset, int64_t rows, int64_t cols,
                     int64_t ld, const void *gradient, int64_t ld_gradient);
    void (*apply)(void *rule, void *parameters, int64_t offset, int64_t rows, int64_t cols, int64_t ld,
                  const void *gradient, int64_t ld_gradient);
    void *rule;
    void *parameters; /* the flat vector, of the network's precision */
} tl_update;

/* How large the numbers of a tile of weights are, with those of its rows in other parts: ‖·‖ of the gradient, of the
 * parameters before the update, and of what it changes. */
typedef struct tl_tile_norms {
    double gradient, parameters, change;
} tl_tile_norms;

typedef struct tl_pass {
    const talus_network *network;
    talus_workspace *workspace;
    unsigned work;     /* bits of schedule.h */
    int64_t samples;   /* n */
    tl_source inputs;  /* X */
    tl_source targets; /* Y: values, or labels if its dtype is TALUS_DTYPE_I32; or ∂C/∂outputs */
    tl_source weights; /* of the samples, n × 1 of f32 or f64; data NULL: all are 1 */
    double
        mean_weight; /* where the batch is a part of a data set with weights, that of its samples; else 0 */
    talus_matrix outputs;        /* receives A_L in the caller's units; data NULL: not wanted */
    talus_matrix input_gradient; /* receives ∂C/∂X for the raw X, with TL_INPUT_GRADIENT */
    void *
        gradient; /* receives the flat gradient, of what is frozen 0, unless the update takes it; NULL: not wanted */
    double *range_losses;  /* to which Σ weight·loss of each range of outputs is added; NULL: not wanted */
    double *sample_losses; /* receives the loss of each sample, n numbers; NULL: not wanted */
    bool add;              /* the gradient is added to what stands there */
    bool penalises;        /* the penalty on the weights is part of cost and gradient */
    bool follows;          /* power iterations for it are one step after those of the last step */
    double mean_over;      /* the sum of weights that C is taken over; 0: that of the samples of the pass */
    const tl_update *
        update; /* what the parameters learn by: it knows what is frozen, and takes the gradient; NULL: none */
    bool keeps;             /* but the parameters stay as they are, and the gradient goes to `gradient` */
    bool to_the_end;        /* all Δ_l are wanted, also below the layers that learn */
    int highest;            /* with TL_FORWARD alone, the layer whose outputs are wanted; 0: the last */
    tl_tile_norms *norms;   /* receives those of each tile of weights; NULL: they are not measured */
    int64_t first_row;      /* of the batch in the data set, for messages */
    const int64_t *numbers; /* of the samples, for messages; NULL: from first_row on */

    /* What random masks are drawn for: whether the network is being trained, under which seed, at which step. */
    bool trains;
    uint64_t seed;
    int64_t step;
    int64_t step_sample;   /* the first sample's number among all that this step is made of */
    double dropout_factor; /* that every share of dropout is multiplied by */

    /* Set by tl_pass_run, as is the scaling of inputs and targets, from the network's. */
    const tl_schedule *schedule;
    double weight;  /* Σ of the weights of the samples, or what that is on average: samples·mean_weight */
    double penalty; /* on the weights; 0 of passes without it */
    double penalty_slope;        /* no element of its gradient exceeds it */
    int lowest;                  /* layer that Δ is needed of: none below it learns */
    bool rehearses;              /* phase B makes no change, but finds out whether all would stay finite */
    const tl_stage *stage, *end; /* that all threads are in; or that a tile goes through alone, up to `end` */
} tl_pass;

/* Sums over samples, to be divided once. */
typedef struct tl_totals {
    double loss;      /* Σ weight·loss */
    double weight;    /* Σ weight */
    double correct;   /* Σ weight·(correct decisions) */
    double decisions; /* Σ weight·(decisions); 0 where the loss knows none */
    double penalty;   /* on the weights, of passes that have it */
} tl_totals;

/* C: the mean loss and the penalty. */
static inline double tl_cost(const tl_totals *totals)
{
    return totals->loss / totals->weight + totals->penalty;
}

/* Runs a pass whose arguments have been checked. Values are checked on the way: TALUS_ERROR_DATA before anything
 * but the workspace and the outputs has changed. An update is left out, and the loss becomes infinite if it was not, if
 * the loss or any number that would be changed is not finite. totals may be NULL. */
talus_status tl_pass_run(tl_pass *pass, tl_totals *totals);

/* Checks the weights of the samples, of which there may be more than in a batch, and sums them up: pass->weight. */
talus_status tl_pass_weigh(tl_pass *pass);

/* After parameters have changed: what the network limits is brought back to its limits. */
void tl_pass_constrain(tl_pass *pass);

/* Whether outputs of layer l (0: inputs) are dropped in a pass: an element is if its 16 random bits are below this. */
uint32_t tl_drop_threshold(const tl_pass *pass, int l);
static inline bool tl_drops(const tl_pass *pass, int l)
{
    return pass->trains && pass->network->layers[l].dropout > 0 && tl_drop_threshold(pass, l) > 0;
}

/* Whether a stage is part of a pass. */
static inline bool tl_pass_has(const tl_pass *pass, const tl_stage *stage)
{
    bool needed = (stage->work != TL_BACKWARD || stage->layer >= pass->lowest) &&
                  (pass->highest == 0 || stage->layer <= pass->highest);
    return needed && (pass->work & stage->work) != 0 && (pass->work & stage->unless) == 0;
}

/* Whether phase B changes parameters. */
static inline bool tl_pass_updates(const tl_pass *pass)
{
    return pass->update != NULL && !pass->keeps;
}

/* Whether a part of the parameters stays as it is, so that its gradient is not needed. */
static inline bool tl_pass_freezes(const tl_pass *pass, const tl_part *part)
{
    return pass->update != NULL && pass->update->is_frozen(pass->update->rule, part->offset);
}

/* The tasks of both phases, in each precision: job is a tl_pass. */
void tl_run_tile_f32(void *job, int64_t tile, int worker);
void tl_run_tile_f64(void *job, int64_t tile, int worker);
void tl_run_slab_f32(void *job, int64_t task, int worker);
void tl_run_slab_f64(void *job, int64_t task, int worker);
void tl_run_weights_f32(void *job, int64_t index, int worker);
void tl_run_weights_f64(void *job, int64_t index, int worker);

/* What one thread does at a barrier, in each precision. */
void tl_run_barrier_f32(const tl_pass *pass, const tl_stage *stage);
void tl_run_barrier_f64(const tl_pass *pass, const tl_stage *stage);

/* After a step that was made with a pass: the running statistics of the network move to those of the batch. */
void tl_pass_move_statistics(const tl_pass *pass, talus_network *network);

/* Names the value of the batch that cannot be used: TALUS_ERROR_DATA. */
enum { TL_BAD_INPUTS = 1, TL_BAD_TARGETS = 2 };
talus_status tl_find_bad_value(const tl_pass *pass, int bad);

#endif
