#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define TRAINING (FOR_TRAIN | FOR_SEARCH)
#define READING  (TRAINING | FOR_PREDICT | FOR_EVALUATE | FOR_DATA)

/* clang-format off */
const option_row option_rows[] = {
    /* data */
    {"target", "NAMES", OWN, NULL, TRAINING | FOR_EVALUATE | FOR_DATA, "The column to predict, or several with commas; default: the last."},
    {"labels", "FILE", OWN, NULL, TRAINING | FOR_EVALUATE, "The labels of inputs in IDX or .npy files."},
    {"test", "FILE", OWN, NULL, FOR_TRAIN, "A file to judge the network on at the end."},
    {"ignore", "NAMES", OWN, NULL, TRAINING | FOR_DATA, "Columns to leave out."},
    {"categories", "NAMES", OWN, NULL, TRAINING | FOR_DATA, "Columns of categories, also where they are numbers."},
    {"weights", "NAME", OWN, NULL, TRAINING | FOR_DATA, "The column of the weights of samples."},
    {"task", "TASK", TALUS_STRUCTURE_TABLE, "task", TRAINING | FOR_DATA, NULL},
    {"missing", "WAY", TALUS_STRUCTURE_TABLE, "missing", TRAINING | FOR_DATA, NULL},
    {"separator", "SIGN", TALUS_STRUCTURE_TABLE, "separator", READING, NULL},
    {"header", "WAY", TALUS_STRUCTURE_TABLE, "header", READING, NULL},
    {"no-scaling", NULL, OWN, NULL, TRAINING, "Read inputs and targets as they are, not scaled to mean 0 and deviation 1."},
    /* network */
    {"layers", "WIDTHS", OWN, NULL, TRAINING, "The widths of the hidden layers, such as 64,64; \"none\" for none."},
    {"activation", "NAME", TALUS_STRUCTURE_LAYER, "activation", TRAINING, NULL},
    {"normalization", "NAME", TALUS_STRUCTURE_LAYER, "normalization", TRAINING, NULL},
    {"dropout", "SHARE", TALUS_STRUCTURE_LAYER, "dropout", TRAINING, NULL},
    {"l1", "NUMBER", TALUS_STRUCTURE_LAYER, "l1", TRAINING, NULL},
    {"l2", "NUMBER", TALUS_STRUCTURE_LAYER, "l2", TRAINING, NULL},
    {"max-norm", "NUMBER", TALUS_STRUCTURE_LAYER, "max_norm", TRAINING, NULL},
    {"input-dropout", "SHARE", TALUS_STRUCTURE_NETWORK, "input_dropout", TRAINING, NULL},
    {"input-noise", "NUMBER", TALUS_STRUCTURE_NETWORK, "input_noise", TRAINING, NULL},
    {"loss", "NAME", TALUS_STRUCTURE_NETWORK, "loss", TRAINING, NULL},
    {"loss-parameter", "NUMBER", TALUS_STRUCTURE_NETWORK, "loss_parameter", TRAINING, NULL},
    {"label-smoothing", "SHARE", TALUS_STRUCTURE_NETWORK, "label_smoothing", TRAINING, NULL},
    {"precision", "f32|f64", TALUS_STRUCTURE_NETWORK, "precision", TRAINING | FOR_PLAN, NULL},
    /* training */
    {"optimizer", "NAME", TALUS_STRUCTURE_OPTIMIZER, "method", TRAINING, NULL},
    {"rate", "NUMBER", TALUS_STRUCTURE_OPTIMIZER, "rate", TRAINING, NULL},
    {"momentum", "NUMBER", TALUS_STRUCTURE_OPTIMIZER, "momentum", TRAINING, NULL},
    {"weight-decay", "NUMBER", TALUS_STRUCTURE_OPTIMIZER, "weight_decay", TRAINING, NULL},
    {"clip-norm", "NUMBER", TALUS_STRUCTURE_OPTIMIZER, "clip_norm", TRAINING, NULL},
    {"schedule", "NAME", TALUS_STRUCTURE_SCHEDULE, "kind", TRAINING, NULL},
    {"warmup", "EPOCHS", TALUS_STRUCTURE_SCHEDULE, "warmup", TRAINING, NULL},
    {"epochs", "NUMBER", TALUS_STRUCTURE_FIT, "epochs", TRAINING, NULL},
    {"batch", "NUMBER", TALUS_STRUCTURE_FIT, "batch", TRAINING, NULL},
    {"validation", "SHARE", TALUS_STRUCTURE_FIT, "validation_split", TRAINING, NULL},
    {"patience", "EPOCHS", TALUS_STRUCTURE_FIT, "patience", TRAINING, NULL},
    {"metric", "NAME", TALUS_STRUCTURE_FIT, "metric", TRAINING, NULL},
    {"average", "NUMBER", TALUS_STRUCTURE_FIT, "average", TRAINING, NULL},
    {"folds", "NUMBER", OWN, NULL, FOR_TRAIN, "Train so many times, each time judged on another part of the data (cross-validation)."},
    {"seed", "NUMBER", OWN, NULL, TRAINING, "Where all random numbers come from: weights, orders, splits; default 0."},
    {"threads", "NUMBER", TALUS_STRUCTURE_CONTEXT, "threads", READING | FOR_PLAN | FOR_RESUME, NULL},
    {"time", "TIME", OWN, NULL, TRAINING, "Stop after so long: 90 or 90s, 10m, 2h."},
    {"trials", "NUMBER", OWN, NULL, FOR_SEARCH, "The number of configurations to try; default 30."},
    /* files */
    {"config", "FILE", OWN, NULL, TRAINING, "Options as a JSON object, {\"rate\": 0.01, ...}, or a model, whose run is repeated."},
    {"out", "FILE", OWN, NULL, TRAINING | FOR_PREDICT, "Where the result goes."},
    {"checkpoint", "FILE", OWN, NULL, FOR_TRAIN, "Save the run here, so that `talus resume FILE` goes on with it."},
    {"checkpoint-epochs", "NUMBER", TALUS_STRUCTURE_FIT, "checkpoint_epochs", FOR_TRAIN, NULL},
    {"checkpoint-seconds", "NUMBER", TALUS_STRUCTURE_FIT, "checkpoint_seconds", FOR_TRAIN, NULL},
    {"checkpoint-keep", "NUMBER", TALUS_STRUCTURE_FIT, "checkpoint_keep", FOR_TRAIN, NULL},
    {"report", "FILE", OWN, NULL, FOR_TRAIN, "Write a page that shows the run, in HTML."},
    {"onnx", "FILE", OWN, NULL, FOR_EXPORT, "Write the network in ONNX."},
    {"c", "FILE", OWN, NULL, FOR_EXPORT, "Write the network as C that needs no library: FILE.c and FILE.h."},
    {"classes", NULL, OWN, NULL, FOR_PREDICT, "Give the classes alone, without probabilities."},
    /* output */
    {"json", NULL, OWN, NULL, TRAINING | FOR_EVALUATE | FOR_INFO | FOR_DATA, "Give the result as JSON."},
    {"quiet", NULL, OWN, NULL, TRAINING | FOR_EVALUATE | FOR_PREDICT, "No messages but errors."},
    {"entries", "FILE", OWN, NULL, FOR_PLAN, "Entries of a plan that `talus-bench tune` has printed."},
};
/* clang-format on */
const int option_count = sizeof option_rows / sizeof *option_rows;

_Static_assert(sizeof option_rows / sizeof *option_rows <= MOST_OPTIONS, "there is room for every option");

static int least_of(int a, int b, int c)
{
    int least = a < b ? a : b;
    return least < c ? least : c;
}

int word_distance(const char *a, const char *b)
{
    enum { MOST = 64 };
    int row[MOST + 1];
    size_t rows = strlen(a), cols = strlen(b);
    rows = rows < MOST ? rows : MOST, cols = cols < MOST ? cols : MOST;
    for (size_t j = 0; j <= cols; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= rows; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= cols; j++) {
            int changed = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least_of(changed, row[j] + 1, row[j - 1] + 1);
        }
    }
    return row[cols];
}

/* The row of a name that a command has; −1. */
static int find_row(unsigned command, const char *name, size_t length)
{
    for (int i = 0; i < option_count; i++)
        if ((option_rows[i].commands & command) != 0 && strlen(option_rows[i].name) == length &&
            memcmp(option_rows[i].name, name, length) == 0)
            return i;
    return -1;
}

static int refuse_name(const command_line *line, const char *name)
{
    const char *nearest = "help";
    for (int i = 0; i < option_count; i++)
        if ((option_rows[i].commands & line->command) != 0 &&
            word_distance(option_rows[i].name, name) < word_distance(nearest, name))
            nearest = option_rows[i].name;
    fprintf(stderr, "talus: there is no option --%s here; did you mean --%s?\n", name, nearest);
    return 0;
}

/* Reads an option at argv[*at], and its value in the same argument or the next. */
static int read_option(command_line *line, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    size_t length = equals == NULL ? strlen(name) : (size_t)(equals - name);
    int row = find_row(line->command, name, length);
    if (row < 0) {
        char shown[64];
        snprintf(shown, sizeof shown, "%.*s", (int)length, name);
        return refuse_name(line, shown);
    }
    const char *value = equals == NULL ? NULL : equals + 1;
    if (option_rows[row].value == NULL) {
        if (value != NULL)
            return fprintf(stderr, "talus: --%s has no value, got \"%s\"\n", option_rows[row].name, value), 0;
        value = "true";
    } else if (value == NULL && ++*at < argc)
        value = argv[*at];
    if (value == NULL)
        return fprintf(stderr, "talus: --%s must have a value: %s\n", option_rows[row].name,
                       option_rows[row].value),
               0;
    if (line->values[row] != NULL)
        return fprintf(stderr, "talus: --%s must be given once\n", option_rows[row].name), 0;
    line->values[row] = value;
    return 1;
}

int read_arguments(command_line *line, int argc, char **argv)
{
    int only_operands = 0;
    for (int i = 0; i < argc; i++) {
        if (!only_operands && strcmp(argv[i], "--") == 0)
            only_operands = 1;
        else if (!only_operands && strncmp(argv[i], "--", 2) == 0) {
            if (!read_option(line, argc, argv, &i))
                return 0;
        } else if (!only_operands && argv[i][0] == '-' && argv[i][1] != '\0')
            return fprintf(stderr, "talus: options begin with two dashes, got %s\n", argv[i]), 0;
        else if (line->operand_count == MOST_OPERANDS)
            return fprintf(stderr, "talus: there are too many arguments\n"), 0;
        else
            line->operands[line->operand_count++] = argv[i];
    }
    return 1;
}

void free_line(command_line *line)
{
    free(line->config);
}

/* Options that say where something goes do not belong to a run that is repeated. */
static int belongs_to_run(const option_row *row)
{
    static const char *const others[] = {"checkpoint",
                                         "checkpoint-epochs",
                                         "checkpoint-seconds",
                                         "checkpoint-keep",
                                         "config",
                                         "out",
                                         "report",
                                         "json",
                                         "quiet",
                                         "threads",
                                         "test"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(row->name, others[i]) == 0)
            return 0;
    return (row->commands & FOR_TRAIN) != 0;
}

/* Returns what parts the next member from this one. */
static const char *put_member(text_buffer *to, const char *comma, const char *name, const char *value)
{
    put_text(to, comma);
    put_json_string(to, name);
    put_text(to, ": ");
    put_json_string(to, value);
    return ", ";
}

void put_config(text_buffer *to, const command_line *line)
{
    const char *comma = "";
    put_text(to, "{");
    for (int i = 0; i < option_count; i++)
        if (line->values[i] != NULL && belongs_to_run(&option_rows[i]))
            comma = put_member(to, comma, option_rows[i].name, line->values[i]);
    put_text(to, "}");
}

void put_run(text_buffer *to, const command_line *line)
{
    put_text(to, "{");
    const char *comma = put_member(to, "", "data", line->operands[0]);
    for (int i = 0; i < option_count; i++)
        if (line->values[i] != NULL && strcmp(option_rows[i].name, "config") != 0)
            comma = put_member(to, comma, option_rows[i].name, line->values[i]);
    put_text(to, "}");
}

/* A word for the shell. */
static void put_word(text_buffer *to, const char *word)
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
        if (line->values[i] != NULL && strcmp(option_rows[i].name, "config") != 0) {
            put_format(to, " --%s", option_rows[i].name);
            put_text(to, option_rows[i].value == NULL ? "" : " ");
            if (option_rows[i].value != NULL)
                put_word(to, line->values[i]);
        }
}

/* What a member of a configuration sets; the run of a model stands in its notes under "config". */
typedef struct config_reader {
    command_line *line;
    talus_context *context;
    const char *path;
    char *memory; /* of values, which follow each other */
    int whole;    /* all options are taken, and the data */
    int failed, found_run;
} config_reader;

/* Keeps a value. */
static const char *keep(config_reader *reader, const char *value)
{
    char *kept = strcpy(reader->memory, value);
    reader->memory += strlen(value) + 1;
    return kept;
}

static int take_member(const char *name, const char *value, void *user)
{
    config_reader *reader = user;
    int row = find_row(FOR_TRAIN, name, strlen(name));
    if (reader->whole && strcmp(name, "data") == 0) {
        reader->line->operands[0] = keep(reader, value);
        return 0;
    }
    if (row < 0 || (!reader->whole && !belongs_to_run(&option_rows[row]))) {
        fprintf(stderr, "talus: \"%s\": there is no option \"%s\" of a run\n", reader->path, name);
        reader->failed = 1;
        return 1;
    }
    if (reader->line->values[row] == NULL && (option_rows[row].value != NULL || strcmp(value, "true") == 0))
        reader->line->values[row] = keep(reader, value);
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

const char *text_of(const command_line *line, const char *name)
{
    for (int i = 0; i < option_count; i++)
        if (strcmp(option_rows[i].name, name) == 0)
            return line->values[i];
    return NULL;
}

int is_given(const command_line *line, const char *name)
{
    return text_of(line, name) != NULL;
}

double number_of(const command_line *line, const char *name, double standard)
{
    const char *text = text_of(line, name);
    return text == NULL ? standard : strtod(text, NULL);
}

int apply_options(const command_line *line, talus_context *context, int structure, void *options)
{
    for (int i = 0; i < option_count; i++) {
        const option_row *row = &option_rows[i];
        if (row->structure != structure || line->values[i] == NULL)
            continue;
        if (talus_option_set(context, structure, options, row->field, line->values[i]) != TALUS_OK) {
            fprintf(stderr, "talus: --%s: %s\n", row->name, talus_error_message(context));
            return 0;
        }
    }
    return 1;
}

/* What the library says of an option. */
static int info_of(const option_row *row, talus_option *info)
{
    for (int i = 0; i < talus_option_count(row->structure); i++)
        if (talus_option_info(row->structure, i, info) == TALUS_OK && strcmp(info->name, row->field) == 0)
            return 1;
    return 0;
}

/* The names that an option may have, but that of a function of the caller's. */
static void print_names(FILE *to, const talus_option *info)
{
    const char *comma = "";
    for (int i = 0; i < talus_enumeration_count(info->enumeration); i++) {
        const int value = talus_enumeration_value_at(info->enumeration, i);
        const char *name = talus_enumeration_name(info->enumeration, value);
        if (value > info->most || strcmp(name, "callback") == 0)
            continue;
        fprintf(to, "%s %s", comma, name);
        comma = ",";
    }
}

void print_options(FILE *to, unsigned command)
{
    for (int i = 0; i < option_count; i++) {
        const option_row *row = &option_rows[i];
        talus_option info = {.sentence = row->sentence};
        if ((row->commands & command) == 0)
            continue;
        fprintf(to, "  --%s%s%s\n", row->name, row->value == NULL ? "" : " ",
                row->value == NULL ? "" : row->value);
        if (row->structure != OWN && info_of(row, &info) && info.type == TALUS_OPTION_TYPE_NAME) {
            fprintf(to, "        %s One of", row->sentence != NULL ? row->sentence : info.sentence);
            print_names(to, &info);
            fprintf(to, ".\n");
        } else
            fprintf(to, "        %s\n", row->sentence != NULL ? row->sentence : info.sentence);
    }
}
