/* The command line: options that commands share, lists of cases, and the sentences that refuse wrong ones. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "naive/naive.h"

#define BENCH_LIST 64  /* the most items of a list */
#define BENCH_PATH 512 /* room for a path */

/* Widths d_0 … d_L, written 784-256-128-10. An item WxC stands for C layers that leave the width at W: 1024x4 is
 * 1024-1024-1024-1024-1024, and 784-512x2-10 is 784-512-512-512-10. */
typedef struct bench_shape {
    int L;
    int64_t d[NAIVE_MAX_LAYERS + 1];
} bench_shape;

/* Lists have one item at least; commands run all combinations. */
typedef struct bench_options {
    bench_shape nets[BENCH_LIST];
    int64_t batches[BENCH_LIST];
    int activations[BENCH_LIST]; /* talus_activation of the hidden layers */
    int optimizers[BENCH_LIST];  /* talus_method */
    int precisions[BENCH_LIST];  /* TALUS_F32 or TALUS_F64 */
    int threads[BENCH_LIST];
    int net_count, batch_count, activation_count, optimizer_count, precision_count, thread_count;
    unsigned what, peers; /* bits 1 << bench_what, 1 << bench_peer_kind */
    bool squared;         /* squared error instead of the default loss */
    bool quick, epoch;
    int rounds, naive_rounds;
    uint64_t seed;
    char svg[BENCH_PATH], data[BENCH_PATH], plan[BENCH_PATH]; /* "": none */
    bool json;
} bench_options;

/* What grows in `scale`; whom `compare` meets. */
enum { BENCH_WHAT_THREADS, BENCH_WHAT_BATCH, BENCH_WHAT_WIDTH, BENCH_WHAT_DEPTH, BENCH_WHATS };
enum { BENCH_PEER_TORCH, BENCH_PEER_DNNL, BENCH_PEER_FANN, BENCH_PEER_SKLEARN, BENCH_PEERS };

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
    BENCH_SETUP = BENCH_NET | BENCH_BATCH | BENCH_ACTIVATION | BENCH_OPTIMIZER | BENCH_PRECISION_LIST |
                  BENCH_THREADS | BENCH_LOSS
};

void bench_options_defaults(bench_options *options);

/* Reads the arguments of a command, argv[0] … argv[argc−1]. False after a sentence on stderr. */
bool bench_options_parse(bench_options *options, const char *command, unsigned takes, int argc, char **argv);

/* Prints a line for each option that a command takes. */
void bench_options_help(unsigned takes);

/* "784-256-128-10" → shape; false if it is none. And back, brief: with three and more equal widths as WxC; text has
 * room for `bytes`. */
bool bench_shape_parse(const char *text, bench_shape *shape);
void bench_shape_print(const bench_shape *shape, bool brief, char *text, int bytes);

/* F = 6·n·Σ_l d_l·d_{l−1} − 2·n·d_0·d_1: the flops of the products of a step. */
double bench_shape_flops(const bench_shape *shape, int64_t n);

/* "sgd", "momentum", "adam"; "f32", "f64"; "threads", "batch", …; "torch", … */
const char *bench_optimizer_name(int method);
const char *bench_precision_name(int precision);
const char *bench_what_name(int what);
const char *bench_peer_name(int kind);

#endif
