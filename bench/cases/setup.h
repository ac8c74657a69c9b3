/* One case to measure: a network, a batch, an optimiser, a precision, a number of threads. */
#ifndef BENCH_SETUP_H
#define BENCH_SETUP_H

#include "cases/options.h"

typedef struct bench_setup {
    bench_shape shape;
    int64_t n;
    int activation, method, precision, threads;
    bool squared;
    uint64_t seed;
    const char *plan_file, *plan; /* a file with entries of the plan, then entries; or NULL */
} bench_setup;

/* The number of combinations that options ask for, and combination `index`: threads change fastest, nets
 * slowest. */
int bench_setup_count(const bench_options *options);
bench_setup bench_setup_at(const bench_options *options, int index);

/* The network as the naive loops see it. */
naive_network bench_setup_naive(const bench_setup *setup);

/* A context with the setup's threads, and in it the network with weights drawn from the seed.
 * On failure a sentence on stderr, and both are NULL. */
bool bench_setup_network(const bench_setup *setup, talus_context **context, talus_network **network);

#endif
