/* Steps that were measured, as a chart of bars: the step against the bare products and the peak. */
#ifndef BENCH_TRIAL_CHART_H
#define BENCH_TRIAL_CHART_H

#include "report/bar_chart.h"
#include "trial/trial.h"

typedef struct bench_drawing {
    bench_bar_group *groups;
    int count;
    bool failed; /* there was no memory */
} bench_drawing;

void bench_drawing_add(bench_drawing *drawing, const bench_trial *trial, const bench_timing *timings);

/* Draws to a path, unless it is "", and forgets the groups. False after a sentence on stderr. */
bool bench_drawing_end(bench_drawing *drawing, const char *title, const char *path);

#endif
