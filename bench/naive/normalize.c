/* Normalisation between Z_l and f_l: over the units of a layer, or over the samples of a batch. */
#include <tgmath.h>

#include "parts.h"

/* The numbers that share a mean and a variance: `count` groups of `length`, those of a group `step` apart. */
typedef struct groups {
    int64_t count, length, start, step;
} groups;

static groups groups_of(const naive_pass *pass, int l)
{
    int64_t n = pass->n, d = pass->net.d[l];
    return pass->net.norm[l] == TALUS_NORMALIZATION_LAYER ? (groups){n, d, d, 1} : (groups){d, n, 1, d};
}

static real epsilon_of(const naive_network *net, int l)
{
    return net->epsilon[l] == 0 ? (real)1e-5 : (real)net->epsilon[l];
}

/* 1/n · Σ x_i·y_i over a group; Y NULL for 1 */
static real mean(const groups *g, const real *x, const real *y)
{
    real sum = 0;
    for (int64_t i = 0; i < g->length; i++)
        sum += y ? x[i * g->step] * y[i * g->step] : x[i * g->step];
    return sum / (real)g->length;
}

/* ẑ = (z − μ)/√(σ² + ε), with μ = mean z and σ² = mean (z − μ)² */
static real normalize_group(const groups *g, real epsilon, const real *z, real *normalized)
{
    real mu = mean(g, z, NULL);
    for (int64_t i = 0; i < g->length; i++)
        normalized[i * g->step] = z[i * g->step] - mu;
    real inverse = 1 / sqrt(mean(g, normalized, normalized) + epsilon);
    for (int64_t i = 0; i < g->length; i++)
        normalized[i * g->step] *= inverse;
    return inverse;
}

void naive_normalize(naive_pass *pass, int l, const real *theta)
{
    const naive_network *net = &pass->net;
    const real *scales = theta + naive_scales_at(net, l), *shifts = theta + naive_shifts_at(net, l);
    groups g = groups_of(pass, l);
    int64_t d = net->d[l];
    for (int64_t k = 0; k < g.count; k++)
        pass->inverse[l][k] = normalize_group(&g, epsilon_of(net, l), pass->Z[l] + k * g.start,
                                              pass->normalized[l] + k * g.start);
    for (int64_t e = 0; e < pass->n * d; e++)
        pass->Z[l][e] = scales[e % d] * pass->normalized[l][e] + shifts[e % d];
}

/* ∂C/∂z = (g − mean g − ẑ·mean(g ⊙ ẑ))/√(σ² + ε) */
static void denormalize_group(const groups *g, real inverse, const real *normalized, real *delta)
{
    real straight = mean(g, delta, NULL), along = mean(g, delta, normalized);
    for (int64_t i = 0; i < g->length; i++)
        delta[i * g->step] = inverse * (delta[i * g->step] - straight - normalized[i * g->step] * along);
}

void naive_denormalize(naive_pass *pass, int l, const real *theta, real *gradient)
{
    const naive_network *net = &pass->net;
    const real *scales = theta + naive_scales_at(net, l);
    int64_t d = net->d[l];
    real *delta = pass->delta[l];
    groups g = groups_of(pass, l), columns = {d, pass->n, 1, d};
    for (int64_t k = 0; k < d && gradient; k++) {
        gradient[naive_scales_at(net, l) + k] = (real)pass->n *
                                                mean(&columns, delta + k, pass->normalized[l] + k);
        gradient[naive_shifts_at(net, l) + k] = (real)pass->n * mean(&columns, delta + k, NULL);
    }
    for (int64_t e = 0; e < pass->n * d; e++)
        delta[e] *= scales[e % d];
    for (int64_t k = 0; k < g.count; k++)
        denormalize_group(&g, pass->inverse[l][k], pass->normalized[l] + k * g.start, delta + k * g.start);
}
