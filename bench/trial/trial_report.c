#include "trial/trial_report.h"

#include <math.h>

#include "cases/names.h"
#include "report/machine.h"

double bench_trial_gflops(const bench_trial *t, const bench_timing *timings)
{
    return 1e-9 * bench_shape_flops(&t->setup.shape, t->setup.n) / timings[BENCH_STEP].seconds.median;
}

double bench_trial_peak(const bench_trial *t, const bench_timing *timings)
{
    return 1e-9 * bench_fma_peak_flops(&t->peak) / timings[BENCH_PEAK].seconds.median;
}

void bench_report_net(bench_report *r, const bench_shape *shape)
{
    char net[BENCH_FIELD_BYTES];
    bench_shape_print(shape, false, net, sizeof net);
    bench_report_text(r, "net", NULL, 0, net);
    bench_shape_print(shape, true, net, sizeof net);
    bench_report_text(r, NULL, "net", -20, net);
}

void bench_report_setup(bench_report *r, const bench_setup *s)
{
    bench_report_net(r, &s->shape);
    bench_report_number(r, "batch", "batch", 5, 0, (double)s->n);
    bench_report_text(r, "activation", "activation", -10, talus_activation_name(s->activation));
    bench_report_text(r, "optimizer", "optimizer", -9, bench_optimizer_name(s->method));
    bench_report_text(r, "precision", "prec", -4, talus_dtype_name(s->precision));
    bench_report_number(r, "threads", "threads", 7, 0, s->threads);
}

static void report_times(bench_report *r, const bench_trial *t, const bench_timing *timings)
{
    const bench_timing *step = &timings[BENCH_STEP], *gemms = &timings[BENCH_GEMMS],
                       *naive = &timings[BENCH_NAIVE];
    double seconds = step->seconds.median, naive_seconds = naive->rounds ? naive->seconds.median : NAN;
    double gflops = bench_trial_gflops(t, timings), peak = bench_trial_peak(t, timings);
    bench_report_number(r, "step_ms", "step ms", 9, 4, 1e3 * seconds);
    bench_report_number(r, "step_ms_q1", "q1", 9, 4, 1e3 * step->seconds.q1);
    bench_report_number(r, "step_ms_q3", "q3", 9, 4, 1e3 * step->seconds.q3);
    bench_report_number(r, "gflops", "GFLOP/s", 7, 1, gflops);
    bench_report_number(r, "peak_gflops", "peak", 6, 1, peak);
    bench_report_number(r, "peak_fraction", "of peak", 7, 3, gflops / peak);
    bench_report_number(r, "gemm_ms", "gemm ms", 9, 4, 1e3 * gemms->seconds.median);
    bench_report_number(r, "gemm_ratio", "step/gemm", 9, 3, seconds / gemms->seconds.median);
    bench_report_number(r, "naive_ms", NULL, 0, 4, 1e3 * naive_seconds);
    bench_report_number(r, "naive_ratio", "naive/step", 10, 1, naive_seconds / seconds);
}

void bench_report_trial(bench_report *r, const bench_trial *t, const bench_timing *timings)
{
    bench_report_setup(r, &t->setup);
    report_times(r, t, timings);
    bench_report_small(r, "verified_error", "error", 7, t->verified_error);
    bench_report_machine(r);
    bench_report_number(r, "step_cpu_ms", "cpu ms", 9, 4, 1e3 * timings[BENCH_STEP].cpu_seconds);
    bench_report_number(r, "gemm_cpu_ms", NULL, 0, 4, 1e3 * timings[BENCH_GEMMS].cpu_seconds);
    bench_report_number(r, "rounds", NULL, 0, 0, timings[BENCH_STEP].rounds);
    bench_report_number(r, "rounds_switched", "switched", 8, 0, timings[BENCH_STEP].switched);
    bench_report_end(r);
}
