/* The subcommands. Each takes its arguments and returns the exit status of the program. */
#ifndef TALUS_COMMAND_COMMANDS_H
#define TALUS_COMMAND_COMMANDS_H

#include "options.h"

/* Exit statuses. */
enum { DONE = 0, FAILED = 1, WRONG_USAGE = 2, INTERRUPTED = 130 };

int run_train(command_line *line);
int run_predict(command_line *line);
int run_evaluate(command_line *line);
int run_info(command_line *line);
int run_export(command_line *line);
int run_resume(command_line *line);
int run_data(command_line *line);
int run_search(command_line *line);
int run_plan(command_line *line);

typedef struct subcommand {
    const char *name, *operands, *sentence;
    int (*run)(command_line *line);
    unsigned bit;
    const char *const *examples; /* ends with NULL */
} subcommand;

extern const subcommand commands[];
extern const int command_count;

/* A context with the threads that are asked for; NULL after a message. */
talus_context *open_context(command_line *line);

/* Says why the last call failed; returns FAILED. */
int report_failure(const talus_context *context);

/* Wants so many operands; says what the command takes if there are others. */
int check_operands(const command_line *line, int least, int most, const char *usage);

#endif
