#include "diagnose/look.h"

#include <math.h>

#include "kernels/kernels.h"

static const tl_level *level_of(const tl_look *look)
{
    return &look->pass->workspace->levels[look->layer];
}

static const tl_tiling *tiling_of(const tl_look *look)
{
    return &look->pass->schedule->tiling;
}

/* The row of a unit in tile t of an array of features × samples. */
static const real *row_at(const tl_look *look, const void *array, int64_t t, int64_t unit)
{
    return (const real *)array + (t * level_of(look)->width + unit) * tiling_of(look)->width;
}

/* f′ of a unit for the samples of tile t: what the way back makes of a Δ of ones. Dropout keeps f′(Z_l) ⊙ M_l, whose
 * elements are 0 or f′ over the share that stays. */
static void slopes_of(const tl_look *look, int64_t t, int64_t unit, real slopes[TL_TILE_COLS])
{
    const TL(tl_kernels) *kernels = look->pass->workspace->kernels;
    const tl_level *level = level_of(look);
    const tl_layer *layer = &look->pass->network->layers[look->layer];
    const int64_t samples = tl_tile_samples(tiling_of(look), t),
                  at = (t * level->width + unit) * tiling_of(look)->width;
    const bool drops = tl_drops(look->pass, look->layer);
    real sum;
    double squares = 0;
    for (int64_t j = 0; j < samples; j++)
        slopes[j] = drops ? 1 - (real)(tl_drop_threshold(look->pass, look->layer) * 0x1p-16) : 1;
    const TL(tl_activation_args) args = {
        .rows = 1,
        .cols = samples,
        .ld = tiling_of(look)->width,
        .alpha = (real)layer->alpha,
        .a = (real *)level->features + at,
        .slope = level->slopes == NULL ? NULL : (real *)level->slopes + at,
        .delta = slopes,
        .sums = &sum,
        .squares = &squares,
    };
    (drops ? kernels->kept_backward : kernels->activations[layer->activation].backward)(&args);
}

void TL(tl_look_at_unit)(const tl_look *look, int64_t i, double little, tl_unit_look *unit)
{
    const TL(tl_kernels) *kernels = look->pass->workspace->kernels;
    const bool drops = tl_drops(look->pass, look->layer);
    real slopes[TL_TILE_COLS];
    for (int64_t t = 0; t < tiling_of(look)->tiles; t++) {
        const int64_t samples = tl_tile_samples(tiling_of(look), t);
        const real *deltas = row_at(look, level_of(look)->deltas, t, i);
        int64_t zero = 0, below = 0;
        unit->squares += kernels->dot(samples, 1, deltas, deltas);
        if (little < 0)
            continue;
        slopes_of(look, t, i, slopes);
        kernels->count_small(samples, slopes, little, &zero, &below);
        unit->lives |= zero < samples;
        unit->seen += samples - (drops ? zero : 0);
        unit->little += below - (drops && little > 0 ? zero : 0);
    }
}

bool TL(tl_find_in_layer)(const tl_look *look, bool deltas, int64_t *row, int64_t *col)
{
    const tl_level *level = level_of(look);
    const void *array = deltas ? level->deltas : level->features;
    for (int64_t t = 0; t < tiling_of(look)->tiles; t++)
        for (int64_t j = 0; j < tl_tile_samples(tiling_of(look), t); j++)
            for (int64_t i = 0; i < level->width; i++)
                if (!isfinite(row_at(look, array, t, i)[j])) {
                    *row = t * tiling_of(look)->width + j;
                    *col = i;
                    return true;
                }
    return false;
}

double TL(tl_recompute_z)(const tl_look *look, int64_t row, int64_t col)
{
    const talus_network *network = look->pass->network;
    const tl_layer *layer = &network->layers[look->layer];
    const tl_level *below = level_of(look) - 1;
    const int64_t width = tiling_of(look)->width, t = row / width, j = row % width;
    const real *a = (const real *)below->features + t * below->width * width + j;
    const real *w = (const real *)network->parameters + tl_layer_part(layer, TALUS_PART_WEIGHTS)->offset +
                    col * layer->inputs;
    const tl_part *biases = tl_layer_part(layer, TALUS_PART_BIASES);
    double z = biases == NULL ? 0 : (double)((const real *)network->parameters)[biases->offset + col];
    for (int64_t k = 0; k < layer->inputs; k++)
        z += (double)w[k] * (double)a[k * width];
    return fabs(z) <= (double)REAL_MAX ? z : z * INFINITY;
}

int64_t TL(tl_find_in_vector)(int64_t count, const void *x)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(((const real *)x)[i]))
            return i;
    return -1;
}

/* In sixteen running sums, whose order the count fixes. */
double TL(tl_sum_change)(void *job, int64_t first, int64_t count)
{
    enum { LANES = 16 };
    const tl_change *change = job;
    const real *before = (const real *)change->before + first, *after = (const real *)change->after + first;
    double sums[LANES] = {0}, sum = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++) {
            const double difference = (double)(after[i + lane] - before[i + lane]);
            sums[lane] += difference * difference;
        }
    for (int lane = 0; i + lane < count; lane++) {
        const double difference = (double)(after[i + lane] - before[i + lane]);
        sums[lane] += difference * difference;
    }
    for (int lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}
