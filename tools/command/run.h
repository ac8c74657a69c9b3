/* Runs of the command: what train, resume and search share. */
#ifndef TALUS_COMMAND_RUN_H
#define TALUS_COMMAND_RUN_H

#include "model.h"

/* The options of a run, as structs that refer to each other; it must stay where it is. */
typedef struct run_options {
    talus_optimizer_spec optimizer;
    talus_schedule schedule;
    talus_fit_options fit;
    double test_share;
} run_options;

/* Fills them in from what is given and the defaults of the command. False after a message. */
int make_run(command_line *line, talus_context *context, const talus_dataset *data, run_options *run);

/* Whether a method takes a rate; the others find their steps themselves. */
int has_rate(int method);

/* Seconds of "90", "90s", "10m" or "2h"; −1 after a message. */
double read_time(command_line *line, const char *text);

/* Is set by Ctrl-C; a second one ends the program. */
extern volatile int stop_asked;
void watch_interrupts(void);

#endif
