/* How a fit is going: a bar that redraws itself on a terminal, and lines elsewhere; on standard error. */
#ifndef TALUS_COMMAND_PROGRESS_H
#define TALUS_COMMAND_PROGRESS_H

#include "look.h"

typedef struct progress {
    int quiet, terminal, color, unicode;
    int columns; /* of the terminal */
    int metric;  /* that is watched */
    int validated;
    double drawn; /* when the bar was drawn last, in seconds since the start */
    int64_t epochs;
    char found[80];    /* how good the last epoch was on the validation set; "" before */
    health_look *look; /* receives the health of the run; or NULL */
} progress;

void begin_progress(progress *of, int quiet, talus_fit_options *options, int validated, health_look *look);

/* Takes the bar away. */
void end_progress(progress *of);

#endif
