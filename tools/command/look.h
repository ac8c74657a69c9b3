/* The health of a run for its report: looked at while the rate is high, since the last steps of many schedules hardly move. */
#ifndef TALUS_COMMAND_LOOK_H
#define TALUS_COMMAND_LOOK_H

#include "model.h"

typedef struct health_look {
    talus_health
        healths[MOST_LAYERS]; /* of each layer in the last look at a rate of at least half the largest */
    int layers;               /* 0: there was no look yet */
    int64_t step;             /* of that look */
    double rate, largest;
} health_look;

/* After a step: takes the look that may have been made in it. */
void take_look(health_look *of, const talus_progress *p);

#endif
