/* Networks from files that talus_model_save has written. */
#include <stdio.h>
#include <string.h>
#include <talus/model.h>

#include "base/call.h"
#include "model/model.h"
#include "model/tensors.h"

talus_status tl_model_read_text(tl_safetensors *file, tl_json *text, tl_model_json *parts)
{
    char *bytes;
    int64_t length;
    talus_status status = tl_safetensors_metadata(file, "talus", &bytes, &length);
    if (status != TALUS_OK)
        return status;
    if (bytes == NULL)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s has no metadata \"talus\": it is no model that Talus has saved", file->file.name);
    *text = tl_json_of(file->file.context, file->file.name, bytes, length);
    return tl_model_parse_json(*text, parts);
}

static const tl_tensor *find(const tl_safetensors *file, const char *name)
{
    for (int i = 0; i < file->count; i++)
        if (tl_tensor_has_name(&file->tensors[i], name))
            return &file->tensors[i];
    return NULL;
}

/* A network takes no more memory than the weights that are in the file have paid for. */
static talus_status check_weights(const tl_safetensors *file, const talus_network_spec *spec)
{
    int64_t inputs = spec->inputs;
    for (int l = 0; l < spec->layer_count; l++) {
        char name[64];
        (void)snprintf(name, sizeof name, "layers.%d.weight", l);
        const tl_tensor *weights = find(file, name);
        const int64_t width = spec->layers[l].width;
        if (weights == NULL || weights->dimensions != 2 || weights->shape[0] != width ||
            weights->shape[1] != inputs)
            return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                           "%s: the tensor \"%s\" must be there, %lld × %lld", file->file.name, name,
                           (long long)width, (long long)inputs);
        inputs = width;
    }
    return TALUS_OK;
}

talus_status tl_model_blame(const tl_safetensors *file, talus_status status)
{
    char reason[TL_MESSAGE_BYTES];
    if (status == TALUS_OK || status == TALUS_ERROR_MEMORY || status == TALUS_ERROR_FORMAT)
        return status;
    (void)snprintf(reason, sizeof reason, "%s", file->file.context->message);
    return tl_fail(file->file.context, TALUS_ERROR_FORMAT, "%s: %s", file->file.name, reason);
}

/* Reads the tensors with which the file begins into the parameters that have their names; only a checkpoint has more. */
static talus_status read_parameters(tl_safetensors *file, bool has_more, talus_network *network)
{
    const int count = tl_tensor_count(network);
    talus_status status = TALUS_OK;
    if (has_more ? count > file->count : count != file->count)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s must have the %d tensors of its network, got %d", file->file.name, count,
                       file->count);
    for (int i = 0; i < count && status == TALUS_OK; i++) {
        const tl_tensor *tensor = &file->tensors[i];
        const tl_tensor_source wanted = tl_tensor_at(network, i); /* in the order in which they are saved */
        bool fits = tl_tensor_has_name(tensor, wanted.name) && tensor->dimensions == wanted.dimensions;
        for (int k = 0; k < wanted.dimensions && fits; k++)
            fits = tensor->shape[k] == wanted.shape[k];
        if (!fits)
            return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                           "%s: tensor %d must be \"%s\" of its network's shape, "
                           "got \"%.*s\"",
                           file->file.name, i, wanted.name, tensor->name_length, tensor->name);
        status = tl_safetensors_read(file, tensor, wanted.precision, (void *)wanted.elements);
    }
    return status;
}

static talus_status make_network(tl_safetensors *file, const tl_model_json *parts, talus_network **network)
{
    tl_read_spec spec;
    talus_status status = tl_spec_read_json(parts->network, file->count, &spec);
    if (status == TALUS_OK)
        status = check_weights(file, &spec.fields);
    if (status == TALUS_OK)
        status = tl_model_blame(file, tl_network_make(file->file.context, &spec.fields, sizeof spec.fields,
                                                      sizeof *spec.layers, network));
    tl_spec_release(file->file.context, &spec);
    return status;
}

/* A projection takes no more memory than its tensor has paid for. Its matrix is read with the parameters. */
static talus_status make_projection(const tl_safetensors *file, const tl_model_json *parts,
                                    talus_network *network)
{
    const tl_tensor *tensor = find(file, TL_PROJECTION_TENSOR);
    tl_projection made;
    if (parts->projection.at < 0)
        return TALUS_OK;
    if (tensor == NULL || tensor->dimensions != 2 || tensor->shape[0] != tl_network_inputs(network) ||
        tensor->shape[1] < 1 || tensor->shape[1] > INT32_MAX)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s: the tensor \"%s\" must be there, with %lld rows", file->file.name,
                       TL_PROJECTION_TENSOR, (long long)tl_network_inputs(network));
    talus_status status = tl_projection_read_json(parts->projection, network, tensor->shape[1], &made);
    if (status == TALUS_OK)
        tl_projection_install(network, made);
    return status;
}

talus_status tl_model_make(tl_safetensors *file, const tl_model_json *parts, talus_network **network)
{
    talus_network *made = NULL;
    talus_status status = make_network(file, parts, &made);
    if (status == TALUS_OK)
        status = make_projection(file, parts, made);
    if (status == TALUS_OK)
        status = tl_model_blame(file, tl_scaling_read_json(parts->scaling, made));
    if (status == TALUS_OK)
        status = tl_statistics_read_json(parts->statistics, made);
    if (status == TALUS_OK)
        status = read_parameters(file, parts->checkpoint.at >= 0, made);
    if (status == TALUS_OK)
        status = tl_model_blame(file, tl_projection_finish(made, "projection", &made->input_projection));
    if (status == TALUS_OK)
        *network = made;
    else
        talus_network_destroy(made);
    return status;
}

static talus_status load_from(tl_safetensors *file, talus_network **network)
{
    tl_json text;
    tl_model_json parts;
    talus_status status = tl_model_read_text(file, &text, &parts);
    if (status == TALUS_OK && parts.checkpoint.at >= 0)
        return tl_fail(file->file.context, TALUS_ERROR_FORMAT,
                       "%s is a checkpoint of a fit, not a model: talus_checkpoint_resume goes on with it",
                       file->file.name);
    return status == TALUS_OK ? tl_model_make(file, &parts, network) : status;
}

static talus_status load(talus_context *context, const char *path, talus_network **network)
{
    tl_safetensors file;
    if (path == NULL || network == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "model_load: %s must not be NULL",
                       path == NULL ? "path" : "network");
    talus_status status = tl_safetensors_open(context, path, &file);
    if (status != TALUS_OK)
        return status;
    status = load_from(&file, network);
    tl_safetensors_close(&file);
    return status;
}

talus_status talus_model_load(talus_context *context, const char *path, talus_network **network)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, load(context, path, network)) : status;
}

static talus_status notes_from(tl_safetensors *file, char *text, size_t capacity, size_t *length)
{
    tl_json all;
    tl_model_json parts;
    talus_status status = tl_model_read_text(file, &all, &parts);
    if (status != TALUS_OK)
        return status;
    size_t bytes = 0;
    if (parts.notes.at >= 0) {
        tl_json end = parts.notes;
        (void)tl_json_peek(&parts.notes);
        (void)tl_json_skip(&end);
        bytes = (size_t)(end.at - parts.notes.at);
    }
    if (length != NULL)
        *length = bytes;
    if (capacity > 0)
        (void)snprintf(text, capacity, "%.*s", (int)bytes, all.text + (bytes == 0 ? 0 : parts.notes.at));
    return TALUS_OK;
}

static talus_status read_notes(talus_context *context, const char *path, char *text, size_t capacity,
                               size_t *length)
{
    tl_safetensors file;
    if (path == NULL || (text == NULL && capacity > 0))
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "model_notes: %s must not be NULL",
                       path == NULL ? "path" : "text");
    talus_status status = tl_safetensors_open(context, path, &file);
    if (status != TALUS_OK)
        return status;
    status = notes_from(&file, text, capacity, length);
    tl_safetensors_close(&file);
    return status;
}

talus_status talus_model_notes(talus_context *context, const char *path, char *text, size_t capacity,
                               size_t *length)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, read_notes(context, path, text, capacity, length))
                              : status;
}
