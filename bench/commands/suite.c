/* talus-bench suite: a fixed list of networks, and how well the library does over all of them. */
#include <math.h>
#include <string.h>

#include "cases/names.h"
#include "commands/command.h"
#include "report/machine.h"
#include "trial/trial.h"
#include "trial/trial_chart.h"
#include "trial/trial_report.h"

static const struct {
    const char *net;
    int64_t n;
    bool quick;
} list[] = {{"4-32-16-4", 1, true},         {"8-32-32-1", 32, true},     {"64-64-10", 64, true},
            {"100x2-37", 130, true},        {"256-128-64-10", 16, true}, {"784-256-128-10", 128, true},
            {"784-512-256-10", 256, false}, {"512x4", 32, false},        {"512x4", 128, false},
            {"1024x4", 256, false},         {"1024x4", 1024, false},     {"2048x4", 128, false}};

#define LIST_COUNT ((int)(sizeof list / sizeof *list))

/* Geometric means over the cases of a precision and a number of threads. */
typedef struct means {
    double log_gemm_ratio, log_peak_fraction;
    int count;
} means;

static void add(means *m, const bench_trial *t, const bench_timing *timings)
{
    m->log_gemm_ratio += log(timings[BENCH_STEP].seconds.median / timings[BENCH_GEMMS].seconds.median);
    m->log_peak_fraction += log(bench_trial_gflops(t, timings) / bench_trial_peak(t, timings));
    m->count++;
}

static void report_means(bench_report *r, const means *m, int precision, int threads)
{
    bench_report_text(r, "mean", "geometric mean of", -17, "suite");
    bench_report_number(r, "cases", "cases", 5, 0, m->count);
    bench_report_text(r, "precision", "prec", -4, talus_dtype_name(precision));
    bench_report_number(r, "threads", "threads", 7, 0, threads);
    bench_report_number(r, "gemm_ratio", "step/gemm", 9, 3, exp(m->log_gemm_ratio / m->count));
    bench_report_number(r, "peak_fraction", "of peak", 7, 3, exp(m->log_peak_fraction / m->count));
    bench_report_machine(r);
    bench_report_end(r);
}

static bool run_case(bench_setup setup, const bench_options *options, bench_report *report, means *sums,
                     bench_trial_chart *chart)
{
    bench_trial trial = {.setup = setup};
    bench_timing timings[BENCH_CASES] = {0};
    bool good = bench_trial_run(&trial, options->rounds, 0, timings);
    if (good) {
        bench_report_trial(report, &trial, timings);
        bench_trial_chart_add(chart, &trial, timings);
        add(sums, &trial, timings);
    }
    bench_trial_close(&trial);
    return good;
}

static bool run_list(const bench_options *options, int precision, int threads, bench_report *report,
                     means *sums, bench_trial_chart *chart)
{
    bool good = true;
    *sums = (means){0};
    for (int i = 0; i < LIST_COUNT && good; i++) {
        bench_setup setup = bench_setup_at(options, 0);
        bench_shape_parse(list[i].net, &setup.shape);
        setup.n = list[i].n;
        setup.precision = precision;
        setup.threads = threads;
        if (list[i].quick || !options->quick)
            good = run_case(setup, options, report, sums, chart);
    }
    return good;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json}, summary = {.json = options->json};
    means sums[BENCH_LIST * 2];
    bench_trial_chart chart = {0};
    int kinds = options->precision_count * options->thread_count;
    bool good = kinds <= BENCH_LIST * 2;
    bench_print_machine(&report);
    for (int i = 0; i < kinds && good; i++)
        good = run_list(options, options->precisions[i / options->thread_count],
                        options->threads[i % options->thread_count], &report, &sums[i], &chart);
    for (int i = 0; i < kinds && good; i++)
        report_means(&summary, &sums[i], options->precisions[i / options->thread_count],
                     options->threads[i % options->thread_count]);
    good = bench_trial_chart_end(&chart, "The suite", good ? options->svg : "") && good;
    return good ? BENCH_DONE : BENCH_FAILED;
}

const bench_command bench_command_suite = {
    "suite",
    "twelve networks from 4-32-16-4 to 2048x4: a table, and geometric means",
    "Measures steps as `step` does, without the naive loops, for batches from 1 to 1024, in both precisions, "
    "on "
    "one\n"
    "thread and on one for each processor. Large networks are verified with fewer samples.\n"
    "--quick takes the six small ones.\n",
    BENCH_ACTIVATION | BENCH_OPTIMIZER | BENCH_PRECISION_LIST | BENCH_THREADS | BENCH_ROUNDS | BENCH_SEED |
        BENCH_PLAN | BENCH_QUICK | BENCH_SVG,
    bench_options_whole_machine,
    run};
