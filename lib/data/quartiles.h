/* The quartiles of the columns of a data set. */
#ifndef TL_DATA_QUARTILES_H
#define TL_DATA_QUARTILES_H

#include "data/column_sweep.h"

#define TL_QUARTILES 3

/* quartiles[3·j + q − 1] is quartile q = 1, 2, 3 of the numbers of column j that are not NaN, type 7 of Hyndman and Fan: of
 * x_(0) ≤ … ≤ x_(n−1), with h = (n − 1)·q/4, it is x_(⌊h⌋) + (h − ⌊h⌋)·(x_(⌊h⌋+1) − x_(⌊h⌋)); 0 if there are none. Exact, in eight
 * sweeps, with memory for the columns alone. Numbers are finite or NaN. */
talus_status tl_quartiles_find(talus_context *context, const char *name, const tl_sweep *sweep,
                               double *quartiles);

#endif
