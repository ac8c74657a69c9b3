/* Completion of the command line for shells, from the table of options. */
#ifndef TALUS_COMMAND_COMPLETE_H
#define TALUS_COMMAND_COMPLETE_H

/* Prints what a shell reads: source <(talus complete bash). False after a message. */
int print_completion(const char *shell);

#endif
