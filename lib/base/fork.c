#include "base/fork.h"

#include <pthread.h>

#include "base/call.h"

/* These change, and belong to the process as what they describe does. The number of the process would not do for a
 * generation: in a namespace of its own a child can have that of its parent. */
static unsigned generation = 1;
static bool watched;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Read by those who hold, written by a fork. One that waits goes first, or it would wait for all passes of a fit. */
#ifdef PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
#define GATE PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP
#else
#define GATE PTHREAD_RWLOCK_INITIALIZER
#endif
static pthread_rwlock_t gate = GATE;
static _Thread_local bool exempt; /* from waiting: this thread holds, or works for one that does */

static void enter_fork(void)
{
    if (!exempt)
        pthread_rwlock_wrlock(&gate);
}

static void leave_fork(void)
{
    if (!exempt)
        pthread_rwlock_unlock(&gate);
}

/* The threads that hold the gate or wait at it in the parent are not here. */
static void enter_child(void)
{
    generation++;
    tl_call_forked();
    leave_fork();
    gate = (pthread_rwlock_t)GATE;
    if (exempt)
        pthread_rwlock_rdlock(&gate);
}

static void watch(void)
{
    watched = pthread_atfork(enter_fork, leave_fork, enter_child) == 0;
}

bool tl_fork_watch(void)
{
    return pthread_once(&once, watch) == 0 && watched;
}

unsigned tl_fork_generation(void)
{
    return generation;
}

void tl_fork_hold(void)
{
    pthread_rwlock_rdlock(&gate);
    exempt = true;
}

void tl_fork_release(void)
{
    exempt = false;
    pthread_rwlock_unlock(&gate);
}

void tl_fork_worker(void)
{
    exempt = true;
}
