/* How a fit or a minimisation ended. That is never an error: a call that found out how it ends returns TALUS_OK. */
#ifndef TALUS_OUTCOME_H
#define TALUS_OUTCOME_H

#include <talus/enumeration.h>

TALUS_BEGIN_C

/* A call gives those that its options allow. */
typedef enum talus_outcome {
    TALUS_OUTCOME_COMPLETED = 0, /* all that was asked for was done: the epochs of a fit */
    TALUS_OUTCOME_STOPPED = 1,   /* the caller asked to stop it on the way */
    TALUS_OUTCOME_DIVERGED = 2,  /* a cost or a step was not finite: the parameters are those before it */
    TALUS_OUTCOME_CONVERGED = 3, /* the gradient is as small as was asked for */
    TALUS_OUTCOME_TARGET = 4,    /* the cost, or what is watched, has reached the value that was asked for */
    TALUS_OUTCOME_STALLED = 5,   /* it has not improved any more, or by less than was asked for */
    TALUS_OUTCOME_TIME = 6,      /* the time that was given is over */
    TALUS_OUTCOME_LIMIT = 7      /* a limit of steps, iterations or evaluations was reached */
} talus_outcome;

/* "completed", "stopped", "diverged", "converged", "target", "stalled", "time", "limit"; "unknown". And the value of a
 * name; −1. */
static inline const char *talus_outcome_name(int outcome)
{
    return talus_enumeration_name(TALUS_ENUMERATION_OUTCOME, outcome);
}

static inline int talus_outcome_value(const char *name)
{
    return talus_enumeration_value(TALUS_ENUMERATION_OUTCOME, name);
}

TALUS_END_C

#endif
