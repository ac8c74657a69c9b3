/* A fit goes on where a checkpoint has it. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "data/dataset.h"
#include "train/fit_options.h"
#include "train/resume.h"

bool tl_trainer_waits(const talus_trainer *trainer)
{
    return trainer->resumed != NULL && trainer->resumed->waits;
}

/* Options that change no bit of what is computed before the fit ends. */
static bool is_free(const char *name)
{
    static const char *const names[] = {"epochs",        "max_steps",         "max_seconds",
                                        "health_every",  "checkpoint_epochs", "checkpoint_seconds",
                                        "schedule_size", "checkpoint_keep",   "solve_readout",
                                        "readout_ridge", "readout_if_better"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Refuses a number that is not that of the checkpoint. */
static talus_status check_same(talus_context *context, const char *subject, const tl_option *row,
                               const void *had, const void *got)
{
    const double before = tl_option_number(row, had), now = tl_option_number(row, got);
    char wanted[TL_NUMBER_BYTES], given[TL_NUMBER_BYTES];
    if (before == now &&
        (row->type == TALUS_OPTION_TYPE_DOUBLE || tl_option_integer(row, had) == tl_option_integer(row, got)))
        return TALUS_OK;
    tl_text_of_double(before, wanted);
    tl_text_of_double(now, given);
    return tl_fail(context, TALUS_ERROR_ARGUMENT,
                   "fit: %s%s%s must be %s, as it is in the checkpoint, got %s", subject,
                   subject[0] == '\0' ? "" : ".", row->name, wanted, given);
}

static talus_status check_table(talus_context *context, const char *subject, const tl_options *table,
                                const void *had, const void *got)
{
    talus_status status = TALUS_OK;
    for (int i = 0; i < table->count && status == TALUS_OK; i++)
        if (table->rows[i].type != TALUS_OPTION_TYPE_POINTER && !is_free(table->rows[i].name))
            status = check_same(context, subject, &table->rows[i], had, got);
    return status;
}

static talus_status check_schedule(talus_context *context, tl_fit *fit, const tl_checkpoint_head *head,
                                   int which)
{
    const talus_schedule *given = *tl_fit_schedule_place(&fit->options, which);
    talus_schedule taken;
    if ((given != NULL) != head->is_scheduled[which])
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "fit: %s must be %s, as it is in the checkpoint",
                       tl_fit_schedule_name(which), given != NULL ? "NULL" : "given");
    if (given == NULL)
        return TALUS_OK;
    talus_status status = tl_schedule_take(context, tl_fit_schedule_name(which), &taken, given,
                                           (size_t)fit->options.schedule_size);
    return status == TALUS_OK ? check_table(context, tl_fit_schedule_name(which), &tl_schedule_table,
                                            &head->schedules[which], &taken)
                              : status;
}

static talus_status check_samples(const tl_fit *fit, const tl_checkpoint_head *head)
{
    talus_context *context = fit->trainer->network->context;
    int64_t samples = fit->training->samples,
            held_out = fit->validation == NULL ? 0 : fit->validation->samples;
    if (samples == head->samples && held_out == head->held_out)
        return TALUS_OK;
    if (fit->parts[0] != NULL)
        return tl_fail(context, TALUS_ERROR_SHAPE,
                       "fit: training must have %lld samples, as it had in the checkpoint, got %lld",
                       (long long)(head->samples + head->held_out), (long long)(samples + held_out));
    bool is_training = samples != head->samples;
    return tl_fail(
        context, TALUS_ERROR_SHAPE, "fit: %s must have %lld samples, as it had in the checkpoint, got %lld",
        is_training ? "training" : "validation", (long long)(is_training ? head->samples : head->held_out),
        (long long)(is_training ? samples : held_out));
}

/* A workspace for batches as the trainer had them; with less data than that, for all of it: no pass is cut otherwise. */
static talus_status make_workspace(const tl_fit *fit, const tl_checkpoint_head *head)
{
    talus_trainer *trainer = fit->trainer;
    talus_network *network = trainer->network;
    const int64_t most = head->samples > head->held_out ? head->samples : head->held_out;
    const int64_t batch = head->max_batch < most ? head->max_batch : most;
    talus_workspace *made = NULL;
    if (trainer->workspace->plan.max_batch == batch)
        return TALUS_OK;
    talus_status status = tl_workspace_create(network->context, network, batch, "fit", &made);
    if (status != TALUS_OK)
        return status;
    talus_workspace_destroy(trainer->workspace);
    trainer->workspace = made;
    return TALUS_OK;
}

/* A limit that still holds is met again. */
static void take_over(tl_fit *fit, const tl_resumed *resumed)
{
    const tl_fit *from = &resumed->fit;
    fit->began = from->began;
    fit->begun_epoch = from->begun_epoch;
    fit->best = from->best;
    fit->guard = from->guard;
    fit->result = from->result;
    fit->result.fallback = resumed->fallback;
    fit->result.outcome = fit->rule = from->rule;
    fit->start = tl_now() - fit->result.seconds;
    fit->saved = (tl_saved){.at = tl_now(),
                            .steps = fit->result.steps,
                            .epochs = fit->result.epochs,
                            .retries = fit->result.retries,
                            .outcome = from->result.outcome};
}

talus_status tl_fit_resume(tl_fit *fit)
{
    talus_context *context = fit->trainer->network->context;
    const tl_resumed *resumed = fit->trainer->resumed;
    const tl_checkpoint_head *head = &resumed->head;
    talus_status status = check_samples(fit, head);
    if (status == TALUS_OK)
        status = check_table(context, "", &tl_fit_table, &head->options, &fit->options);
    for (int which = 0; which < TL_FIT_SCHEDULES && status == TALUS_OK; which++)
        status = check_schedule(context, fit, head, which);
    if (status == TALUS_OK)
        status = make_workspace(fit, head);
    if (status == TALUS_OK)
        take_over(fit, resumed);
    return status;
}

/* Its memory belongs to the fit that goes on. */
static void forget_memory(tl_fit *fit)
{
    fit->best.state = NULL;
    fit->guard = (tl_guard){.least_cost = INFINITY};
}

void tl_fit_begins_resumed(talus_trainer *trainer)
{
    if (!tl_trainer_waits(trainer))
        return;
    forget_memory(&trainer->resumed->fit);
    trainer->resumed->waits = false;
}

void tl_fit_release(tl_fit *fit, talus_context *context)
{
    if (fit->trainer != NULL && tl_trainer_waits(fit->trainer))
        forget_memory(fit);
    tl_release(context, fit->rows);
    tl_release(context, fit->losses);
    tl_release(context, fit->best.state);
    tl_fit_release_guard(fit, context);
    tl_fit_release_readout(fit, context);
    tl_feed_close(&fit->feed);
    tl_feed_close(&fit->validation_feed);
    talus_dataset_destroy(fit->parts[0]);
    talus_dataset_destroy(fit->parts[1]);
}
