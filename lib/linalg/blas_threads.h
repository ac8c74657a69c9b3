/* The threads of the BLAS: for the duration of a call Talus wants products that run in the thread that asks for
 * them. Whatever was set before is set again afterwards. */
#ifndef TL_LINALG_BLAS_THREADS_H
#define TL_LINALG_BLAS_THREADS_H

#include "base/context.h"
#include "base/pool.h"

/* Between these two, calls of the BLAS run in one thread, and the process does not fork (base/fork.h). They may overlap in
 * several threads, and do not nest. The value that tl_blas_enter returns is handed to the tl_blas_leave of the same thread.
 *
 * OpenBLAS with pthreads has one setting for the process: it is 1 from the first enter to the last leave, then what
 * it was. OpenBLAS with OpenMP has one for each thread. In a serial OpenBLAS without locks two threads at once would
 * compute wrong numbers, so enter waits until no other thread is between the two. Other libraries are left alone. */
int tl_blas_enter(void);
void tl_blas_leave(int before);

/* To enter for a context: where its option keeps the threads of the BLAS nothing is done, and nothing then by tl_blas_leave; but
 * a BLAS that is for one thread is entered in any case. */
enum { TL_BLAS_KEPT = -1 };
int tl_blas_enter_for(const talus_context *context);

/* Whether between the two only the thread that has entered may call the BLAS: its workers may not. */
bool tl_blas_is_for_one_thread(void);

/* The same for a thread of Talus's own, which nobody else uses: there is nothing to restore. */
void tl_blas_worker(void);

/* Between the two, runs all tasks of a job that calls the BLAS: in the threads of a pool, or in this one if they may not. */
void tl_blas_run(tl_pool *pool, tl_task task, void *job, int64_t tasks);

#endif
