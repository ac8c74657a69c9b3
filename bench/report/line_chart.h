/* A chart of panels, two beside each other, each with lines through points. */
#ifndef BENCH_LINE_CHART_H
#define BENCH_LINE_CHART_H

#include "report/svg.h"

#define BENCH_POINTS 32
#define BENCH_LINES  3
#define BENCH_PANELS 8

typedef struct bench_series {
    const char *name;
    double y[BENCH_POINTS]; /* 0: no point */
} bench_series;

typedef struct bench_panel {
    char title[128], x_name[64], y_name[64];
    bool log_x, log_y;
    int points, lines;
    double x[BENCH_POINTS];
    bench_series series[BENCH_LINES];
} bench_panel;

/* False after a sentence on stderr. */
bool bench_lines_draw(const char *title, const bench_panel *panels, int count, const char *path);

#endif
