#include <math.h>

#include "linalg/blas_product.h"
#include "linalg/factor.h"
#include "optimize/blocks.h"
#include "optimize/optimizer.h"
#include "optimize/soap.h"

/* The numbers of a matrix. Kept: the means L of G·Gᵀ and R of Gᵀ·G, and the bases, whose rows are eigenvectors of L and R. */
typedef struct soap {
    tl_blocks rows, cols;
    real *l, *r, *basis_l, *basis_r;
    real *gradient, *left, *right; /* G, and two between a product from the right and one from the left */
    real *room;                    /* of the blocks, for their factorisations */
    real *mean, *direction, *projected; /* M, N; the gradient in the bases, G′ */
} soap;

static soap soap_of(const tl_matrix_job *job, const tl_matrix *matrix)
{
    const talus_optimizer *o = job->optimizer;
    const int64_t numbers = matrix->rows * matrix->cols;
    soap s = {.rows = tl_blocks_of(matrix->rows, o->spec.block),
              .cols = tl_blocks_of(matrix->cols, o->spec.block)};
    s.l = (real *)o->matrices.kept + matrix->kept;
    s.r = s.l + tl_blocks_numbers(s.rows);
    s.basis_l = s.r + tl_blocks_numbers(s.cols);
    s.basis_r = s.basis_l + tl_blocks_numbers(s.rows);
    s.gradient = (real *)o->matrices.work + matrix->work;
    s.left = s.gradient + numbers;
    s.right = s.left + numbers;
    s.room = s.right + numbers;
    s.mean = (real *)o->states[0] + matrix->offset;
    s.direction = (real *)o->states[TL_MATRIX_DIRECTION] + matrix->offset;
    s.projected = (real *)o->states[TL_SOAP_PROJECTED] + matrix->offset;
    return s;
}

/* Memory ---------------------------------------------------------------------------------------------------- */

/* What a block needs for its factorisations: a matrix, the numbers that complete it, work and counts, an int32_t each. The work is what
 * LAPACK documents for eigenvectors; its orthogonal factors need less. */
static int64_t block_work(int64_t size)
{
    return 1 + 6 * size + 2 * size * size;
}

static int64_t block_room(int64_t size)
{
    return size * size + size + block_work(size) + TL(tl_eigen_counts)(size);
}

static int64_t room_before(tl_blocks blocks, int64_t index)
{
    int64_t room = 0;
    for (int64_t i = 0; i < index; i++)
        room += block_room(tl_block_at(blocks, i).size);
    return room;
}

int64_t TL(tl_soap_room)(tl_blocks blocks)
{
    return room_before(blocks, blocks.count);
}

/* The bases are I at first. */
void TL(tl_soap_begin)(const talus_optimizer *optimizer)
{
    const tl_matrix_job job = {.optimizer = optimizer};
    for (int64_t i = 0; i < optimizer->matrices.count; i++) {
        const soap s = soap_of(&job, &optimizer->matrices.list[i]);
        for (int side = 0; side < 2; side++) {
            const tl_blocks blocks = side == 0 ? s.rows : s.cols;
            for (int64_t k = 0; k < blocks.count; k++) {
                const tl_block block = tl_block_at(blocks, k);
                for (int64_t j = 0; j < block.size; j++)
                    (side == 0 ? s.basis_l : s.basis_r)[block.at + j * (block.size + 1)] = 1;
            }
        }
    }
}

/* A step --------------------------------------------------------------------------------------------------- */

/* G and M = β₁·m + (1−β₁)·G from the right, into the basis of the columns. */
static void turn_right(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const soap s = soap_of(job, matrix);
    const int64_t at = first * matrix->cols, numbers = count * matrix->cols;
    const real decay = (real)job->optimizer->spec.beta1, take = (real)(1 - job->optimizer->spec.beta1);
    TL(tl_optimizer_take)
    (job->optimizer, matrix->offset + at, numbers, (const real *)job->gradient + matrix->offset + at,
     s.gradient + at);
    for (int64_t i = at; i < at + numbers; i++)
        s.direction[i] = decay * s.mean[i] + take * s.gradient[i];
    TL(tl_blocks_right)(s.cols, s.basis_r, true, count, s.gradient + at, s.left + at);
    TL(tl_blocks_right)(s.cols, s.basis_r, true, count, s.direction + at, s.right + at);
}

/* Then from the left; and Adam's quotient, M′/(√V + ε) with V of G′. */
static void turn_left(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const soap s = soap_of(job, matrix);
    const int64_t at = first * matrix->cols, numbers = count * matrix->cols;
    const double *c = job->optimizer->factors.settings[0].coefficients;
    const real decay = (real)c[TL_ADAM_DECAY_2], take = (real)c[TL_ADAM_TAKE_2],
               epsilon = (real)c[TL_ADAM_EPSILON];
    const real *squares = (const real *)job->optimizer->states[1] + matrix->offset;
    TL(tl_blocks_left)
    (s.rows, s.basis_l, false, matrix->cols, s.left, matrix->cols, first, count, s.projected + at,
     matrix->cols);
    TL(tl_blocks_left)
    (s.rows, s.basis_l, false, matrix->cols, s.right, matrix->cols, first, count, s.direction + at,
     matrix->cols);
    for (int64_t i = at; i < at + numbers; i++) {
        const real v = decay * squares[i] + take * (s.projected[i] * s.projected[i]);
        s.direction[i] /= (real)sqrt((double)v) + epsilon;
    }
}

static void turn_back_right(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const soap s = soap_of(job, matrix);
    const int64_t at = first * matrix->cols;
    TL(tl_blocks_right)(s.cols, s.basis_r, false, count, s.direction + at, s.right + at);
}

static void turn_back_left(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const soap s = soap_of(job, matrix);
    TL(tl_blocks_left)
    (s.rows, s.basis_l, true, matrix->cols, s.right, matrix->cols, first, count,
     s.direction + first * matrix->cols, matrix->cols);
}

void TL(tl_soap_direct)(const talus_optimizer *optimizer, const void *gradient)
{
    tl_matrix_job job = {.optimizer = optimizer, .gradient = gradient};
    tl_matrix_run(job, tl_matrix_rows, turn_right);
    tl_matrix_run(job, tl_matrix_rows, turn_left);
    tl_matrix_run(job, tl_matrix_rows, turn_back_right);
    tl_matrix_run(job, tl_matrix_rows, turn_back_left);
}

/* What is learnt ------------------------------------------------------------------------------------------- */

/* √(1−β₂)·G */
static void scale(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const real factor = (real)sqrt(1 - job->optimizer->spec.beta2);
    real *g = soap_of(job, matrix).gradient;
    for (int64_t i = first * matrix->cols; i < (first + count) * matrix->cols; i++)
        g[i] *= factor;
}

/* The eigenvectors of what is kept, as rows, those of the largest values first. */
static void solve(int64_t size, const real *kept, real *basis, real *room)
{
    real *matrix = room, *values = matrix + size * size, *work = values + size;
    const int64_t count = block_work(size), counts = TL(tl_eigen_counts)(size);
    for (int64_t i = 0; i < size * size; i++)
        matrix[i] = kept[i];
    if (!TL(tl_eigen)(size, matrix, size, true, values, work, count, (int32_t *)(work + count), counts))
        return;
    for (int64_t i = 0; i < size; i++)
        for (int64_t j = 0; j < size; j++)
            basis[i * size + j] = matrix[(size - 1 - i) * size + j];
}

/* One step of the power iteration, and Gram and Schmidt. */
static void turn(int64_t size, const real *kept, real *basis, real *room)
{
    real *matrix = room, *tau = matrix + size * size, *work = tau + size;
    const int64_t count = block_work(size);
    TL(tl_product)(size, size, size, basis, size, kept, size, 0, matrix, size);
    TL(tl_rows_factor)(size, size, matrix, size, tau, work, count);
    TL(tl_rows_form)(size, size, matrix, size, tau, work, count);
    for (int64_t i = 0; i < size * size; i++)
        basis[i] = matrix[i];
}

/* L ← β₂·L + (1−β₂)·G·Gᵀ of a block of rows, or R ← β₂·R + (1−β₂)·Gᵀ·G of one of columns; and their basis, if it is time. */
static void learn_block(const tl_matrix_job *job, const tl_matrix *matrix, int64_t index, int64_t count)
{
    (void)count; /* 1 */
    if (tl_matrix_is_frozen(job->optimizer, matrix))
        return;
    const soap s = soap_of(job, matrix);
    const bool of_rows = index < s.rows.count;
    const tl_blocks blocks = of_rows ? s.rows : s.cols;
    const int64_t number = of_rows ? index : index - s.rows.count, c = matrix->cols;
    const tl_block block = tl_block_at(blocks, number);
    real *kept = (of_rows ? s.l : s.r) + block.at, *basis = (of_rows ? s.basis_l : s.basis_r) + block.at;
    real *room = s.room + (of_rows ? 0 : room_before(s.rows, s.rows.count)) + room_before(blocks, number);
    const real decay = (real)job->optimizer->spec.beta2,
               *g = s.gradient + (of_rows ? block.first * c : block.first);
    for (int64_t i = 0; i < block.size * block.size; i++)
        kept[i] *= decay;
    if (of_rows)
        TL(tl_product_by_transposed)(block.size, block.size, c, g, c, g, c, 1, kept, block.size);
    else
        TL(tl_product_transposed)(block.size, block.size, matrix->rows, g, c, g, c, 1, kept, block.size);
    if (job->factors[0] > 0)
        (job->optimizer->steps == 1 ? solve : turn)(block.size, kept, basis, room);
}

void TL(tl_soap_learn)(const talus_optimizer *optimizer)
{
    const int64_t refresh = optimizer->spec.refresh, steps = optimizer->steps;
    tl_matrix_job job = {.optimizer = optimizer, .slab = 1};
    job.factors[0] = steps == 1 || steps % refresh == 0;
    tl_matrix_job rows = {.optimizer = optimizer};
    tl_matrix_run(rows, tl_matrix_rows, scale);
    tl_matrix_run(job, tl_soap_blocks, learn_block);
}
