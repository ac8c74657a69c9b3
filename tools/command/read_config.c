/* Configurations are read from models, checkpoints and files of JSON. */
#include <stdlib.h>
#include <string.h>

#include "config.h"

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

/* Keeps a text, which is no longer than that of the file. */
static const char *keep(config_reader *reader, const char *text)
{
    char *kept = strcpy(reader->memory, text);
    reader->memory += strlen(kept) + 1;
    return kept;
}

/* Keeps a value: a list as options take it, and anything else, also what only looks like a list, as it stands. */
static const char *keep_value(config_reader *reader, const char *value)
{
    char *kept = reader->memory;
    list_text list = {.text = kept};
    if (value[0] != '[' || each_item(reader->context, value, take_item, &list) != TALUS_OK)
        return keep(reader, value);
    return list.count == 0 ? keep(reader, "none") : (reader->memory = list.text + 1, kept);
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
        return line->operands[0] = keep(reader, value), 0;
    const unsigned command = reader->whole ? FOR_TRAIN : line->command;
    const int row = find_option(command, name, strlen(name));
    if (row < 0 && command == FOR_SEARCH && find_option(FOR_TRAIN, name, strlen(name)) >= 0)
        return refuse_member(reader, name, "is for", "talus train");
    if (row >= 0 && !reader->whole && !belongs_to_run(&option_rows[row]))
        return refuse_member(reader, name, "must be an argument, not in a file", NULL);
    if (row < 0)
        return refuse_member(reader, name, "is no option of a run; the nearest is",
                             nearest_option(command, name));
    if (line->from_file[row])
        return refuse_member(reader, name, "must come once", NULL);
    if (strcmp(value, "null") == 0)
        return refuse_member(reader, name, "must have a value, got", value);
    const int is_flag = option_rows[row].value == NULL;
    if (is_flag && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        return refuse_member(reader, name, "must be true or false, got", value);
    if (is_flag && strcmp(value, "false") == 0)
        return 0;
    const char *text = keep_value(reader, value);
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

/* Methods that search along lines have all samples in a batch, unless another one is asked for; the others have no such batch. */
static int keeps_batch(const command_line *line, const char *batch)
{
    const char *method = text_of(line, "optimizer");
    return strcmp(batch, "0") != 0 && method != NULL && strcmp(method, "lbfgs") != 0 &&
           strcmp(method, "conjugate_gradient") != 0;
}

/* What a file says of options that hang on another one does not hold if the arguments ask for something else there; nor does what
 * hangs on those. */
static void drop_dependents(config_reader *reader)
{
    static const char *const dependents[][2] = {{"optimizer", "rate"},
                                                {"optimizer", "momentum"},
                                                {"optimizer", "weight-decay"},
                                                {"optimizer", "schedule"},
                                                {"optimizer", "batch"},
                                                {"optimizer", "warmup"},
                                                {"schedule", "warmup"},
                                                {"target", "task"},
                                                {"target", "loss"},
                                                {"projection", "kept-variance"},
                                                {"projection", "projection-epsilon"},
                                                {"task", "loss"},
                                                {"task", "metric"},
                                                {"loss", "loss-parameter"},
                                                {"loss", "label-smoothing"}};
    command_line *line = reader->line;
    for (size_t i = 0; i < sizeof dependents / sizeof *dependents; i++) {
        const int on = find_option(~0u, dependents[i][0], strlen(dependents[i][0]));
        const int row = find_option(~0u, dependents[i][1], strlen(dependents[i][1]));
        const int is_batch = strcmp(dependents[i][1], "batch") == 0;
        if (!reader->differs[on] || !line->from_file[row] ||
            (is_batch && keeps_batch(line, line->values[row])))
            continue;
        line->values[row] = NULL, line->from_file[row] = 0;
        reader->differs[row] = 1;
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
