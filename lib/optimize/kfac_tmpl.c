#include <math.h>
#include <string.h>

#include "kernels/kernels.h"
#include "linalg/blas_product.h"
#include "linalg/factor.h"
#include "optimize/blocks.h"
#include "optimize/flat_vector.h"
#include "optimize/kfac.h"
#include "optimize/optimizer.h"

/* The numbers of a matrix (W b): of each side, columns and rows, the mean of second moments and its damped inverse, in blocks; as
 * they are kept, and as a step that learns makes them; and the sums of its batch. */
enum { COLUMNS, ROWS, SIDES };
typedef struct kfac {
    tl_blocks sides[SIDES];
    int64_t width; /* of (W b) */
    struct {
        real *moments[SIDES], *inverses[SIDES];
    } kept, made;
    real *sums[SIDES];
    real *gradient, *half,
        *direction; /* (∇W ∇b), times the inverse from the right, and from the left: panels */
    real *products; /* of each tile, gradient and direction */
} kfac;

enum { TILE_ROWS = 128 }; /* most of a tile */

static int64_t tiles_of(const tl_matrix *matrix, tl_blocks columns)
{
    return columns.count * ((matrix->rows + TILE_ROWS - 1) / TILE_ROWS);
}

static real *take(real **from, int64_t count)
{
    real *at = *from;
    *from += count;
    return at;
}

static kfac kfac_of(const talus_optimizer *o, const tl_matrix *matrix)
{
    const int64_t width = matrix->numbers / matrix->rows, numbers = matrix->numbers;
    real *kept = (real *)o->matrices.kept + matrix->kept, *work = (real *)o->matrices.work + matrix->work;
    kfac k = {.sides = {tl_blocks_of(width, o->spec.block), tl_blocks_of(matrix->rows, o->spec.block)},
              .width = width};
    for (int side = 0; side < SIDES; side++) {
        const int64_t count = tl_blocks_numbers(k.sides[side]);
        k.kept.moments[side] = take(&kept, count);
        k.kept.inverses[side] = take(&kept, count);
        k.made.moments[side] = take(&work, count);
        k.made.inverses[side] = take(&work, count);
        k.sums[side] = take(&work, count);
    }
    k.gradient = take(&work, numbers);
    k.half = take(&work, numbers);
    k.direction = take(&work, numbers);
    k.products = take(&work, tiles_of(matrix, k.sides[COLUMNS]));
    return k;
}

/* Those of the step: as it makes them, if it learns. */
static const real *inverses_of(const tl_matrix_job *job, const kfac *k, int side)
{
    return job->flag ? k->made.inverses[side] : k->kept.inverses[side];
}

void *TL(tl_kfac_sums)(const talus_optimizer *optimizer, const tl_matrix *matrix, bool of_rows)
{
    return kfac_of(optimizer, matrix).sums[of_rows ? ROWS : COLUMNS];
}

/* What is learnt ------------------------------------------------------------------------------------------- */

static double trace(tl_blocks blocks, const real *moments)
{
    double sum = 0;
    for (int64_t i = 0; i < blocks.count; i++) {
        const tl_block block = tl_block_at(blocks, i);
        for (int64_t j = 0; j < block.size; j++)
            sum += (double)moments[block.at + j * (block.size + 1)];
    }
    return sum / (double)blocks.length;
}

/* Whether nothing has been learnt of a matrix, as if it was frozen in all steps that learn. */
static bool is_new(const kfac *k)
{
    return trace(k->sides[COLUMNS], k->kept.moments[COLUMNS]) == 0 &&
           trace(k->sides[ROWS], k->kept.moments[ROWS]) == 0;
}

/* 1/n·Σ a·aᵀ and, of deltas that have 1/n in them, n·Σ δ·δᵀ; joined to what is kept, ρ = min(1 − 1/k, β₂) in refresh k; of
 * what is frozen, what is kept. */
static void join(const tl_matrix_job *job, const tl_matrix *matrix, int64_t index, int64_t count)
{
    const talus_optimizer *o = job->optimizer;
    const kfac k = kfac_of(o, matrix);
    const int side = index < k.sides[COLUMNS].count ? COLUMNS : ROWS;
    const tl_block block = tl_block_at(k.sides[side],
                                       side == COLUMNS ? index : index - k.sides[COLUMNS].count);
    const double n = (double)o->matrices.samples, refreshes = (double)(o->steps / o->spec.refresh);
    const bool frozen = tl_matrix_is_frozen(o, matrix);
    const double decay = frozen ? 1 : is_new(&k) ? 0 : fmin(refreshes / (refreshes + 1), o->spec.beta2);
    const real keep = (real)decay, add = (real)((1 - decay) * (side == COLUMNS ? 1 / n : n));
    const real *kept = k.kept.moments[side] + block.at, *sums = k.sums[side] + block.at;
    real *made = k.made.moments[side] + block.at;
    (void)count; /* 1 */
    for (int64_t i = 0; i < block.size; i++)
        for (int64_t j = i * block.size; j <= i * (block.size + 1); j++)
            made[j] = frozen ? kept[j] : keep * kept[j] + add * sums[j];
}

/* √γ·π for the columns' side, √γ/π for the rows', with π² the mean of the eigenvalues of the one over that of the other. */
static double damping_of(const talus_optimizer *o, const kfac *k, int side)
{
    const double columns = trace(k->sides[COLUMNS], k->made.moments[COLUMNS]),
                 rows = trace(k->sides[ROWS], k->made.moments[ROWS]);
    const double pi = columns > 0 && rows > 0 ? sqrt(columns / rows) : 1;
    return sqrt(o->spec.damping) * (side == COLUMNS ? pi : 1 / pi);
}

/* The inverse of a block with the damping on its diagonal; with ten times as much, where roundings leave it indefinite. It solves for the
 * columns of I, which makes products of large triangles; inverting the factor would go column by column. */
static bool invert(int64_t size, const real *moments, double damping, real *factor, real *inverse)
{
    enum { TRIES = 12 };
    const size_t bytes = (size_t)(size * size) * sizeof *inverse;
    for (int tries = 0; tries < TRIES; tries++, damping *= 10) {
        memcpy(factor, moments, bytes);
        for (int64_t i = 0; i < size; i++)
            factor[i * (size + 1)] += (real)damping;
        if (TL(tl_cholesky)(size, factor, size) != 0)
            continue;
        memset(inverse, 0, bytes);
        for (int64_t i = 0; i < size; i++)
            inverse[i * (size + 1)] = 1;
        TL(tl_cholesky_solve)(size, factor, size, size, inverse, size);
        return true;
    }
    return false;
}

/* Moments that cannot be inverted make the step one that is not finite. */
static void solve(const tl_matrix_job *job, const tl_matrix *matrix, int64_t index, int64_t count)
{
    const kfac k = kfac_of(job->optimizer, matrix);
    const int side = index < k.sides[COLUMNS].count ? COLUMNS : ROWS;
    const tl_block block = tl_block_at(k.sides[side],
                                       side == COLUMNS ? index : index - k.sides[COLUMNS].count);
    const real *moments = k.made.moments[side] + block.at;
    real *inverse = k.made.inverses[side] + block.at;
    const double damping = damping_of(job->optimizer, &k, side);
    const TL(tl_kernels) *kernels = job->optimizer->kernels;
    (void)count; /* 1 */
    if (!(isfinite(kernels->largest(block.size * block.size, moments)) && isfinite(damping) &&
          invert(block.size, moments, damping, k.sums[side] + block.at, inverse)))
        inverse[0] = (real)NAN;
}

/* A step --------------------------------------------------------------------------------------------------- */

/* The columns of (W b) that a block takes are a panel, and so many rows of it a tile. */
typedef struct tile {
    tl_block block;
    int64_t first, rows, cols; /* of the tile; of them, those of W */
    int64_t weights,
        bias;    /* where its first weight and its first bias are in the vector; −1: it has no biases */
    int64_t at;  /* where its panel begins in memory for all panels, which lie there one behind the other */
    int64_t row; /* where the tile begins in its panel */
} tile;

static tile tile_at(const kfac *k, const tl_matrix *matrix, int64_t index)
{
    const int64_t panels = k->sides[COLUMNS].count, first = index / panels * TILE_ROWS,
                  left = matrix->rows - first;
    const tl_block block = tl_block_at(k->sides[COLUMNS], index % panels);
    const bool with_biases = block.first + block.size > matrix->cols;
    return (tile){.block = block,
                  .first = first,
                  .rows = left < TILE_ROWS ? left : TILE_ROWS,
                  .cols = block.size - with_biases,
                  .weights = matrix->offset + first * matrix->cols + block.first,
                  .bias = with_biases ? matrix->offset + matrix->rows * matrix->cols + first : -1,
                  .at = matrix->rows * block.first,
                  .row = first * block.size};
}

static int64_t tiles(const tl_matrix_job *job, const tl_matrix *matrix)
{
    return tiles_of(matrix, kfac_of(job->optimizer, matrix).sides[COLUMNS]);
}

/* Where the gradient and the direction of a tile are: in the vectors, unless there are biases or the gradient is not taken as it is;
 * else in memory of their own. */
typedef struct place {
    bool in_vector;
    const real *gradient;
    real *direction;
    int64_t ld; /* of both */
} place;

static place place_of(const tl_matrix_job *job, const kfac *k, const tl_matrix *matrix, const tile *t)
{
    const talus_optimizer *o = job->optimizer;
    const int64_t count = (t->rows - 1) * matrix->cols + t->cols, at = t->at + t->row;
    if (t->bias < 0 && tl_optimizer_takes_all(o, t->weights, count))
        return (place){true, (const real *)job->gradient + t->weights,
                       (real *)o->states[TL_MATRIX_DIRECTION] + t->weights, matrix->cols};
    return (place){false, k->gradient + at, k->direction + at, t->block.size};
}

/* A tile of (∇W ∇b). */
static void take_gradient(const tl_matrix_job *job, const tl_matrix *matrix, const tile *t, real *to)
{
    const real *g = (const real *)job->gradient;
    for (int64_t i = 0; i < t->rows; i++, to += t->block.size) {
        const int64_t at = t->weights + i * matrix->cols;
        TL(tl_optimizer_take)(job->optimizer, at, t->cols, g + at, to);
        if (t->bias >= 0)
            TL(tl_optimizer_take)(job->optimizer, t->bias + i, 1, g + t->bias + i, to + t->cols);
    }
}

static void give_direction(const tl_matrix_job *job, const tl_matrix *matrix, const tile *t, const real *from)
{
    real *d = (real *)job->optimizer->states[TL_MATRIX_DIRECTION];
    for (int64_t i = 0; i < t->rows; i++, from += t->block.size) {
        memcpy(d + t->weights + i * matrix->cols, from, (size_t)t->cols * sizeof *d);
        if (t->bias >= 0)
            d[t->bias + i] = from[t->cols];
    }
}

/* A tile, times the inverse of its columns. */
static void divide_right(const tl_matrix_job *job, const tl_matrix *matrix, int64_t index, int64_t count)
{
    const kfac k = kfac_of(job->optimizer, matrix);
    const tile t = tile_at(&k, matrix, index);
    const place p = place_of(job, &k, matrix, &t);
    const int64_t size = t.block.size;
    (void)count; /* 1 */
    if (!p.in_vector)
        take_gradient(job, matrix, &t, k.gradient + t.at + t.row);
    TL(tl_product)
    (t.rows, size, size, p.gradient, p.ld, inverses_of(job, &k, COLUMNS) + t.block.at, size, 0,
     k.half + t.at + t.row, size);
}

/* And times the inverse of its rows, from the left. */
static void divide_left(const tl_matrix_job *job, const tl_matrix *matrix, int64_t index, int64_t count)
{
    const kfac k = kfac_of(job->optimizer, matrix);
    const tile t = tile_at(&k, matrix, index);
    const place p = place_of(job, &k, matrix, &t);
    const TL(tl_kernels) *kernels = job->optimizer->kernels;
    real sums[TILE_ROWS];
    double sum = 0;
    (void)count; /* 1 */
    TL(tl_blocks_left)
    (k.sides[ROWS], inverses_of(job, &k, ROWS), false, t.block.size, k.half + t.at, t.block.size, t.first,
     t.rows, p.direction, p.ld);
    kernels->dot_rows(t.rows, t.block.size, p.gradient, p.direction, p.ld, sums);
    for (int64_t i = 0; i < t.rows; i++)
        sum += (double)sums[i];
    k.products[index] = (real)sum;
    if (!p.in_vector)
        give_direction(job, matrix, &t, p.direction);
}

/* ν = min(1, √(κ/(η²·Σ D·∇C))) */
static double clip(const talus_optimizer *o)
{
    double sum = 0;
    for (int64_t m = 0; m < o->matrices.count; m++) {
        const tl_matrix *matrix = &o->matrices.list[m];
        const kfac k = kfac_of(o, matrix);
        for (int64_t i = 0; i < tiles_of(matrix, k.sides[COLUMNS]); i++)
            sum += (double)k.products[i];
    }
    const double length = o->spec.rate * o->spec.rate * sum;
    return o->spec.kl_clip > 0 && length > o->spec.kl_clip ? sqrt(o->spec.kl_clip / length) : 1;
}

void TL(tl_kfac_direct)(const talus_optimizer *optimizer, const void *gradient)
{
    tl_matrix_job job = {.optimizer = optimizer, .gradient = gradient, .flag = tl_kfac_learns(optimizer)},
                  blocks = {.optimizer = optimizer, .slab = 1};
    const tl_vectors space = {optimizer->context, optimizer->precision, optimizer->count, optimizer->kernels};
    real *d = (real *)optimizer->states[TL_MATRIX_DIRECTION];
    if (job.flag) {
        tl_matrix_run(blocks, tl_kfac_blocks, join);
        tl_matrix_run(blocks, tl_kfac_blocks, solve);
    }
    job.slab = 1;
    tl_matrix_run(job, tiles, divide_right);
    tl_matrix_run(job, tiles, divide_left);
    const double factor = clip(optimizer);
    if (factor < 1)
        tl_vector_combine(&space, factor, d, 0, d, d);
}

/* What the step that was made has learnt is kept. */
void TL(tl_kfac_learn)(const talus_optimizer *optimizer)
{
    if ((optimizer->steps - 1) % optimizer->spec.refresh != 0)
        return;
    for (int64_t m = 0; m < optimizer->matrices.count; m++) {
        const kfac k = kfac_of(optimizer, &optimizer->matrices.list[m]);
        for (int side = 0; side < SIDES; side++) {
            const size_t bytes = (size_t)tl_blocks_numbers(k.sides[side]) * sizeof(real);
            memcpy(k.kept.moments[side], k.made.moments[side], bytes);
            memcpy(k.kept.inverses[side], k.made.inverses[side], bytes);
        }
    }
}
