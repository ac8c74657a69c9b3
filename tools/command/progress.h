/* How a fit is going: a bar that redraws itself on a terminal, and lines elsewhere; on standard error. */
#ifndef TALUS_COMMAND_PROGRESS_H
#define TALUS_COMMAND_PROGRESS_H

#include <talus/talus.h>

typedef struct progress {
    int quiet, terminal, color;
    double drawn; /* when the bar was drawn last, in seconds since the start */
    int metric;   /* that is watched */
    int validated;
    int64_t epochs;
} progress;

void begin_progress(progress *of, int quiet, talus_fit_options *options, int validated);

/* Takes the bar away. */
void end_progress(progress *of);

#endif
