/* A fit is written to a file between two steps. */
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/older.h"
#include "data/dataset.h"
#include "model/model.h"
#include "model/tensors.h"
#include "train/checkpoint_state.h"

bool tl_fit_is_due(const tl_fit *fit)
{
    const double every = fit->options.checkpoint_seconds;
    return fit->options.checkpoint != NULL && every > 0 && tl_now() - fit->saved.at >= every;
}

/* After an epoch, or after the fit has gone back to one. */
static bool epoch_is_due(tl_fit *fit)
{
    const int64_t every = fit->options.checkpoint_epochs;
    if (fit->result.epochs < fit->saved.epochs)
        fit->saved.epochs = fit->result.epochs;
    return fit->options.checkpoint != NULL && every > 0 && fit->trainer->under_way.samples == 0 &&
           fit->result.epochs - fit->saved.epochs >= every;
}

static tl_checkpoint_head head_of(const tl_fit *fit)
{
    const talus_trainer *trainer = fit->trainer;
    tl_checkpoint_head head = {
        .optimizer = trainer->optimizer->spec,
        .options = fit->options,
        .max_batch = trainer->workspace->plan.max_batch,
        .samples = fit->training->samples,
        .held_out = fit->validation == NULL ? 0 : fit->validation->samples,
    };
    for (int which = 0; which < TL_FIT_SCHEDULES; which++) {
        head.is_scheduled[which] = fit->scheduled[which].is_on;
        head.schedules[which] = fit->scheduled[which].schedule;
    }
    return head;
}

/* Puts the whole text, and lists the tensors. */
static talus_status describe(tl_fit *fit, tl_archive *archive)
{
    const talus_network *network = fit->trainer->network;
    tl_checkpoint_head head = head_of(fit);
    tl_model_put_json(archive->text, network, fit->options.checkpoint_notes);
    archive->tensor = tl_tensor_count(network);
    for (int i = 0; i < archive->tensor && i < TL_SAFETENSORS_TENSORS; i++)
        archive->tensors[i] = tl_tensor_at(network, i);
    tl_archive_open(archive, "checkpoint");
    tl_archive_head(archive, &head);
    tl_archive_fit(archive, fit);
    tl_archive_close(archive);
    if (archive->status == TALUS_OK && archive->tensor >= TL_SAFETENSORS_TENSORS)
        return tl_fail(archive->context, TALUS_ERROR_UNSUPPORTED,
                       "fit: a checkpoint must have at most %d tensors, got %d", TL_SAFETENSORS_TENSORS - 1,
                       archive->tensor);
    if (archive->status != TALUS_OK)
        return archive->status;
    tl_json_put_close(archive->text, '}');
    tl_buffer_add(archive->text, "", 1);
    return tl_buffer_check(archive->text, "the description of a fit");
}

static talus_status write(tl_fit *fit, tl_archive *archive)
{
    const talus_fit_options *options = &fit->options;
    talus_status status = describe(fit, archive);
    const tl_writing checkpoint = {.tensors = archive->tensors,
                                   .count = archive->tensor,
                                   .sums = true,
                                   .key = "talus",
                                   .text = archive->text->bytes};
    if (status == TALUS_OK)
        status = tl_older_keep(archive->context, options->checkpoint, options->checkpoint_keep);
    return status == TALUS_OK ? tl_safetensors_write(archive->context, options->checkpoint, &checkpoint)
                              : status;
}

/* Numbers that have a schedule are written as they are set, and scheduled again before the next step. */
talus_status tl_fit_save(tl_fit *fit)
{
    talus_context *context = fit->trainer->network->context;
    tl_buffer text = {.context = context};
    tl_archive archive = {.context = context, .text = &text};
    tl_fit_end_schedules(fit);
    fit->result.seconds = tl_now() - fit->start;
    archive.tensors = tl_allocate(context, TL_SAFETENSORS_TENSORS * sizeof *archive.tensors);
    talus_status status = archive.tensors != NULL ? write(fit, &archive)
                                                  : tl_fail(context, TALUS_ERROR_MEMORY,
                                                            "fit: there is no memory for a checkpoint");
    tl_release(context, archive.tensors);
    tl_release(context, archive.table);
    tl_buffer_release(&text);
    fit->saved = (tl_saved){.at = tl_now(),
                            .steps = fit->result.steps,
                            .epochs = fit->result.epochs,
                            .retries = fit->result.retries,
                            .outcome = fit->result.outcome};
    return status;
}

talus_status tl_fit_save_epoch(tl_fit *fit)
{
    return epoch_is_due(fit) ? tl_fit_save(fit) : TALUS_OK;
}

talus_status tl_fit_save_end(tl_fit *fit)
{
    const tl_saved *saved = &fit->saved;
    bool is_saved = saved->steps == fit->result.steps && saved->epochs == fit->result.epochs &&
                    saved->retries == fit->result.retries && saved->outcome == fit->result.outcome;
    return fit->options.checkpoint == NULL || is_saved ? TALUS_OK : tl_fit_save(fit);
}
