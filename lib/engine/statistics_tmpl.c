/* What is made at the barriers of a layer that is normalised over the batch, from what its tiles have collected and in their
 * order. */
#include "base/real.h"
#include "engine/pass.h"

/* Of two sets of samples with means μ, μ′ and Σ (z − μ)² = S, S′: with d = μ′ − μ, the mean is μ + d·n′/(n + n′), and
 * S + S′ + d²·n·n′/(n + n′).   Chan, Golub and LeVeque 1983, eq. 2.1 */
static void add_moments(double n, double more, double mean_of_more, double squares_of_more, double *mean,
                        double *squares)
{
    double d = mean_of_more - *mean, share = more / (n + more);
    *mean += d * share;
    *squares += squares_of_more + d * d * n * share;
}

static void make_statistics(const tl_pass *pass, const tl_level *level)
{
    const tl_batch_statistics *s = &level->statistics;
    const tl_tiling *tiling = &pass->schedule->tiling;
    for (int64_t k = 0; k < level->width; k++)
        s->means[k] = s->squares[k] = 0;
    for (int64_t t = 0; t < tiling->tiles; t++)
        for (int64_t k = 0; k < level->width; k++)
            add_moments((double)(t * tiling->width), (double)tl_tile_samples(tiling, t),
                        s->tile_means[t * level->width + k], s->tile_squares[t * level->width + k],
                        &s->means[k], &s->squares[k]);
    for (int64_t k = 0; k < level->width; k++)
        s->variances[k] = s->squares[k] / (double)pass->samples;
}

/* Running statistics do not depend on Z: nothing of the gradient runs through them. */
static void make_sums(const tl_pass *pass, const tl_level *level)
{
    const tl_batch_statistics *s = &level->statistics;
    const real *shifts = level->sums[TALUS_PART_NORM_SHIFTS], *scales = level->sums[TALUS_PART_NORM_SCALES];
    int64_t tiles = pass->work & TL_STATISTICS ? pass->schedule->tiling.tiles : 0;
    for (int64_t k = 0; k < level->width; k++)
        s->straight[k] = s->along[k] = 0;
    for (int64_t t = 0; t < tiles; t++)
        for (int64_t k = 0; k < level->width; k++) {
            s->straight[k] += (double)shifts[t * level->width + k] / (double)pass->samples;
            s->along[k] += (double)scales[t * level->width + k] / (double)pass->samples;
        }
}

void TL(tl_run_barrier)(const tl_pass *pass, const tl_stage *stage)
{
    const tl_level *level = &pass->workspace->levels[stage->layer];
    if (stage->kind == TL_STAGE_STATISTICS)
        make_statistics(pass, level);
    if (stage->kind == TL_STAGE_SUMS)
        make_sums(pass, level);
}
