#include "base/pool.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/cache.h"
#include "base/context.h"
#include "base/float_mode.h"
#include "base/fork.h"

/* The tasks of a job are dealt to the workers in equal runs, so that the same worker gets the same tasks of the same
 * job every time and finds their data in its cache; who has finished takes from the others.
 *
 * A run is one word: the generation of the job in the upper half, the number of its unclaimed tasks in the lower. A task
 * is claimed by lowering that number with a compare-and-swap; success proves that the job is still running, so its
 * fields may be read. A worker that sleeps is never waited for. */
typedef struct worker {
    _Alignas(TL_LINE_BYTES) _Atomic uint64_t ticket; /* of its run */
    int64_t end;                                     /* one past the last task of its run */
    tl_pool *pool;
    pthread_t handle;
    int number;
} worker;

struct tl_pool {
    tl_task task;
    void *job;
    _Atomic int64_t done;
    _Atomic uint32_t generation; /* changes with every job */

    int threads;    /* that work on a job, the caller's included */
    int spins;      /* SPINS or 0 */
    unsigned forks; /* the generation of the process whose threads they are: a child has none */
    atomic_int sleepers;
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    worker workers[]; /* the first is the caller's thread */
};

/* Looks for work before a worker goes to sleep, where each thread has a processor. */
#define SPINS 4000

#define ROUND_TASKS ((int64_t)1 << 31)

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Claims and runs one task of the run of `owner`; false if there is none left. */
static bool take(tl_pool *pool, worker *owner, int number)
{
    uint64_t ticket = atomic_load(&owner->ticket);
    do {
        if ((uint32_t)ticket == 0)
            return false;
    } while (!atomic_compare_exchange_weak(&owner->ticket, &ticket, ticket - 1));
    pool->task(pool->job, owner->end - (int64_t)(uint32_t)ticket, number);
    atomic_fetch_add(&pool->done, 1);
    return true;
}

/* Does what is left of a worker's own run, then of the others'. */
static void work(tl_pool *pool, int number)
{
    for (int i = 0; i < pool->threads; i++)
        while (take(pool, &pool->workers[(number + i) % pool->threads], number))
            ;
}

/* Waits for a job other than the one of generation `seen`, first awake, then asleep. */
static void wait_for_job(tl_pool *pool, uint32_t seen)
{
    for (int i = 0; i < pool->spins; i++) {
        if (atomic_load(&pool->generation) != seen || atomic_load(&pool->stop))
            return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (atomic_load(&pool->generation) == seen && !atomic_load(&pool->stop))
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument)
{
    worker *self = argument;
    tl_pool *pool = self->pool;
    uint32_t seen = 0;
    (void)tl_float_enter(); /* for good: this thread works for nobody else */
    tl_fork_worker();
    while (!atomic_load(&pool->stop)) {
        wait_for_job(pool, seen);
        seen = atomic_load(&pool->generation);
        work(pool, self->number);
    }
    return NULL;
}

static void wake_all(tl_pool *pool)
{
    if (atomic_load(&pool->sleepers) == 0)
        return;
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

/* Deals out tasks first … first+tasks−1. The fields of the job are written before the first ticket. */
static void deal(tl_pool *pool, int64_t first, int64_t tasks)
{
    uint32_t generation = atomic_load(&pool->generation) + 1;
    atomic_store(&pool->done, 0);
    for (int i = 0; i < pool->threads; i++) {
        int64_t start = tasks * i / pool->threads, end = tasks * (i + 1) / pool->threads;
        pool->workers[i].end = first + end;
        atomic_store(&pool->workers[i].ticket, (uint64_t)generation << 32 | (uint64_t)(end - start));
    }
    atomic_store(&pool->generation, generation);
}

static void run_round(tl_pool *pool, int64_t first, int64_t tasks)
{
    deal(pool, first, tasks);
    wake_all(pool);
    work(pool, 0);
    for (int i = 0; atomic_load(&pool->done) < tasks; i++) {
        if (i < pool->spins)
            relax();
        else
            sched_yield();
    }
}

void tl_pool_run(tl_pool *pool, tl_task task, void *job, int64_t tasks)
{
    if (pool->threads == 1 || tasks == 1 || pool->forks != tl_fork_generation()) {
        for (int64_t i = 0; i < tasks; i++)
            task(job, i, 0);
        return;
    }
    pool->task = task;
    pool->job = job;
    for (int64_t first = 0; first < tasks; first += ROUND_TASKS)
        run_round(pool, first, tasks - first < ROUND_TASKS ? tasks - first : ROUND_TASKS);
}

/* The signals that workers leave to the host's threads: all but those that the system raises for what a thread itself
 * has done, whose handlers are of use in that thread alone. */
static sigset_t signals_of_the_host(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
    sigset_t set;
    sigfillset(&set);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(&set, faults[i]);
    return set;
}

/* The stack of a worker where the process gives threads less (ulimit -s). Tasks take some 16 KB, and 50 KB with products
 * of pieces; but what libraries keep for each thread is taken of it too, 60 KB by OpenBLAS 0.3.21, and so is what the host's
 * handlers of faults need. */
#define STACK_BYTES ((size_t)512 << 10)

static void init_attributes(pthread_attr_t *attributes)
{
    size_t usual = 0;
    pthread_attr_init(attributes);
    pthread_attr_getstacksize(attributes, &usual);
    if (usual < STACK_BYTES)
        pthread_attr_setstacksize(attributes, STACK_BYTES + (size_t)PTHREAD_STACK_MIN);
}

static void start_workers(tl_pool *pool, int threads)
{
    sigset_t blocked = signals_of_the_host(), before;
    pthread_attr_t attributes;
    init_attributes(&attributes);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    for (pool->threads = 1; pool->threads < threads; pool->threads++) {
        worker *next = &pool->workers[pool->threads];
        next->pool = pool;
        next->number = pool->threads;
        if (pthread_create(&next->handle, &attributes, worker_main, next) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

tl_pool *tl_pool_create(talus_context *context, int threads)
{
    tl_pool *pool = tl_allocate(context, sizeof *pool + (size_t)threads * sizeof pool->workers[0]);
    if (pool == NULL)
        return NULL;
    pool->forks = tl_fork_generation();
    pool->spins = threads <= tl_processor_count() ? SPINS : 0;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    start_workers(pool, threads);
    return pool;
}

void tl_pool_destroy(talus_context *context, tl_pool *pool)
{
    if (pool->forks == tl_fork_generation()) {
        atomic_store(&pool->stop, true);
        wake_all(pool);
        for (int i = 1; i < pool->threads; i++)
            pthread_join(pool->workers[i].handle, NULL);
        pthread_cond_destroy(&pool->wake);
        pthread_mutex_destroy(&pool->mutex);
    }
    tl_release(context, pool);
}

int tl_pool_threads(const tl_pool *pool)
{
    return pool->threads;
}

int tl_processor_count(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : (int)(online < TL_MAX_THREADS ? online : TL_MAX_THREADS);
}
