/* Matrix units of x86: tiles of 16 × 64 bytes that are multiplied by one instruction (AMX).
 *
 * Their registers are so large that Linux gives them to a process that asks, once; its threads and later children have the
 * permission too. So they are asked for when a user chooses them, and the system is what remembers the answer. */
#ifndef TL_BASE_MATRIX_UNITS_H
#define TL_BASE_MATRIX_UNITS_H

#include <stdint.h>

/* Asks for the matrix units that multiply bf16. NULL, or a sentence without its end that says why this process cannot use them. */
const char *tl_matrix_units_missing(void);

/* What the processor and the system say. */
typedef struct tl_matrix_units {
    uint32_t features;   /* cpuid, leaf 7, edx */
    uint64_t saved;      /* the parts of a thread's state that the system keeps: XCR0 */
    int (*permit)(void); /* asks the system: 0, or the error */
} tl_matrix_units;

/* The same for any of them. */
const char *tl_matrix_units_reason(const tl_matrix_units *units);

#endif
