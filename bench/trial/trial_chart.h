/* Steps that were measured, as a chart of bars: the step against the bare products and the peak. */
#ifndef BENCH_TRIAL_CHART_H
#define BENCH_TRIAL_CHART_H

#include "report/bar_chart.h"
#include "trial/trial.h"

typedef struct bench_trial_chart {
    bench_bar_group *groups;
    int count;
    bool failed; /* there was no memory */
} bench_trial_chart;

void bench_trial_chart_add(bench_trial_chart *chart, const bench_trial *trial, const bench_timing *timings);

/* Draws to a path, unless it is "", and forgets the groups. False after a sentence on stderr. */
bool bench_trial_chart_end(bench_trial_chart *chart, const char *title, const char *path);

#endif
