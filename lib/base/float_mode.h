/* Subnormal numbers: processors compute with them some hundred times slower than with others, and a network that has
 * learnt its data is full of them. While a call of Talus computes they count as 0; afterwards the mode of the
 * caller's thread is what it was. */
#ifndef TL_BASE_FLOAT_MODE_H
#define TL_BASE_FLOAT_MODE_H

#include <stdbool.h>
#include <stdint.h>

/* Between these two, subnormal operands and results count as 0 in this thread. What the first returns is handed to the
 * second. Where the processor has no such mode, nothing happens. */
uint64_t tl_float_enter(void);
void tl_float_leave(uint64_t before);

/* Whether the processor has such a mode. */
bool tl_float_flushes(void);

#endif
