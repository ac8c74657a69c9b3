/* Training: a trainer takes steps on batches; fit runs epochs over data sets. */
#ifndef TALUS_TRAIN_H
#define TALUS_TRAIN_H

#include <talus/dataset.h>
#include <talus/evaluate.h>
#include <talus/metrics.h>
#include <talus/network.h>
#include <talus/optimizer.h>
#include <talus/outcome.h>
#include <talus/schedule.h>

TALUS_BEGIN_C

typedef struct talus_trainer talus_trainer;

/* Makes a trainer of a network, with an optimiser and all memory for batches of at most max_batch samples.
 * The network must outlive it. optimizer may be NULL for Adam with its defaults.
 *   size  the caller's sizeof of the optimizer's spec
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, a layer of TALUS_STEP, or what talus_optimizer_create refuses),
 * TALUS_ERROR_SHAPE (max_batch below 1 or too large), TALUS_ERROR_UNSUPPORTED (the spec asks for what this version does
 * not know), TALUS_ERROR_MEMORY. *trainer is set on success only. */
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
 * allocated. The batch is as for talus_gradient, with weights if it has them. A method that searches along lines evaluates
 * cost and gradient at several parameters a step, and leaves the parameters as they are if it finds no lower cost.
 *   size  the caller's sizeof of the batch
 *   cost  receives C before the update; or NULL
 * If C or a number that would be changed is not finite, the parameters and the optimiser stay as they were, C is not
 * finite, and the status is TALUS_OK. After an error nothing has changed either: the errors of talus_gradient, and
 * TALUS_ERROR_STATE in a callback of a fit of this trainer. */
TALUS_API talus_status talus_trainer_step_sized(talus_trainer *trainer, const talus_batch *batch, size_t size,
                                                double *cost);

static inline talus_status talus_trainer_step(talus_trainer *trainer, const talus_batch *batch, double *cost)
{
    return talus_trainer_step_sized(trainer, batch, sizeof(talus_batch), cost);
}

/* Changes η from the next step on. TALUS_ERROR_ARGUMENT if trainer is NULL, or unless talus_optimizer_create would take
 * the rate with the other options. */
TALUS_API talus_status talus_trainer_set_rate(talus_trainer *trainer, double rate);

/* The same for the weight decay λ. */
TALUS_API talus_status talus_trainer_set_weight_decay(talus_trainer *trainer, double weight_decay);

/* Factors on the rate and on the weight decay of a part of all layers, a talus_part, or of all parts of layer 1 … L, from the
 * next step on. The two are multiplied: W_l has the rate η·(of the weights)·(of layer l). A rate of 0 freezes: neither the
 * parameters nor the optimiser's state change, and their gradient is not computed: it counts as 0 in norms, those of clipping
 * among them, and the way back ends at the lowest layer that learns. All factors are 1 at first, but the weight
 * decay of biases, normalisation parts and slopes, 0.
 * Allocates, as steps do not. TALUS_ERROR_ARGUMENT (NULL, no such part or layer, a factor that is not a finite number of at
 * least 0), TALUS_ERROR_MEMORY: nothing has changed. */
TALUS_API talus_status talus_trainer_set_part_factors(talus_trainer *trainer, int part, double rate,
                                                      double decay);
TALUS_API talus_status talus_trainer_set_layer_factors(talus_trainer *trainer, int layer, double rate,
                                                       double decay);

/* Of a trainer with schedule_free, 1: the network has x, at which it is to be evaluated (Defazio et al. 2024,
 * arXiv:2405.15682); 0: it has y, which steps start from and at which their gradients are taken:
 *     x = y − (1/β₁ − 1)·(z − y),  since y = (1−β₁)·z + β₁·x.
 * W_l in x is brought within max_norm and spectral_norm, as it is in y. A new trainer has y; so has one after
 * talus_trainer_step, which goes back to y by itself. One after a fit has x. Going to x and back gives y the same bits:
 * parameters that the caller writes at x are lost. Of normalisation over the batch, running statistics are those of y.
 * TALUS_ERROR_ARGUMENT (NULL, neither 0 nor 1, a method without an average of its own), TALUS_ERROR_STATE in a callback of a
 * fit of this trainer: nothing has changed. */
TALUS_API talus_status talus_trainer_set_averaged(talus_trainer *trainer, int averaged);

/* Which of the two the network has, also in callbacks: 1 for x, 0 for y, other methods and NULL. */
TALUS_API int talus_trainer_averaged(const talus_trainer *trainer);

/* η of the next step, and the number of steps taken so far; NaN and 0 for NULL. */
TALUS_API double talus_trainer_rate(const talus_trainer *trainer);
TALUS_API int64_t talus_trainer_steps(const talus_trainer *trainer);

/* Multiplies the share of dropout of the inputs and of every layer by a factor from the next step on; it begins with 1.
 * TALUS_ERROR_ARGUMENT: trainer is NULL, a factor that is negative, not finite, or makes a share 1 or more. */
TALUS_API talus_status talus_trainer_set_dropout_factor(talus_trainer *trainer, double factor);

/* How an epoch went. The library makes these, and later versions append fields. */
typedef struct talus_epoch {
    int64_t epoch;              /* 1, 2, … over all fits of a trainer */
    double cost;                /* mean loss over the epoch's samples, each before the update of its batch */
    double validation_cost;     /* after the epoch; NaN without a validation set */
    double validation_accuracy; /* as talus_metrics.accuracy; NaN without a validation set */
    double seconds;             /* of the training part of the epoch */
    double samples_per_second;  /* n/seconds */
    double rate;                /* η of its last step */
    int64_t steps;              /* of the trainer so far, over all fits */
    double gradient_norm;       /* the largest of its steps; NaN if it was not measured */
    double watched;             /* the metric of the options after the epoch; without validation, the cost */

    /* The parts that the ranges of outputs have in cost and validation_cost, as of talus_evaluate_ranges: `ranges` numbers
     * each, which add up to these; a network with one loss has one range. They are the trainer's, until its next epoch begins
     * or it is destroyed; then talus_trainer_epoch tells where they are. */
    int64_t ranges;
    const double *range_costs, *range_validation_costs;
    double
        validation_cost_error; /* the standard error of validation_cost, as in a talus_report; NaN without one */
} talus_epoch;

/* Where an epoch stands. The same holds. */
typedef struct talus_progress {
    int64_t epoch, epochs;   /* the epoch under way, and the last one of this fit */
    int64_t sample, samples; /* samples done in it, and their number */
    double cost;             /* mean loss of the epoch so far */
    double seconds;          /* since the start of the fit */
    double rate;             /* η of the step that was made */
    int64_t steps;           /* of the trainer so far, over all fits */
    talus_trainer *trainer;  /* of the fit, also of talus_fit: to read the history or to set the rate */
    double gradient_norm;    /* of the step, before clipping; NaN unless least_gradient_norm is above 0 */
    int64_t health_step;     /* the last step whose health was looked at, counted as steps are; 0: none was */
} talus_progress;

/* How a fit went. The same holds. */
typedef struct talus_fit_result {
    int outcome;                /* a talus_outcome */
    int64_t epochs;             /* epochs completed by this fit */
    int64_t steps;              /* updates made by it */
    double seconds;             /* in all */
    double cost;                /* of the last completed epoch, as in talus_epoch; NaN if there is none */
    double validation_cost;     /* the same; NaN without a validation set, too */
    double validation_accuracy; /* the same */
    int64_t best_epoch;         /* the epoch of this fit with the best watched value; 0 if there is none */
    double best_value;          /* that value; NaN if there is none */

    /* The last step, counted as in talus_epoch, that was not made, since a number was not finite: 0 if there is none. The
     * first such number stood in this layer, 0 for the inputs, and was this talus_operand (talus/diagnose.h); −1 if there
     * is none. */
    int64_t diverged_step;
    int diverged_layer, diverged_operand;
    int64_t retries;  /* how often it went back, as options allow; steps that were undone are not counted */
    int64_t fallback; /* checkpoints newer than the one that it went on from, which could not be read */

    /* With solve_readout, of the solution, as in a talus_solve_result (talus/solve.h); else 0 and NaN. */
    int64_t readout_rank;
    double readout_condition;
    double readout_cost;            /* the mean loss over the training set after it, as evaluated */
    double readout_validation_cost; /* the same over the validation set; NaN without one */
    int readout_kept;               /* 1: the network has the solution; 0: it is as it was before */
    int readout_orthogonal;
} talus_fit_result;

#define TALUS_FULL_BATCH INT64_MAX /* as batch: all samples in each step */

/* What a fit does. Filled by talus_fit_options_defaults.
 *
 * The callbacks run in the thread that called the fit, between two steps. A return value other than 0 stops the fit there.
 * They may make any call but talus_trainer_step and talus_trainer_fit with the trainer of the fit, which return
 * TALUS_ERROR_STATE: they may predict and evaluate with a workspace of their own, read parameters and history, and set
 * the rate. What the fit works with must not be destroyed.
 *
 * Several rules may end a fit before its epochs are over; the one that is met first gives the outcome. Between two steps:
 * `stop` (outcome stopped), `max_steps` (limit) and `max_seconds` (time). After an epoch: `least_gradient_norm` (converged),
 * and by the value that is watched, which is a metric of the validation set, or without one the cost of the epoch:
 * `stop_at_target` (target) and `patience` (stalled). A method that searches along lines also ends it (stalled) after an epoch
 * in which no step found a lower cost.
 *
 * Early stopping (Prechelt 1998, Early stopping – but when?) is `patience` with a validation set, or a validation_split. A
 * new epoch is the best if its value is the best so far in this fit. When the fit ends, in whatever way, the network gets
 * the bits that it had after the best epoch, unless restore_best is 0 or no epoch was completed. */
typedef struct talus_fit_options {
    const talus_optimizer_spec
        *optimizer; /* of talus_fit, read during the call only; default NULL: Adam's defaults.
                                              NULL for talus_trainer_fit: a trainer has its optimiser */

    /* Samples a step. An epoch's last step takes what is left. More than there are, such as TALUS_FULL_BATCH, means all of
     * them. Default 0: 128, or all for methods that search along lines. */
    int64_t batch;
    int64_t epochs; /* at least 1; default 10 */
    int shuffle; /* 1 (default): a new order of the samples for each epoch, unless a method that searches along lines
                       has all of them in each step; 0: as they stand */
    int64_t seed; /* of these orders and of the validation_split, any number; default 0 */
    int (*on_epoch)(const talus_epoch *, void *user);       /* after each epoch; default NULL */
    int (*on_progress)(const talus_progress *, void *user); /* after each step; default NULL */
    void *user;                                             /* handed to all callbacks; default NULL */
    void (*on_end)(const talus_fit_result *, void *user);   /* at the end, but for an error; default NULL */

    /* A flag that ends the fit before its next step once it is not 0; default NULL. A handler of a signal may set it:
     * sig_atomic_t is an int wherever Talus runs. */
    const volatile int *stop;

    /* This share of the training set, 0 ≤ share < 1, is drawn by the seed, as by talus_dataset_split, and used for
     * validation only; where targets are labels that stand in memory, each class gives its share. Default 0: none; not with a
     * validation set. */
    double validation_split;
    int restore_best;   /* 1 (default): with patience, the best epoch's network is kept; 0: the last one's */
    int stop_at_target; /* 1: the fit ends after an epoch whose value is `target` or better; default 0 */
    double target;      /* any number; default 0, which it must be without stop_at_target */
    int64_t patience;   /* the fit ends after so many epochs without an improvement; default 0: never */

    /* An improvement is one by more than this, at least 0, over the last one that was; default 0, which it must be
     * without patience. */
    double least_change;
    int64_t max_steps;  /* of this fit; default 0: no limit */
    double max_seconds; /* no step begins after so many; default 0: no limit */

    /* Before a fit diverges, it goes back so often to the beginning of its epoch with the least cost (of the first one, if
     * none was completed), and halves the rate, which stays so. Network, optimiser, average, history and best epoch are
     * again what they were, and the epochs are run anew. Default 0, which it must be for methods without a rate. */
    int64_t retries;

    /* β, 0 ≤ β < 1, of a moving average of the parameters θ_1, θ_2, … after each step,
     *     θ̄_t = Σ_i β^(t−i)·θ_i / Σ_i β^(t−i),
     * on which the network is validated; training does not see it (Polyak and Juditsky 1992; with the correction for
     * the start of Kingma and Ba 2015). Running statistics of normalisation over the batch are averaged with the same weights,
     * and go where θ̄ goes. In f32, β above 0.9999 is lost in rounding. Default 0: none. Not with schedule_free, which has an
     * average of its own. */
    double average;
    int keep_average; /* 1: the network becomes the average at the end, what is kept of the best epoch is its average,
                         and on_epoch sees it; default 0, which it must be without average */
    int accumulate; /* a step takes the gradient of so many batches together, 1 … 1000000; default 1. An epoch's last
                         step takes what is left. Memory is that of one batch. Not for methods that search along lines */

    /* Above 0: the norm of each step's gradient, before clipping, is measured, and the fit ends (converged) after an epoch
     * whose largest one is at most this. An epoch of one step, with all samples, is gradient descent as the textbooks
     * have it. Default 0. */
    double least_gradient_norm;
    int metric; /* a talus_metric, of the validation set: what is watched; default TALUS_METRIC_COST */

    /* Schedules of the rate, of all shares of dropout, and of the weight decay, which they multiply from step to step; read
     * during the call only; default NULL. The steps of a schedule are those of the trainer, over all fits; a length that is
     * left open is what is left of this fit. Reductions on plateaus are told the watched value. A rate or a weight decay
     * that a callback sets is multiplied from then on; after the fit it is as it was set. A factor of 0 is allowed, at the
     * beginning of a warm-up for one: the rate is then the smallest normal number of the precision, with which a step is
     * made and the optimiser's state moves on, but parameters of usual size stay as they are. schedule_size is the caller's
     * sizeof(talus_schedule), which talus_fit_options_defaults fills in. */
    int schedule_size;
    const talus_schedule *rate_schedule;    /* not for irprop and methods that search along lines */
    const talus_schedule *dropout_schedule; /* not for a network without dropout */
    const talus_schedule *decay_schedule;   /* not for an optimiser without weight decay */

    /* Looks at the health of every k-th step in this fit, in the place of talus_trainer_watch_health, which see
     * (talus/diagnose.h): on_progress asks for it with talus_trainer_health of progress->trainer. Default 0: as the trainer
     * does anyway. */
    int64_t health_every;

    /* For data that is larger than memory (talus/array.h), of which it is slow to read single samples: in each epoch, chunks of
     * shuffle_chunk samples that follow each other are put into a random order, and the samples of shuffle_window chunks that are
     * neighbours in it are shuffled among themselves. So an epoch reads one window of chunks after the other. Orders follow from
     * seed and epoch, as all do. Chunks that are large as a file system reads, and windows of many chunks that memory holds, are
     * good ones. Default 0: each sample by itself, as it must be without shuffle; and 16, which it must be without chunks. */
    int64_t shuffle_chunk;
    int64_t shuffle_window; /* at least 1 */

    /* The path of a checkpoint, from which talus_checkpoint_resume (talus/checkpoint.h) goes on with the fit; default NULL:
     * none. One that cannot be written ends the fit by an error, TALUS_ERROR_FILE or TALUS_ERROR_UNSUPPORTED (more than 16 MiB
     * beside the vectors); the one before it stands. */
    const char *checkpoint;
    const char *checkpoint_notes; /* a JSON value of the caller's, kept in it; default NULL */
    int64_t checkpoint_epochs;    /* one is written after every so many epochs; default 1; 0: only as below */
    double checkpoint_seconds;    /* and before a step, so long after the last one; default 0: never */
    int64_t checkpoint_keep; /* as many are kept, 1 … 1000: the older are PATH.1, PATH.2, …; default 2 */

    /* Finishes with the last layer: once the fit has ended, however it did, and the network is that of its best epoch or the average,
     * as options say, its last layer is solved exactly for the training set, as by talus_solve_readout (talus/solve.h), whose
     * networks and memory are checked before the first step. Epochs, history and checkpoints know nothing of it: a fit that goes on
     * from a checkpoint solves at its own end. A further fit of the trainer starts from the solution; with schedule_free from y,
     * which has none. If it fails, the network is the one that was trained. */
    double readout_ridge; /* λ ≥ 0; default 0, which it must be without solve_readout */
    int solve_readout;    /* 1: the last layer is solved; default 0 */
    int readout_if_better; /* 1: but it stays as it was where the validation cost, which needs a validation set, would be
                              higher; default 0, which it must be without solve_readout */
} talus_fit_options;

/* Fills the options with the defaults above; size is the caller's sizeof. NULL is allowed. */
TALUS_API void talus_fit_options_defaults_sized(talus_fit_options *options, size_t size);

static inline void talus_fit_options_defaults(talus_fit_options *options)
{
    talus_fit_options_defaults_sized(options, sizeof(talus_fit_options));
    if (options != NULL)
        options->schedule_size = sizeof(talus_schedule);
}

/* Trains the network of a trainer on a data set for some epochs, and may be called again: the optimiser, the numbers of
 * the epochs and so their orders go on where they stopped, so that two fits of three epochs make the same steps as one of
 * six. An epoch that a callback, a cost that is not finite or an error ended early, be it in its validation, is gone on with
 * where it stopped, if the next data set has as many samples; it counts as one of that fit's epochs. But each fit has its own limits, its own best epoch and its own count of
 * epochs without an improvement; and after one that gave the network its best epoch back, the optimiser is still that of
 * the last step, and an epoch that was begun begins anew. A moving average of the parameters goes on, too, unless the
 * network became the average or that of the best epoch, or a fit without it came between.
 *
 * With schedule_free, steps start from y, but x is what counts (talus_trainer_set_averaged): the network is validated at x,
 * has x in on_epoch and on_end, but y in on_progress, and has x once the fit has ended, by an error too, or the x of its best
 * epoch. The trainer keeps y, and its next step, of a fit or of talus_trainer_step, starts from there. Where the best epoch
 * was restored, x, y and z are what was restored.
 *   validation      evaluated after each epoch; or NULL
 *   options         NULL for the defaults; the batch is at most the trainer's max_batch, if there are so many samples
 *   options_size    the caller's sizeof of the options
 *   result          receives how it ended; or NULL
 *   result_size     the caller's sizeof of the result
 * Orders are drawn with Philox4x32-10, keyed by seed and epoch. All memory is allocated before the first step, but that
 * of the history, which grows before an epoch, of metrics other than the cost, which keep predictions for their time, and of
 * checkpoints.
 * Returns TALUS_OK; TALUS_ERROR_ARGUMENT (a NULL, an option out of its range, an optimizer, a size that is too small,
 * data without targets), TALUS_ERROR_SHAPE (data that does not fit the network), TALUS_ERROR_DATA,
 * TALUS_ERROR_UNSUPPORTED (the options ask for what this version does not know), TALUS_ERROR_STATE (in a callback of a fit
 * of this trainer), TALUS_ERROR_MEMORY. All data is read once before the first step, so that an error leaves the network as
 * it was, unless data changes during the fit, the history cannot grow, or a checkpoint cannot be written: then the steps before it stand, and no best
 * epoch is restored. So it is, too, if a stream (talus/stream.h) fails or gives what cannot be used: it is not read before. */
TALUS_API talus_status talus_trainer_fit_sized(talus_trainer *trainer, const talus_dataset *training,
                                               const talus_dataset *validation,
                                               const talus_fit_options *options, size_t options_size,
                                               talus_fit_result *result, size_t result_size);

static inline talus_status talus_trainer_fit(talus_trainer *trainer, const talus_dataset *training,
                                             const talus_dataset *validation,
                                             const talus_fit_options *options, talus_fit_result *result)
{
    return talus_trainer_fit_sized(trainer, training, validation, options, sizeof(talus_fit_options), result,
                                   sizeof(talus_fit_result));
}

/* The history: the number of epochs that the fits of a trainer have completed (0 for NULL), and epoch number 1 … of them.
 *   size  the caller's sizeof of the epoch
 * TALUS_ERROR_ARGUMENT: a NULL, a number that is not in the history, a size that is too small. */
TALUS_API int64_t talus_trainer_epochs(const talus_trainer *trainer);
TALUS_API talus_status talus_trainer_epoch_sized(const talus_trainer *trainer, int64_t number,
                                                 talus_epoch *epoch, size_t size);

static inline talus_status talus_trainer_epoch(const talus_trainer *trainer, int64_t number,
                                               talus_epoch *epoch)
{
    return talus_trainer_epoch_sized(trainer, number, epoch, sizeof(talus_epoch));
}

/* Trains a network in one call: a trainer with the optimiser of the options is made, fitted and destroyed.
 *   optimizer_size  the caller's sizeof of the spec that the options point to
 * Arguments and errors are those of talus_trainer_create and talus_trainer_fit; after an error in what it is given the
 * network is as it was. */
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
