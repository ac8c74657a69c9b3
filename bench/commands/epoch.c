/* talus-bench epoch: a data set end to end. */
#include <stdio.h>

#include "cases/dataset.h"
#include "commands/command.h"
#include "report/machine.h"
#include "trial/trial_report.h"
#include "verify/against_naive.h"

enum { LOAD, TRAIN, TRAIN_IN_ORDER, VALIDATE, CASES };

typedef struct course {
    bench_setup setup;
    const char *data;
    talus_context *context, *other_context;
    talus_network *network, *other; /* other: is trained in the order of the file */
    bench_dataset dataset;
    talus_workspace *workspace;
    talus_fit_options fit;
    talus_optimizer_spec optimizer; /* that fit points to */
    talus_metrics metrics;
    int64_t epochs; /* that network was trained for */
    double verified_error;
} course;

/* Measuring ---------------------------------------------------------------------------------------------- */

static double measure_load(void *context, int64_t repetitions)
{
    const course *c = context;
    double start = bench_now();
    for (int64_t i = 0; i < repetitions; i++) {
        bench_dataset dataset;
        bool good = bench_dataset_read(c->context, c->data, &dataset);
        bench_dataset_destroy(&dataset);
        if (!good)
            return -1;
    }
    return bench_now() - start;
}

static double fit(course *c, talus_network *network, int shuffle, int64_t epochs)
{
    talus_fit_options options = c->fit;
    talus_fit_result result;
    options.shuffle = shuffle;
    options.epochs = epochs;
    options.seed = c->epochs;
    double start = bench_now();
    if (talus_fit(network, c->dataset.training, NULL, &options, &result) ||
        result.outcome != TALUS_OUTCOME_COMPLETED)
        return -1;
    return bench_now() - start;
}

static double measure_train(void *context, int64_t repetitions)
{
    course *c = context;
    c->epochs += repetitions;
    return fit(c, c->network, 1, repetitions);
}

static double measure_train_in_order(void *context, int64_t repetitions)
{
    course *c = context;
    return fit(c, c->other, 0, repetitions);
}

static double measure_validate(void *context, int64_t repetitions)
{
    course *c = context;
    double start = bench_now();
    for (int64_t i = 0; i < repetitions; i++)
        if (talus_evaluate(c->network, c->workspace, c->dataset.test, &c->metrics))
            return -1;
    return bench_now() - start;
}

/* Opening and closing ------------------------------------------------------------------------------------ */

static bool open_course(course *c)
{
    if (!bench_setup_network(&c->setup, &c->context, &c->network) ||
        !bench_setup_network(&c->setup, &c->other_context, &c->other) ||
        !bench_dataset_scale(c->data, c->context, c->network) ||
        !bench_dataset_scale(c->data, c->other_context, c->other) ||
        !bench_dataset_read(c->context, c->data, &c->dataset))
        return false;
    talus_fit_options_defaults(&c->fit);
    talus_optimizer_defaults(&c->optimizer, c->setup.method);
    c->fit.optimizer = &c->optimizer;
    c->fit.batch = c->setup.n;
    if (!talus_workspace_create(c->context, c->network, c->setup.n, &c->workspace))
        return true;
    fprintf(stderr, "talus-bench: %s\n", talus_error_message(c->context));
    return false;
}

static void close_course(course *c)
{
    talus_workspace_destroy(c->workspace);
    bench_dataset_destroy(&c->dataset);
    talus_network_destroy(c->network);
    talus_network_destroy(c->other);
    talus_context_destroy(c->context);
    talus_context_destroy(c->other_context);
}

/* The command -------------------------------------------------------------------------------------------- */

static void report_course(const course *c, const bench_timing *timings, bench_report *r)
{
    const bench_timing *train = &timings[TRAIN];
    double samples = (double)talus_dataset_samples(c->dataset.training);
    double seconds = train->seconds.median;
    bench_report_setup(r, &c->setup);
    bench_report_text(r, "data", NULL, 0, c->data);
    bench_report_number(r, "samples", "samples", 7, 0, samples);
    bench_report_number(r, "load_seconds", "load s", 7, 3, timings[LOAD].seconds.median);
    bench_report_number(r, "train_seconds", "train s", 7, 4, seconds);
    bench_report_number(r, "train_seconds_q1", "q1", 7, 4, train->seconds.q1);
    bench_report_number(r, "train_seconds_q3", "q3", 7, 4, train->seconds.q3);
    bench_report_number(r, "train_in_order_seconds", "in order s", 10, 4,
                        timings[TRAIN_IN_ORDER].seconds.median);
    bench_report_number(r, "shuffle_seconds", NULL, 0, 4, seconds - timings[TRAIN_IN_ORDER].seconds.median);
    bench_report_number(r, "validate_seconds", "validate s", 10, 4, timings[VALIDATE].seconds.median);
    bench_report_number(r, "samples_per_second", "samples/s", 9, 0, samples / seconds);
    bench_report_number(r, "gflops", "GFLOP/s", 7, 1,
                        1e-9 * bench_shape_flops(&c->setup.shape, 1) * samples / seconds);
    bench_report_number(r, "accuracy", "accuracy", 8, 4, c->metrics.accuracy);
    bench_report_number(r, "epochs", "epochs", 6, 0, (double)c->epochs);
    bench_report_small(r, "verified_error", NULL, 0, c->verified_error);
    bench_report_number(r, "train_cpu_seconds", "cpu s", 7, 4, train->cpu_seconds);
    bench_report_number(r, "rounds", NULL, 0, 0, train->rounds);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, train->switched);
    bench_report_machine(r);
    bench_report_end(r);
}

static bool run_course(course *c, const bench_options *options, bench_report *report)
{
    const bench_case cases[CASES] = {
        [LOAD] = {.measure = measure_load, .context = c},
        [TRAIN] = {.measure = measure_train, .context = c},
        [TRAIN_IN_ORDER] = {.measure = measure_train_in_order, .context = c},
        [VALIDATE] = {.measure = measure_validate, .context = c},
    };
    bench_timing timings[CASES];
    if (!bench_verify(&c->setup, &c->verified_error) || !open_course(c))
        return false;
    bool good = bench_rounds(cases, CASES, options->rounds, options->seed, timings) &&
                measure_validate(c, 1) >= 0;
    if (good)
        report_course(c, timings, report);
    else
        fprintf(stderr, "talus-bench: a measurement failed: %s\n", talus_error_message(c->context));
    return good;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bool good = true;
    bench_print_machine(&report);
    for (int i = 0; i < bench_setup_count(options) && good; i++) {
        course c = {.setup = bench_setup_at(options, i), .data = options->data};
        bench_dataset_fit(c.data, &c.setup);
        good = run_course(&c, options, &report);
        close_course(&c);
    }
    return good ? BENCH_DONE : BENCH_FAILED;
}

static void prepare(bench_options *options)
{
    options->rounds = 7;
}

const bench_command bench_command_epoch = {
    "epoch",
    "a data set end to end: loading, training, validation",
    "Times in interleaved rounds: reading the files; an epoch of talus_fit in a new order of samples; an "
    "epoch "
    "in the\n"
    "order of the file, to see what shuffling costs; and a validation. The accuracy is that after all epochs "
    "of the\n"
    "rounds. For digits the network begins with 64 inputs. 7 rounds.\n",
    BENCH_NET | BENCH_BATCH | BENCH_ACTIVATION | BENCH_OPTIMIZER | BENCH_PRECISION_LIST | BENCH_THREADS |
        BENCH_ROUNDS | BENCH_SEED | BENCH_PLAN | BENCH_DATA,
    prepare,
    run};
