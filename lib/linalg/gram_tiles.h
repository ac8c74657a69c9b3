/* The normal matrix of a block of rows, over the threads of a context: what one call of tl_gram (factor.h) would do in one. */
#ifndef TL_LINALG_GRAM_TILES_H
#define TL_LINALG_GRAM_TILES_H

#include "base/context.h"

/* A += Jᵀ·J, of which only the lower triangle of A (P × P) is read and written, and g += Jᵀ·r, for a block J (rows × P). Tiles of
 * A are tasks of their own, cut by P alone, so that the bits do not depend on the threads. Between tl_blas_enter and
 * tl_blas_leave. */
typedef struct tl_gram_block {
    int64_t rows, parameters; /* P */
    const double *jacobian;
    int64_t ld;
    const double *residuals; /* r; NULL: no g is wanted */
    double *normal;          /* A, with leading dimension P */
    double *gradient;        /* g */
    int64_t edge;            /* the most columns of a tile; 0: 384, which is fastest in one thread */
} tl_gram_block;

void tl_gram_add(talus_context *context, const tl_gram_block *block);

#endif
