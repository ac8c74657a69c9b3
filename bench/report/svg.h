/* Pictures: shapes and text in a file of the SVG format. Sizes are pixels; y grows downwards. */
#ifndef BENCH_SVG_FILE_H
#define BENCH_SVG_FILE_H

#include <stdbool.h>
#include <stdio.h>

typedef struct bench_svg {
    FILE *file;
    const char *path;
    double width, height;
} bench_svg;

/* Colours that are told apart with any kind of sight, and in grey: dark blue, orange, grey, green. */
#define BENCH_COLOURS 4
extern const char *const bench_colours[BENCH_COLOURS];

/* Begins a picture with a white ground, a title, and beneath it in small letters the machine and the versions.
 * False after a sentence on stderr. */
bool bench_svg_open(bench_svg *svg, const char *path, double width, double height, const char *title);
bool bench_svg_close(bench_svg *svg); /* false if something was not written */

#define BENCH_SVG_TOP 62 /* what stands below begins here */

void bench_svg_line(bench_svg *svg, double x1, double y1, double x2, double y2, const char *colour,
                    double width);
void bench_svg_rectangle(bench_svg *svg, double x, double y, double width, double height, const char *colour);
void bench_svg_dot(bench_svg *svg, double x, double y, const char *colour);

/* Text whose baseline is at y. anchor: "start", "middle" or "end" is at x; turned: it runs upwards. */
void bench_svg_text(bench_svg *svg, double x, double y, double size, const char *anchor, const char *text);
void bench_svg_turned_text(bench_svg *svg, double x, double y, double size, const char *text);

/* About the width of a text. */
double bench_svg_text_width(const char *text, double size);

/* A scale from least … most to the pixels from … to. */
typedef struct bench_scale {
    double least, most, from, to;
    bool logarithmic;
} bench_scale;

/* A scale that holds all of least … most: from 0, or from a round number on if it is logarithmic. */
bench_scale bench_scale_make(double least, double most, double from, double to, bool logarithmic);
double bench_scale_at(const bench_scale *scale, double value);

/* Round numbers on a scale, `most` at most; returns how many. And a number as an axis shows it. */
int bench_scale_ticks(const bench_scale *scale, double *ticks, int most);
void bench_number_text(double number, char *text, int bytes);

#endif
