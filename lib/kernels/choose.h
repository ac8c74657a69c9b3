/* The choice among the tables of kernels that were compiled. */
#ifndef TL_KERNELS_CHOOSE_H
#define TL_KERNELS_CHOOSE_H

#include <talus/context.h>

/* The table (a tl_kernels_f32 or tl_kernels_f64) for a precision, TALUS_F32 or TALUS_F64: the best that this
 * processor runs. */
const void *tl_kernels_choose(int precision);

/* The number of tables compiled, and table `index` for a precision: NULL if this processor cannot run it. */
int tl_kernels_count(void);
const void *tl_kernels_table(int index, int precision);

#endif
