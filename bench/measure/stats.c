#include "measure/stats.h"

#include <stdlib.h>

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double quantile(const double *x, int count, double p)
{
    double at = (count - 1) * p;
    int below = (int)at, above = below + 1 < count ? below + 1 : below;
    return x[below] + (at - below) * (x[above] - x[below]);
}

bench_quartiles bench_quartiles_of(double *x, int count)
{
    qsort(x, (size_t)count, sizeof *x, ascending);
    return (bench_quartiles){quantile(x, count, 0.25), quantile(x, count, 0.5), quantile(x, count, 0.75)};
}

uint64_t bench_random(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* The middle of one of 2²³ cells of (−1, 1). */
double bench_uniform(uint64_t *state)
{
    return ((double)(bench_random(state) >> 41) + 0.5) / 4194304.0 - 1;
}
