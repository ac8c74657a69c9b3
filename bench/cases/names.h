/* The names of what options choose. */
#ifndef BENCH_NAMES_H
#define BENCH_NAMES_H

/* What grows in `scale`; whom `compare` meets. */
enum { BENCH_WHAT_THREADS, BENCH_WHAT_BATCH, BENCH_WHAT_WIDTH, BENCH_WHAT_DEPTH, BENCH_WHATS };
enum { BENCH_PEER_TORCH, BENCH_PEER_DNNL, BENCH_PEER_FANN, BENCH_PEER_SKLEARN, BENCH_PEERS };

/* "sgd", "momentum", "adam"; "f32", "f64"; "threads", "batch", … */
const char *bench_optimizer_name(int method);
const char *bench_precision_name(int precision);
const char *bench_what_name(int what);

/* What a name stands for; −1 if for nothing. Activations are those of hidden layers. */
int bench_find_optimizer(const char *name);
int bench_find_precision(const char *name);
int bench_find_activation(const char *name);
int bench_find_what(const char *name);
int bench_find_peer(const char *name);

#endif
