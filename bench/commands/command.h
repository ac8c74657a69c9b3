/* The commands of talus-bench. Each has a file of its own and a line in the table of main.c. */
#ifndef BENCH_COMMAND_H
#define BENCH_COMMAND_H

#include "cases/options.h"

/* Exit codes. */
enum { BENCH_DONE = 0, BENCH_FAILED = 1, BENCH_USAGE = 2 };

typedef struct bench_command {
    const char *name, *summary;
    const char *details;                      /* what --help says beneath it */
    unsigned takes;                           /* the options, by their bits */
    void (*prepare)(bench_options *options);  /* sets defaults of its own; or NULL */
    int (*run)(const bench_options *options); /* returns an exit code */
} bench_command;

extern const bench_command bench_command_step, bench_command_epoch, bench_command_gemm, bench_command_scale,
    bench_command_suite, bench_command_compare, bench_command_tune, bench_command_peak, bench_command_costs,
    bench_command_reach, bench_command_files, bench_command_solve, bench_command_lm;

#endif
