/* What linalg does in f64, for files that are compiled once. */
#ifndef TL_LINALG_F64_H
#define TL_LINALG_F64_H

#define TL_PRECISION 64
#include "linalg/blas_product.h"
#include "linalg/factor.h"
#include "linalg/parallel_cholesky.h"

#endif
