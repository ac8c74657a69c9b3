/* talus-bench compare: the same step in other libraries. */
#include <stdlib.h>

#include "cases/names.h"
#include "commands/compare.h"
#include "trial/comparison.h"
#include "trial/trial.h"
#include "verify/against_peer.h"

/* The cases that are run if no network is named. The last two are what FANN has, too. */
static const struct {
    const char *net;
    int64_t n;
    int activation, method, threads;
    bool squared;
} standard[] = {{"784-256-128-10", 128, TALUS_RELU, TALUS_ADAM, 1, false},
                {"784-256-128-10", 128, TALUS_RELU, TALUS_ADAM, 2, false},
                {"1024x4", 1024, TALUS_RELU, TALUS_ADAM, 1, false},
                {"8-32-32-1", 32, TALUS_RELU, TALUS_ADAM, 1, false},
                {"784-256-128-10", 128, TALUS_TANH, TALUS_GRADIENT_DESCENT, 1, true},
                {"8-32-32-1", 32, TALUS_TANH, TALUS_GRADIENT_DESCENT, 1, true}};

#define STANDARD_COUNT ((int)(sizeof standard / sizeof *standard))

static int count_of(const bench_options *options)
{
    return options->net_count ? bench_setup_count(options) : STANDARD_COUNT;
}

static bench_setup setup_at(const bench_options *options, int index)
{
    if (options->net_count)
        return bench_setup_at(options, index);
    bench_setup setup = {.n = standard[index].n,
                         .activation = standard[index].activation,
                         .method = standard[index].method,
                         .precision = options->precisions[0],
                         .threads = standard[index].threads,
                         .squared = standard[index].squared,
                         .seed = options->seed,
                         .plan_file = options->plan[0] ? options->plan : NULL};
    bench_shape_parse(standard[index].net, &setup.shape);
    return setup;
}

/* A case of steps: the library's, the peak, the peers that take it. */
typedef struct match {
    bench_trial trial;
    bench_expected expected;
    bench_peer *peers[BENCH_PEERS];
    double errors[BENCH_PEERS];
    int count;
} match;

/* Lets a peer take part if it can and agrees. False if something broke. */
static bool admit(match *m, bench_peer *peer, const char *directory)
{
    double error, steps_error;
    bench_taken taken = bench_agree(peer, &m->expected, &error, &steps_error);
    if (taken == BENCH_TAKEN)
        taken = bench_peer_case(peer, &m->trial.setup, &m->trial.optimizer, directory, true);
    if (taken == BENCH_REFUSED)
        fprintf(stderr, "talus-bench compare: %s does not take this case: %s\n", peer->title, peer->setting);
    if (taken != BENCH_TAKEN)
        return taken == BENCH_REFUSED;
    m->peers[m->count] = peer;
    m->errors[m->count++] = error;
    return true;
}

/* What the report of each line has besides. */
static void report_match(const match *m, const bench_timing *timings, double *const *samples,
                         bench_report *report)
{
    const bench_trial *t = &m->trial;
    const bench_timing *peak = &timings[1 + m->count];
    for (int i = 0; i < m->count; i++) {
        const bench_timing two[] = {timings[0], timings[1 + i]};
        const double *const both[] = {samples[0], samples[1 + i]};
        bench_report_comparison(report, &t->setup, m->peers[i], two, both, m->errors[i]);
        bench_report_number(report, "talus_peak_fraction", "of peak", 7, 3,
                            1e-9 * bench_shape_flops(&t->setup.shape, t->setup.n) /
                                timings[0].seconds.median /
                                (1e-9 * bench_fma_peak_flops(&t->peak) / peak->seconds.median));
        bench_report_small(report, "verified_error", NULL, 0, t->verified_error);
        bench_report_end(report);
    }
}

static bool measure(match *m, const bench_options *options, bench_report *report)
{
    bench_case cases[BENCH_PEERS + 2] = {{.measure = bench_trial_measure, .context = &m->trial}};
    bench_timing timings[BENCH_PEERS + 2];
    double *samples[BENCH_PEERS + 1], *memory;
    memory = calloc((size_t)(m->count + 1) * (size_t)options->rounds, sizeof *memory);
    if (!memory)
        return false;
    for (int i = 0; i <= m->count; i++)
        cases[i].samples = samples[i] = memory + i * options->rounds;
    for (int i = 0; i < m->count; i++) {
        cases[1 + i].measure = bench_peer_steps;
        cases[1 + i].context = m->peers[i];
        cases[1 + i].usage = bench_peer_usage;
    }
    cases[1 + m->count] = (bench_case){.measure = bench_fma_peak_measure, .context = &m->trial.peak};
    bool good = bench_rounds(cases, m->count + 2, options->rounds, options->seed, timings);
    if (good)
        report_match(m, timings, samples, report);
    free(memory);
    return good;
}

static bool run_setup(match *m, bench_peer *peers, const char *directory, const bench_options *options,
                      bench_report *report)
{
    bool good = bench_trial_open_verified(&m->trial) &&
                bench_expect(&m->trial.setup, directory, &m->expected);
    for (int i = 0; i < BENCH_PEERS && good; i++)
        if (peers[i].pid > 0)
            good = admit(m, &peers[i], directory);
    return good && (m->count == 0 || measure(m, options, report));
}

bool bench_compare_steps(bench_peer *peers, const char *directory, const bench_options *options,
                         bench_report *report)
{
    bool good = true;
    for (int i = 0; i < count_of(options) && good; i++) {
        match m = {.trial = {.setup = setup_at(options, i)}};
        good = run_setup(&m, peers, directory, options, report);
        bench_expected_destroy(&m.expected);
        bench_trial_close(&m.trial);
    }
    return good;
}
