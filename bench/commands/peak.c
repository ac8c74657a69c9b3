/* talus-bench peak: what this machine can do at best. */
#include <stdio.h>
#include <stdlib.h>
#include <talus/context.h>

#include "cases/names.h"
#include "commands/command.h"
#include "limits/copy.h"
#include "limits/fma_peak.h"
#include "measure/rounds.h"
#include "report/report.h"

/* Multiply-adds or copies on some threads. */
typedef struct quantity {
    bool is_copy;
    int precision;     /* of multiply-adds */
    bench_level level; /* of copies */
    bench_fma_peak peak;
    bench_copy copy;
} quantity;

static double measure(void *context, int64_t repetitions)
{
    quantity *q = context;
    return q->is_copy ? bench_copy_measure(&q->copy, repetitions)
                      : bench_fma_peak_measure(&q->peak, repetitions);
}

static void report_quantity(bench_report *r, const quantity *q, const bench_timing *timing)
{
    char of[BENCH_FIELD_BYTES];
    double work = 1e-9 * (q->is_copy ? bench_copy_traffic(&q->copy) : bench_fma_peak_flops(&q->peak));
    if (q->is_copy)
        snprintf(of, sizeof of, "%s (2 x %zu KiB a thread)", bench_level_name(q->level), q->copy.bytes >> 10);
    else
        snprintf(of, sizeof of, "%s %s", talus_dtype_name(q->precision), q->peak.kernel->name);
    bench_report_text(r, "quantity", "quantity", -12, q->is_copy ? "copy" : "multiply-add");
    bench_report_text(r, "of", "of", -34, of);
    bench_report_number(r, "threads", "threads", 7, 0, q->is_copy ? q->copy.threads : q->peak.threads);
    bench_report_number(r, "value", "median", 8, 1, work / timing->seconds.median);
    bench_report_number(r, "value_q1", "q1", 8, 1, work / timing->seconds.q3);
    bench_report_number(r, "value_q3", "q3", 8, 1, work / timing->seconds.q1);
    bench_report_text(r, "unit", "unit", -7, q->is_copy ? "GB/s" : "GFLOP/s");
    bench_report_number(r, "rounds_switched", "switched", 8, 0, timing->switched);
    bench_report_text(r, "version", NULL, 0, talus_version());
    bench_report_end(r);
}

/* The quantities for a number of threads; returns how many, −1 if there is no memory. */
static int add(const bench_options *options, int threads, quantity *list)
{
    int count = 0;
    for (int i = 0; i < options->precision_count; i++) {
        int precision = options->precisions[i];
        list[count++] = (quantity){.precision = precision,
                                   .peak = {bench_fma_kernel_best(precision), threads}};
    }
    for (bench_level level = 0; level < BENCH_LEVELS; level++) {
        size_t bytes = bench_level_bytes(level, threads);
        quantity q = {.is_copy = true, .level = level};
        if (bytes == 0)
            continue;
        if (!bench_copy_create(bytes, threads, &q.copy))
            return -1;
        list[count++] = q;
    }
    return count;
}

/* Measures, in common rounds, everything for one number of threads. */
static bool run_threads(const bench_options *options, int threads, bench_report *report)
{
    quantity list[BENCH_LIST + BENCH_LEVELS] = {0};
    bench_case cases[BENCH_LIST + BENCH_LEVELS] = {0};
    bench_timing timings[BENCH_LIST + BENCH_LEVELS] = {0};
    int count = add(options, threads, list);
    for (int i = 0; i < count; i++)
        cases[i] = (bench_case){.name = "quantity", .measure = measure, .context = &list[i]};
    bool good = count > 0 && bench_rounds(cases, count, options->rounds, options->seed, timings);
    for (int i = 0; i < count && good; i++)
        report_quantity(report, &list[i], &timings[i]);
    for (int i = 0; i < BENCH_LIST + BENCH_LEVELS; i++)
        bench_copy_destroy(&list[i].copy);
    if (!good)
        fprintf(stderr, "talus-bench: no memory or no threads for the measurements on %d threads\n", threads);
    return good;
}

static int run(const bench_options *options)
{
    bench_report report = {.json = options->json};
    for (int i = 0; i < options->thread_count; i++)
        if (!run_threads(options, options->threads[i], &report))
            return BENCH_FAILED;
    return BENCH_DONE;
}

const bench_command bench_command_peak = {
    "peak",
    "multiply-adds and copies: what this machine can do at best",
    "Measures in interleaved rounds, on several threads at once: multiply-adds in registers, with the widest "
    "vectors\n"
    "of the processor; and memcpy of buffers that fit L2, L3, or neither, counting bytes read and bytes "
    "written.\n"
    "By default on one thread and on one for each processor, in f32 and f64.\n",
    BENCH_PRECISION_LIST | BENCH_THREADS | BENCH_ROUNDS | BENCH_SEED,
    bench_options_whole_machine,
    run};
