/* A model that is used, with data for it. */
#ifndef TALUS_COMMAND_USE_H
#define TALUS_COMMAND_USE_H

#include "model.h"

typedef struct use {
    command_line *line;
    talus_context *context;
    talus_network *network;
    talus_columns *columns; /* NULL for arrays */
    input_data data;
} use;

/* Loads the model and reads the data that the operands name. False after a message; close it in any case. */
int open_use(use *of, command_line *line, int with_targets);
void close_use(use *of);

#endif
