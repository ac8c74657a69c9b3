/* The command line: options that commands share, lists of cases, and the sentences that refuse wrong ones. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/shape.h"

#define BENCH_LIST 64  /* the most items of a list */
#define BENCH_PATH 512 /* room for a path */

/* Lists have one item at least; commands run all combinations. */
typedef struct bench_options {
    bench_shape nets[BENCH_LIST];
    int64_t batches[BENCH_LIST];
    int activations[BENCH_LIST]; /* talus_activation of the hidden layers */
    int optimizers[BENCH_LIST];  /* talus_method */
    int precisions[BENCH_LIST];  /* TALUS_DTYPE_F32 or TALUS_DTYPE_F64 */
    int threads[BENCH_LIST];
    int net_count, batch_count, activation_count, optimizer_count, precision_count, thread_count;
    unsigned what, peers; /* bits 1 << BENCH_WHAT_THREADS …, 1 << BENCH_PEER_TORCH …: names.h */
    bool squared;         /* squared error instead of the default loss */
    bool quick, epoch;
    int rounds, naive_rounds;
    uint64_t seed;
    double rates[BENCH_LIST]; /* of the methods that have one */
    int rate_count;
    double target, limit;                                                      /* a cost; seconds */
    char svg[BENCH_PATH], data[BENCH_PATH], plan[BENCH_PATH], idx[BENCH_PATH]; /* "": none */
    bool json;
} bench_options;

/* Bits that say which options a command takes; --json and --help go with every command. */
enum {
    BENCH_NET = 1 << 0,
    BENCH_BATCH = 1 << 1,
    BENCH_ACTIVATION = 1 << 2,
    BENCH_OPTIMIZER = 1 << 3,
    BENCH_PRECISION_LIST = 1 << 4,
    BENCH_THREADS = 1 << 5,
    BENCH_LOSS = 1 << 6,
    BENCH_ROUNDS = 1 << 7,
    BENCH_NAIVE_ROUNDS = 1 << 8,
    BENCH_SEED = 1 << 9,
    BENCH_SVG = 1 << 10,
    BENCH_DATA = 1 << 11,
    BENCH_PLAN = 1 << 12,
    BENCH_WHAT = 1 << 13,
    BENCH_PEER = 1 << 14,
    BENCH_QUICK = 1 << 15,
    BENCH_EPOCH = 1 << 16,
    BENCH_RATES = 1 << 17,
    BENCH_TARGET = 1 << 18,
    BENCH_LIMIT = 1 << 19,
    BENCH_IDX = 1 << 20,
    BENCH_SETUP = BENCH_NET | BENCH_BATCH | BENCH_ACTIVATION | BENCH_OPTIMIZER | BENCH_PRECISION_LIST |
                  BENCH_THREADS | BENCH_LOSS
};

void bench_options_defaults(bench_options *options);

/* Both precisions; one thread, and one for each processor. */
void bench_options_whole_machine(bench_options *options);

/* Reads the arguments of a command, argv[0] … argv[argc−1]. False after a sentence on stderr. */
bool bench_options_parse(bench_options *options, const char *command, unsigned takes, int argc, char **argv);

/* Prints a line for each option that a command takes. */
void bench_options_help(unsigned takes);

#endif
