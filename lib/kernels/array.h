/* Kernels that move arrays: what kernels.h lists as transpose, gather and scatter. */
#ifndef TL_KERNELS_ARRAY_H
#define TL_KERNELS_ARRAY_H

#include <stdbool.h>
#include <talus/matrix.h>

#include "kernels/source.h"
#include "kernels/variant.h"

void K(transpose)(int64_t rows, int64_t cols, const real *in, int64_t ld_in, real *out, int64_t ld_out);
bool K(gather)(const tl_source *source, int64_t first, int64_t count, real *out, int64_t ld, double *squares);
void K(scatter)(const talus_matrix *matrix, int64_t first, int64_t count, const real *in, int64_t ld);

#endif
