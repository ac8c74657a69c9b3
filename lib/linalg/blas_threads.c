#include "linalg/blas_threads.h"

#include <pthread.h>
#include <string.h>

#include "base/fork.h"

/* Present in some BLAS libraries only; elsewhere these addresses are NULL. */
#define OPTIONAL __attribute__((weak))
OPTIONAL extern int openblas_get_parallel(void);
OPTIONAL extern int openblas_get_num_threads(void);
OPTIONAL extern void openblas_set_num_threads(int threads);
OPTIONAL extern char *openblas_get_config(void);
OPTIONAL extern int exec_blas(long tasks, void *queue);
OPTIONAL extern int exec_blas_async(long first, void *queue);
OPTIONAL extern int omp_get_max_threads(void);
OPTIONAL extern void omp_set_num_threads(int threads);

/* What openblas_get_parallel answers, and what else there is. */
enum { SERIAL, PTHREADS, OPENMP, OTHER };

/* An archive, libopenblas.a, gives a program what products need and no more: not openblas_get_parallel. Products need the
 * number of threads in every build, and of the servers that hand out parts of a product the one with pthreads alone has
 * exec_blas_async. */
static int parallelism(void)
{
    if (openblas_get_parallel != NULL)
        return openblas_get_parallel();
    return exec_blas_async != NULL ? PTHREADS : exec_blas != NULL ? OPENMP : SERIAL;
}

/* From 0.3.28 on the configuration names the locks that a serial build can have. */
static bool has_locks(void)
{
    return openblas_get_config != NULL && strstr(openblas_get_config(), "USE_LOCKING") != NULL;
}

static int find_kind(void)
{
    if (openblas_get_num_threads == NULL)
        return OTHER; /* not OpenBLAS */
    int found = parallelism();
    bool can_set = found == OPENMP ? omp_get_max_threads != NULL && omp_set_num_threads != NULL
                                   : openblas_set_num_threads != NULL;
    return found == SERIAL ? (has_locks() ? OTHER : SERIAL) : can_set ? found : OTHER;
}

static int kind;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_kind(void)
{
    kind = find_kind();
}

static int blas_kind(void)
{
    pthread_once(&once, set_kind);
    return kind;
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

/* Held by the one thread that may be in a serial OpenBLAS. */
static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;

static int enter_thread(void)
{
    int before = omp_get_max_threads();
    if (before != 1)
        omp_set_num_threads(1);
    return before;
}

static void leave_thread(int before)
{
    if (before != 1)
        omp_set_num_threads(before);
}

/* Nothing has to be put right in the child of a fork, since none happens between the two. It could not be: in a child,
 * openblas_set_num_threads starts threads, and waits for locks that lost threads of the parent may have held. */
int tl_blas_enter(void)
{
    int before = 0;
    tl_fork_hold();
    switch (blas_kind()) {
    case SERIAL:
        pthread_mutex_lock(&alone);
        break;
    case PTHREADS:
        enter_process();
        break;
    case OPENMP:
        before = enter_thread();
        break;
    default:
        break;
    }
    return before;
}

int tl_blas_enter_for(const talus_context *context)
{
    const bool keeps = context->options.keep_blas_threads && !tl_blas_is_for_one_thread();
    return keeps ? TL_BLAS_KEPT : tl_blas_enter();
}

void tl_blas_leave(int before)
{
    if (before == TL_BLAS_KEPT)
        return;
    switch (blas_kind()) {
    case SERIAL:
        pthread_mutex_unlock(&alone);
        break;
    case PTHREADS:
        leave_process();
        break;
    case OPENMP:
        leave_thread(before);
        break;
    default:
        break;
    }
    tl_fork_release();
}

bool tl_blas_is_for_one_thread(void)
{
    return blas_kind() == SERIAL;
}

void tl_blas_worker(void)
{
    if (blas_kind() == OPENMP)
        omp_set_num_threads(1);
}

typedef struct blas_run {
    tl_task task;
    void *job;
} blas_run;

static void run_task(void *job, int64_t task, int worker)
{
    const blas_run *run = job;
    if (worker != 0)
        tl_blas_worker();
    run->task(run->job, task, worker);
}

void tl_blas_run(tl_pool *pool, tl_task task, void *job, int64_t tasks)
{
    if (tl_blas_is_for_one_thread())
        for (int64_t i = 0; i < tasks; i++)
            task(job, i, 0);
    else
        tl_pool_run(pool, run_task, &(blas_run){task, job}, tasks);
}
