/* Random numbers of a training step: a stream of its own for each layer and step, indexed by sample and unit, so that
 * they depend neither on threads nor on tiles. */
#include "base/philox.h"
#include "engine/tile.h"

/* The key of what is drawn for layer l in this step. */
static uint64_t key_of(const tl_pass *pass, tl_purpose purpose, int l)
{
    return tl_random(pass->seed, purpose, (uint32_t)l, (uint64_t)pass->step).first;
}

void TL(tl_drop)(const TL(tl_tile) * tile, int l, int64_t row, int64_t rows, real *a, real *slopes)
{
    uint64_t key = key_of(tile->pass, TL_PURPOSE_DROPOUT, l);
    uint32_t threshold = tl_drop_threshold(tile->pass, l);
    tile->kernels->drop(&(TL(tl_dropout_args)){
        .rows = rows,
        .cols = tile->columns,
        .ld = tile->width,
        .unit = row,
        .sample = tile->pass->step_sample + tile->first,
        .key = {(uint32_t)key, (uint32_t)(key >> 32)},
        .threshold = threshold,
        .scale = (real)(0x1p16 / (0x1p16 - threshold)),
        .a = a,
        .slope = slopes,
        .squares = &tile->extent->activations,
    });
}

void TL(tl_add_noise)(const TL(tl_tile) * tile, real *inputs, int64_t ld)
{
    const tl_pass *pass = tile->pass;
    const int64_t width = tile->levels[0].width;
    const double deviation = pass->network->input_noise;
    uint64_t key = key_of(pass, TL_PURPOSE_NOISE, 0);
    for (int64_t i = 0; i < tile->samples; i++) {
        uint64_t sample = (uint64_t)(pass->step_sample + tile->first + i);
        for (int64_t j = 0; j < width; j += 2) {
            double pair[2];
            tl_normal_pair(tl_random(key, TL_PURPOSE_NOISE, (uint32_t)(j / 2), sample), pair);
            for (int64_t k = 0; k < 2 && j + k < width; k++) {
                real *x = &inputs[i * ld + j + k];
                *x = (real)((double)*x + deviation * pair[k]);
                tile->extent->activations += (double)*x * (double)*x;
            }
        }
    }
}
