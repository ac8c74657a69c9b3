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
 *   size  the caller's sizeof of the optimizer's spec
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, or what talus_optimizer_create refuses), TALUS_ERROR_SHAPE (max_batch
 * below 1 or too large), TALUS_ERROR_UNSUPPORTED (the spec asks for what this version does not know),
 * TALUS_ERROR_MEMORY. *trainer is set on success only. */
TALUS_API talus_status talus_trainer_create_sized(talus_network *network,
                                                  const talus_optimizer_spec *optimizer, size_t size,
                                                  int64_t max_batch, talus_trainer **trainer);

static inline talus_status talus_trainer_create(talus_network *network, const talus_optimizer_spec *optimizer,
                                                int64_t max_batch, talus_trainer **trainer)
{
    return talus_trainer_create_sized(network, optimizer, sizeof(talus_optimizer_spec), max_batch, trainer);
}

/* Frees a trainer, before its network. NULL is allowed. */
TALUS_API void talus_trainer_destroy(talus_trainer *trainer);

/* One step on one batch: cost and gradient at the present parameters, then the optimiser's update. Nothing is
 * allocated. inputs and targets as for talus_gradient.
 *   cost  receives C before the update; or NULL
 * If C is not finite, the parameters and the optimiser stay as they were, and the status is TALUS_OK.
 * After an error nothing has changed either: the errors of talus_gradient. */
TALUS_API talus_status talus_trainer_step(talus_trainer *trainer, const talus_matrix *inputs,
                                          const talus_matrix *targets, double *cost);

/* Changes η from the next step on. TALUS_ERROR_ARGUMENT if trainer is NULL, or unless talus_optimizer_create would take
 * the rate with the other options. */
TALUS_API talus_status talus_trainer_set_rate(talus_trainer *trainer, double rate);

/* How an epoch went. The library makes these, and later versions append fields. */
typedef struct talus_epoch {
    int64_t epoch;              /* 1, 2, … */
    double cost;                /* mean loss over the epoch's samples, each before the update of its batch */
    double validation_cost;     /* after the epoch; NaN without a validation set */
    double validation_accuracy; /* as talus_metrics.accuracy; NaN without a validation set */
    double seconds;             /* of the training part of the epoch */
    double samples_per_second;  /* n/seconds */
} talus_epoch;

/* Where an epoch stands. The same holds. */
typedef struct talus_progress {
    int64_t epoch, epochs;   /* the epoch under way, 1 …, and their number */
    int64_t sample, samples; /* samples done in it, and their number */
    double cost;             /* mean loss of the epoch so far */
    double seconds;          /* since the start of talus_fit */
} talus_progress;

/* What a fit does. Filled by talus_fit_options_defaults. */
typedef struct talus_fit_options {
    const talus_optimizer_spec *optimizer; /* read during the call only; default NULL: Adam's defaults */
    int64_t batch;  /* samples a step, at least 1; default 128; an epoch's last step takes what is left */
    int64_t epochs; /* at least 1; default 10 */
    int shuffle;    /* 1 (default): a new order of the samples for each epoch; 0: as they stand */
    int64_t seed;   /* of these orders, any number; default 0 */
    int (*on_epoch)(const talus_epoch *, void *user);        /* after each epoch; not 0 stops; default NULL */
    void (*on_progress)(const talus_progress *, void *user); /* after each step; default NULL */
    void *user;                                              /* handed to both; default NULL */
    talus_epoch *history; /* the caller's array of history_capacity entries, filled in order; default NULL */
    int64_t history_capacity; /* at least 0; later epochs are not recorded; default 0 */
} talus_fit_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_fit_options_defaults_sized(talus_fit_options *options, size_t size);

static inline void talus_fit_options_defaults(talus_fit_options *options)
{
    talus_fit_options_defaults_sized(options, sizeof(talus_fit_options));
}

/* How a fit ended. */
typedef enum talus_outcome {
    TALUS_OUTCOME_COMPLETED = 0, /* all epochs were run */
    TALUS_OUTCOME_STOPPED = 1,   /* on_epoch asked to stop */
    TALUS_OUTCOME_DIVERGED = 2   /* a batch's cost was not finite; the parameters are those before it */
} talus_outcome;

/* "completed", "stopped", "diverged"; "unknown". And the value of a name; −1. */
static inline const char *talus_outcome_name(int outcome)
{
    return talus_enumeration_name(TALUS_ENUMERATION_OUTCOME, outcome);
}

static inline int talus_outcome_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_OUTCOME, name);
}

typedef struct talus_fit_result {
    int outcome;                /* a talus_outcome */
    int64_t epochs;             /* epochs completed */
    int64_t steps;              /* updates made */
    double seconds;             /* in all */
    double cost;                /* of the last completed epoch, as in talus_epoch; NaN if there is none */
    double validation_cost;     /* the same; NaN without a validation set, too */
    double validation_accuracy; /* the same */
} talus_fit_result;

/* Trains a network on a data set for some epochs.
 *   validation      evaluated after each epoch; or NULL
 *   options         NULL for the defaults
 *   options_size, optimizer_size   the caller's sizeof of the options, and of the optimizer's spec that they point to
 *   result          receives how it ended; or NULL
 *   result_size     the caller's sizeof of the result
 * Orders are drawn with Philox4x32-10, keyed by seed and epoch. All memory is allocated before the first step.
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, an option out of its range, what talus_optimizer_create refuses, a
 * size that is too small, data without targets), TALUS_ERROR_SHAPE (data that does not fit the network),
 * TALUS_ERROR_DATA, TALUS_ERROR_UNSUPPORTED (the options ask for what this version does not know), TALUS_ERROR_MEMORY:
 * the network is as it was; all data is checked before the first step. */
TALUS_API talus_status talus_fit_sized(talus_network *network, const talus_dataset *training,
                                       const talus_dataset *validation, const talus_fit_options *options,
                                       size_t options_size, size_t optimizer_size, talus_fit_result *result,
                                       size_t result_size);

static inline talus_status talus_fit(talus_network *network, const talus_dataset *training,
                                     const talus_dataset *validation, const talus_fit_options *options,
                                     talus_fit_result *result)
{
    return talus_fit_sized(network, training, validation, options, sizeof(talus_fit_options),
                           sizeof(talus_optimizer_spec), result, sizeof(talus_fit_result));
}

TALUS_END_C

#endif
