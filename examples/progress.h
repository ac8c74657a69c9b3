/* Shows how a fit is going: a bar that redraws itself on a terminal, and a line for each finished epoch. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <talus/talus.h>

typedef struct progress_view {
    int terminal;        /* is standard output one? */
    double drawn;        /* when the bar was drawn last, in seconds since the start */
    talus_progress last; /* what the fit reported last */
} progress_view;

/* Has the fit report to a view, which must stand until the fit ends. */
void progress_attach(progress_view *view, talus_fit_options *options);

#endif
