#include "trial/trial_chart.h"

#include <stdio.h>
#include <stdlib.h>

#include "trial/trial_report.h"

#include "cases/names.h"

static bench_quartiles rate(double work, const bench_timing *timing)
{
    return (bench_quartiles){work / timing->seconds.q3, work / timing->seconds.median,
                             work / timing->seconds.q1};
}

void bench_trial_chart_add(bench_trial_chart *chart, const bench_trial *t, const bench_timing *timings)
{
    double work = 1e-9 * bench_shape_flops(&t->setup.shape, t->setup.n);
    double peak = bench_trial_peak(t, timings);
    bench_bar_group *groups = realloc(chart->groups, (size_t)(chart->count + 1) * sizeof *groups);
    if (!groups) {
        chart->failed = true;
        return;
    }
    bench_bar_group *g = &groups[chart->count++];
    chart->groups = groups;
    *g = (bench_bar_group){.bars = {rate(work, &timings[BENCH_STEP]), rate(work, &timings[BENCH_GEMMS])},
                           .mark = peak};
    char net[64];
    bench_shape_print(&t->setup.shape, true, net, sizeof net);
    snprintf(g->label, sizeof g->label, "%s, batch %lld, %s, %s, %d thread%s", net, (long long)t->setup.n,
             bench_optimizer_name(t->setup.method), talus_dtype_name(t->setup.precision), t->setup.threads,
             t->setup.threads > 1 ? "s" : "");
    snprintf(g->note, sizeof g->note, "%.2f of the peak", g->bars[0].median / peak);
}

bool bench_trial_chart_end(bench_trial_chart *chart, const char *title, const char *path)
{
    const bench_bar_chart bars = {.title = title,
                                  .unit = "GFLOP/s of the products of a step (median and quartiles)",
                                  .mark = "multiply-add peak, same run",
                                  .names = {"training step of Talus", "its bare cblas products"},
                                  .bars = 2,
                                  .count = chart->count,
                                  .groups = chart->groups};
    bool good = !chart->failed && (path[0] == '\0' || bench_bars_draw(&bars, path));
    if (chart->failed)
        fprintf(stderr, "talus-bench: no memory to draw\n");
    free(chart->groups);
    *chart = (bench_trial_chart){0};
    return good;
}
