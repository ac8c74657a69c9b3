/* A limit of the spectral norm of weights, by power iterations that go on from step to step. */
#include <math.h>
#include <string.h>

#include "base/philox.h"
#include "base/real.h"
#include "engine/penalty.h"
#include "kernels/kernels.h"

enum { MOST_ITERATIONS = 30 };
#define TOLERANCE 1e-3

typedef struct iteration {
    const TL(tl_kernels) * kernels;
    int64_t rows, cols;
    real *weights;
    real *v, *next;
} iteration;

/* v ← Wᵀ·W·v/‖Wᵀ·W·v‖, row by row: Wᵀ·W·v = Σ_i (w_i·v)·w_i. The result is ‖Wᵀ·W·v‖/‖W·v‖, the norm of W along there; or 0 if
 * that is none, and v stays. */
static double iterate(const iteration *on)
{
    double squares = 0;
    memset(on->next, 0, (size_t)on->cols * sizeof *on->next);
    for (int64_t i = 0; i < on->rows; i++) {
        const real *row = on->weights + i * on->cols;
        double stretched = on->kernels->dot(on->cols, 1, row, on->v);
        squares += stretched * stretched;
        on->kernels->axpy(on->cols, stretched, row, on->next);
    }
    const double length = on->kernels->norm(on->cols, on->next);
    if (!(isfinite(length) && length > 0 && squares > 0))
        return 0;
    for (int64_t j = 0; j < on->cols; j++)
        on->v[j] = (real)((double)on->next[j] / length);
    return length / sqrt(squares);
}

/* Iterates until that changes by little: twice, where W has changed by little since the iterations that these go on from. */
static double settle(const iteration *on, bool goes_on)
{
    double norm = iterate(on), before = 0;
    for (int i = 1; i < MOST_ITERATIONS && !(goes_on && fabs(norm - before) <= TOLERANCE * norm); i++) {
        before = norm;
        norm = iterate(on);
    }
    return norm;
}

static void draw(const iteration *on, uint64_t seed, uint32_t layer)
{
    double pair[2];
    for (int64_t j = 0; j < on->cols; j++) {
        if (j % 2 == 0)
            tl_normal_pair(tl_random(seed, TL_PURPOSE_DIRECTION, layer, (uint64_t)j / 2), pair);
        on->v[j] = (real)pair[j % 2];
    }
}

/* Where the iterations of a layer stand comes to v; whether there have been any: of another length than 1, as a file may have it, it
 * is nothing. */
static bool fetch(const iteration *on, const double *direction)
{
    bool any = false, fits = true;
    for (int64_t j = 0; j < on->cols; j++) {
        on->v[j] = (real)direction[j];
        any |= direction[j] != 0;
        fits &= fabs(direction[j]) <= 2;
    }
    return any && fits;
}

void TL(tl_run_spectral_norm)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    const talus_workspace *workspace = pass->workspace;
    const tl_layer *layer = &pass->network->layers[index + 1];
    const tl_part *part = tl_layer_part(layer, TALUS_PART_WEIGHTS);
    if (layer->spectral_norm == 0 || tl_pass_freezes(pass, part))
        return;
    real *room = (real *)workspace->directions + 2 * workspace->direction_size * worker;
    const iteration on = {.kernels = workspace->kernels,
                          .rows = part->rows,
                          .cols = part->cols,
                          .weights = (real *)pass->network->parameters + part->offset,
                          .v = room,
                          .next = room + workspace->direction_size};
    const bool goes_on = fetch(&on, layer->direction);
    if (!goes_on)
        draw(&on, (uint64_t)pass->network->seed, (uint32_t)index + 1);
    const double norm = settle(&on, goes_on);
    for (int64_t i = 0; norm > layer->spectral_norm && i < part->rows * part->cols; i++)
        on.weights[i] = (real)((double)on.weights[i] * (layer->spectral_norm / norm));
    for (int64_t j = 0; pass->trains && j < part->cols; j++) /* else weights that are only shown */
        layer->direction[j] = (double)on.v[j];
}
