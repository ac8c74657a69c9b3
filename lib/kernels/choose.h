/* The tables of kernels that were compiled. */
#ifndef TL_KERNELS_CHOOSE_H
#define TL_KERNELS_CHOOSE_H

#include <talus/context.h>

/* The table (a tl_kernels_f32 or tl_kernels_f64) for an instruction set other than TALUS_INSTRUCTION_SET_BEST and a precision;
 * NULL if it was not compiled. */
const void *tl_kernels_of(int instruction_set, int precision);

/* The reals in a vector register of a table. */
int tl_kernels_lanes(const void *table, int precision);

#endif
