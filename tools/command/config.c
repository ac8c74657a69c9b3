#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"

static int keep_used(command_line *line, int row, const char *text)
{
    char *kept = malloc(strlen(text) + 1);
    if (kept == NULL)
        return fprintf(stderr, "talus: there is no memory\n"), 0;
    free(line->used[row]);
    line->used[row] = strcpy(kept, text);
    return 1;
}

int use_options(command_line *line, talus_context *context, int structure, const void *options)
{
    char text[64];
    for (int i = 0; i < option_count; i++)
        if (option_rows[i].structure == structure &&
            (talus_option_get(context, structure, options, option_rows[i].field, text, sizeof text, NULL) !=
                 TALUS_OK ||
             !keep_used(line, i, text)))
            return report_failure(context), 0;
    return 1;
}

int use_text(command_line *line, const char *name, const char *text)
{
    return keep_used(line, find_option(~0u, name, strlen(name)), text);
}

void free_line(command_line *line)
{
    for (int i = 0; i < option_count; i++)
        free(line->used[i]);
    free(line->config);
}

int copy_line(command_line *to, const command_line *from)
{
    *to = *from;
    to->config = NULL;
    memset(to->used, 0, sizeof to->used);
    for (int i = 0; i < option_count; i++)
        if (from->used[i] != NULL && !keep_used(to, i, from->used[i]))
            return 0;
    return 1;
}

int belongs_to_run(const option_row *row)
{
    static const char *const others[] = {"checkpoint",
                                         "checkpoint-epochs",
                                         "checkpoint-seconds",
                                         "checkpoint-keep",
                                         "config",
                                         "folds",
                                         "out",
                                         "report",
                                         "json",
                                         "quiet",
                                         "threads",
                                         "test",
                                         "test-labels"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(row->name, others[i]) == 0)
            return 0;
    return (row->commands & (FOR_TRAIN | FOR_SEARCH)) != 0;
}

/* Whether the texts of an option are numbers of JSON, too. */
static int is_number(const option_row *row, const char *text)
{
    talus_option info = {.type = TALUS_OPTION_TYPE_NAME};
    const char *digits = text + (text[0] == '-');
    if (!option_info(row, &info) && row->value != NULL)
        info.type = strcmp(row->value, "NUMBER") == 0 || strcmp(row->value, "SHARE") == 0
                        ? TALUS_OPTION_TYPE_DOUBLE
                        : TALUS_OPTION_TYPE_NAME;
    if (info.type != TALUS_OPTION_TYPE_INT && info.type != TALUS_OPTION_TYPE_INT64 &&
        info.type != TALUS_OPTION_TYPE_DOUBLE)
        return 0;
    return text[strspn(text, "0123456789+-.eE")] == '\0' && digits[0] >= '0' && digits[0] <= '9' &&
           (digits[0] != '0' || digits[1] == '\0' || digits[1] == '.' || (digits[1] | 32) == 'e') &&
           text[strlen(text) - 1] != '.';
}

/* Returns what parts the next member from this one. */
static const char *put_member(text_buffer *to, const char *comma, const option_row *row, const char *text)
{
    put_text(to, comma);
    put_json_string(to, row->name);
    put_text(to, ": ");
    if (strcmp(row->name, "layers") == 0) {
        put_text(to, "[");
        for (; strcmp(text, "none") != 0 && *text != '\0'; text++)
            put_format(to, *text == ',' ? ", " : "%c", *text);
        put_text(to, "]");
    } else if (row->value == NULL || is_number(row, text))
        put_text(to, text);
    else
        put_json_string(to, text);
    return ", ";
}

/* What a run has for an option. */
static const char *used_text(const command_line *line, int row)
{
    return line->used[row] != NULL ? line->used[row] : line->values[row];
}

void put_config(text_buffer *to, const command_line *line)
{
    const char *comma = "";
    put_text(to, "{");
    for (int i = 0; i < option_count; i++)
        if (used_text(line, i) != NULL && belongs_to_run(&option_rows[i]) &&
            (option_rows[i].commands & FOR_TRAIN) != 0)
            comma = put_member(to, comma, &option_rows[i], used_text(line, i));
    put_text(to, "}");
}

void put_run(text_buffer *to, const command_line *line)
{
    put_text(to, "{\"data\": ");
    put_json_string(to, line->operands[0]);
    for (int i = 0; i < option_count; i++)
        if (used_text(line, i) != NULL && strcmp(option_rows[i].name, "config") != 0)
            put_member(to, ", ", &option_rows[i], used_text(line, i));
    put_text(to, "}");
}

void put_word(text_buffer *to, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        put_text(to, word);
        return;
    }
    put_text(to, "'");
    for (; *word != '\0'; word++)
        put_format(to, *word == '\'' ? "'\\''" : "%c", *word);
    put_text(to, "'");
}

void put_command(text_buffer *to, const command_line *line)
{
    put_text(to, "talus train");
    for (int i = 0; i < line->operand_count; i++) {
        put_text(to, " ");
        put_word(to, line->operands[i]);
    }
    for (int i = 0; i < option_count; i++)
        if (line->values[i] != NULL && !line->from_file[i]) {
            put_format(to, " --%s", option_rows[i].name);
            put_text(to, option_rows[i].value == NULL ? "" : " ");
            if (option_rows[i].value != NULL)
                put_word(to, line->values[i]);
        }
}
