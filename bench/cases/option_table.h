/* Every option but --json and --help: its name, its help, and how its value is read. */
#ifndef BENCH_OPTION_TABLE_H
#define BENCH_OPTION_TABLE_H

#include "cases/options.h"

typedef struct bench_option {
    const char *name, *value, *help; /* value "": it takes none */
    unsigned bit;
    bool list;
    /* Reads one item of the value into place `at` of its list. */
    bool (*read)(bench_options *options, const char *item, int at);
    const char *wants; /* the end of the sentence that refuses an item */
} bench_option;

extern const bench_option bench_option_table[];
extern const int bench_option_count;

#endif
