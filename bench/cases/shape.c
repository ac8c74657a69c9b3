#include "cases/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH_MAX 1000000

/* Reads a number from 1 to most at *text and moves behind it; 0 if there is none. */
static long read_number(const char **text, long most)
{
    char *end = NULL;
    long number = **text >= '0' && **text <= '9' ? strtol(*text, &end, 10) : 0;
    if (number < 1 || number > most)
        return 0;
    *text = end;
    return number;
}

/* Adds a layer of a width; W×C begins with W inputs if it is the first item. */
static bool add_item(const char **text, int *widths, bench_shape *shape)
{
    long width = read_number(text, WIDTH_MAX), count = 1;
    if (width && **text == 'x') {
        ++*text;
        count = read_number(text, NAIVE_MAX_LAYERS);
        count += count > 0;
    }
    if (!width || !count || *widths + count > NAIVE_MAX_LAYERS + 1)
        return false;
    while (count-- > 0)
        shape->d[(*widths)++] = width;
    return true;
}

bool bench_shape_parse(const char *text, bench_shape *shape)
{
    int widths = 0;
    while (add_item(&text, &widths, shape) && *text == '-')
        text++;
    shape->L = widths - 1;
    return *text == '\0' && text[-1] != '-' && widths >= 2;
}

/* The number of equal widths from l on, if they are to be written W×C; else 1. */
static int equal_widths(const bench_shape *shape, int l, bool brief)
{
    int equal = 1;
    while (brief && l + equal <= shape->L && shape->d[l + equal] == shape->d[l])
        equal++;
    return equal >= 3 ? equal : 1;
}

void bench_shape_print(const bench_shape *shape, bool brief, char *text, int bytes)
{
    int used = 0;
    for (int l = 0, equal; l <= shape->L && used < bytes; l += equal) {
        equal = equal_widths(shape, l, brief);
        used += snprintf(text + used, (size_t)(bytes - used), l ? "-%lld" : "%lld", (long long)shape->d[l]);
        if (equal > 1 && used < bytes)
            used += snprintf(text + used, (size_t)(bytes - used), "x%d", equal - 1);
    }
}

double bench_shape_flops(const bench_shape *shape, int64_t n)
{
    double sum = 0;
    for (int l = 1; l <= shape->L; l++)
        sum += (double)shape->d[l] * (double)shape->d[l - 1];
    return 6 * (double)n * sum - 2 * (double)n * (double)shape->d[0] * (double)shape->d[1];
}
