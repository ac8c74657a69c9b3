/* The options of the command: one table, from which come the reading of arguments and of configuration files, the help texts
 * and the completion of shells. Most rows name an option of the library, which knows its meaning, range and default. */
#ifndef TALUS_COMMAND_OPTIONS_H
#define TALUS_COMMAND_OPTIONS_H

#include <stdio.h>
#include <talus/talus.h>

#include "text.h"

/* The subcommands, as bits of what an option is for. */
enum {
    FOR_TRAIN = 1,
    FOR_PREDICT = 2,
    FOR_EVALUATE = 4,
    FOR_INFO = 8,
    FOR_EXPORT = 16,
    FOR_DATA = 32,
    FOR_SEARCH = 64,
    FOR_PLAN = 128,
    FOR_RESUME = 256
};

enum { OWN = -1, MOST_OPTIONS = 96, MOST_OPERANDS = 8 };

typedef struct option_row {
    const char *name;     /* without the dashes */
    const char *value;    /* what its argument is called; NULL for a flag */
    int structure;        /* a talus_structure, or OWN */
    const char *field;    /* of the structure */
    unsigned commands;    /* bits */
    const char *sentence; /* NULL: the library's */
} option_row;

extern const option_row option_rows[];
extern const int option_count;

/* What a user has said. */
typedef struct command_line {
    unsigned command;                    /* one bit */
    const char *operands[MOST_OPERANDS]; /* what is no option */
    int operand_count;
    const char *values[MOST_OPTIONS]; /* the text of each row, "true" for a flag; NULL: not given */
    char *config;                     /* memory of values that a file has given */
} command_line;

/* Reads arguments; false after a message to standard error. */
int read_arguments(command_line *line, int argc, char **argv);

void free_line(command_line *line);

/* Puts the options that belong to a run as a JSON object, {"rate": "0.01", …}, as the notes of a model hold under "config"; and takes
 * from such an object, or from a model, what is not given yet. False after a message. */
void put_config(text_buffer *to, const command_line *line);
int read_config(command_line *line, talus_context *context, const char *path);

/* The same of all that a run was asked for, as the notes of a checkpoint hold it under "run", with its data under "data". Read by
 * talus resume, the line becomes one of talus train. */
void put_run(text_buffer *to, const command_line *line);
int read_run(command_line *line, talus_context *context, const char *path);

/* The command line that repeats a run. */
void put_command(text_buffer *to, const command_line *line);

/* The notes of a model or a checkpoint, free them; NULL if it is none, or there is no memory: no message yet. */
char *read_notes(talus_context *context, const char *path);

/* The text of an option; NULL if it is not given. And as a number, `standard` if not given. */
const char *text_of(const command_line *line, const char *name);
int is_given(const command_line *line, const char *name);
double number_of(const command_line *line, const char *name, double standard);

/* Sets the fields of a struct that options name. Those of an optimiser's method come with its defaults. False after a
 * message. */
int apply_options(const command_line *line, talus_context *context, int structure, void *options);

void print_options(FILE *to, unsigned command);

/* Levenshtein's distance of two words. */
int word_distance(const char *a, const char *b);

#endif
