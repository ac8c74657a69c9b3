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

/* Whether outputs are classes, as far as the network, and the columns that it was trained on, NULL for arrays, tell. */
int is_classifier(const talus_network *network, const talus_columns *columns);

/* Whether those of a classifier are probabilities, and not margins, as of the hinge loss; and the class that they say. */
int has_probabilities(const talus_network *network);
int64_t class_of(const talus_network *network, const double *row, int64_t outputs);

#endif
