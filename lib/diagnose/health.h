/* How the layers of a network fare in a step. */
#ifndef TL_DIAGNOSE_HEALTH_H
#define TL_DIAGNOSE_HEALTH_H

#include <talus/diagnose.h>

#include "base/names.h"
#include "diagnose/look.h"

extern const tl_names tl_verdict_names;

/* A look at a step: at its batches one after the other, at its gradient, and at what it changes. */
typedef struct tl_checkup {
    talus_health *healths; /* L, of layers 1 … */
    tl_unit_look *units;   /* of all layers */
    tl_tile_norms *norms;  /* of each tile of weights, if phase B has measured them */
} tl_checkup;

/* Memory for looks at a workspace's network, of which what is there already is kept: false if there is not enough. */
bool tl_checkup_reserve(tl_checkup *checkup, const talus_workspace *workspace);
void tl_checkup_release(tl_checkup *checkup, talus_context *context);

/* A step begins; and has run a pass that went forward and back to the end. */
void tl_checkup_begin(tl_checkup *checkup, const talus_network *network);
void tl_checkup_add(tl_checkup *checkup, const tl_pass *pass);

/* It has ended, and the norms are those that phase B has measured, or of vectors: the flat gradient, and the parameters before
 * the step, which have changed since. found: what is not finite. */
void tl_checkup_take_norms(tl_checkup *checkup, const tl_pass *pass);
void tl_checkup_take_vectors(tl_checkup *checkup, const tl_pass *pass, const void *gradient,
                             const void *before);
void tl_checkup_end(tl_checkup *checkup, const tl_pass *pass, const talus_non_finite *found);

#endif
