#include <string.h>

#include "base/real.h"
#include "engine/moments.h"
#include "linalg/blas_product.h"
#include "linalg/factor.h"

/* Δ_l lies in tiles of features × samples. Below the layers that learn there is none. */
static void sum_deltas(const tl_pass *pass, const tl_moment *moment)
{
    const tl_level *level = &pass->workspace->levels[moment->layer];
    const tl_tiling *tiling = &pass->schedule->tiling;
    const int64_t size = moment->size, width = tiling->width;
    if (moment->layer < pass->lowest) {
        memset(moment->sum, 0, (size_t)(size * size) * sizeof(real));
        return;
    }
    for (int64_t t = 0; t < tiling->tiles; t++) {
        const real *u = (const real *)level->deltas + (t * level->width + moment->first) * width;
        TL(tl_product_by_transposed)
        (size, size, tl_tile_samples(tiling, t), u, width, u, width, t > 0 || pass->add ? 1 : 0, moment->sum,
         size);
    }
}

/* The row of the 1: Σ u, and the number of samples. */
static void sum_ones(const tl_pass *pass, const tl_moment *moment, const real *u, int64_t ld)
{
    const int64_t size = moment->size, last = size - 1;
    real *sum = moment->sum;
    for (int64_t j = 0; j < last; j++) {
        double total = 0;
        for (int64_t i = 0; i < pass->samples; i++)
            total += (double)u[i * ld + j];
        sum[last * size + j] = pass->add ? sum[last * size + j] + (real)total : (real)total;
    }
    sum[last * size + last] = (pass->add ? sum[last * size + last] : 0) + (real)pass->samples;
}

/* A_{l−1} lies by samples, one tile behind the other. */
static void sum_inputs(const tl_pass *pass, const tl_moment *moment)
{
    const tl_level *level = &pass->workspace->levels[moment->layer - 1];
    const real *u = (const real *)level->samples + moment->first;
    const bool with_one = moment->first + moment->size > level->width;
    const int64_t count = moment->size - with_one;
    if (count > 0)
        TL(tl_gram)(pass->samples, count, u, level->ld, pass->add ? 1 : 0, moment->sum, moment->size);
    if (with_one)
        sum_ones(pass, moment, u, level->ld);
}

void TL(tl_sum_moment)(const tl_pass *pass, const tl_moment *moment)
{
    (moment->of_deltas ? sum_deltas : sum_inputs)(pass, moment);
}
