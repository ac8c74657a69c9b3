/* Kernels that move and update arrays: what kernels.h lists as transpose, gather, scatter and update. */
#ifndef TL_KERNELS_ARRAY_H
#define TL_KERNELS_ARRAY_H

#include <stdbool.h>
#include <talus/matrix.h>

#include "kernels/source.h"
#include "kernels/variant.h"

void K(transpose)(int64_t rows, int64_t cols, const real *in, int64_t ld_in, real *out, int64_t ld_out);
bool K(gather)(const tl_source *source, int64_t first, int64_t count, real *out, int64_t ld);
void K(scatter)(const talus_matrix *matrix, int64_t first, int64_t count, const real *in, int64_t ld);

void K(update_gradient_descent)(int64_t rows, int64_t cols, real *w, real *s, real *t, int64_t ld,
                                const real *g, int64_t ld_g, const real *c);
void K(update_momentum)(int64_t rows, int64_t cols, real *w, real *s, real *t, int64_t ld, const real *g,
                        int64_t ld_g, const real *c);
void K(update_adam)(int64_t rows, int64_t cols, real *w, real *s, real *t, int64_t ld, const real *g,
                    int64_t ld_g, const real *c);

#endif
