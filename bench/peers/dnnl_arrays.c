#include "dnnl_arrays.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#define CHUNK 4096 /* elements that a thread takes at a time */

/* Compiled for several instruction sets; the best one is taken when the program starts. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define VECTORISED
#endif

static int64_t chunk_at(int64_t at, int64_t count)
{
    return count - at < CHUNK ? count - at : CHUNK;
}

VECTORISED static void derive(int kind, int64_t count, const float *restrict a, float *restrict delta)
{
    if (kind == 'r')
        for (int64_t i = 0; i < count; i++)
            delta[i] = a[i] > 0 ? delta[i] : 0;
    else if (kind == 't')
        for (int64_t i = 0; i < count; i++)
            delta[i] *= 1 - a[i] * a[i];
    else if (kind == 's')
        for (int64_t i = 0; i < count; i++)
            delta[i] *= a[i] * (1 - a[i]);
}

void arrays_derive(const char *activation, int64_t count, const float *a, float *delta)
{
#pragma omp parallel for
    for (int64_t at = 0; at < count; at += CHUNK)
        derive(activation[0], chunk_at(at, count), a + at, delta + at);
}

/* Y of output k of sample i, and what it adds to the sum of losses. */
static double loss_at(const peer_case *c, int64_t i, int64_t k, float a, float *y)
{
    if (c->Y) {
        *y = c->Y[i * c->d[c->L] + k];
        return 0.5 * (double)(a - *y) * (double)(a - *y);
    }
    if (c->d[c->L] == 1) {
        *y = (float)c->label[i];
        return -log((double)(*y > 0 ? a : 1 - a));
    }
    *y = c->label[i] == k;
    return *y > 0 ? -log((double)a) : 0;
}

double arrays_loss(const peer_case *c, const float *A, float *delta)
{
    int64_t width = c->d[c->L];
    float scale = 1 / (float)c->n;
    double sum = 0;
#pragma omp parallel for reduction(+ : sum)
    for (int64_t i = 0; i < c->n; i++)
        for (int64_t k = 0; k < width; k++) {
            float y, a = A[i * width + k];
            sum += loss_at(c, i, k, a, &y);
            delta[i * width + k] = (a - y) * scale;
        }
    return sum / (double)c->n;
}

VECTORISED static void adam(const arrays_rule *rule, int64_t count, float *restrict theta,
                            const float *restrict g, float *restrict m, float *restrict v)
{
    const float beta1 = rule->beta1, beta2 = rule->beta2, epsilon = rule->epsilon, rate = rule->rate;
    for (int64_t i = 0; i < count; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * g[i];
        v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i];
        theta[i] -= rate * m[i] / (sqrtf(v[i]) + epsilon);
    }
}

VECTORISED static void descend(const arrays_rule *rule, int64_t count, float *restrict theta,
                               const float *restrict g, float *restrict v)
{
    const float momentum = rule->momentum, rate = rule->rate;
    if (momentum > 0)
        for (int64_t i = 0; i < count; i++)
            theta[i] -= rate * (v[i] = momentum * v[i] + g[i]);
    else
        for (int64_t i = 0; i < count; i++)
            theta[i] -= rate * g[i];
}

void arrays_update(const arrays_rule *rule, int64_t count, float *theta, const float *g, float *m, float *v)
{
#pragma omp parallel for
    for (int64_t at = 0; at < count; at += CHUNK)
        if (rule->adam)
            adam(rule, chunk_at(at, count), theta + at, g + at, m + at, v + at);
        else
            descend(rule, chunk_at(at, count), theta + at, g + at, v + at);
}
