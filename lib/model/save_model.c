/* Networks to files. */
#include <string.h>
#include <talus/model.h>

#include "base/call.h"
#include "model/model.h"
#include "model/tensors.h"

talus_status tl_model_check_notes(talus_context *context, const char *name, const char *notes)
{
    if (notes == NULL)
        return TALUS_OK;
    tl_json json = tl_json_of(context, name, notes, (int64_t)strlen(notes));
    talus_status status = tl_json_skip(&json);
    if (status == TALUS_OK)
        status = tl_json_end(&json);
    return status == TALUS_ERROR_FORMAT ? TALUS_ERROR_ARGUMENT : status;
}

static talus_status write_tensors(const talus_network *network, const char *path, const char *text)
{
    const int count = tl_tensor_count(network);
    if (count > TL_SAFETENSORS_TENSORS)
        return tl_fail(network->context, TALUS_ERROR_UNSUPPORTED,
                       "model_save: a file must have at most %d tensors, got %d", TL_SAFETENSORS_TENSORS,
                       count);
    tl_tensor_source *tensors = tl_allocate(network->context, (size_t)count * sizeof *tensors);
    if (tensors == NULL)
        return tl_fail(network->context, TALUS_ERROR_MEMORY,
                       "model_save: there is no memory for the names of %d tensors", count);
    for (int i = 0; i < count; i++)
        tensors[i] = tl_tensor_at(network, i);
    const tl_writing model = {.tensors = tensors, .count = count, .key = "talus", .text = text};
    talus_status status = tl_safetensors_write(network->context, path, &model);
    tl_release(network->context, tensors);
    return status;
}

static talus_status save(const talus_network *network, const char *notes, const char *path)
{
    if (path == NULL)
        return tl_fail(network->context, TALUS_ERROR_ARGUMENT, "model_save: path must not be NULL");
    tl_buffer text = {.context = network->context};
    talus_status status = tl_model_check_notes(network->context, "model_save: notes", notes);
    if (status == TALUS_OK)
        status = tl_check_parameters(network, "model_save");
    if (status != TALUS_OK)
        return status;
    tl_model_put_json(&text, network, notes);
    tl_json_put_close(&text, '}');
    tl_buffer_add(&text, "", 1);
    status = tl_buffer_check(&text, "the description of a network");
    if (status == TALUS_OK)
        status = write_tensors(network, path, text.bytes);
    tl_buffer_release(&text);
    return status;
}

talus_status talus_model_save(const talus_network *network, const char *notes, const char *path)
{
    if (network == NULL)
        return TALUS_ERROR_ARGUMENT;
    tl_call call;
    talus_status status = tl_call_begin(&call, network->context);
    return status == TALUS_OK ? tl_call_end(&call, save(network, notes, path)) : status;
}
