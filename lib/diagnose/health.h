/* How the layers of a network fare in a pass. */
#ifndef TL_DIAGNOSE_HEALTH_H
#define TL_DIAGNOSE_HEALTH_H

#include <talus/diagnose.h>

#include "base/names.h"
#include "engine/pass.h"

extern const tl_names tl_verdict_names;

/* Fills healths[0 … L−1], of layers 1 … L, after a pass that went forward and back.
 *   gradient  the flat gradient
 *   before    the parameters before the step; NULL if no step was made
 *   found     what is not finite in the pass */
void tl_health_take(const tl_pass *pass, const void *gradient, const void *before,
                    const talus_non_finite *found, talus_health *healths);

#endif
