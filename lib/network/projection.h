/* How the inputs of a network are projected: x′ = T·(s(x) − m). */
#ifndef TL_NETWORK_PROJECTION_H
#define TL_NETWORK_PROJECTION_H

#include <stdbool.h>
#include <talus/projection.h>

#include "base/names.h"

typedef struct tl_projection {
    int64_t columns, features; /* p and d_0; 0: there is none */
    int64_t variance_count;    /* p; 0 where it was not fitted */
    double *matrix, *mean;     /* T, d_0 × p, and m; all in one allocation that starts at matrix */
    double *variances, *shares;
    void *factors; /* T in the network's precision */
} tl_projection;

extern const tl_names tl_projection_names;

/* One of zeros for a network. call is what messages begin with. */
talus_status tl_projection_make(const talus_network *network, const char *call, int64_t columns, bool fitted,
                                tl_projection *made);
void tl_projection_remove(talus_context *context, tl_projection *projection);

/* The same once more. */
talus_status tl_projection_copy(const talus_network *network, const char *call, const tl_projection *from,
                                tl_projection *to);

/* Once T, m and λ stand in it: checks them, and makes what follows from them. TALUS_ERROR_DATA. */
talus_status tl_projection_finish(const talus_network *network, const char *call, tl_projection *made);

/* Gives it to the network in place of the one that it has, and removes a scaling that is of another number of columns. */
void tl_projection_install(talus_network *network, tl_projection made);

#endif
