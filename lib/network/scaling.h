/* How the columns of one side of a network, its inputs or its targets, are scaled: x′ = (x − shift)·scale. */
#ifndef TL_NETWORK_SCALING_H
#define TL_NETWORK_SCALING_H

#include <talus/scaling.h>

#include "base/names.h"

typedef struct tl_scaling {
    int64_t count;         /* of numbers: one for all columns, or one each; 0: nothing is scaled */
    double *shift, *scale; /* NULL if nothing is scaled; all in one allocation that starts at shift */
    double *inverse;       /* 1/scale */
} tl_scaling;

extern const tl_names tl_scaling_names;

/* One of these numbers; NULL: 0 of shift, 1 of scale. */
talus_status tl_scaling_make(talus_context *context, const char *call, int64_t count, const double *shift,
                             const double *scale, tl_scaling *scaling);

/* TALUS_ERROR_DATA for a clip that inputs cannot have. */
talus_status tl_check_clip(talus_context *context, const char *call, double clip);

/* The same numbers once more; call is what messages begin with. */
talus_status tl_scaling_copy(talus_context *context, const char *call, const tl_scaling *from,
                             tl_scaling *to);

void tl_scaling_remove(talus_context *context, tl_scaling *scaling);

/* Whether the targets of a network can be scaled. call is the name of the call that messages begin with. */
talus_status tl_check_target_scaling(const talus_network *network, const char *call);

#endif
