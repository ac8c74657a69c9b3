/* Training: a trainer takes steps on batches; fit runs epochs over data sets. */
#ifndef TALUS_TRAIN_H
#define TALUS_TRAIN_H

#include <talus/dataset.h>
#include <talus/evaluate.h>
#include <talus/network.h>
#include <talus/optimizer.h>

TALUS_BEGIN_C

typedef struct talus_trainer talus_trainer;

/* Makes a trainer of a network, with an optimiser and all memory for batches of at most max_batch samples.
 * The network must outlive it. optimizer may be NULL for Adam with its defaults.
 * TALUS_ERROR_ARGUMENT, TALUS_ERROR_SHAPE, TALUS_ERROR_MEMORY. *trainer is set on success only. */
TALUS_API talus_status talus_trainer_create(talus_network *network, const talus_optimizer_spec *optimizer,
                                            int64_t max_batch, talus_trainer **trainer);
TALUS_API void talus_trainer_destroy(talus_trainer *trainer);

/* One step on one batch: cost and gradient at the present parameters, then the optimiser's update. Nothing is
 * allocated. inputs and targets as for talus_gradient.
 *   cost  receives C before the update; or NULL
 * If C is not finite, the parameters and the optimiser stay as they were, and the status is TALUS_OK.
 * After an error nothing has changed either: the errors of talus_gradient. */
TALUS_API talus_status talus_trainer_step(talus_trainer *trainer, const talus_matrix *inputs,
                                          const talus_matrix *targets, double *cost);

/* Changes η from the next step on. TALUS_ERROR_ARGUMENT unless rate is finite and > 0. */
TALUS_API talus_status talus_trainer_set_rate(talus_trainer *trainer, double rate);

/* How an epoch went. */
typedef struct talus_epoch {
    int64_t epoch;              /* 1, 2, … */
    double cost;                /* mean loss over the epoch's samples, each before the update of its batch */
    double validation_cost;     /* after the epoch; NaN without a validation set */
    double validation_accuracy; /* as talus_metrics.accuracy; NaN without a validation set */
    double seconds;             /* of the training part of the epoch */
    double samples_per_second;  /* n/seconds */
} talus_epoch;

/* Where an epoch stands. */
typedef struct talus_progress {
    int64_t epoch, epochs;   /* the epoch under way, 1 …, and their number */
    int64_t sample, samples; /* samples done in it, and their number */
    double cost;             /* mean loss of the epoch so far */
    double seconds;          /* since the start of talus_fit */
} talus_progress;

typedef struct talus_fit_options {
    talus_optimizer_spec optimizer; /* default: Adam with its defaults */
    int64_t batch;                  /* samples a step, at least 1; default 128. The last batch of an epoch is
                                       shorter where batch does not divide the samples. */
    int64_t epochs;                 /* at least 1; default 10 */
    int shuffle;                    /* draw a new order of the samples for each epoch; default 1 */
    uint64_t seed;                  /* of these orders; default 0 */
    int (*on_epoch)(const talus_epoch *, void *user);        /* after each epoch; not 0 stops; default NULL */
    void (*on_progress)(const talus_progress *, void *user); /* after each step; default NULL */
    void *user;                                              /* handed to both */
    talus_epoch *history; /* the caller's array of history_capacity entries, filled in order; default NULL */
    int64_t history_capacity; /* later epochs are not recorded; default 0 */
} talus_fit_options;

TALUS_API void talus_fit_options_defaults(talus_fit_options *options);

typedef enum talus_fit_outcome {
    TALUS_FIT_COMPLETED, /* all epochs were run */
    TALUS_FIT_STOPPED,   /* on_epoch asked to stop */
    TALUS_FIT_DIVERGED   /* the cost of a batch was not finite; the parameters are those before that batch */
} talus_fit_outcome;

typedef struct talus_fit_result {
    int outcome;      /* a talus_fit_outcome */
    int64_t epochs;   /* epochs completed */
    int64_t steps;    /* updates made */
    double seconds;   /* in all */
    talus_epoch last; /* the last completed epoch; its epoch is 0 if there is none */
} talus_fit_result;

/* Trains a network on a data set for some epochs.
 *   validation  evaluated after each epoch; or NULL
 *   options     NULL for the defaults
 *   result      receives how it ended; or NULL
 * Orders are drawn with Philox4x32-10, keyed by seed and epoch. All memory is allocated before the first step.
 * TALUS_ERROR_ARGUMENT, TALUS_ERROR_SHAPE (data that does not fit the network), TALUS_ERROR_DATA,
 * TALUS_ERROR_MEMORY: the network is as it was; all data is checked before the first step. */
TALUS_API talus_status talus_fit(talus_network *network, const talus_dataset *training,
                                 const talus_dataset *validation, const talus_fit_options *options,
                                 talus_fit_result *result);

TALUS_END_C

#endif
