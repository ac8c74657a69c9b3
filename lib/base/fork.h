/* What a fork of the process means for the library: in the child there is one thread, and what other threads were about
 * to do is not done. */
#ifndef TL_BASE_FORK_H
#define TL_BASE_FORK_H

#include <stdbool.h>

/* Must have returned true before the others are used: false if there is no memory. Does its work once a process. */
bool tl_fork_watch(void);

/* A number that is another one in the child of a fork than in its parent. */
unsigned tl_fork_generation(void);

#endif
