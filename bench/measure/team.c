#include "measure/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "measure/timer.h"

#define WARM_FRACTION 8

typedef struct team {
    bench_team_work work;
    void *context;
    int64_t repetitions;
    int threads;
    atomic_int ready; /* members at the starting line */
    atomic_bool called_off;
} team;

typedef struct member {
    team *team;
    int number;
    double start, end;
    pthread_t thread;
} member;

/* The starting line is no lock, as waking a sleeping thread takes longer than some measurements. */
static void take_part(member *m)
{
    team *t = m->team;
    t->work(t->context, m->number, (t->repetitions + WARM_FRACTION - 1) / WARM_FRACTION);
    atomic_fetch_add(&t->ready, 1);
    while (atomic_load(&t->ready) < t->threads && !atomic_load(&t->called_off))
        sched_yield();
    m->start = bench_now();
    if (!atomic_load(&t->called_off))
        t->work(t->context, m->number, t->repetitions);
    m->end = bench_now();
}

static void *thread_main(void *argument)
{
    take_part(argument);
    return NULL;
}

static double elapsed(const member *members, int threads)
{
    double start = members[0].start, end = members[0].end;
    for (int i = 1; i < threads; i++) {
        start = members[i].start < start ? members[i].start : start;
        end = members[i].end > end ? members[i].end : end;
    }
    return end - start;
}

double bench_team_run(int threads, bench_team_work work, void *context, int64_t repetitions)
{
    member *members = calloc((size_t)threads, sizeof *members);
    if (!members)
        return -1;
    team t = {.work = work, .context = context, .repetitions = repetitions, .threads = threads};
    int made = 1;
    for (int i = 0; i < threads; i++)
        members[i] = (member){.team = &t, .number = i};
    while (made < threads && !pthread_create(&members[made].thread, NULL, thread_main, &members[made]))
        made++;
    atomic_store(&t.called_off, made < threads);
    take_part(&members[0]);
    for (int i = 1; i < made; i++)
        pthread_join(members[i].thread, NULL);
    double seconds = made == threads ? elapsed(members, threads) : -1;
    free(members);
    return seconds;
}

int bench_processors(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}
