/* Networks of the command: made from options and data, saved with all that a run needs, and loaded. */
#ifndef TALUS_COMMAND_MODEL_H
#define TALUS_COMMAND_MODEL_H

#include "data.h"
#include "record.h"

enum { MOST_LAYERS = 64 };

/* Makes the network that the options and the data ask for, with its inputs and targets scaled to the data. False after a
 * message. */
int make_network(command_line *line, talus_context *context, const input_data *data, talus_network **network);

/* Saves it with the options of its run, how that went, and the columns of its data. */
int save_model(const command_line *line, talus_context *context, const talus_network *network,
               const talus_columns *columns, const run_record *record, const char *path);

/* Loads it with its columns. */
int load_model(talus_context *context, const char *path, talus_network **network, talus_columns **columns);

/* Whether outputs are classes. */
int is_classifier(const talus_network *network);

#endif
