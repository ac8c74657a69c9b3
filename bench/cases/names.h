/* The names of what options choose. */
#ifndef BENCH_NAMES_H
#define BENCH_NAMES_H

#include <stdbool.h>

/* What grows in `scale`; whom `compare` meets. */
enum { BENCH_WHAT_THREADS, BENCH_WHAT_BATCH, BENCH_WHAT_WIDTH, BENCH_WHAT_DEPTH, BENCH_WHATS };
enum { BENCH_PEER_TORCH, BENCH_PEER_DNNL, BENCH_PEER_FANN, BENCH_PEER_SKLEARN, BENCH_PEERS };

/* "sgd", short for gradient_descent, and the other methods as the library has them; "threads", "batch", … */
const char *bench_optimizer_name(int method);
const char *bench_what_name(int what);

/* Whether a method has a rate: those that search along lines have none. */
bool bench_has_rate(int method);

/* What a name stands for; −1 if for nothing. A precision is f32 or f64. */
int bench_find_optimizer(const char *name);
int bench_find_precision(const char *name);
int bench_find_what(const char *name);
int bench_find_peer(const char *name);

#endif
