/* talus-bench reach: how long each method trains until the cost is low enough, at the best of several rates. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases/dataset.h"
#include "cases/names.h"
#include "commands/command.h"
#include "measure/stats.h"
#include "report/machine.h"
#include "report/report.h"
#include "trial/trial_report.h"
#include "verify/against_naive.h"

enum { PART = 128 }; /* samples that are evaluated at once */

/* A method at a rate, and how it went, a number a round. */
typedef struct runner {
    talus_optimizer_spec optimizer;
    double *seconds, *steps, *costs; /* cost: of the network in the end */
    int reached;                     /* in so many rounds */
    bench_quartiles time;
} runner;

typedef struct race {
    bench_setup setup;
    const bench_options *options;
    talus_context *context; /* of the data */
    bench_dataset dataset;
    runner *runners; /* those of the first method first */
    double *memory;  /* what their numbers stand in */
    int count;
} race;

/* Opening and closing ------------------------------------------------------------------------------------ */

/* A runner for each rate, or one if the method has none: then the naive loops do not have it either. */
static void add_method(race *r, int method)
{
    int rates = bench_has_rate(method) ? r->options->rate_count : 1;
    for (int i = 0; i < rates; i++) {
        size_t rounds = (size_t)r->options->rounds;
        double *numbers = r->memory + 3 * rounds * (size_t)r->count;
        runner *added = &r->runners[r->count++];
        *added = (runner){.seconds = numbers, .steps = numbers + rounds, .costs = numbers + 2 * rounds};
        talus_optimizer_defaults(&added->optimizer, method);
        if (bench_has_rate(method))
            added->optimizer.rate = r->options->rates[i];
    }
}

static bool open_race(race *r)
{
    const bench_options *o = r->options;
    size_t most = (size_t)o->optimizer_count * (size_t)o->rate_count;
    r->runners = calloc(most, sizeof *r->runners);
    r->memory = calloc(3 * most * (size_t)o->rounds, sizeof *r->memory);
    if (!r->runners || !r->memory || talus_context_create(NULL, &r->context)) {
        fprintf(stderr, "talus-bench: no memory for a race\n");
        return false;
    }
    for (int i = 0; i < o->optimizer_count; i++)
        add_method(r, o->optimizers[i]);
    return bench_dataset_read(r->context, o->data, &r->dataset);
}

static void close_race(race *r)
{
    bench_dataset_destroy(&r->dataset);
    talus_context_destroy(r->context);
    free(r->runners);
    free(r->memory);
}

/* The methods that the naive loops have; the others are what they evaluate, which is the same for all. */
static bool verify(const race *r)
{
    bool good = true;
    for (int i = 0; i < r->count && good; i++) {
        bench_setup setup = r->setup;
        double error;
        setup.method = r->runners[i].optimizer.method;
        setup.n = talus_dataset_samples(r->dataset.training);
        if (naive_has(setup.method) && (i == 0 || r->runners[i - 1].optimizer.method != setup.method))
            good = bench_verify(&setup, &error);
    }
    return good;
}

/* Racing ------------------------------------------------------------------------------------------------- */

/* Full batches until the cost before a step is the target, or time is up. */
static talus_status train(const race *r, runner *one, int round, talus_context *context,
                          talus_network *network)
{
    talus_fit_options options;
    talus_fit_result result;
    talus_metrics metrics;
    talus_fit_options_defaults(&options);
    options.optimizer = &one->optimizer;
    options.batch = TALUS_FULL_BATCH;
    options.shuffle = 0;
    options.epochs = INT64_MAX;
    options.stop_at_target = 1;
    options.target = r->options->target;
    options.max_seconds = r->options->limit;
    talus_workspace *workspace = NULL;
    talus_status status = talus_fit(network, r->dataset.training, NULL, &options, &result);
    if (status == TALUS_OK)
        status = talus_workspace_create(context, network, PART, &workspace);
    if (status == TALUS_OK)
        status = talus_evaluate(network, workspace, r->dataset.training, &metrics);
    talus_workspace_destroy(workspace);
    if (status != TALUS_OK)
        return status;
    bool reached = result.outcome == TALUS_OUTCOME_TARGET;
    one->reached += reached;
    one->seconds[round] = reached ? result.seconds : r->options->limit;
    one->steps[round] = (double)result.steps;
    one->costs[round] = metrics.cost;
    return TALUS_OK;
}

/* From the weights of the round. */
static bool run_once(const race *r, runner *one, int round)
{
    bench_setup setup = r->setup;
    talus_context *context;
    talus_network *network;
    setup.seed += (uint64_t)round;
    if (!bench_setup_network(&setup, &context, &network))
        return false;
    bool good = bench_dataset_scale(r->options->data, context, network);
    if (good && train(r, one, round, context, network) != TALUS_OK) {
        fprintf(stderr, "talus-bench: %s\n", talus_error_message(context));
        good = false;
    }
    talus_network_destroy(network);
    talus_context_destroy(context);
    return good;
}

/* Each round starts all from the same weights, in a random order. */
static bool run_rounds(race *r)
{
    uint64_t state = r->options->seed;
    int *order = calloc((size_t)r->count, sizeof *order);
    bool good = order != NULL;
    for (int round = 0; round < r->options->rounds && good; round++) {
        for (int i = 0; i < r->count; i++) { /* Fisher and Yates */
            int j = (int)(bench_random(&state) % (uint64_t)(i + 1));
            order[i] = order[j];
            order[j] = i;
        }
        for (int i = 0; i < r->count && good; i++)
            good = run_once(r, &r->runners[order[i]], round);
    }
    free(order);
    for (int i = 0; i < r->count && good; i++)
        r->runners[i].time = bench_quartiles_of(r->runners[i].seconds, r->options->rounds);
    return good;
}

/* Reporting ---------------------------------------------------------------------------------------------- */

/* The rate of a method that reached the target most often, then soonest. */
static const runner *best_of(const race *r, int method)
{
    const runner *best = NULL;
    for (int i = 0; i < r->count; i++) {
        const runner *one = &r->runners[i];
        if (one->optimizer.method == method &&
            (!best || one->reached > best->reached ||
             (one->reached == best->reached && one->time.median < best->time.median)))
            best = one;
    }
    return best;
}

static void report_race(bench_report *report, const race *r)
{
    const runner *first = best_of(r, r->runners[0].optimizer.method);
    int rounds = r->options->rounds;
    for (int i = 0; i < r->count; i++) {
        const runner *one = &r->runners[i];
        bool best = one == best_of(r, one->optimizer.method);
        bench_setup setup = r->setup;
        setup.method = one->optimizer.method;
        setup.n = talus_dataset_samples(r->dataset.training);
        bench_report_setup(report, &setup);
        bench_report_text(report, "data", NULL, 0, r->options->data);
        bench_report_small(report, "target", "target", 8, r->options->target);
        bench_report_small(report, "rate", "rate", 8,
                           bench_has_rate(setup.method) ? one->optimizer.rate : NAN);
        bench_report_number(report, "rounds", "rounds", 6, 0, rounds);
        bench_report_number(report, "rounds_reached", "reached", 7, 0, one->reached);
        bench_report_number(report, "seconds", "seconds", 8, 4, one->time.median);
        bench_report_number(report, "seconds_q1", "q1", 8, 4, one->time.q1);
        bench_report_number(report, "seconds_q3", "q3", 8, 4, one->time.q3);
        bench_report_number(report, "steps", "steps", 7, 0, bench_quartiles_of(one->steps, rounds).median);
        bench_report_small(report, "cost", "cost", 8, bench_quartiles_of(one->costs, rounds).median);
        bench_report_number(report, "ratio", "ratio", 7, 2, one->time.median / first->time.median);
        bench_report_text(report, "best", "best", -4, best ? "yes" : "");
        bench_report_machine(report);
        bench_report_end(report);
    }
}

/* The command -------------------------------------------------------------------------------------------- */

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bench_options others = *options; /* the methods of options race each other */
    bool good = true;
    others.optimizer_count = 1;
    bench_print_machine(&report);
    for (int i = 0; i < bench_setup_count(&others) && good; i++) {
        race r = {.setup = bench_setup_at(&others, i), .options = options};
        bench_dataset_fit(options->data, &r.setup);
        good = open_race(&r) && verify(&r) && run_rounds(&r);
        if (good)
            report_race(&report, &r);
        close_race(&r);
    }
    return good ? BENCH_DONE : BENCH_FAILED;
}

static void prepare(bench_options *options)
{
    static const double rates[] = {0.003, 0.01, 0.03, 0.1, 0.3};
    options->nets[0] = (bench_shape){.L = 2, .d = {64, 32, 10}};
    options->activations[0] = TALUS_TANH;
    options->optimizers[0] = TALUS_LBFGS;
    options->optimizers[1] = TALUS_ADAM;
    options->optimizer_count = 2;
    options->rounds = 5;
    snprintf(options->data, sizeof options->data, "digits");
    for (options->rate_count = 0; options->rate_count < (int)(sizeof rates / sizeof *rates);
         options->rate_count++)
        options->rates[options->rate_count] = rates[options->rate_count];
}

const bench_command bench_command_reach = {
    "reach",
    "how long each method trains until the cost is low enough",
    "Trains with all samples in each step until the cost is at most --target, by each method, at each of "
    "several "
    "rates\n"
    "where it has one; each round starts all of them from the same weights, in a random order. Seconds, "
    "steps and "
    "the\n"
    "cost in the end are medians over the rounds; where the target was not reached, the time is the limit. "
    "Ratios are to\n"
    "the first method at its best rate; 'best' marks the best rate of each. Without options: 64-32-10 of "
    "tanh "
    "on the\n"
    "digits in examples/data, lbfgs and adam, 5 rounds.\n",
    BENCH_NET | BENCH_ACTIVATION | BENCH_OPTIMIZER | BENCH_PRECISION_LIST | BENCH_THREADS | BENCH_ROUNDS |
        BENCH_SEED | BENCH_PLAN | BENCH_DATA | BENCH_RATES | BENCH_TARGET | BENCH_LIMIT,
    prepare,
    run};
