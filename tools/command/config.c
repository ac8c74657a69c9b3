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

/* Options that say where something goes do not belong to a run that is repeated. */
static int belongs_to_run(const option_row *row)
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
                                         "test"};
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

talus_status each_item(talus_context *context, const char *list,
                       int (*item)(const char *name, const char *value, void *user), void *user)
{
    /* The list becomes an object, whose members have no names. */
    char *object = malloc(4 * strlen(list) + 8), *to = object;
    int depth = 0, quoted = 0;
    if (object == NULL)
        return TALUS_ERROR_MEMORY;
    for (const char *at = list; *at != '\0'; at++) {
        const int opens = !quoted && (*at == '[' || *at == '{'),
                  closes = !quoted && (*at == ']' || *at == '}');
        depth += opens;
        if (opens && depth == 1)
            to += sprintf(to, at[1 + strspn(at + 1, " \t\r\n")] == ']' ? "{" : "{\"\":");
        else if (closes && depth == 1)
            *to++ = '}';
        else if (!quoted && depth == 1 && *at == ',')
            to += sprintf(to, ",\"\":");
        else
            *to++ = *at;
        if (quoted && *at == '\\' && at[1] != '\0')
            *to++ = *++at;
        else if (*at == '"')
            quoted = !quoted;
        depth -= closes;
    }
    *to = '\0';
    talus_status status = talus_json_each(context, object, item, user);
    free(object);
    return status;
}

/* What a member of a configuration sets; the run of a model stands in its notes under "config". */
typedef struct config_reader {
    command_line *line;
    talus_context *context;
    const char *path;
    char *memory; /* of values, which follow each other */
    int whole;    /* all options are taken, and the data */
    int failed, found_run;
    unsigned char differs[MOST_OPTIONS]; /* 1: the arguments ask for something else */
} config_reader;

/* A list of values as options take it, "64,64"; names that have commas stand between quotes. */
typedef struct list_text {
    char *text;
    int count;
} list_text;

static int take_item(const char *name, const char *value, void *user)
{
    (void)name;
    list_text *to = user;
    const char *quote = strchr(value, ',') != NULL && value[0] != '"' ? "\"" : "";
    to->text += sprintf(to->text, "%s%s%s%s", to->count++ > 0 ? "," : "", quote, value, quote);
    return 0;
}

/* Keeps a value, whose text is no longer than that of the file. */
static const char *keep(config_reader *reader, const char *value)
{
    char *kept = reader->memory;
    list_text list = {.text = kept};
    if (value[0] != '[')
        strcpy(kept, value);
    else if (each_item(reader->context, value, take_item, &list) != TALUS_OK)
        return NULL;
    else if (list.count == 0)
        strcpy(kept, "none");
    reader->memory += strlen(kept) + 1;
    return kept;
}

static int refuse_member(config_reader *reader, const char *name, const char *problem, const char *text)
{
    fprintf(stderr, "talus: \"%s\": %s %s", reader->path, name, problem);
    fprintf(stderr, text == NULL ? "\n" : " \"%s\"\n", text);
    reader->failed = reader->line->wrong = 1;
    return 1;
}

static int take_member(const char *name, const char *value, void *user)
{
    config_reader *reader = user;
    command_line *line = reader->line;
    if (reader->whole && strcmp(name, "data") == 0)
        return (line->operands[0] = keep(reader, value)) == NULL;
    const unsigned command = reader->whole ? FOR_TRAIN : line->command;
    const int row = find_option(command, name, strlen(name));
    if (row < 0 && command == FOR_SEARCH && find_option(FOR_TRAIN, name, strlen(name)) >= 0)
        return refuse_member(reader, name, "is for", "talus train");
    if (row >= 0 && !reader->whole && !belongs_to_run(&option_rows[row]))
        return refuse_member(reader, name, "must be an argument, not in a file", NULL);
    if (row < 0)
        return refuse_member(reader, name, "is no option of a run; the nearest is",
                             nearest_option(command, name));
    if (strcmp(value, "null") == 0)
        return refuse_member(reader, name, "must have a value, got", value);
    const int is_flag = option_rows[row].value == NULL;
    if (is_flag && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        return refuse_member(reader, name, "must be true or false, got", value);
    if (is_flag && strcmp(value, "false") == 0)
        return 0;
    const char *text = keep(reader, value);
    if (text == NULL)
        return 1;
    if (line->values[row] != NULL)
        reader->differs[row] = strcmp(line->values[row], text) != 0;
    else
        line->values[row] = text, line->from_file[row] = !reader->whole;
    return 0;
}

static int take_run(const char *name, const char *value, void *user)
{
    config_reader *reader = user;
    if (strcmp(name, reader->whole ? "run" : "config") != 0)
        return 0;
    reader->found_run = 1;
    reader->failed |= talus_json_each(reader->context, value, take_member, reader) != TALUS_OK;
    return 1;
}

char *read_notes(talus_context *context, const char *path)
{
    size_t length;
    if (talus_model_notes(context, path, NULL, 0, &length) != TALUS_OK)
        return NULL;
    char *text = malloc(length + 1);
    if (text != NULL && talus_model_notes(context, path, text, length + 1, NULL) == TALUS_OK)
        return text;
    free(text);
    return NULL;
}

/* What a file says of options that hang on another one does not hold if the arguments ask for something else there. */
static void drop_dependents(const config_reader *reader)
{
    static const char *const dependents[][2] = {{"optimizer", "rate"},         {"optimizer", "momentum"},
                                                {"optimizer", "weight-decay"}, {"optimizer", "schedule"},
                                                {"optimizer", "warmup"},       {"schedule", "warmup"},
                                                {"loss", "loss-parameter"},    {"loss", "label-smoothing"}};
    command_line *line = reader->line;
    for (size_t i = 0; i < sizeof dependents / sizeof *dependents; i++) {
        const int on = find_option(~0u, dependents[i][0], strlen(dependents[i][0]));
        const int row = find_option(~0u, dependents[i][1], strlen(dependents[i][1]));
        if (reader->differs[on] && line->from_file[row])
            line->values[row] = NULL, line->from_file[row] = 0;
    }
}

/* Reads the options of a model, a checkpoint (whole) or a file of options. */
static int read_options(command_line *line, talus_context *context, const char *path, int whole)
{
    char *text = read_notes(context, path);
    const int is_model = text != NULL;
    if (text == NULL && (text = read_whole_file(path)) == NULL)
        return 0;
    line->config = malloc(2 * strlen(text) + 1);
    config_reader reader = {
        .line = line, .context = context, .path = path, .memory = line->config, .whole = whole};
    talus_status status = TALUS_ERROR_MEMORY;
    if (line->config != NULL)
        status = talus_json_each(context, text[0] == '\0' ? "{}" : text, is_model ? take_run : take_member,
                                 &reader);
    free(text);
    drop_dependents(&reader);
    if (status != TALUS_OK && !reader.failed)
        fprintf(stderr, "talus: \"%s\": %s\n", path, talus_error_message(context));
    else if (is_model && !reader.found_run)
        fprintf(stderr, "talus: \"%s\" does not say how it was trained\n", path);
    return status == TALUS_OK && !reader.failed && (!is_model || reader.found_run);
}

int read_config(command_line *line, talus_context *context, const char *path)
{
    return read_options(line, context, path, 0);
}

int read_run(command_line *line, talus_context *context, const char *path)
{
    if (!read_options(line, context, path, 1))
        return 0;
    line->command = FOR_TRAIN;
    return 1;
}
