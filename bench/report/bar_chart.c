#include "report/bar_chart.h"

#include <math.h>

#define WIDTH  960.0
#define BAR    13.0 /* the height of a bar, ... */
#define GAP    10.0 /* and between groups */
#define LETTER 11.0
#define NOTES  150.0 /* room at the right */
#define AXIS   44.0  /* room for the axis below */
#define LEGEND 26.0

/* Where things stand. */
typedef struct layout {
    const bench_bar_chart *chart;
    bench_scale scale;
    double top, group, bottom; /* y of the first group, height of one, y of the axis */
} layout;

static layout lay_out(const bench_bar_chart *chart)
{
    double widest = 0, most = 0, top = BENCH_SVG_TOP + LEGEND;
    for (int i = 0; i < chart->count; i++) {
        const bench_bar_group *g = &chart->groups[i];
        widest = fmax(widest, bench_svg_text_width(g->label, LETTER));
        most = fmax(most, g->mark);
        for (int b = 0; b < chart->bars; b++)
            most = fmax(most, g->bars[b].q3);
    }
    double group = chart->bars * BAR + GAP;
    return (layout){chart, bench_scale_make(0, most, widest + 28, WIDTH - NOTES, false), top, group,
                    top + group * chart->count};
}

static void draw_axis(bench_svg *svg, const layout *l)
{
    double ticks[16];
    int count = bench_scale_ticks(&l->scale, ticks, 10);
    for (int i = 0; i < count; i++) {
        char text[32];
        double x = bench_scale_at(&l->scale, ticks[i]);
        bench_svg_line(svg, x, l->top - 4, x, l->bottom + 4, "#dddddd", 1);
        bench_number_text(ticks[i], text, sizeof text);
        bench_svg_text(svg, x, l->bottom + 17, LETTER, "middle", text);
    }
    bench_svg_line(svg, l->scale.from, l->top - 4, l->scale.from, l->bottom + 4, "#333333", 1);
    bench_svg_text(svg, (l->scale.from + l->scale.to) / 2, l->bottom + 34, LETTER, "middle", l->chart->unit);
}

static void draw_legend(bench_svg *svg, const layout *l)
{
    double x = l->scale.from, y = BENCH_SVG_TOP + 8;
    for (int b = 0; b < l->chart->bars; b++) {
        bench_svg_rectangle(svg, x, y - 9, 10, 10, bench_colours[b]);
        bench_svg_text(svg, x + 15, y, LETTER, "start", l->chart->names[b]);
        x += 36 + bench_svg_text_width(l->chart->names[b], LETTER);
    }
    if (!l->chart->mark)
        return;
    bench_svg_line(svg, x + 4, y - 11, x + 4, y + 3, "#b2182b", 2);
    bench_svg_text(svg, x + 12, y, LETTER, "start", l->chart->mark);
}

/* A bar to the median, a thin line from quartile to quartile. */
static void draw_bar(bench_svg *svg, const layout *l, const bench_quartiles *value, double y,
                     const char *colour)
{
    double middle = y + BAR / 2, x = bench_scale_at(&l->scale, value->median);
    double q1 = bench_scale_at(&l->scale, value->q1), q3 = bench_scale_at(&l->scale, value->q3);
    bench_svg_rectangle(svg, l->scale.from, y + 1, x - l->scale.from, BAR - 2, colour);
    bench_svg_line(svg, q1, middle, q3, middle, "#000000", 1);
    bench_svg_line(svg, q1, middle - 3, q1, middle + 3, "#000000", 1);
    bench_svg_line(svg, q3, middle - 3, q3, middle + 3, "#000000", 1);
}

static void draw_group(bench_svg *svg, const layout *l, int index)
{
    const bench_bar_group *g = &l->chart->groups[index];
    double y = l->top + l->group * index, height = l->chart->bars * BAR;
    bench_svg_text(svg, l->scale.from - 8, y + height / 2 + 4, LETTER, "end", g->label);
    for (int b = 0; b < l->chart->bars; b++)
        if (g->bars[b].median > 0)
            draw_bar(svg, l, &g->bars[b], y + BAR * b, bench_colours[b]);
    if (g->mark > 0) {
        double x = bench_scale_at(&l->scale, g->mark);
        bench_svg_line(svg, x, y - 2, x, y + height + 2, "#b2182b", 2);
    }
    bench_svg_text(svg, WIDTH - NOTES + 10, y + height / 2 + 4, LETTER, "start", g->note);
}

bool bench_bars_draw(const bench_bar_chart *chart, const char *path)
{
    layout l = lay_out(chart);
    bench_svg svg;
    if (!bench_svg_open(&svg, path, WIDTH, l.bottom + AXIS, chart->title))
        return false;
    draw_axis(&svg, &l);
    draw_legend(&svg, &l);
    for (int i = 0; i < chart->count; i++)
        draw_group(&svg, &l, i);
    return bench_svg_close(&svg);
}
