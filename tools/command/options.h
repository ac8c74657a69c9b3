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

/* The structure of rows that are the command's own, and of those that are names of an enumeration. */
#define OWN               (-1)
#define NAMES_OF(of_what) (-2 - (of_what))

enum { MOST_OPTIONS = 96, MOST_OPERANDS = 8 };

typedef struct option_row {
    const char *name;     /* without the dashes */
    const char *value;    /* what its argument is called; NULL for a flag */
    int structure;        /* a talus_structure, OWN or NAMES_OF(a talus_enumeration) */
    const char *field;    /* of the structure */
    unsigned commands;    /* bits */
    const char *sentence; /* NULL: the library's */
} option_row;

extern const option_row option_rows[];
extern const int option_count;

/* What a user has said. */
typedef struct command_line {
    unsigned command; /* one bit */
    int operand_count;
    const char *operands[MOST_OPERANDS];   /* what is no option */
    const char *values[MOST_OPTIONS];      /* the text of each row, "true" for a flag; NULL: not given */
    unsigned char from_file[MOST_OPTIONS]; /* 1: it was a configuration that gave it */
    char *used[MOST_OPTIONS]; /* what the run has, given or not (config.h); NULL: nothing, or nothing yet */
    char *config;             /* memory of values that a file has given */
    int wrong;                /* 1: it failed because of what the user has said */
} command_line;

/* Reads arguments; false after a message to standard error. */
int read_arguments(command_line *line, int argc, char **argv);

/* The row of a name that one of these commands has, −1; and the nearest of their names. */
int find_option(unsigned commands, const char *name, size_t length);
const char *nearest_option(unsigned command, const char *name);

/* What the library says of the option of a row, of names that values have them; false if the row is the command's own. */
int option_info(const option_row *row, talus_option *info);

/* The text of an option; NULL if it is not given. And as a whole number, `standard` if it is not given; −1 after a message. */
const char *text_of(const command_line *line, const char *name);
int is_given(const command_line *line, const char *name);
int64_t whole_number_of(command_line *line, const char *name, int64_t least, int64_t most, int64_t standard);

/* A finite number of at least 0, a share above 0 and below 1, and a value that has a name, in a row that has names: false or −1 after a
 * message. What is not given leaves the number as it is, and is a share of 0. */
int number_of(command_line *line, const char *name, double *number);
int share_of(command_line *line, const char *name, double *share);
int named_value_of(command_line *line, const char *name);

/* Sets the fields of a struct that options name. Those of an optimiser's method come with its defaults. False after a
 * message. */
int apply_options(command_line *line, talus_context *context, int structure, void *options);

void print_options(FILE *to, unsigned command);

/* Prints the names that an option may have, but that of a function of the caller's, and returns their number. */
int print_names(FILE *to, const option_row *row, const char *between);

/* Levenshtein's distance of two words. */
int word_distance(const char *a, const char *b);

#endif
