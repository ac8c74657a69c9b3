/* Peers: other libraries that take the same step, each in a process of its own that answers requests, a line each.
 * peers/README.md describes the lines. */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdio.h>
#include <sys/types.h>
#include <talus/optimizer.h>

#include "cases/setup.h"
#include "measure/timer.h"

#define BENCH_LINE 1024

typedef struct bench_peer {
    int kind; /* BENCH_PEER_TORCH, … */
    pid_t pid;
    FILE *to, *from;
    char title[BENCH_LINE];   /* its name and versions */
    char setting[BENCH_LINE]; /* the one it found best for the case; or why it cannot take it */
    double accuracy;          /* after the last epoch */
} bench_peer;

/* Starts a peer. False if it is not on this machine, after a line on stderr that says what would provide it. */
bool bench_peer_start(int kind, bench_peer *peer);
void bench_peer_stop(bench_peer *peer);

/* Sends a line and receives one. False, after a sentence on stderr, unless the answer begins with the word `wants`;
 * what follows the word goes to `answer`, or nowhere if it is NULL. */
bool bench_peer_ask(bench_peer *peer, const char *line, const char *wants, char answer[BENCH_LINE]);

/* Gives it a case, whose arrays lie in a directory, with an optimiser; tune: it is to find its best setting. */
typedef enum bench_taken { BENCH_BROKEN, BENCH_REFUSED, BENCH_TAKEN } bench_taken;
bench_taken bench_peer_case(bench_peer *peer, const bench_setup *setup, const talus_optimizer_spec *optimizer,
                            const char *directory, bool tune);

/* For bench_rounds: steps, or epochs, timed by the peer itself; and what its process used. */
double bench_peer_steps(void *peer, int64_t repetitions);
double bench_peer_epochs(void *peer, int64_t repetitions);
bench_usage bench_peer_usage(void *peer);

#endif
