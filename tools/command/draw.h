/* Drawings in SVG that take their colours from the page. */
#ifndef TALUS_COMMAND_DRAW_H
#define TALUS_COMMAND_DRAW_H

#include <stdint.h>
#include <stdio.h>

/* A curve: values over 1 … count, of which those that are not finite are left out. */
typedef struct curve {
    const char *name, *color; /* a class of the page: "c1", "c2", … */
    const double *values;
} curve;

/* Lines over the same steps, with axes, grid and a legend. */
void draw_curves(FILE *to, const char *title, const curve *curves, int count, int64_t length,
                 int logarithmic);

/* Points (x, y), with the line x = y if `diagonal`. */
void draw_points(FILE *to, const char *title, const char *x_name, const char *y_name, const double *x,
                 const double *y, int64_t count, int diagonal);

/* A bar each, with its name and number, the largest first if they are sorted. */
void draw_bars(FILE *to, const char *title, const char *const *names, const double *values, int count);

/* Text in which < > & and quotes are escaped. */
void put_html(FILE *to, const char *text);

#endif
