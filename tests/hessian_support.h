/* Products of Hessians of f64 networks, and what they are compared with. */
#ifndef TESTS_HESSIAN_SUPPORT_H
#define TESTS_HESSIAN_SUPPORT_H

#include "support.h"

/* A network with a batch for it. */
typedef struct hessian_case {
    const char *name; /* for messages */
    talus_context *context;
    talus_network *network;
    talus_workspace *workspace;
    talus_batch batch;
} hessian_case;

int64_t parameters_of(const hessian_case *c);

/* product ← H·v */
void hessian_times(const hessian_case *c, const double *v, double *product);

/* That H·v for a random v is the central difference of gradients. */
void compare_with_differences(const hessian_case *c);

/* That uᵀ·H·v = vᵀ·H·u, where sums are of so many numbers. */
void expect_symmetry(const hessian_case *c, int64_t longest);

#endif
