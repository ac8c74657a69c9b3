/* A batch of random data for a setup, as the library and as the naive loops take it. */
#ifndef BENCH_BATCH_H
#define BENCH_BATCH_H

#include <talus/evaluate.h>

#include "cases/setup.h"

typedef struct bench_batch {
    talus_batch view; /* of the setup's precision; targets may be labels */
    double *X;        /* the same inputs, n × d_0 */
    naive_targets Y;  /* the same targets */
    void *memory[4];  /* what all this stands in */
} bench_batch;

/* Makes a batch of zeros. On failure a sentence on stderr. */
bool bench_batch_create(const bench_setup *setup, bench_batch *batch);
void bench_batch_destroy(bench_batch *batch);

/* Draws sample i: inputs of (−1, 1); a label, or targets of (−1, 1). Every number is exact in float. */
void bench_batch_draw(const bench_setup *setup, bench_batch *batch, int64_t i, uint64_t *state);

#endif
