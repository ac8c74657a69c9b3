/* Measurements in rounds: each round runs every case once, in a random order, so that whatever changes in the
 * machine meets all cases alike. The first round is dropped. */
#ifndef BENCH_ROUNDS_H
#define BENCH_ROUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "measure/stats.h"
#include "measure/timer.h"

typedef struct bench_case {
    const char *name;
    /* Makes repetitions of the work and returns the seconds they took; negative if one failed. */
    double (*measure)(void *context, int64_t repetitions);
    void *context;
    int rounds; /* it takes part in the first so many rounds only, for slow cases; 0: in all */
    /* What the processes that do the work have used so far; NULL: this process does it. */
    bench_usage (*usage)(void *context);
    double *samples; /* receives the seconds of one repetition in each round, in order; or NULL */
} bench_case;

typedef struct bench_timing {
    bench_quartiles seconds; /* of one repetition, over the rounds */
    double cpu_seconds;  /* processor time of the process, median; of one repetition with what goes with it */
    int64_t repetitions; /* that one measurement made */
    int rounds;          /* measurements kept */
    int switched;        /* of which the process was interrupted during so many */
} bench_timing;

/* Calls body(context) repetitions times and returns the seconds that took. */
double bench_repeat(void (*body)(void *context), void *context, int64_t repetitions);

/* Measures count cases in `rounds` rounds (at least 1) after the one that is dropped. Repetitions are doubled until
 * a measurement lasts 12 ms; as many are made before it, unmeasured, unless one lasts a tenth of a second or the case
 * takes part in few rounds. Before that the processes at work fall asleep, or half a second passes. False if a case
 * failed or there is no memory. */
bool bench_rounds(const bench_case *cases, int count, int rounds, uint64_t seed, bench_timing *timings);

#endif
