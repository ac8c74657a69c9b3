#include "base/fork.h"

#include <pthread.h>

/* These change, and belong to the process as what they describe does. The number of the process would not do for a
 * generation: in a namespace of its own a child can have that of its parent. */
static unsigned generation;
static bool watched;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void enter_child(void)
{
    generation++;
}

static void watch(void)
{
    watched = pthread_atfork(NULL, NULL, enter_child) == 0;
}

bool tl_fork_watch(void)
{
    return pthread_once(&once, watch) == 0 && watched;
}

unsigned tl_fork_generation(void)
{
    return generation;
}
