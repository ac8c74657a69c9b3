/* Threads that start work at the same moment. */
#ifndef BENCH_TEAM_H
#define BENCH_TEAM_H

#include <stdint.h>

/* The work of one member, 0 … threads−1. */
typedef void (*bench_team_work)(void *context, int member, int64_t repetitions);

/* Runs work(context, member, repetitions) on `threads` threads at once, the caller's among them, after a
 * short unmeasured run of it. Returns the seconds from the first start to the last end, so that making the
 * threads is not counted; negative if one cannot be made. */
double bench_team_run(int threads, bench_team_work work, void *context, int64_t repetitions);

/* The processors that this process may run on. */
int bench_processors(void);

#endif
