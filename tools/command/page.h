/* The report of a run: one page of HTML with drawings in SVG, which needs nothing else. */
#ifndef TALUS_COMMAND_PAGE_H
#define TALUS_COMMAND_PAGE_H

#include "look.h"
#include "model.h"

/* What a run has left to be shown. */
typedef struct run_page {
    talus_context *context;
    const talus_network *network;
    const talus_dataset *data; /* to judge on */
    const char *judged_on;     /* what it is: "test", "validation"; NULL: what the network was trained on */
    const talus_columns *columns;
    const char *title, *source, *command;
    const talus_epoch *epochs; /* so many */
    int64_t epoch_count;
    const talus_fit_result *result;
    int metric; /* that was watched */
    const health_look *look;
    const char *verdicts; /* on them; or "" */
} run_page;

/* Writes the page; false after a message. */
int write_page(const run_page *of, const char *path);

#endif
