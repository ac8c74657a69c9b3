/* A limit of the spectral norm of weights and a penalty on it, by power iterations that go on from step to step. */
#include <math.h>
#include <string.h>

#include "base/philox.h"
#include "base/real.h"
#include "engine/penalty.h"
#include "kernels/kernels.h"

enum { MOST_ITERATIONS = 30, MOST_FOR_PENALTY = 100 };
#define TOLERANCE 1e-3
#define STILL     (4 * REAL_EPSILON)

typedef struct iteration {
    const TL(tl_kernels) * kernels;
    int64_t rows, cols;
    real *weights;
    real *v, *next;
    double *image; /* receives W·v, of the v before an iteration; or NULL */
} iteration;

/* v ← Wᵀ·W·v/‖Wᵀ·W·v‖, row by row: Wᵀ·W·v = Σ_i (w_i·v)·w_i. The result is ‖Wᵀ·W·v‖/‖W·v‖, the norm of W along there; or 0 if
 * that is none, and v stays. *moved receives how far it has moved. */
static double iterate(const iteration *on, double *moved)
{
    double squares = 0;
    *moved = 0;
    memset(on->next, 0, (size_t)on->cols * sizeof *on->next);
    for (int64_t i = 0; i < on->rows; i++) {
        const real *row = on->weights + i * on->cols;
        double stretched = on->kernels->dot(on->cols, 1, row, on->v);
        squares += stretched * stretched;
        if (on->image != NULL)
            on->image[i] = stretched;
        on->kernels->axpy(on->cols, stretched, row, on->next);
    }
    const double length = on->kernels->norm(on->cols, on->next);
    if (!(isfinite(length + squares) && length > 0 && squares > 0))
        return 0;
    for (int64_t j = 0; j < on->cols; j++) {
        const double to = (double)on->next[j] / length, by = to - (double)on->v[j];
        on->v[j] = (real)to;
        *moved += by * by;
    }
    *moved = sqrt(*moved);
    return length / sqrt(squares);
}

/* Iterates until that changes by little: twice, where W has changed by little since the iterations that these go on from. */
static double settle(const iteration *on, bool goes_on)
{
    double moved, norm = iterate(on, &moved), before = 0;
    for (int i = 1; i < MOST_ITERATIONS && !(goes_on && fabs(norm - before) <= TOLERANCE * norm); i++) {
        before = norm;
        norm = iterate(on, &moved);
    }
    return norm;
}

/* Iterates until v stands still. */
static double converge(const iteration *on)
{
    double moved = 1, norm = 0;
    for (int i = 0; i < MOST_FOR_PENALTY && moved > STILL; i++)
        norm = iterate(on, &moved);
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

/* Where the iterations of layer l stand comes to v, and is drawn if there have been none: of another length than 1, as a file may
 * have it, it is nothing. Returns whether there have been any. */
static bool fetch(const iteration *on, const talus_network *network, int64_t l)
{
    const double *direction = network->layers[l].direction;
    bool any = false, fits = true;
    for (int64_t j = 0; j < on->cols; j++) {
        on->v[j] = (real)direction[j];
        any |= direction[j] != 0;
        fits &= fabs(direction[j]) <= 2;
    }
    if (!(any && fits))
        draw(on, (uint64_t)network->seed, (uint32_t)l);
    return any && fits;
}

/* The iterations of layer l, in the room of a worker. */
static iteration begin(const tl_pass *pass, int64_t l, int worker)
{
    const talus_workspace *workspace = pass->workspace;
    const tl_part *part = tl_layer_part(&pass->network->layers[l], TALUS_PART_WEIGHTS);
    real *room = (real *)workspace->directions + 2 * workspace->direction_size * worker;
    return (iteration){.kernels = workspace->kernels,
                       .rows = part->rows,
                       .cols = part->cols,
                       .weights = (real *)pass->network->parameters + part->offset,
                       .v = room,
                       .next = room + workspace->direction_size};
}

/* Numbers that are too large for WᵀWv have an infinite norm. */
void TL(tl_run_spectral_penalty)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    tl_spectral_slope *slope = &pass->workspace->levels[index + 1].spectral;
    if (pass->network->layers[index + 1].spectral_penalty == 0)
        return;
    iteration on = begin(pass, index + 1, worker);
    on.v = slope->right, on.image = slope->left;
    const bool goes_on = fetch(&on, pass->network, index + 1);
    double squares = 0, moved;
    slope->norm = goes_on && pass->follows ? iterate(&on, &moved) : converge(&on);
    for (int64_t i = 0; i < on.rows; i++)
        squares += on.image[i] * on.image[i];
    for (int64_t i = 0; i < on.rows; i++)
        on.image[i] = slope->norm > 0 ? on.image[i] * (slope->norm / sqrt(squares)) : 0;
    if (!isfinite(on.kernels->norm(on.cols, on.next) + squares))
        slope->norm = INFINITY;
}

void TL(tl_run_spectral_norm)(void *job, int64_t index, int worker)
{
    const tl_pass *pass = job;
    const tl_layer *layer = &pass->network->layers[index + 1];
    const tl_part *part = tl_layer_part(layer, TALUS_PART_WEIGHTS);
    if (layer->spectral_norm == 0 || tl_pass_freezes(pass, part))
        return;
    const iteration on = begin(pass, index + 1, worker);
    const double norm = settle(&on, fetch(&on, pass->network, index + 1));
    for (int64_t i = 0; norm > layer->spectral_norm && i < part->rows * part->cols; i++)
        on.weights[i] = (real)((double)on.weights[i] * (layer->spectral_norm / norm));
    for (int64_t j = 0; pass->trains && j < part->cols; j++) /* else weights that are only shown */
        layer->direction[j] = (double)on.v[j];
}
