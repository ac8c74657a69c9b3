#include "train/resume.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/call.h"
#include "base/older.h"
#include "model/model.h"
#include "model/tensors.h"
#include "optimize/rule.h"
#include "train/fit_options.h"

/* What a checkpoint becomes. */
typedef struct made {
    talus_network *network;
    talus_trainer *trainer;
    tl_resumed *resumed; /* the trainer's, once there is one */
} made;

void tl_resumed_destroy(tl_resumed *resumed, talus_context *context)
{
    if (resumed == NULL)
        return;
    tl_release(context, resumed->fit.best.state);
    tl_fit_release_guard(&resumed->fit, context);
    tl_release(context, resumed->path);
    tl_release(context, resumed->notes);
    tl_release(context, resumed);
}

static void destroy(const made *all, talus_context *context)
{
    if (all->trainer == NULL)
        tl_resumed_destroy(all->resumed, context);
    talus_trainer_destroy(all->trainer);
    talus_network_destroy(all->network);
}

/* Vectors of P numbers that must be in the file, before memory is taken for them. */
static talus_status check_vectors(const tl_safetensors *file, const made *all)
{
    const talus_network *network = all->network;
    const talus_optimizer_spec *spec = &all->resumed->head.optimizer;
    const talus_fit_options *options = &all->resumed->head.options;
    const tl_rule *rule = tl_rule_of(spec->method);
    const int64_t learnt = rule->search != NULL ? rule->search->vectors(spec) : 0;
    int64_t bytes, kept, states = rule->search != NULL ? 0 : tl_form_of(spec)->states;
    if (options->retries > 0 && rule->search != NULL)
        return tl_fail(network->context, TALUS_ERROR_FORMAT, "%s: retries must be 0 with %s", file->file.name,
                       rule->name);
    bool fits = tl_multiply(network->parameter_count,
                            (1 + states + learnt) * (int64_t)tl_dtype_size(network->precision), &bytes) &&
                tl_multiply(tl_trainer_kept(network, spec), (int64_t)tl_dtype_size(network->precision),
                            &kept);
    return fits && bytes <= file->element_bytes && kept <= file->element_bytes - bytes
               ? TALUS_OK
               : tl_fail(network->context, TALUS_ERROR_FORMAT, "%s must have the vectors of %s",
                         file->file.name, rule->name);
}

static talus_status copy_text(talus_context *context, const char *from, size_t length, char **to)
{
    *to = tl_allocate(context, length + 1);
    if (*to == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "checkpoint_resume: there is no memory for texts");
    memcpy(*to, from, length);
    return TALUS_OK;
}

static talus_status read_notes(tl_json notes, tl_resumed *resumed)
{
    tl_json end = notes;
    if (notes.at < 0)
        return TALUS_OK;
    (void)tl_json_peek(&notes);
    talus_status status = tl_json_skip(&end);
    return status == TALUS_OK
               ? copy_text(notes.context, notes.text + notes.at, (size_t)(end.at - notes.at), &resumed->notes)
               : status;
}

static talus_status read_head(const tl_safetensors *file, tl_archive *archive, made *all)
{
    talus_context *context = file->file.context;
    all->resumed = tl_allocate(context, sizeof *all->resumed);
    if (all->resumed == NULL)
        return tl_fail(context, TALUS_ERROR_MEMORY, "checkpoint_resume: there is no memory for a fit");
    tl_checkpoint_head *head = &all->resumed->head;
    talus_optimizer_defaults(&head->optimizer, TALUS_ADAM);
    talus_fit_options_defaults(&head->options);
    for (int which = 0; which < TL_FIT_SCHEDULES; which++)
        talus_schedule_defaults(&head->schedules[which], TALUS_SCHEDULE_CONSTANT);
    (void)snprintf(archive->path, sizeof archive->path, "checkpoint.");
    archive->status = tl_json_open(&archive->json, '{');
    tl_archive_head(archive, head);
    for (int which = 0; which < TL_FIT_SCHEDULES; which++)
        if (head->is_scheduled[which])
            *tl_fit_schedule_place(&head->options, which) = &head->schedules[which];
    return archive->status;
}

/* The trainer, for batches of one sample until its data is known; and memory for what its fit keeps. */
static talus_status make_trainer(const tl_safetensors *file, made *all)
{
    tl_resumed *resumed = all->resumed;
    tl_fit *fit = &resumed->fit;
    talus_status status = check_vectors(file, all);
    if (status == TALUS_OK)
        status = talus_trainer_create(all->network, &resumed->head.optimizer, 1, &all->trainer);
    if (status != TALUS_OK)
        return tl_model_blame(file, status);
    all->trainer->resumed = resumed;
    fit->trainer = all->trainer;
    fit->options = resumed->head.options;
    fit->guard.least_cost = INFINITY;
    status = tl_fit_reserve_best(fit);
    if (status == TALUS_OK)
        status = tl_fit_reserve_average(fit);
    if (status == TALUS_OK)
        status = tl_fit_reserve_guard(fit);
    return tl_model_blame(file, status);
}

static talus_status read_rest(tl_safetensors *file, tl_archive *archive, const made *all)
{
    tl_archive_fit(archive, &all->resumed->fit);
    if (archive->status == TALUS_OK && tl_json_more(&archive->json, &archive->status))
        tl_archive_refuse(archive, "what comes here is not known to this version");
    tl_release(archive->context, archive->table);
    return archive->status == TALUS_OK ? tl_safetensors_check_sum(file, archive->tensor) : archive->status;
}

static talus_status read_all(tl_safetensors *file, made *all)
{
    tl_json text;
    tl_model_json parts;
    talus_status status = tl_model_read_text(file, &text, &parts);
    if (status == TALUS_OK && parts.checkpoint.at < 0)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT, "%s is a model, not a checkpoint of a fit",
                       file->file.name);
    if (status == TALUS_OK)
        status = tl_model_make(file, &parts, &all->network);
    if (status != TALUS_OK)
        return status;
    tl_archive archive = {.context = file->file.context,
                          .json = parts.checkpoint,
                          .file = file,
                          .tensor = tl_tensor_count(all->network)};
    status = read_head(file, &archive, all);
    if (status == TALUS_OK)
        status = make_trainer(file, all);
    if (status == TALUS_OK)
        status = read_rest(file, &archive, all);
    return status == TALUS_OK ? read_notes(parts.notes, all->resumed) : status;
}

static talus_status read_file(talus_context *context, const char *path, made *all)
{
    tl_safetensors file;
    *all = (made){0};
    talus_status status = tl_safetensors_open(context, path, &file);
    if (status != TALUS_OK)
        return status;
    status = read_all(&file, all);
    tl_safetensors_close(&file);
    if (status != TALUS_OK)
        destroy(all, context);
    return status;
}

/* Reads the newest checkpoint that can be read. If none can, the message is that of the newest. */
static talus_status read_newest(talus_context *context, const char *path, made *all)
{
    char reason[TL_MESSAGE_BYTES];
    talus_status status = read_file(context, path, all), first = status;
    (void)snprintf(reason, sizeof reason, "%s", context->message);
    int64_t fallback = 0, unread = 1;
    for (int64_t age = 1; status != TALUS_OK && status != TALUS_ERROR_MEMORY && age < TL_OLDER_MOST; age++) {
        char *older = tl_older_name(context, path, age);
        if (older == NULL)
            return TALUS_ERROR_MEMORY;
        if (access(older, F_OK) == 0) {
            status = read_file(context, older, all);
            fallback = unread++;
        }
        tl_release(context, older);
    }
    if (status == TALUS_OK)
        all->resumed->fallback = fallback;
    if (status == TALUS_OK || status == TALUS_ERROR_MEMORY)
        return status;
    return tl_fail(context, first, "%s", reason);
}

static talus_status resume(talus_context *context, const char *path, talus_network **network,
                           talus_trainer **trainer, talus_fit_options *options, size_t options_size)
{
    made all;
    const char *missing = path == NULL      ? "path"
                          : network == NULL ? "network"
                          : trainer == NULL ? "trainer"
                                            : NULL;
    if (missing != NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "checkpoint_resume: %s must not be NULL", missing);
    talus_status status = options == NULL ? TALUS_OK
                                          : tl_result_check(context, "options of checkpoint_resume",
                                                            options_size, TL_END_OF(talus_fit_options, user));
    if (status == TALUS_OK)
        status = read_newest(context, path, &all);
    if (status != TALUS_OK)
        return status;
    tl_resumed *resumed = all.resumed;
    status = copy_text(context, path, strlen(path), &resumed->path);
    if (status != TALUS_OK) {
        destroy(&all, context);
        return status;
    }
    resumed->waits = true;
    resumed->head.options.checkpoint = resumed->path;
    resumed->head.options.checkpoint_notes = resumed->notes;
    if (options != NULL)
        tl_result_give(&resumed->head.options, sizeof resumed->head.options, options, options_size);
    *network = all.network;
    *trainer = all.trainer;
    return TALUS_OK;
}

talus_status talus_checkpoint_resume_sized(talus_context *context, const char *path, talus_network **network,
                                           talus_trainer **trainer, talus_fit_options *options,
                                           size_t options_size)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK
               ? tl_call_end(&call, resume(context, path, network, trainer, options, options_size))
               : status;
}
