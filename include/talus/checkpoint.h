/* Checkpoints: a fit that was stopped, or whose process was killed, goes on from a file.
 *
 * With the option `checkpoint` (talus/train.h), a fit writes everything that it consists of to a file: before its first step, after
 * epochs, also within them after some time, and at its end, however that comes. A fit that goes on from a checkpoint ends with
 * the bits that it would have had without the break: of the network, of the history, of the result, but for what is
 * measured in seconds. What was done after the checkpoint is done again, with its callbacks.
 *
 * A file is written whole or not at all (as by talus_model_save), and takes the name of the option; the checkpoint before it
 * becomes PATH.1, the one before that PATH.2, as many as checkpoint_keep says. A process that is killed while it writes
 * leaves a temporary file that ends with ".part", which may be deleted.
 *
 * It is a safetensors file, as a model is (talus/model.h), with more tensors: the state of the optimiser, the moving average,
 * the best epoch, the history, and with retries the epochs that the fit may go back to. All else is in the same JSON text, under
 * "checkpoint": options by name, counters, factors, the epoch under way, and a sum of everything, which tells of a changed bit.
 * talus_model_notes reads its notes. A checkpoint has no callbacks, no data, and no health of steps. */
#ifndef TALUS_CHECKPOINT_H
#define TALUS_CHECKPOINT_H

#include <talus/train.h>

TALUS_BEGIN_C

/* Makes the network and the trainer that a checkpoint has, whose fit waits to go on: the next talus_trainer_fit with the trainer,
 * the same data and the options given here is that fit, and its result is that of the whole. Until then the network has
 * the parameters that the next step starts from, and talus_trainer_step is refused (TALUS_ERROR_STATE).
 *
 * If the newest checkpoint cannot be read, that is logged, and PATH.1 is read, or the next older one; the result of the
 * fit says how many were passed over (fallback).
 *   options  receives the options of the fit; or NULL. Callbacks are NULL, and can be set; `checkpoint` is the path, and
 *            checkpoint_notes are those of the checkpoint; schedules and texts are the trainer's. A schedule of kind
 *            callback needs its function: let the option point to a copy that has it. Options must be left as they are,
 *            but for pointers, epochs, max_steps, max_seconds, health_every, and those of checkpoints. NULL as the
 *            options of talus_trainer_fit means these too
 *   size     the caller's sizeof of the options
 * Destroy the trainer before the network. TALUS_ERROR_ARGUMENT (a NULL, a size that is too small), TALUS_ERROR_FILE,
 * TALUS_ERROR_FORMAT (not a checkpoint, or a broken one), TALUS_ERROR_DATA (a number that is not finite),
 * TALUS_ERROR_UNSUPPORTED, TALUS_ERROR_MEMORY: of the newest checkpoint, if no older one could be read. *network and
 * *trainer are set on success only. talus_trainer_fit refuses other options (TALUS_ERROR_ARGUMENT), and data with
 * another number of samples (TALUS_ERROR_SHAPE); the fit still waits then. */
TALUS_API talus_status talus_checkpoint_resume_sized(talus_context *context, const char *path,
                                                     talus_network **network, talus_trainer **trainer,
                                                     talus_fit_options *options, size_t size);

static inline talus_status talus_checkpoint_resume(talus_context *context, const char *path,
                                                   talus_network **network, talus_trainer **trainer,
                                                   talus_fit_options *options)
{
    return talus_checkpoint_resume_sized(context, path, network, trainer, options, sizeof(talus_fit_options));
}

TALUS_END_C

#endif
