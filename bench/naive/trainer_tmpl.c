#include <stdlib.h>
#include <string.h>

#include "trainer.h"

#define PASTE_(name, precision) name##_f##precision
#define PASTE(name, precision)  PASTE_(name, precision)
#define N(name)                 PASTE(name, BENCH_PRECISION)

typedef struct naive_trainer {
    naive_pass *pass;
    naive_optimizer optimizer;
    naive_targets targets;
    int64_t count;
    naive_real *theta, *gradient, *X, *Y;
    int32_t *labels;
} naive_trainer;

static naive_real *copy(const double *from, int64_t count)
{
    naive_real *to = calloc((size_t)count, sizeof *to);
    for (int64_t i = 0; i < count && to && from; i++)
        to[i] = (naive_real)from[i];
    return to;
}

void N(bench_naive_trainer_destroy)(void *context)
{
    naive_trainer *t = context;
    if (!t)
        return;
    naive_pass_destroy(t->pass);
    free(t->theta);
    free(t->gradient);
    free(t->optimizer.m);
    free(t->optimizer.v);
    free(t->optimizer.u);
    free(t->X);
    free(t->Y);
    free(t->labels);
    free(t);
}

static void fill(naive_trainer *t, const bench_naive_start *start)
{
    int64_t n = start->n, d0 = start->net->d[0], dL = start->net->d[start->net->L];
    t->count = naive_count(start->net);
    t->pass = naive_pass_create(start->net, n);
    t->theta = copy(start->theta, t->count);
    t->gradient = copy(NULL, t->count);
    t->optimizer = (naive_optimizer){.spec = *start->optimizer,
                                     .m = copy(NULL, t->count),
                                     .v = copy(NULL, t->count),
                                     .u = copy(NULL, t->count)};
    t->X = copy(start->X, n * d0);
    t->Y = copy(start->Y, n * dL);
    t->labels = calloc((size_t)n, sizeof *t->labels);
    if (!start->Y && t->labels)
        memcpy(t->labels, start->labels, (size_t)n * sizeof *t->labels);
    t->targets = (naive_targets){start->Y ? t->Y : NULL, t->labels};
}

void *N(bench_naive_trainer_create)(const bench_naive_start *start)
{
    naive_trainer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    fill(t, start);
    if (t->pass && t->theta && t->gradient && t->optimizer.m && t->optimizer.v && t->optimizer.u && t->X &&
        t->Y && t->labels)
        return t;
    N(bench_naive_trainer_destroy)(t);
    return NULL;
}

void N(bench_naive_step)(void *context)
{
    naive_trainer *t = context;
    t->optimizer.cost = naive_gradient(t->pass, t->theta, t->X, &t->targets, t->gradient);
    naive_update(&t->optimizer, t->count, t->theta, t->gradient);
}
