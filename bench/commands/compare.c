/* talus-bench compare: the same step, or epoch, in other libraries. */
#include "commands/compare.h"

#include <math.h>
#include <stdlib.h>

#include "cases/names.h"
#include "commands/command.h"
#include "peers/directory.h"
#include "report/machine.h"
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

int bench_compare_count(const bench_options *options)
{
    return options->net_count ? bench_setup_count(options) : STANDARD_COUNT;
}

bench_setup bench_compare_setup(const bench_options *options, int index)
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

/* Results ------------------------------------------------------------------------------------------------ */

void bench_compare_report(bench_report *r, const bench_setup *setup, const bench_peer *peer,
                          const bench_timing timings[2], const double *const samples[2], double error)
{
    int rounds = timings[0].rounds;
    double *ratios = calloc((size_t)rounds, sizeof *ratios);
    bench_quartiles ratio = {NAN, NAN, NAN};
    for (int i = 0; i < rounds && ratios; i++)
        ratios[i] = samples[1][i] / samples[0][i];
    if (ratios)
        ratio = bench_quartiles_of(ratios, rounds);
    free(ratios);
    bench_report_setup(r, setup);
    bench_report_text(r, "loss", NULL, 0, setup->squared ? "squared" : "cross-entropy");
    bench_report_text(r, "peer", "peer", -36, peer->title);
    bench_report_text(r, "setting", "its setting", -34, peer->setting);
    bench_report_number(r, "talus_ms", "talus ms", 9, 4, 1e3 * timings[0].seconds.median);
    bench_report_number(r, "peer_ms", "peer ms", 9, 4, 1e3 * timings[1].seconds.median);
    bench_report_number(r, "ratio", "peer/talus", 10, 2, ratio.median);
    bench_report_number(r, "ratio_q1", "q1", 6, 2, ratio.q1);
    bench_report_number(r, "ratio_q3", "q3", 6, 2, ratio.q3);
    bench_report_small(r, "agreement_error", "error", 7, error);
    bench_report_number(r, "talus_cpu_ms", NULL, 0, 4, 1e3 * timings[0].cpu_seconds);
    bench_report_number(r, "peer_cpu_ms", NULL, 0, 4, 1e3 * timings[1].cpu_seconds);
    bench_report_number(r, "rounds", NULL, 0, 0, rounds);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, timings[0].switched);
    bench_report_number(r, "peer_rounds_switched", NULL, 0, 0, timings[1].switched);
    bench_report_machine(r);
}

/* One setup ---------------------------------------------------------------------------------------------- */

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
        bench_compare_report(report, &t->setup, m->peers[i], two, both, m->errors[i]);
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

static bool run_steps(bench_peer *peers, const char *directory, const bench_options *options,
                      bench_report *report)
{
    bool good = true;
    for (int i = 0; i < bench_compare_count(options) && good; i++) {
        match m = {.trial = {.setup = bench_compare_setup(options, i)}};
        good = run_setup(&m, peers, directory, options, report);
        bench_expected_destroy(&m.expected);
        bench_trial_close(&m.trial);
    }
    return good;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bench_peer peers[BENCH_PEERS] = {0};
    char directory[BENCH_PATH];
    int found = 0;
    for (int i = 0; i < BENCH_PEERS; i++)
        if ((options->peers >> i & 1) && (!options->epoch || i == BENCH_PEER_TORCH))
            found += bench_peer_start(i, &peers[i]);
    bool good = bench_directory_create(directory);
    if (good && found)
        bench_print_machine(&report);
    if (good && found)
        good = options->epoch ? bench_compare_epochs(&peers[BENCH_PEER_TORCH], directory, options, &report)
                              : run_steps(peers, directory, options, &report);
    for (int i = 0; i < BENCH_PEERS; i++)
        bench_peer_stop(&peers[i]);
    bench_directory_remove(directory);
    return good ? BENCH_DONE : BENCH_FAILED;
}

static void prepare(bench_options *options)
{
    options->net_count = 0;
}

const bench_command bench_command_compare = {
    "compare",
    "the same step in PyTorch, oneDNN, FANN and scikit-learn, where they are installed",
    "Runs each peer in a process of its own, checks that outputs, costs and three steps agree with the "
    "library's,\n"
    "lets it find its best setting, and times steps of all in interleaved rounds; ratios are of the same "
    "round.\n"
    "Without --net: 784-256-128-10 with 128 samples on 1 and 2 threads, 1024x4 with 1024, 8-32-32-1 with 32; "
    "and two\n"
    "networks of tanh with gradient descent, which FANN has. --batch, --threads, … go with --net or "
    "--epoch.\n"
    "--epoch times epochs of 784-256-128-10 over a data set with PyTorch: shuffling, training and "
    "validation.\n",
    BENCH_SETUP | BENCH_ROUNDS | BENCH_SEED | BENCH_PLAN | BENCH_PEER | BENCH_EPOCH | BENCH_DATA,
    prepare,
    run};
