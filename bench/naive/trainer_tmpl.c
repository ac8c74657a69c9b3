#include <stdlib.h>
#include <string.h>

#include "trainer.h"

#define PASTE_(name, precision) name##_f##precision
#define PASTE(name, precision)  PASTE_(name, precision)
#define N(name)                 PASTE(name, BENCH_PRECISION)

typedef struct naive_step {
    naive_pass *pass;
    naive_optimizer optimizer;
    naive_targets targets;
    int64_t count;
    naive_real *theta, *gradient, *X, *Y;
    int32_t *labels;
} naive_step;

static naive_real *copy(const double *from, int64_t count)
{
    naive_real *to = calloc((size_t)count, sizeof *to);
    for (int64_t i = 0; i < count && to && from; i++)
        to[i] = (naive_real)from[i];
    return to;
}

void N(bench_naive_step_destroy)(void *context)
{
    naive_step *step = context;
    if (!step)
        return;
    naive_pass_destroy(step->pass);
    free(step->theta);
    free(step->gradient);
    free(step->optimizer.m);
    free(step->optimizer.v);
    free(step->X);
    free(step->Y);
    free(step->labels);
    free(step);
}

static void fill(naive_step *step, const bench_naive_start *start)
{
    int64_t n = start->n, d0 = start->net->d[0], dL = start->net->d[start->net->L];
    step->count = naive_count(start->net);
    step->pass = naive_pass_create(start->net, n);
    step->theta = copy(start->theta, step->count);
    step->gradient = copy(NULL, step->count);
    step->optimizer = (naive_optimizer){*start->optimizer, 0, copy(NULL, step->count),
                                        copy(NULL, step->count)};
    step->X = copy(start->X, n * d0);
    step->Y = copy(start->Y, n * dL);
    step->labels = calloc((size_t)n, sizeof *step->labels);
    if (!start->Y && step->labels)
        memcpy(step->labels, start->labels, (size_t)n * sizeof *step->labels);
    step->targets = (naive_targets){start->Y ? step->Y : NULL, step->labels};
}

void *N(bench_naive_step_create)(const bench_naive_start *start)
{
    naive_step *step = calloc(1, sizeof *step);
    if (!step)
        return NULL;
    fill(step, start);
    if (step->pass && step->theta && step->gradient && step->optimizer.m && step->optimizer.v && step->X &&
        step->Y && step->labels)
        return step;
    N(bench_naive_step_destroy)(step);
    return NULL;
}

void N(bench_naive_step)(void *context)
{
    naive_step *step = context;
    naive_gradient(step->pass, step->theta, step->X, &step->targets, step->gradient);
    naive_update(&step->optimizer, step->count, step->theta, step->gradient);
}
