/* Calls in tables, a row each, which a byte chooses. */
#ifndef TESTS_FUZZ_CALLS_H
#define TESTS_FUZZ_CALLS_H

#include "world.h"

typedef struct fuzz_call {
    talus_status (*call)(world *w);
    bool changes_parameters;
} fuzz_call;

typedef struct fuzz_calls {
    const fuzz_call *rows;
    int count;
} fuzz_calls;

extern const fuzz_calls diagnose_calls; /* of talus/diagnose.h and talus/metrics.h */
extern const fuzz_calls number_calls;  /* of vectors and numbers: minimising, schedules, weights of samples */
extern const fuzz_calls dataset_calls; /* of parts of data sets */
extern const fuzz_calls exact_calls;   /* of derivatives, exact solutions and least squares */

/* Keeps a data set that a call has made, if it has and there is room. */
talus_status keep_dataset(world *w, talus_status status, talus_dataset *made);

/* A batch of a network's shape, or nearly; weights now and then, of as many rows or not. */
talus_batch draw_batch(world *w, const net *n);

talus_schedule draw_schedule(world *w);

#endif
