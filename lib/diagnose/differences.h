/* diagnose: what goes wrong in training, and where. It looks at networks, passes and vectors, and knows no trainer.
 *
 * This: a gradient against central differences. */
#ifndef TL_DIAGNOSE_DIFFERENCES_H
#define TL_DIAGNOSE_DIFFERENCES_H

#include <talus/diagnose.h>

#include "base/context.h"

/* A function of x, where it is now: its value, and its gradient unless that is NULL. */
typedef struct tl_function {
    talus_status (*evaluate)(void *self, double *value, double *gradient);
    void *self;
    double *x; /* n numbers, which the check moves and puts back */
    int64_t n;
} tl_function;

/* Compares the gradient with differences in `count` (0: all) of the n directions, drawn by seed; fills all of the result but
 * layer, part, row and col. */
talus_status tl_check_gradient(talus_context *context, const tl_function *function, int64_t count,
                               int64_t seed, talus_gradient_check_result *result);

#endif
