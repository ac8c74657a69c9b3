/* Data of the command: tables, arrays and pictures from files, and what their columns are called. */
#ifndef TALUS_COMMAND_DATA_H
#define TALUS_COMMAND_DATA_H

#include "options.h"

typedef struct input_data {
    talus_dataset *dataset;
    talus_columns *columns; /* of a table; NULL for arrays */
    talus_dataset *whole;   /* what the data set is a part of, or NULL */
    char *path;             /* of a copy of standard input, removed at the end; or NULL */
} input_data;

/* Reads data to learn from, "-" being standard input. False after a message. */
int read_training(const command_line *line, talus_context *context, const char *path, input_data *data);

/* Reads further data for a network that was trained on a table with these columns (NULL for arrays), with targets or
 * without. */
int read_further(const command_line *line, talus_context *context, const char *path,
                 const talus_columns *columns, int with_targets, input_data *data);
void free_data(input_data *data);

/* The columns that the notes of a model hold; NULL for a model of arrays. False after a message. */
int read_columns(talus_context *context, const char *model, talus_columns **columns);

/* The classes that labels mean: their number, and the name of one, in text of 64 bytes if it is a number only. */
int64_t class_count(const input_data *data);
const char *class_name(const talus_columns *columns, int64_t label, char text[64]);

#endif
