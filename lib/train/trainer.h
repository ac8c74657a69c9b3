/* train: networks, optimisers and data sets come together. */
#ifndef TL_TRAIN_TRAINER_H
#define TL_TRAIN_TRAINER_H

#include <talus/diagnose.h>
#include <talus/train.h>

#include "diagnose/health.h"
#include "engine/pass.h"
#include "optimize/minimizer.h"

/* An epoch that was begun. */
typedef struct tl_epoch_state {
    int64_t samples, done; /* of its data set, 0 if no epoch is under way; those that have been trained on */
    double loss, weight;   /* Σ weight·loss and Σ weight over those */
    double seconds;
    double largest_norm; /* of the gradients of its steps; NaN if one was not measured */
    bool moves;          /* a step was not stalled */
} tl_epoch_state;

/* What is looked at in some steps. */
typedef struct tl_watch {
    int64_t every;               /* so many steps one is looked at; 0: none is */
    bool taken;                  /* one has been */
    bool looks;                  /* so is the step under way */
    void *before;                /* P numbers: the parameters before a step; NULL until they are asked for */
    tl_checkup checkup;          /* of the last step that was looked at; the same */
    talus_non_finite non_finite; /* of the last step that was not made */
} tl_watch;

/* Σ weight·loss of each range of outputs: over the epoch under way; in a step; and of a search, at the point tried last, and
 * between steps where it stands. */
enum { TL_RANGES_EPOCH, TL_RANGES_STEP, TL_RANGES_TRIED, TL_RANGES_ROWS };

/* What a fit may have a schedule for. */
enum { TL_FIT_RATE, TL_FIT_DROPOUT, TL_FIT_DECAY, TL_FIT_SCHEDULES };

/* Factors on the rate and on weight decay. */
typedef struct tl_factor {
    double rate, decay;
} tl_factor;

struct talus_trainer {
    talus_network *network;
    talus_workspace *workspace;
    talus_optimizer *optimizer;
    tl_update update; /* of the optimizer */
    void *gradient;   /* P numbers, for steps that need the whole of it first; NULL until one is asked for */
    double dropout_factor; /* that every share of dropout is multiplied by */
    tl_watch watch;
    tl_minimizer *minimizer; /* of a method that searches along lines; else NULL */
    tl_totals totals;        /* of its last step's batch, where that step has ended */
    bool repeats;            /* the next step is on the same cost as the last one */
    bool stalled;            /* its last step found no lower cost of its batch */
    bool fits;               /* a fit is under way */
    bool measures;           /* each step stores the gradient and takes its norm: there is a place for it */
    double gradient_norm;    /* of the last step, before clipping; NaN if it was not measured */
    tl_epoch_state under_way;
    double *range_losses; /* TL_RANGES_ROWS × R */

    /* Of the parameters and of the running statistics over `averaged` steps; NULL: no fit has asked for one, nor has the
     * method its own. */
    void *average;
    double *average_statistics;
    int64_t averaged;
    bool shows_average; /* the network has the average of the iterates, and `average` what steps start from */
    talus_plateau plateaus[TL_FIT_SCHEDULES]; /* where reductions on plateaus stand */
    talus_epoch *history;                     /* of `completed` epochs, with room for more */
    double *range_history; /* of each of them, costs of R ranges and validation costs; in the same memory */
    int64_t completed, room;
    tl_factor part_factors[TALUS_PART_COUNT];
    tl_factor *layer_factors;  /* of layers 0 … L */
    struct tl_moment *moments; /* that the optimiser learns from (engine/moments.h); NULL: from none */
    int64_t moment_count;
    struct tl_resumed *resumed; /* a fit from a checkpoint (train/resume.h); NULL: there was none */
};

/* Makes sure that the history has room for one more epoch; gives it room for so many; that epoch, with its number and a place
 * for its ranges, of which the validation costs come after the others; and adds it. */
talus_status tl_history_reserve(talus_trainer *trainer);
talus_status tl_history_grow(talus_trainer *trainer, int64_t room);
talus_epoch tl_history_begin(talus_trainer *trainer, double **range_costs);
void tl_history_add(talus_trainer *trainer, const talus_epoch *epoch);

/* A row of the ranges' losses, and how many bytes it has. */
static inline double *tl_trainer_ranges(const talus_trainer *trainer, int row)
{
    return trainer->range_losses + (size_t)row * (size_t)trainer->network->range_count;
}

static inline size_t tl_ranges_bytes(const talus_trainer *trainer)
{
    return (size_t)trainer->network->range_count * sizeof(double);
}

/* TALUS_ERROR_STATE while a fit is under way. call is what messages begin with. */
talus_status tl_trainer_check_idle(const talus_trainer *trainer, const char *call);

/* Gives a new trainer its factors: weight decay spares all but weights. */
talus_status tl_trainer_create_factors(talus_trainer *trainer);

/* The numbers that a method keeps of the matrices of a network, in a trainer to be made. */
int64_t tl_trainer_kept(const talus_network *network, const talus_optimizer_spec *spec);

/* Gives the optimiser of a new trainer its matrices. */
talus_status tl_trainer_create_matrices(talus_trainer *trainer);

/* After a pass of a step: sums up what the optimiser wants of its batch beside the gradient. */
void tl_trainer_sum_moments(talus_trainer *trainer, const tl_pass *pass);

/* What the optimiser is told of factors after they have changed. call is what messages begin with. */
talus_status tl_trainer_use_factors(talus_trainer *trainer, const char *call);

/* Makes sure that the trainer has a place for the whole gradient. call is what messages begin with. */
talus_status tl_trainer_reserve_gradient(talus_trainer *trainer, const char *call);

/* Makes sure that the trainer has a place for an average. call is what messages begin with. */
talus_status tl_trainer_reserve_average(talus_trainer *trainer, const char *call);

/* Parameters and average change places, and so do running statistics and theirs. */
void tl_trainer_exchange_average(talus_trainer *trainer);

/* Of a method that has an average of its iterates: it becomes the network's parameters, within the network's limits; and the
 * network has what steps start from again, with the same bits: whether it was shown. And the parameters as they are become
 * both of these, which the next steps go on from. */
void tl_trainer_show_average(talus_trainer *trainer);
bool tl_trainer_hide_average(talus_trainer *trainer);
void tl_trainer_restart_average(talus_trainer *trainer);

/* One step on a batch whose arguments have been checked: pass has its inputs, targets and cut. */
talus_status tl_trainer_run(talus_trainer *trainer, tl_pass *pass, tl_totals *totals);

/* The same of a trainer with a minimiser; and whether a tile of the gradient is finite, in place of rehearsing an update. */
talus_status tl_trainer_search(talus_trainer *trainer, tl_pass *pass, tl_totals *totals);
bool tl_search_rehearse(void *rule, const void *parameters, int64_t offset, int64_t rows, int64_t cols,
                        int64_t ld, const void *gradient, int64_t ld_gradient);

/* Such a step in two halves. The gradient of a batch is stored, or added to the one that is if pass->add; then the step on the
 * stored gradient of the cost is made, after a pass for it: false, and nothing has changed, if a number would not stay finite. */
talus_status tl_trainer_gradient(talus_trainer *trainer, tl_pass *pass, tl_totals *totals);

/* Runs the pass of a batch again, but without its gradient, to look at what it leaves behind. */
talus_status tl_trainer_repeat(talus_trainer *trainer, tl_pass *pass);
bool tl_trainer_update(talus_trainer *trainer, tl_pass *pass, double cost);

#endif
