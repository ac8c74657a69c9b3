/* A data set to train on, and one to validate with. */
#ifndef BENCH_DATASET_H
#define BENCH_DATASET_H

#include <stdbool.h>
#include <talus/talus.h>

#include "cases/setup.h"

typedef struct bench_dataset {
    talus_dataset *training, *test, *whole; /* whole: what the other two are parts of, or NULL */
    const char *name;
} bench_dataset;

/* Reads files named as those of MNIST in a directory, plain or .gz; or, for `digits`, those of examples/data, the
 * last 500 of which are to validate. On failure a sentence on stderr. */
bool bench_dataset_read(talus_context *context, const char *data, bench_dataset *dataset);
void bench_dataset_destroy(bench_dataset *dataset);

/* Gives a network the 64 inputs of `digits`; other data must fit the network as it is. */
void bench_dataset_fit(const char *data, bench_setup *setup);

/* The byte of a white pixel, and a network that reads bytes 0 … white as 0 … 1. */
double bench_dataset_white(const char *data);
bool bench_dataset_scale(const char *data, talus_context *context, talus_network *network);

#endif
