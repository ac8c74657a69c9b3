/* The floating-point mode of a thread. While a call of Talus computes it is one known mode, whatever the caller has chosen:
 * rounding to nearest, no traps, and subnormal numbers count as 0, since processors compute with them some hundred times
 * slower than with others, and a network that has learnt its data is full of them. */
#ifndef TL_BASE_FLOAT_MODE_H
#define TL_BASE_FLOAT_MODE_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__SSE2__) || defined(__aarch64__)
typedef uint64_t tl_float_mode; /* what the registers hold */
#else
#include <fenv.h>
typedef fenv_t tl_float_mode;
#endif

/* Between these two, this thread has that mode, with no exception raised at first. What the first returns is handed to the
 * second, which restores the caller's rounding, traps, and raised exceptions: what has been raised meanwhile is
 * forgotten. Calls may nest. On x86 they know the unit of SSE, in which all of Talus and of its BLAS computes. */
tl_float_mode tl_float_enter(void);
void tl_float_leave(tl_float_mode before);

/* Whether subnormal numbers do count as 0 between the two: some processors and emulators have no such mode. */
bool tl_float_flushes(void);

#endif
