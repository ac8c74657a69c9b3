/* The options of a run in files: in the notes of models and checkpoints, and in files that users write. */
#ifndef TALUS_COMMAND_CONFIG_H
#define TALUS_COMMAND_CONFIG_H

#include "options.h"

/* Keeps what a run has for the options of a structure, or for an option of the command's own. False after a message. */
int use_options(command_line *line, talus_context *context, int structure, const void *options);
int use_text(command_line *line, const char *name, const char *text);
/* A copy for another run, which must not outlive the first; false after a message. Free it in any case. */
int copy_line(command_line *to, const command_line *from);
void free_line(command_line *line);

/* Options that say where something goes do not belong to a run that is repeated. */
int belongs_to_run(const option_row *row);

/* Puts the options that belong to a run as a JSON object, {"rate": 0.005, "layers": [128, 64], …}, given or not, as the notes of a
 * model hold it under "config"; and takes from such an object, or from a model, what is not given yet. False after a message. */
void put_config(text_buffer *to, const command_line *line);
int read_config(command_line *line, talus_context *context, const char *path);

/* The same of all that a run was asked for, as the notes of a checkpoint hold it under "run", with its data under "data". Read by
 * talus resume, the line becomes one of talus train. */
void put_run(text_buffer *to, const command_line *line);
int read_run(command_line *line, talus_context *context, const char *path);

/* A word for the shell, and the command line that repeats a run. */
void put_word(text_buffer *to, const char *word);
void put_command(text_buffer *to, const command_line *line);

/* The notes of a model or a checkpoint, free them; NULL if it is none, or there is no memory: no message yet. */
char *read_notes(talus_context *context, const char *path);

/* Calls `item` for each item of a JSON list in turn, as talus_json_each does for the members of an object, with "" as its name. */
talus_status each_item(talus_context *context, const char *list,
                       int (*item)(const char *name, const char *value, void *user), void *user);

#endif
