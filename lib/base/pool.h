/* The threads of a context: a pool that runs one job at a time. Between jobs its threads sleep. */
#ifndef TL_BASE_POOL_H
#define TL_BASE_POOL_H

#include <stdint.h>
#include <talus/context.h>

typedef struct tl_pool tl_pool;

/* A task of a job: called once for each task 0 … tasks−1, by any worker (0 … threads−1). */
typedef void (*tl_task)(void *job, int64_t task, int worker);

/* Makes a pool in which `threads` threads work, the caller's among them. If the system gives fewer threads, the
 * pool has fewer. NULL if there is no memory. */
tl_pool *tl_pool_create(talus_context *context, int threads);
void tl_pool_destroy(talus_context *context, tl_pool *pool);

/* The threads that work on a job, the caller's included. */
int tl_pool_threads(const tl_pool *pool);

/* Runs all tasks of a job and returns when they are done. Which worker gets which task is not determined. */
void tl_pool_run(tl_pool *pool, tl_task task, void *job, int64_t tasks);

/* The number of processors that this process may run on, at least 1. */
int tl_processor_count(void);

#endif
