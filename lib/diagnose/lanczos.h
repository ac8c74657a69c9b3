/* The extreme eigenvalues of a symmetric operator that is known by its products with vectors. */
#ifndef TL_DIAGNOSE_LANCZOS_H
#define TL_DIAGNOSE_LANCZOS_H

#include <talus/diagnose.h>

#include "base/context.h"
#include "base/names.h"

extern const tl_names tl_nature_names;

typedef struct tl_operator {
    talus_status (*multiply)(void *self, const double *v, double *product);
    void *self;
    int64_t n;
} tl_operator;

/* The Lanczos process with full reorthogonalisation (Lanczos 1950; Parlett, The Symmetric Eigenvalue Problem, 1980, ch. 13).
 * Arguments and result as for talus_spectrum_of. */
talus_status tl_lanczos(talus_context *context, const tl_operator *operator_, int64_t iterations,
                        double tolerance, int64_t seed, talus_spectrum *spectrum);

#endif
