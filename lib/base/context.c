#include "base/context.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/fork.h"
#include "base/options.h"
#include "base/processor.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

static void *standard_allocate(size_t bytes, void *user)
{
    (void)user;
    return malloc(bytes);
}

static void standard_release(void *memory, void *user)
{
    (void)user;
    free(memory);
}

#define ROW(field) TL_FIELD(talus_context_options, field)

static const tl_option rows[] = {
    {ROW(threads), .type = TALUS_OPTION_TYPE_INT, .most = TL_MAX_THREADS, .unit = "threads",
     .sentence = "Threads that work on a call; 0: one for each processor that the process may run on."},
    {ROW(instruction_set), .type = TALUS_OPTION_TYPE_NAME, .names = &tl_instruction_set_names,
     .most = INFINITY, .sentence = "The instruction set of the kernels."},
    {ROW(keep_blas_threads), .type = TALUS_OPTION_TYPE_FLAG, .most = 1,
     .sentence = "Whether the thread settings of the BLAS are never touched."},
    {ROW(allocate), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Where memory comes from."},
    {ROW(release), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Where memory goes back."},
    {ROW(allocator_user), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Handed to allocate and release."},
    {ROW(log), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Gets every error message, and notes."},
    {ROW(log_user), .type = TALUS_OPTION_TYPE_POINTER, .sentence = "Handed to log."},
};

const tl_options tl_context_table = {
    .name = "context",
    .size = sizeof(talus_context_options),
    .began = TL_END_OF(talus_context_options, allocator_user),
    .count = sizeof rows / sizeof *rows,
    .rows = rows,
};

void talus_context_options_defaults_sized(talus_context_options *options, size_t size)
{
    tl_options_defaults(&tl_context_table, options, size);
}

/* Takes the caller's options into a context that is not yet one: it can log, no more. */
static talus_status take_options(const talus_context_options *options, size_t size, talus_context *taker)
{
    if (options != NULL && size >= TL_END_OF(talus_context_options, log_user))
        taker->options.log = options->log, taker->options.log_user = options->log_user;
    talus_context_options taken;
    talus_status status = tl_options_take(taker, &tl_context_table, NULL, &taken, options, size);
    if (status == TALUS_OK)
        taker->options = taken, status = tl_options_check(taker, &tl_context_table, NULL, &taken);
    if (status != TALUS_OK)
        return status;
    if ((taken.allocate == NULL) != (taken.release == NULL))
        return tl_fail(taker, TALUS_ERROR_ARGUMENT,
                       "context: allocate and release must both be given or neither, got only %s",
                       taken.allocate != NULL ? "allocate" : "release");
    if (taken.instruction_set != TALUS_INSTRUCTION_SET_BEST && !tl_processor_runs(taken.instruction_set))
        return tl_fail(taker, TALUS_ERROR_UNSUPPORTED, "context: this processor or build does not run %s",
                       tl_instruction_set_name(taken.instruction_set));
    return TALUS_OK;
}

talus_status talus_context_create_sized(const talus_context_options *options, size_t size,
                                        talus_context **context)
{
    talus_context taker = {.pool = NULL};
    talus_context_options *chosen = &taker.options;
    talus_status status = take_options(options, size, &taker);
    if (status != TALUS_OK)
        return status;
    if (!tl_fork_watch())
        return tl_fail(&taker, TALUS_ERROR_MEMORY, "context: the system has no memory for what forks need");
    if (context == NULL)
        return tl_fail(&taker, TALUS_ERROR_ARGUMENT, "context: context must not be NULL");
    if (chosen->allocate == NULL)
        chosen->allocate = standard_allocate, chosen->release = standard_release;
    if (chosen->instruction_set == TALUS_INSTRUCTION_SET_BEST)
        chosen->instruction_set = tl_processor_best();

    talus_context *made = chosen->allocate(sizeof *made, chosen->allocator_user);
    if (made == NULL)
        return tl_fail(&taker, TALUS_ERROR_MEMORY, "context: the allocator returned no memory");
    *made = taker;
    made->pool = tl_pool_create(made, chosen->threads > 0 ? chosen->threads : tl_processor_count());
    if (made->pool == NULL) {
        chosen->release(made, chosen->allocator_user);
        return tl_fail(&taker, TALUS_ERROR_MEMORY,
                       "context: the allocator returned no memory for its threads");
    }
    *context = made;
    return TALUS_OK;
}

void talus_context_destroy(talus_context *context)
{
    if (context == NULL)
        return;
    talus_context_options options = context->options;
    tl_pool_destroy(context, context->pool);
    tl_release(context, context->plan_entries);
    options.release(context, options.allocator_user);
}

/* Copies a text as one line: control characters, which a file's name may hold, as \n, \t or \x1b. What does not fit in
 * TL_MESSAGE_BYTES is left out. */
static void copy_as_line(char *line, const char *text)
{
    size_t used = 0;
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        char piece[5] = {*text};
        if (byte == '\n' || byte == '\t')
            (void)snprintf(piece, sizeof piece, byte == '\n' ? "\\n" : "\\t");
        else if (byte < 0x20 || byte == 0x7f)
            (void)snprintf(piece, sizeof piece, "\\x%02x", byte);
        size_t length = strlen(piece);
        if (used + length >= TL_MESSAGE_BYTES)
            break;
        memcpy(line + used, piece, length);
        used += length;
    }
    line[used] = '\0';
}

static void log_line(const talus_context *context, const char *line)
{
    if (context->options.log == NULL)
        return;
    tl_call *call = tl_callback_begin(context, TL_CALLBACK_CLOSED);
    context->options.log(line, context->options.log_user);
    tl_callback_end(call);
}

void tl_note(const talus_context *context, const char *format, ...)
{
    char text[TL_MESSAGE_BYTES] = "note: ", line[TL_MESSAGE_BYTES];
    const size_t length = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text + length, sizeof text - length, format, arguments);
    va_end(arguments);
    copy_as_line(line, text);
    log_line(context, line);
}

talus_status tl_fail(talus_context *context, talus_status status, const char *format, ...)
{
    tl_call call;
    char text[TL_MESSAGE_BYTES];
    if (context == NULL)
        return status;
    if (tl_call_begin(&call, context) != TALUS_OK)
        return TALUS_ERROR_STATE;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    copy_as_line(context->message, text);
    log_line(context, context->message);
    return tl_call_end(&call, status);
}

int talus_context_threads(const talus_context *context)
{
    return context == NULL ? 0 : tl_pool_threads(context->pool);
}

int talus_context_instruction_set(const talus_context *context)
{
    return context == NULL ? -1 : context->options.instruction_set;
}

const char *talus_version(void)
{
    return TEXT(TALUS_VERSION_MAJOR) "." TEXT(TALUS_VERSION_MINOR) "." TEXT(TALUS_VERSION_PATCH);
}
