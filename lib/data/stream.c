/* Data sets of streams. */
#include "base/call.h"
#include "base/options.h"
#include "data/dataset.h"

/* Neither the order of the samples nor a number a sample goes beyond any memory unnoticed. */
#define MOST_SAMPLES (INT64_C(1) << 48)

static talus_status check_numbers(talus_context *context, const talus_stream *stream)
{
    if (stream->samples < 1 || stream->samples > MOST_SAMPLES)
        return tl_fail(context, TALUS_ERROR_SHAPE, "stream: samples must be 1 … %lld, got %lld",
                       (long long)MOST_SAMPLES, (long long)stream->samples);
    if (stream->inputs < 1)
        return tl_fail(context, TALUS_ERROR_SHAPE, "stream: inputs must be at least 1, got %lld",
                       (long long)stream->inputs);
    if (stream->targets < 0)
        return tl_fail(context, TALUS_ERROR_SHAPE, "stream: targets must be at least 0, got %lld",
                       (long long)stream->targets);
    if (stream->read == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "stream: read must not be NULL");
    if (stream->missing_targets != 0 && stream->missing_targets != 1)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "stream: missing_targets must be 0 or 1, got %lld",
                       (long long)stream->missing_targets);
    return tl_check_dtype(context, "stream: inputs", TL_DTYPES_VALUES, stream->input_dtype);
}

/* Targets that are streamed: their kind. */
static talus_status check_streamed(talus_context *context, const talus_stream *stream)
{
    if (stream->resident != NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "stream: targets must be 0 with resident ones, got %lld", (long long)stream->targets);
    talus_status status = tl_check_dtype(context, "stream: targets",
                                         TL_DTYPES_VALUES | TL_DTYPE(TALUS_DTYPE_I32), stream->target_dtype);
    if (status == TALUS_OK && stream->target_dtype == TALUS_DTYPE_I32 && stream->targets != 1)
        status = tl_fail(context, TALUS_ERROR_SHAPE, "stream: targets must be 1 for labels (i32), got %lld",
                         (long long)stream->targets);
    return status;
}

static talus_status take_targets(talus_context *context, const talus_stream *stream, talus_matrix *targets)
{
    if (stream->targets > 0) {
        *targets = (talus_matrix){.dtype = stream->target_dtype,
                                  .rows = stream->samples,
                                  .cols = stream->targets,
                                  .stride = stream->targets};
        return check_streamed(context, stream);
    }
    if (stream->target_dtype != 0)
        return tl_fail(context, TALUS_ERROR_ARGUMENT,
                       "stream: target_dtype must be 0 without streamed targets, got %d",
                       stream->target_dtype);
    return stream->resident == NULL ? TALUS_OK
                                    : tl_dataset_check_targets(context, stream->resident, stream->samples,
                                                               stream->missing_targets, targets);
}

static talus_status from_stream(talus_context *context, const talus_stream *from, size_t size,
                                talus_dataset **dataset)
{
    talus_stream stream = {.samples = 0};
    talus_matrix targets = {.data = NULL};
    if (dataset == NULL || from == NULL)
        return tl_fail(context, TALUS_ERROR_ARGUMENT, "%s must not be NULL",
                       dataset == NULL ? "dataset" : "stream");
    talus_status status = tl_struct_take(context, "stream", TL_END_OF(talus_stream, user), &stream,
                                         sizeof stream, from, size);
    if (status == TALUS_OK)
        status = check_numbers(context, &stream);
    if (status == TALUS_OK)
        status = take_targets(context, &stream, &targets);
    if (status != TALUS_OK)
        return status;
    const talus_matrix inputs = {
        .dtype = stream.input_dtype, .rows = stream.samples, .cols = stream.inputs, .stride = stream.inputs};
    stream.resident = NULL; /* a view of the caller's */
    status = tl_dataset_create(context, &inputs, &targets, dataset);
    if (status == TALUS_OK)
        (*dataset)->stream = stream;
    return status;
}

talus_status talus_dataset_from_stream_sized(talus_context *context, const talus_stream *stream, size_t size,
                                             talus_dataset **dataset)
{
    tl_call call;
    talus_status status = tl_call_begin(&call, context);
    return status == TALUS_OK ? tl_call_end(&call, from_stream(context, stream, size, dataset)) : status;
}
