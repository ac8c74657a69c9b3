#include "report/line_chart.h"

#include <math.h>

#define PANEL_WIDTH  480.0
#define PANEL_HEIGHT 320.0
#define LEFT         70.0 /* margins of a panel */
#define RIGHT        18.0
#define ABOVE        50.0
#define BELOW        46.0
#define LETTER       11.0
#define X_TICKS      13

typedef struct layout {
    const bench_panel *panel;
    bench_scale x, y;
} layout;

static layout lay_out(const bench_panel *p, int index)
{
    double least = HUGE_VAL, most = 0;
    for (int s = 0; s < p->lines; s++)
        for (int i = 0; i < p->points; i++)
            if (p->series[s].y[i] > 0) {
                least = fmin(least, p->series[s].y[i]);
                most = fmax(most, p->series[s].y[i]);
            }
    double left = PANEL_WIDTH * (index % 2), top = BENCH_SVG_TOP + PANEL_HEIGHT * (double)(index / 2);
    double from = left + LEFT, to = left + PANEL_WIDTH - RIGHT;
    bench_scale x = {p->x[0], p->x[p->points - 1], from, to, p->log_x};
    if (!p->log_x)
        x.least = 0;
    return (layout){p, x, bench_scale_make(least, most, top + PANEL_HEIGHT - BELOW, top + ABOVE, p->log_y)};
}

/* The x axis is marked at the points, or some of them: counts are whole, powers of two easier read than found. */
static void draw_x_axis(bench_svg *svg, const layout *l)
{
    int every = (l->panel->points + X_TICKS - 1) / X_TICKS;
    for (int i = 0; i < l->panel->points; i += every) {
        char text[32];
        double x = bench_scale_at(&l->x, l->panel->x[i]);
        bench_svg_line(svg, x, l->y.from, x, l->y.to, "#eeeeee", 1);
        bench_number_text(l->panel->x[i], text, sizeof text);
        bench_svg_text(svg, x, l->y.from + 16, LETTER, "middle", text);
    }
    bench_svg_line(svg, l->x.from, l->y.from, l->x.to, l->y.from, "#333333", 1);
    bench_svg_text(svg, (l->x.from + l->x.to) / 2, l->y.from + 34, LETTER, "middle", l->panel->x_name);
}

static void draw_y_axis(bench_svg *svg, const layout *l)
{
    double ticks[16];
    int count = bench_scale_ticks(&l->y, ticks, 12);
    for (int i = 0; i < count; i++) {
        char text[32];
        double y = bench_scale_at(&l->y, ticks[i]);
        bench_svg_line(svg, l->x.from, y, l->x.to, y, "#dddddd", 1);
        bench_number_text(ticks[i], text, sizeof text);
        bench_svg_text(svg, l->x.from - 6, y + 4, LETTER, "end", text);
    }
    bench_svg_line(svg, l->x.from, l->y.from, l->x.from, l->y.to, "#333333", 1);
    bench_svg_turned_text(svg, l->x.from - 52, (l->y.from + l->y.to) / 2, LETTER, l->panel->y_name);
}

static void draw_series(bench_svg *svg, const layout *l, int which)
{
    const bench_series *s = &l->panel->series[which];
    double before_x = 0, before_y = 0;
    for (int i = 0; i < l->panel->points; i++) {
        double x = bench_scale_at(&l->x, l->panel->x[i]), y = bench_scale_at(&l->y, s->y[i]);
        if (s->y[i] <= 0)
            continue;
        if (before_x > 0)
            bench_svg_line(svg, before_x, before_y, x, y, bench_colours[which], 2);
        bench_svg_dot(svg, x, y, bench_colours[which]);
        before_x = x;
        before_y = y;
    }
}

static void draw_heading(bench_svg *svg, const layout *l)
{
    double x = l->x.from, y = l->y.to - 12;
    bench_svg_text(svg, x, y - 18, LETTER + 1, "start", l->panel->title);
    for (int s = 0; s < l->panel->lines; s++) {
        bench_svg_line(svg, x, y - 4, x + 16, y - 4, bench_colours[s], 3);
        bench_svg_text(svg, x + 21, y, LETTER, "start", l->panel->series[s].name);
        x += 38 + bench_svg_text_width(l->panel->series[s].name, LETTER);
    }
}

bool bench_lines_draw(const char *title, const bench_panel *panels, int count, const char *path)
{
    bench_svg svg;
    int rows = (count + 1) / 2;
    if (!bench_svg_open(&svg, path, 2 * PANEL_WIDTH, BENCH_SVG_TOP + PANEL_HEIGHT * rows, title))
        return false;
    for (int i = 0; i < count; i++) {
        layout l = lay_out(&panels[i], i);
        draw_x_axis(&svg, &l);
        draw_y_axis(&svg, &l);
        for (int s = 0; s < panels[i].lines; s++)
            draw_series(&svg, &l, s);
        draw_heading(&svg, &l);
    }
    return bench_svg_close(&svg);
}
