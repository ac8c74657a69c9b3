#include "linalg/blas_threads.h"

#include <pthread.h>

#include "base/fork.h"

/* Present in some BLAS libraries only; elsewhere these addresses are NULL. */
#define OPTIONAL __attribute__((weak))
OPTIONAL extern int openblas_get_parallel(void);
OPTIONAL extern int openblas_get_num_threads(void);
OPTIONAL extern void openblas_set_num_threads(int threads);
OPTIONAL extern int omp_get_max_threads(void);
OPTIONAL extern void omp_set_num_threads(int threads);

enum { SERIAL, PTHREADS, OPENMP }; /* what openblas_get_parallel answers */

static int parallelism(void)
{
    if (openblas_get_parallel == NULL)
        return SERIAL;
    int kind = openblas_get_parallel();
    if (kind == OPENMP)
        return omp_get_max_threads != NULL && omp_set_num_threads != NULL ? OPENMP : SERIAL;
    if (kind == PTHREADS)
        return openblas_get_num_threads != NULL && openblas_set_num_threads != NULL ? PTHREADS : SERIAL;
    return SERIAL;
}

/* OpenBLAS's setting belongs to the process, and so does the count of those who want it to be 1. */
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static int guests, outside;

static void enter_process(void)
{
    pthread_mutex_lock(&guard);
    if (guests++ == 0) {
        outside = openblas_get_num_threads();
        if (outside != 1)
            openblas_set_num_threads(1);
    }
    pthread_mutex_unlock(&guard);
}

static void leave_process(void)
{
    pthread_mutex_lock(&guard);
    if (--guests == 0 && outside != 1)
        openblas_set_num_threads(outside);
    pthread_mutex_unlock(&guard);
}

/* Nothing has to be put right in the child of a fork, since none happens between the two. It could not be: in a child,
 * openblas_set_num_threads starts threads, and waits for locks that lost threads of the parent may have held. */
int tl_blas_enter(void)
{
    int before = 0;
    tl_fork_hold();
    switch (parallelism()) {
    case PTHREADS:
        enter_process();
        break;
    case OPENMP:
        before = omp_get_max_threads();
        if (before != 1)
            omp_set_num_threads(1);
        break;
    default:
        break;
    }
    return before;
}

void tl_blas_leave(int before)
{
    switch (parallelism()) {
    case PTHREADS:
        leave_process();
        break;
    case OPENMP:
        if (before != 1)
            omp_set_num_threads(before);
        break;
    default:
        break;
    }
    tl_fork_release();
}

void tl_blas_worker(void)
{
    if (parallelism() == OPENMP)
        omp_set_num_threads(1);
}
