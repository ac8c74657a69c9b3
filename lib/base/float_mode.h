/* The floating-point mode of a thread. During a call of Talus it is one known mode, whatever the caller has chosen: rounding
 * to nearest and no traps. While a pass or a step computes, subnormal numbers count as 0 too, since processors compute with
 * them some hundred times slower than with others, and a network that has learnt its data is full of them. */
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

/* Between an enter and its leave this thread has that mode, with no exception raised at first. With gradual underflow
 * subnormal numbers are what they are, as checks of the caller's numbers need them. What enter returns is handed to leave,
 * which restores the caller's rounding, traps, and raised exceptions: what has been raised meanwhile is forgotten. Calls may
 * nest. On x86 they know the unit of SSE, in which all of Talus computes, and the older x87, in which OpenBLAS
 * takes norms within LAPACK. */
tl_float_mode tl_float_enter(void);
tl_float_mode tl_float_enter_gradual(void);
void tl_float_leave(tl_float_mode before);

/* Whether subnormal numbers do count as 0 behind tl_float_enter: some processors and emulators have no such mode. */
bool tl_float_flushes(void);

#endif
