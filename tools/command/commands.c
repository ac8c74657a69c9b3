/* What the subcommands share. */
#include "commands.h"

#include <stdio.h>
#include <string.h>

/* Errors are printed where they are met. */
static void print_note(const char *message, void *user)
{
    (void)user;
    if (strncmp(message, "note: ", 6) == 0)
        fprintf(stderr, "talus: %s\n", message);
}

talus_context *open_context(command_line *line)
{
    talus_context *context = NULL;
    talus_context_options options;
    talus_context_options_defaults(&options);
    options.log = is_given(line, "quiet") ? NULL : print_note;
    /* A message of an option needs a context, which the option is of. */
    if (talus_context_create(NULL, &context) != TALUS_OK) {
        fprintf(stderr, "talus: there is no memory\n");
        return NULL;
    }
    int applied = !is_given(line, "threads") ||
                  apply_options(line, context, TALUS_STRUCTURE_CONTEXT, &options);
    talus_context_destroy(context);
    context = NULL;
    if (applied && talus_context_create(&options, &context) != TALUS_OK)
        fprintf(stderr, "talus: a context with these threads cannot be made\n");
    return context;
}

int report_failure(const talus_context *context)
{
    fprintf(stderr, "talus: %s\n", talus_error_message(context));
    return FAILED;
}

int check_operands(const command_line *line, int least, int most, const char *usage)
{
    if (line->operand_count >= least && line->operand_count <= most)
        return 1;
    fprintf(stderr, "talus: there must be %s, got %d arguments\n", usage, line->operand_count);
    return 0;
}
