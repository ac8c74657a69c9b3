/* What a fork of the process means for the library: in the child there is one thread, and what other threads were about
 * to do is not done. */
#ifndef TL_BASE_FORK_H
#define TL_BASE_FORK_H

#include <stdbool.h>

/* Must have returned true before the others are used: false if there is no memory. Does its work once a process. */
bool tl_fork_watch(void);

/* A number other than 0, and another one in the child of a fork than in its parent. */
unsigned tl_fork_generation(void);

/* Between these two, forks in other threads wait, so that no child finds a lock held or a setting changed by a thread that
 * it does not have. They do not nest, and the host's functions are not called between them: they may wait for the
 * thread that forks. A fork in this thread, from a handler of a signal, goes on at once. */
void tl_fork_hold(void);
void tl_fork_release(void);

/* Of a thread that works for the one that holds: its forks do not wait either. */
void tl_fork_worker(void);

#endif
