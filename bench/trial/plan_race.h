/* Entries of the plan against each other: steps of all setups with each of them, in common rounds. */
#ifndef BENCH_PLAN_RACE_H
#define BENCH_PLAN_RACE_H

#include "measure/stats.h"
#include "trial/trial.h"

typedef struct bench_plan_race {
    const bench_options *options;
    int setups, count;
    double *seconds; /* of a step, count × setups × rounds */
} bench_plan_race;

/* Verifies every entry and measures. False after a sentence on stderr; to be closed in any case. */
bool bench_plan_race_run(const bench_options *options, const char *const *entries, int count,
                         bench_plan_race *race);
void bench_plan_race_close(bench_plan_race *race);

/* Over the rounds: the geometric mean over `setups` setups from `first` on of the time with an entry, divided by that
 * with entry 0 in the same round. */
bench_quartiles bench_plan_race_ratio(const bench_plan_race *race, int which, int first, int setups);

#endif
