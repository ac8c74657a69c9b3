#include "options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "text.h"

#define TRAINING (FOR_TRAIN | FOR_SEARCH)
#define READING  (TRAINING | FOR_PREDICT | FOR_EVALUATE | FOR_DATA)

/* clang-format off */
const option_row option_rows[] = {
    /* data */
    {"target", "NAMES", OWN, NULL, TRAINING | FOR_DATA, "The column to predict, or several with commas; default: the last."},
    {"format", "NAME", OWN, NULL, READING, "What the file is: table, idx, npy, npz or libsvm; default: what its name or its content says."},
    {"labels", "FILE", OWN, NULL, TRAINING | FOR_EVALUATE | FOR_DATA, "The labels of inputs in IDX or .npy files."},
    {"test", "FILE", OWN, NULL, FOR_TRAIN, "A file to judge the network on at the end."},
    {"test-labels", "FILE", OWN, NULL, FOR_TRAIN, "Its labels, if it holds inputs in IDX or .npy."},
    {"test-share", "SHARE", OWN, NULL, FOR_TRAIN, "Hold this share of the data out, of each class, to judge the network on at the end; --validation takes its share of the rest."},
    {"ignore", "NAMES", OWN, NULL, TRAINING | FOR_DATA, "Columns to leave out."},
    {"categories", "NAMES", OWN, NULL, TRAINING | FOR_DATA, "Columns of categories, also where they are numbers."},
    {"weights", "NAME", OWN, NULL, TRAINING | FOR_DATA, "The column of the weights of samples."},
    {"task", "TASK", TALUS_STRUCTURE_TABLE, "task", TRAINING | FOR_DATA, NULL},
    {"missing", "WAY", TALUS_STRUCTURE_TABLE, "missing", TRAINING | FOR_DATA, "What becomes of missing values: an error, the mean, or their rows are left out; default mean."},
    {"separator", "SIGN", TALUS_STRUCTURE_TABLE, "separator", READING, NULL},
    {"header", "WAY", TALUS_STRUCTURE_TABLE, "header", READING, NULL},
    {"no-scaling", NULL, OWN, NULL, TRAINING, "Read inputs and targets as they are, not scaled to mean 0 and deviation 1."},
    {"input-scaling", "NAME", NAMES_OF(TALUS_ENUMERATION_SCALING), NULL, TRAINING, "How each column of inputs is scaled: to mean 0 and deviation 1, to 0 ... 1, or by median and quartiles; default standard, but bytes of pictures are divided by the largest."},
    {"input-clip", "NUMBER", OWN, NULL, TRAINING, "Bound scaled inputs smoothly by this number, as x/sqrt(1 + (x/c)^2) does; 3 goes well with --input-scaling robust; default 0: no bound."},
    {"projection", "NAME", NAMES_OF(TALUS_ENUMERATION_PROJECTION), NULL, TRAINING, "Read the principal components of the scaled inputs, or whiten them; default: neither."},
    {"kept-variance", "SHARE", OWN, NULL, TRAINING, "Of a projection, keep only the first components that make up this share of the variance; default: keep all."},
    {"projection-epsilon", "NUMBER", OWN, NULL, TRAINING, "What whitening adds to the variance of each component before it divides by its root; default 1e-5."},
    /* network */
    {"layers", "WIDTHS", OWN, NULL, TRAINING, "The widths of the hidden layers, such as 64,64, or \"none\"; default 128,64."},
    {"activation", "NAME", TALUS_STRUCTURE_LAYER, "activation", TRAINING, NULL},
    {"initializer", "NAME", TALUS_STRUCTURE_LAYER, "initializer", TRAINING, NULL},
    {"gain", "NUMBER", TALUS_STRUCTURE_LAYER, "gain", TRAINING, NULL},
    {"unit-variance", NULL, OWN, NULL, TRAINING, "Scale the first weights, layer after layer, until what enters the activations has variance 1 on samples of the data."},
    {"normalization", "NAME", TALUS_STRUCTURE_LAYER, "normalization", TRAINING, NULL},
    {"dropout", "SHARE", TALUS_STRUCTURE_LAYER, "dropout", TRAINING, NULL},
    {"l1", "NUMBER", TALUS_STRUCTURE_LAYER, "l1", TRAINING, NULL},
    {"l2", "NUMBER", TALUS_STRUCTURE_LAYER, "l2", TRAINING, NULL},
    {"max-norm", "NUMBER", TALUS_STRUCTURE_LAYER, "max_norm", TRAINING, NULL},
    {"spectral-norm", "NUMBER", TALUS_STRUCTURE_LAYER, "spectral_norm", TRAINING, NULL},
    {"spectral-penalty", "NUMBER", TALUS_STRUCTURE_LAYER, "spectral_penalty", TRAINING, NULL},
    {"input-dropout", "SHARE", TALUS_STRUCTURE_NETWORK, "input_dropout", TRAINING, NULL},
    {"input-noise", "NUMBER", TALUS_STRUCTURE_NETWORK, "input_noise", TRAINING, NULL},
    {"loss", "NAME", TALUS_STRUCTURE_NETWORK, "loss", TRAINING, NULL},
    {"loss-parameter", "NUMBER", TALUS_STRUCTURE_NETWORK, "loss_parameter", TRAINING, NULL},
    {"label-smoothing", "SHARE", TALUS_STRUCTURE_NETWORK, "label_smoothing", TRAINING, NULL},
    {"precision", "f32|f64", TALUS_STRUCTURE_NETWORK, "precision", TRAINING | FOR_PLAN, NULL},
    {"products", "NAME", TALUS_STRUCTURE_NETWORK, "products", TRAINING | FOR_PLAN, NULL},
    /* training */
    {"optimizer", "NAME", TALUS_STRUCTURE_OPTIMIZER, "method", TRAINING, "The update rule; default adamw."},
    {"rate", "NUMBER", TALUS_STRUCTURE_OPTIMIZER, "rate", TRAINING, "The learning rate; default 0.005 without --optimizer, else that of the method."},
    {"momentum", "NUMBER", TALUS_STRUCTURE_OPTIMIZER, "momentum", TRAINING, NULL},
    {"weight-decay", "NUMBER", TALUS_STRUCTURE_OPTIMIZER, "weight_decay", TRAINING, NULL},
    {"clip-norm", "NUMBER", TALUS_STRUCTURE_OPTIMIZER, "clip_norm", TRAINING, NULL},
    {"schedule", "NAME", TALUS_STRUCTURE_SCHEDULE, "kind", FOR_TRAIN, "How the rate changes from step to step; default one_cycle, for methods that take one."},
    {"warmup", "EPOCHS", TALUS_STRUCTURE_SCHEDULE, "warmup", FOR_TRAIN, NULL},
    {"epochs", "NUMBER", TALUS_STRUCTURE_FIT, "epochs", TRAINING, "Passes over the data; default 30 ... 100, the more the fewer steps an epoch has."},
    {"batch", "NUMBER", TALUS_STRUCTURE_FIT, "batch", TRAINING, "Samples a step; default 128, or all for lbfgs and conjugate_gradient."},
    {"validation", "SHARE", TALUS_STRUCTURE_FIT, "validation_split", TRAINING, "Hold this share out, of each class, and judge the network on it after each epoch; default 0.1."},
    {"patience", "EPOCHS", TALUS_STRUCTURE_FIT, "patience", TRAINING, NULL},
    {"metric", "NAME", TALUS_STRUCTURE_FIT, "metric", TRAINING, NULL},
    {"average", "NUMBER", TALUS_STRUCTURE_FIT, "average", TRAINING, NULL},
    {"solve-readout", "true|false", TALUS_STRUCTURE_FIT, "solve_readout", FOR_TRAIN, NULL},
    {"readout-ridge", "NUMBER", TALUS_STRUCTURE_FIT, "readout_ridge", FOR_TRAIN, NULL},
    {"readout-if-better", "true|false", TALUS_STRUCTURE_FIT, "readout_if_better", FOR_TRAIN, NULL},
    {"folds", "NUMBER", OWN, NULL, FOR_TRAIN, "Train so many times, each time judged on another part of the data (cross-validation)."},
    {"seed", "NUMBER", TALUS_STRUCTURE_FIT, "seed", TRAINING, "Where all random numbers come from: weights, orders, splits; default 0."},
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
    {"json", NULL, OWN, NULL, TRAINING | FOR_EVALUATE | FOR_INFO | FOR_DATA | FOR_RESUME, "Give the result as JSON."},
    {"quiet", NULL, OWN, NULL, TRAINING | FOR_EVALUATE | FOR_PREDICT | FOR_RESUME, "No messages but errors."},
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

int find_option(unsigned command, const char *name, size_t length)
{
    for (int i = 0; i < option_count; i++)
        if ((option_rows[i].commands & command) != 0 && strlen(option_rows[i].name) == length &&
            memcmp(option_rows[i].name, name, length) == 0)
            return i;
    return -1;
}

const char *nearest_option(unsigned command, const char *name)
{
    const char *nearest = NULL;
    for (int i = 0; i < option_count; i++)
        if ((option_rows[i].commands & command) != 0 &&
            (nearest == NULL || word_distance(option_rows[i].name, name) < word_distance(nearest, name)))
            nearest = option_rows[i].name;
    return nearest;
}

static int refuse_name(const command_line *line, const char *name)
{
    const int other = find_option(~0u, name, strlen(name));
    for (int k = 0; other >= 0 && k < command_count; k++)
        if ((commands[k].bit & option_rows[other].commands) != 0)
            return fprintf(stderr, "talus: --%s is an option of talus %s, not of this command\n", name,
                           commands[k].name),
                   0;
    const char *nearest = nearest_option(line->command, name);
    const int is_help = word_distance("help", name) < word_distance(nearest, name);
    fprintf(stderr, "talus: there is no option --%s here; did you mean --%s?\n", name,
            is_help ? "help" : nearest);
    return 0;
}

/* Reads an option at argv[*at], and its value in the same argument or the next. */
static int read_option(command_line *line, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2, *equals = strchr(name, '=');
    size_t length = equals == NULL ? strlen(name) : (size_t)(equals - name);
    int row = find_option(line->command, name, length);
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

int64_t whole_number_of(command_line *line, const char *name, int64_t least, int64_t most, int64_t standard)
{
    char *end;
    const char *text = text_of(line, name);
    const double number = text == NULL ? (double)standard : strtod(text, &end);
    if (text == NULL || (end != text && *end == '\0' && number >= (double)least && number <= (double)most &&
                         number == floor(number)))
        return (int64_t)number;
    fprintf(stderr, "talus: --%s must be %lld ... %lld, got \"%s\"\n", name, (long long)least,
            (long long)most, text);
    line->wrong = 1;
    return -1;
}

int number_of(command_line *line, const char *name, double *number)
{
    char *end;
    const char *text = text_of(line, name);
    const double read = text == NULL ? 0 : strtod(text, &end);
    if (text == NULL)
        return 1;
    *number = read;
    if (end != text && *end == '\0' && isfinite(read) && read >= 0)
        return 1;
    fprintf(stderr, "talus: --%s must be a finite number of at least 0, got \"%s\"\n", name, text);
    line->wrong = 1;
    return 0;
}

int share_of(command_line *line, const char *name, double *share)
{
    char *end;
    const char *text = text_of(line, name);
    *share = text == NULL ? 0 : strtod(text, &end);
    if (text == NULL || (end != text && *end == '\0' && *share > 0 && *share < 1))
        return 1;
    fprintf(stderr, "talus: --%s must be a number above 0 and below 1, got \"%s\"\n", name, text);
    line->wrong = 1;
    return 0;
}

int named_value_of(command_line *line, const char *name)
{
    const option_row *row = &option_rows[find_option(~0u, name, strlen(name))];
    const char *text = text_of(line, name);
    const int value = talus_enumeration_value(NAMES_OF(row->structure), text);
    if (value >= 0)
        return value;
    fprintf(stderr, "talus: --%s must be one of ", name);
    print_names(stderr, row, ", ");
    fprintf(stderr, "; got \"%s\"\n", text);
    line->wrong = 1;
    return -1;
}

int apply_options(command_line *line, talus_context *context, int structure, void *options)
{
    for (int i = 0; i < option_count; i++) {
        const option_row *row = &option_rows[i];
        if (row->structure != structure || line->values[i] == NULL)
            continue;
        if (talus_option_set(context, structure, options, row->field, line->values[i]) == TALUS_OK)
            continue;
        if (line->from_file[i])
            fprintf(stderr, "talus: \"%s\": %s: %s\n", text_of(line, "config"), row->name,
                    talus_error_message(context));
        else
            fprintf(stderr, "talus: --%s: %s\n", row->name, talus_error_message(context));
        line->wrong = 1;
        return 0;
    }
    return 1;
}

int option_info(const option_row *row, talus_option *info)
{
    if (row->structure <= NAMES_OF(0)) {
        const int enumeration = NAMES_OF(row->structure);
        *info = (talus_option){.type = TALUS_OPTION_TYPE_NAME,
                               .enumeration = enumeration,
                               .sentence = row->sentence,
                               .most = talus_enumeration_count(enumeration) - 1};
        return 1;
    }
    for (int i = 0; row->structure != OWN && i < talus_option_count(row->structure); i++)
        if (talus_option_info(row->structure, i, info) == TALUS_OK && strcmp(info->name, row->field) == 0)
            return 1;
    return 0;
}

int print_names(FILE *to, const option_row *row, const char *between)
{
    talus_option info;
    int count = 0;
    if (!option_info(row, &info) || info.type != TALUS_OPTION_TYPE_NAME)
        return 0;
    for (int i = 0; i < talus_enumeration_count(info.enumeration); i++) {
        const int value = talus_enumeration_value_at(info.enumeration, i);
        const char *name = talus_enumeration_name(info.enumeration, value);
        if (value <= info.most && strcmp(name, "callback") != 0)
            fprintf(to, "%s%s", count++ > 0 ? between : "", name);
    }
    return count;
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
        fprintf(to, "        %s",
                option_info(row, &info) && row->sentence == NULL ? info.sentence : row->sentence);
        if (row->structure != OWN && info.type == TALUS_OPTION_TYPE_NAME) {
            fprintf(to, " One of ");
            print_names(to, row, ", ");
            fprintf(to, ".");
        }
        fprintf(to, "\n");
    }
}
