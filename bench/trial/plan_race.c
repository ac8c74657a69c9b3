#include "trial/plan_race.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "verify/against_naive.h"

/* The plan must give right results, whatever its sizes, for a network that no size divides. */
static bool verify_entry(const bench_options *options, const char *entry)
{
    double error;
    bench_setup setup = bench_setup_at(options, 0);
    bench_shape_parse("37-150-19-5", &setup.shape);
    setup.n = 70;
    setup.plan = entry;
    return bench_verify(&setup, &error);
}

static bool measure(bench_plan_race *race, const char *const *entries)
{
    int total = race->count * race->setups, rounds = race->options->rounds;
    bench_trial *trials = calloc((size_t)total, sizeof *trials);
    bench_case *cases = calloc((size_t)total, sizeof *cases);
    bench_timing *timings = calloc((size_t)total, sizeof *timings);
    bool good = trials && cases && timings;
    for (int i = 0; i < total && good; i++) {
        trials[i].setup = bench_setup_at(race->options, i % race->setups);
        trials[i].setup.plan = entries[i / race->setups];
        cases[i] = (bench_case){
            .measure = bench_trial_measure, .context = &trials[i], .samples = race->seconds + i * rounds};
        good = bench_trial_open(&trials[i]);
    }
    good = good && bench_rounds(cases, total, rounds, race->options->seed, timings);
    for (int i = 0; i < total && trials; i++)
        bench_trial_close(&trials[i]);
    free(trials);
    free(cases);
    free(timings);
    return good;
}

bool bench_plan_race_run(const bench_options *options, const char *const *entries, int count,
                         bench_plan_race *race)
{
    *race = (bench_plan_race){.options = options, .setups = bench_setup_count(options), .count = count};
    race->seconds = calloc((size_t)count * (size_t)race->setups * (size_t)options->rounds, sizeof(double));
    if (!race->seconds) {
        fprintf(stderr, "talus-bench: no memory to tune\n");
        return false;
    }
    for (int i = 0; i < count; i++)
        if (!verify_entry(options, entries[i]))
            return false;
    return measure(race, entries);
}

void bench_plan_race_close(bench_plan_race *race)
{
    free(race->seconds);
    race->seconds = NULL;
}

bench_quartiles bench_plan_race_ratio(const bench_plan_race *race, int which, int first, int setups)
{
    int rounds = race->options->rounds;
    double *means = calloc((size_t)rounds, sizeof *means);
    if (!means)
        return (bench_quartiles){1, 1, 1};
    for (int r = 0; r < rounds; r++) {
        double sum = 0;
        for (int i = first; i < first + setups; i++)
            sum += log(race->seconds[(which * race->setups + i) * rounds + r] /
                       race->seconds[i * rounds + r]);
        means[r] = exp(sum / setups);
    }
    bench_quartiles result = bench_quartiles_of(means, rounds);
    free(means);
    return result;
}
