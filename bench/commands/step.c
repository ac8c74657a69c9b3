/* talus-bench step: one training step beside the bare products and the naive loops. */
#include "commands/command.h"
#include "report/machine.h"
#include "trial/trial.h"
#include "trial/trial_chart.h"
#include "trial/trial_report.h"

static bool run_setup(const bench_options *options, int index, bench_report *report, bench_trial_chart *chart)
{
    bench_trial trial = {.setup = bench_setup_at(options, index)};
    bench_timing timings[BENCH_CASES] = {0};
    bool good = bench_trial_run(&trial, options->rounds, options->naive_rounds, timings);
    if (good) {
        bench_report_trial(report, &trial, timings);
        bench_trial_chart_add(chart, &trial, timings);
    }
    bench_trial_close(&trial);
    return good;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    bench_trial_chart chart = {0};
    bool good = true;
    bench_print_machine(&report);
    for (int i = 0; i < bench_setup_count(options) && good; i++)
        good = run_setup(options, i, &report, &chart);
    good = bench_trial_chart_end(&chart, "A training step", good ? options->svg : "") && good;
    return good ? BENCH_DONE : BENCH_FAILED;
}

const bench_command bench_command_step = {
    "step",
    "a training step beside the bare products and the naive loops",
    "Verifies the step against the naive loops in double, then times in interleaved rounds: the step; the "
    "bare\n"
    "cblas products of the same network, threaded by BLAS itself; multiply-adds in registers (the peak); and "
    "the\n"
    "naive step. Lists, separated by commas, run in all combinations.\n"
    "GFLOP/s count the products only: 6·n·Σ d_l·d_{l−1} − 2·n·d_0·d_1 flops a step.\n"
    "The last layer is a softmax with cross-entropy, or with one output a sigmoid with binary "
    "cross-entropy.\n",
    BENCH_NET | BENCH_BATCH | BENCH_ACTIVATION | BENCH_OPTIMIZER | BENCH_PRECISION_LIST | BENCH_THREADS |
        BENCH_LOSS | BENCH_ROUNDS | BENCH_NAIVE_ROUNDS | BENCH_SEED | BENCH_PLAN | BENCH_SVG,
    NULL,
    run};
