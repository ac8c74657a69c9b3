/* A chart of groups of bars that lie, each with its quartiles; and in each group a mark for what is the most that
 * could be. */
#ifndef BENCH_BAR_CHART_H
#define BENCH_BAR_CHART_H

#include "measure/stats.h"
#include "report/svg.h"

#define BENCH_BARS      3
#define BENCH_BAR_LABEL 96

typedef struct bench_bar_group {
    char label[BENCH_BAR_LABEL];
    bench_quartiles bars[BENCH_BARS]; /* a median of 0: no such bar */
    double mark;                      /* 0: none */
    char note[BENCH_BAR_LABEL];       /* behind the bars; or "" */
} bench_bar_group;

typedef struct bench_bar_chart {
    const char *title, *unit, *mark; /* mark: what the mark stands for */
    const char *names[BENCH_BARS];   /* of the bars of a group */
    int bars, count;
    const bench_bar_group *groups;
} bench_bar_chart;

/* False after a sentence on stderr. */
bool bench_bars_draw(const bench_bar_chart *chart, const char *path);

#endif
