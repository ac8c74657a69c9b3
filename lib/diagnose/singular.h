/* Singular values of a layer's weights, in double whatever the precision of the network is. */
#ifndef TL_DIAGNOSE_SINGULAR_H
#define TL_DIAGNOSE_SINGULAR_H

#include "network/network.h"

/* The min(m, n) singular values of diag(rows)·W_l·diag(cols), W_l m × n, in descending order; NULL for factors that are 1. `call`
 * is what messages begin with. TALUS_ERROR_DATA (a product that is not finite), TALUS_ERROR_MEMORY. */
talus_status tl_singular_values(const talus_network *network, const char *call, int l, const double *rows,
                                const double *cols, double *values);

#endif
