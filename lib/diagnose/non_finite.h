/* Where the first number that is not finite came about. */
#ifndef TL_DIAGNOSE_NON_FINITE_H
#define TL_DIAGNOSE_NON_FINITE_H

#include <talus/diagnose.h>

#include "base/names.h"
#include "diagnose/look.h"

extern const tl_names tl_operand_names;

/* Looks through what a pass that trains has left behind, in the order in which it was computed: inputs, parameters, Z_l and
 * A_l from the first layer on, Δ_l from the last layer on (before the loss, which has no row to name), the loss, gradient,
 * update. `pass` is the pass as it was run, and update the one that was to be made; NULL if none was. gradient is the one that
 * the update was to be made with; NULL if it is that of the pass. Rows are those of the step. Nothing is changed or allocated. */
void tl_find_non_finite(const tl_pass *pass, const tl_update *update, const void *gradient,
                        talus_non_finite *found);

#endif
