#include "base/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/context.h"

/* A job is published in one word: its generation in the upper half, the number of its unclaimed tasks in the
 * lower. A worker claims a task by lowering that number with a compare-and-swap; success proves that the job is
 * still running, so its fields may be read. A worker that sleeps is never waited for. */
struct tl_pool {
    _Atomic uint64_t ticket;
    tl_task task;
    void *job;
    int64_t first, tasks; /* of the present round: a job of more than 2³¹ tasks takes several */
    _Atomic int64_t done;

    int threads;   /* that work on a job, the caller's included */
    int spins;     /* looks at the ticket before a worker goes to sleep */
    pid_t process; /* in a forked child there is no other thread */
    atomic_int sleepers;
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct worker {
        tl_pool *pool;
        pthread_t handle;
        int number;
    } workers[];
};

#define ROUND_TASKS ((int64_t)1 << 31)

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static uint32_t unclaimed(tl_pool *pool)
{
    return (uint32_t)atomic_load(&pool->ticket);
}

/* Claims and runs one task of the present job; false if there is none left. */
static bool work(tl_pool *pool, int worker)
{
    uint64_t ticket = atomic_load(&pool->ticket);
    do {
        if ((uint32_t)ticket == 0)
            return false;
    } while (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket - 1));
    pool->task(pool->job, pool->first + pool->tasks - (int64_t)(uint32_t)ticket, worker);
    atomic_fetch_add(&pool->done, 1);
    return true;
}

static void sleep_until_work(tl_pool *pool)
{
    for (int i = 0; i < pool->spins; i++) {
        if (unclaimed(pool) > 0 || atomic_load(&pool->stop))
            return;
        relax();
    }
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    while (unclaimed(pool) == 0 && !atomic_load(&pool->stop))
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument)
{
    struct worker *self = argument;
    while (!atomic_load(&self->pool->stop)) {
        if (!work(self->pool, self->number))
            sleep_until_work(self->pool);
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

static void run_round(tl_pool *pool, int64_t first, int64_t tasks)
{
    pool->first = first;
    pool->tasks = tasks;
    atomic_store(&pool->done, 0);
    uint64_t generation = (atomic_load(&pool->ticket) >> 32) + 1;
    atomic_store(&pool->ticket, generation << 32 | (uint64_t)tasks);
    wake_all(pool);
    while (work(pool, 0))
        ;
    for (int i = 0; atomic_load(&pool->done) < tasks; i++) {
        if (i < pool->spins)
            relax();
        else
            sched_yield();
    }
}

void tl_pool_run(tl_pool *pool, tl_task task, void *job, int64_t tasks)
{
    if (pool->threads == 1 || tasks == 1 || pool->process != getpid()) {
        for (int64_t i = 0; i < tasks; i++)
            task(job, i, 0);
        return;
    }
    pool->task = task;
    pool->job = job;
    for (int64_t first = 0; first < tasks; first += ROUND_TASKS)
        run_round(pool, first, tasks - first < ROUND_TASKS ? tasks - first : ROUND_TASKS);
}

/* Starts the workers, with all signals blocked: the host's handlers run in the host's threads. */
static void start_workers(tl_pool *pool, int threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    for (pool->threads = 1; pool->threads < threads; pool->threads++) {
        struct worker *worker = &pool->workers[pool->threads - 1];
        *worker = (struct worker){.pool = pool, .number = pool->threads};
        if (pthread_create(&worker->handle, NULL, worker_main, worker) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

tl_pool *tl_pool_create(talus_context *context, int threads)
{
    tl_pool *pool = tl_allocate(context, sizeof *pool + (size_t)(threads - 1) * sizeof pool->workers[0]);
    if (pool == NULL)
        return NULL;
    pool->process = getpid();
    pool->spins = threads <= tl_processor_count() ? 4000 : 0;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    start_workers(pool, threads);
    return pool;
}

void tl_pool_destroy(talus_context *context, tl_pool *pool)
{
    if (pool->process == getpid()) {
        atomic_store(&pool->stop, true);
        wake_all(pool);
        for (int i = 0; i + 1 < pool->threads; i++)
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
