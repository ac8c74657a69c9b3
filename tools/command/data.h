/* Data of the command: tables, arrays and pictures from files, and what their columns are called. */
#ifndef TALUS_COMMAND_DATA_H
#define TALUS_COMMAND_DATA_H

#include <stdio.h>

#include "options.h"

typedef struct input_data {
    talus_dataset *dataset;
    talus_columns *columns; /* of a table; NULL for arrays */
    talus_dataset *whole;   /* what the data set is a part of, or NULL */
    FILE *copy;             /* of standard input, while that is read; else NULL */
    char path[32];          /* of the copy */
    int format;             /* of format.h */
    char reason[300];       /* what is to be learnt, and why */
} input_data;

/* What a network takes. */
typedef struct data_shape {
    const talus_columns *columns; /* of the table that it was trained on; NULL for arrays */
    int64_t inputs;
    int classes;        /* 1: targets are classes */
    int with_targets;   /* 1: they are wanted */
    const char *labels; /* the file of those of inputs in idx and npy; or NULL */
} data_shape;

/* Reads data to learn from, "-" being standard input. False after a message. */
int read_training(command_line *line, talus_context *context, const char *path, input_data *data);

/* Reads further data for a network. */
int read_further(command_line *line, talus_context *context, const char *path, const data_shape *like,
                 input_data *data);
void free_data(input_data *data);

/* The columns that the notes of a model hold; NULL for a model of arrays. False after a message. */
int read_columns(talus_context *context, const char *model, talus_columns **columns);

/* The classes that labels mean: their number, and the name of one, in text of 64 bytes if it is a number only. */
int64_t class_count(const input_data *data);
const char *class_name(const talus_columns *columns, int64_t label, char text[64]);

#endif
