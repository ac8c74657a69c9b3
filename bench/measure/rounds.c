#include "measure/rounds.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "measure/timer.h"

#define MEASUREMENT_SECONDS 12e-3 /* the least that a measurement lasts */
#define SLOW_SECONDS        0.1   /* a repetition that lasts so long needs no run before it */
#define SETTLE_SECONDS      2e-3  /* the threads of a case before are asleep when so long a pause ... */
#define SETTLE_BUSY         0.1   /* ... takes less than this part of a processor's time, ... */
#define SETTLE_PAUSES       250   /* ... or after so many pauses */

/* The measurements of one case. */
typedef struct series {
    double *wall, *cpu; /* seconds of one repetition, a number a round */
    int64_t repetitions;
    int rounds, switched;
    bool slow; /* one repetition lasts so long that it needs no run before it */
} series;

double bench_repeat(void (*body)(void *context), void *context, int64_t repetitions)
{
    double start = bench_now();
    for (int64_t r = 0; r < repetitions; r++)
        body(context);
    return bench_now() - start;
}

/* Finds the number of repetitions that fill a measurement; false if the case failed. */
static bool calibrate(const bench_case *c, series *s)
{
    for (s->repetitions = 1;; s->repetitions *= 2) {
        double seconds = c->measure(c->context, s->repetitions);
        s->slow = s->repetitions == 1 && seconds >= SLOW_SECONDS;
        if (seconds < 0 || seconds >= MEASUREMENT_SECONDS)
            return seconds >= 0;
    }
}

static bench_usage usage_of(const bench_case *c)
{
    return c && c->usage ? c->usage(c->context) : bench_usage_now();
}

/* Waits until no thread of the process that works on a case is busy, NULL meaning this process: after a call, the
 * threads of a BLAS library spin on for as long as a tenth of a second, and would take processors away from the
 * next case. */
static void settle(const bench_case *c)
{
    for (int i = 0; i < SETTLE_PAUSES; i++) {
        double before = usage_of(c).cpu;
        bench_pause(SETTLE_SECONDS);
        if (usage_of(c).cpu - before < SETTLE_BUSY * SETTLE_SECONDS)
            return;
    }
}

static void settle_all(const bench_case *cases, int count)
{
    settle(NULL);
    for (int i = 0; i < count; i++)
        if (cases[i].usage)
            settle(&cases[i]);
}

/* As much is run before a measurement as in it, which wakes the threads of the case. */
static bool measure(const bench_case *c, series *s, bool keep)
{
    bool warm = c->rounds == 0 && !s->slow;
    if (warm && c->measure(c->context, s->repetitions) < 0)
        return false;
    bench_usage before = usage_of(c);
    double seconds = c->measure(c->context, s->repetitions);
    bench_usage after = usage_of(c);
    if (keep && seconds >= 0) {
        s->wall[s->rounds] = seconds / (double)s->repetitions;
        s->cpu[s->rounds] = (after.cpu - before.cpu) / (double)s->repetitions;
        s->switched += after.switches > before.switches;
        s->rounds++;
    }
    return seconds >= 0;
}

/* Fisher and Yates. */
static void shuffle(int *order, int count, uint64_t *state)
{
    for (int i = count - 1; i > 0; i--) {
        int j = (int)(bench_random(state) % (uint64_t)(i + 1)), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

/* Round 0 is dropped; a case with few rounds leaves it out, as calibration has run it already. */
static bool takes_part(const bench_case *c, int round)
{
    return c->rounds == 0 || (round >= 1 && round <= c->rounds);
}

static bool run_rounds(const bench_case *cases, int count, int rounds, uint64_t seed, series *all, int *order)
{
    for (int i = 0; i < count; i++) {
        order[i] = i;
        if (!calibrate(&cases[i], &all[i]))
            return false;
    }
    for (int round = 0; round <= rounds; round++) {
        shuffle(order, count, &seed);
        for (int i = 0; i < count; i++) {
            int which = order[i];
            if (!takes_part(&cases[which], round))
                continue;
            settle_all(cases, count);
            if (!measure(&cases[which], &all[which], round > 0))
                return false;
        }
    }
    return true;
}

static bench_timing summary(const series *s)
{
    return (bench_timing){bench_quartiles_of(s->wall, s->rounds),
                          bench_quartiles_of(s->cpu, s->rounds).median, s->repetitions, s->rounds,
                          s->switched};
}

bool bench_rounds(const bench_case *cases, int count, int rounds, uint64_t seed, bench_timing *timings)
{
    series *all = calloc((size_t)count, sizeof *all);
    int *order = calloc((size_t)count, sizeof *order);
    double *numbers = calloc((size_t)count * (size_t)rounds * 2, sizeof *numbers);
    bool good = all && order && numbers;
    for (int i = 0; i < count && good; i++) {
        all[i].wall = numbers + (ptrdiff_t)rounds * 2 * i;
        all[i].cpu = all[i].wall + rounds;
    }
    good = good && run_rounds(cases, count, rounds, seed, all, order);
    for (int i = 0; i < count && good; i++) {
        if (cases[i].samples)
            memcpy(cases[i].samples, all[i].wall, (size_t)all[i].rounds * sizeof *all[i].wall);
        timings[i] = summary(&all[i]);
    }
    free(all);
    free(order);
    free(numbers);
    return good;
}
