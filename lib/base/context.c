#include "base/context.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fork.h"
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

void talus_context_options_defaults(talus_context_options *options)
{
    if (options != NULL)
        *options = (talus_context_options){
            .allocator = {.allocate = standard_allocate, .release = standard_release}};
}

/* There is no context yet to keep a message, so it goes to the log alone. */
static talus_status refuse(const talus_context_options *options, talus_status status, const char *message)
{
    if (options->log != NULL)
        options->log(message, options->log_user);
    return status;
}

static talus_status check_options(const talus_context_options *options)
{
    const talus_allocator *allocator = &options->allocator;
    if (options->threads < 0 || options->threads > TL_MAX_THREADS)
        return refuse(
            options, TALUS_ERROR_ARGUMENT,
            "context: threads is out of range; 0 (automatic) or 1 … " TEXT(TL_MAX_THREADS) " is wanted");
    if ((allocator->allocate == NULL) != (allocator->release == NULL))
        return refuse(options, TALUS_ERROR_ARGUMENT,
                      "context: only one of allocate and release is given; both or neither are wanted");
    int instruction_set = options->instruction_set;
    if (instruction_set < 0 || instruction_set >= TALUS_INSTRUCTION_SET_COUNT)
        return refuse(options, TALUS_ERROR_ARGUMENT, "context: instruction_set is unknown");
    if (instruction_set != TALUS_BEST && !tl_processor_runs(instruction_set))
        return refuse(options, TALUS_ERROR_UNSUPPORTED,
                      "context: this processor does not run the instruction set that is asked for");
    return TALUS_OK;
}

talus_status talus_context_create(const talus_context_options *options, talus_context **context)
{
    talus_context_options chosen;
    talus_context_options_defaults(&chosen);
    talus_allocator standard = chosen.allocator;
    if (options != NULL)
        chosen = *options;
    if (context == NULL)
        return refuse(&chosen, TALUS_ERROR_ARGUMENT, "context: the pointer that is to receive it is NULL");
    talus_status status = check_options(&chosen);
    if (status != TALUS_OK)
        return status;
    if (!tl_fork_watch())
        return refuse(&chosen, TALUS_ERROR_MEMORY, "context: the system has no memory for what forks need");
    if (chosen.allocator.allocate == NULL)
        chosen.allocator = standard;

    talus_context *made = chosen.allocator.allocate(sizeof *made, chosen.allocator.user);
    if (made == NULL)
        return refuse(&chosen, TALUS_ERROR_MEMORY, "context: the allocator returned no memory");
    if (chosen.instruction_set == TALUS_BEST)
        chosen.instruction_set = tl_processor_best();
    *made = (talus_context){.options = chosen};
    made->pool = tl_pool_create(made, chosen.threads > 0 ? chosen.threads : tl_processor_count());
    if (made->pool == NULL) {
        chosen.allocator.release(made, chosen.allocator.user);
        return refuse(&chosen, TALUS_ERROR_MEMORY,
                      "context: the allocator returned no memory for its threads");
    }
    *context = made;
    return TALUS_OK;
}

void talus_context_destroy(talus_context *context)
{
    if (context == NULL)
        return;
    talus_allocator allocator = context->options.allocator;
    tl_pool_destroy(context, context->pool);
    tl_release(context, context->plan_entries);
    allocator.release(context, allocator.user);
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

talus_status tl_fail(talus_context *context, talus_status status, const char *format, ...)
{
    if (context == NULL)
        return status;
    char text[TL_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    copy_as_line(context->message, text);
    if (context->options.log != NULL)
        context->options.log(context->message, context->options.log_user);
    return status;
}

const char *talus_error_message(const talus_context *context)
{
    return context == NULL ? "there is no context" : context->message;
}

int talus_context_threads(const talus_context *context)
{
    return context == NULL ? 0 : tl_pool_threads(context->pool);
}

int talus_context_instruction_set(const talus_context *context)
{
    return context == NULL ? 0 : context->options.instruction_set;
}

const char *talus_version(void)
{
    return TEXT(TALUS_VERSION_MAJOR) "." TEXT(TALUS_VERSION_MINOR) "." TEXT(TALUS_VERSION_PATCH);
}
