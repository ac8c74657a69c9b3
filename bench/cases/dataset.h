/* A data set to train on, and one to validate with. */
#ifndef BENCH_DATASET_H
#define BENCH_DATASET_H

#include <stdbool.h>
#include <talus/talus.h>

#include "cases/setup.h"

typedef struct bench_pictures {
    talus_dataset *training, *test, *whole; /* whole: what the other two are parts of, or NULL */
    const char *name;
} bench_pictures;

/* Reads files named as those of MNIST in a directory, plain or .gz; or, for `digits`, those of examples/data, the
 * last 500 of which are to validate. Inputs are scaled to 0 … 1. On failure a sentence on stderr. */
bool bench_pictures_read(talus_context *context, const char *data, bench_pictures *pictures);
void bench_pictures_destroy(bench_pictures *pictures);

/* Gives a network the 64 inputs of `digits`; other data must fit the network as it is. */
void bench_pictures_fit(const char *data, bench_setup *setup);

#endif
