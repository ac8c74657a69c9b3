#include <math.h>
#include <string.h>

#include "base/real.h"
#include "kernels/kernels.h"
#include "linalg/blas_product.h"
#include "optimize/flat_vector.h"
#include "optimize/optimizer.h"

/* Five times X ← a·X + (b·X·Xᵀ + c·(X·Xᵀ)²)·X, or the same with Xᵀ·X on the right where that is smaller: all singular values of
 * X, which are at most 1, come near to 1 (Jordan et al. 2024). */
static const double coefficients[] = {3.4445, -4.7750, 2.0315};
enum { ITERATIONS = 5 };

enum { APPLY_ROWS = 128 }; /* of X in a task: a product reads all of X for them */

/* The length of a matrix of zeros in its place; what its direction is multiplied by (Liu et al. 2025). */
#define LEAST_NORM 1e-7
#define MEAN       0.2

/* X is by turns in the direction and in the work space of its matrix, behind which X·Xᵀ and its polynomial stand. */
static real *direction_of(const tl_matrix_job *job, const tl_matrix *matrix)
{
    return (real *)job->optimizer->states[TL_MATRIX_DIRECTION] + matrix->offset;
}

static real *work_of(const tl_matrix_job *job, const tl_matrix *matrix)
{
    return (real *)job->optimizer->matrices.work + matrix->work;
}

static const real *x_of(const tl_matrix_job *job, const tl_matrix *matrix)
{
    return job->flag ? work_of(job, matrix) : direction_of(job, matrix);
}

static real *gram_of(const tl_matrix_job *job, const tl_matrix *matrix)
{
    return work_of(job, matrix) + matrix->rows * matrix->cols;
}

static real *polynomial_of(const tl_matrix_job *job, const tl_matrix *matrix)
{
    const int64_t side = tl_shorter_side(matrix);
    return gram_of(job, matrix) + side * side;
}

/* g + μ·(μ·m + g) */
static void look_ahead(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const int64_t at = matrix->offset + first * matrix->cols, numbers = count * matrix->cols;
    const real *m = (const real *)job->optimizer->states[0] + at, mu = (real)job->optimizer->spec.momentum;
    real *u = (real *)job->optimizer->states[TL_MATRIX_DIRECTION] + at;
    TL(tl_optimizer_take)(job->optimizer, at, numbers, (const real *)job->gradient + at, u);
    for (int64_t i = 0; i < numbers; i++)
        u[i] += mu * (mu * m[i] + u[i]);
}

/* X = U/‖U‖ */
static void normalize(const tl_matrix_job *job)
{
    const talus_optimizer *optimizer = job->optimizer;
    for (int64_t i = 0; i < optimizer->matrices.count; i++) {
        const tl_matrix *matrix = &optimizer->matrices.list[i];
        const tl_vectors space = {optimizer->context, optimizer->precision, matrix->rows * matrix->cols,
                                  optimizer->kernels};
        real *u = direction_of(job, matrix);
        const double norm = tl_vector_norm(&space, u);
        tl_vector_combine(&space, 1 / (norm + LEAST_NORM), u, 0, u, work_of(job, matrix));
    }
}

/* A slab of a symmetric matrix has been made up to its diagonal block: what is left of that is what is above it, too. */
static void mirror(const tl_matrix_job *job, int64_t side, int64_t first, int64_t count, real *matrix)
{
    const TL(tl_kernels) *kernels = job->optimizer->kernels;
    if (first > 0)
        kernels->transpose(count, first, matrix + first * side, side, matrix + first, side);
}

/* S = X·Xᵀ, or Xᵀ·X */
static void multiply(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const int64_t r = matrix->rows, c = matrix->cols, side = tl_shorter_side(matrix), end = first + count;
    const real *x = x_of(job, matrix);
    real *gram = gram_of(job, matrix), *rows = gram + first * side;
    if (r <= c)
        TL(tl_product_by_transposed)(count, end, c, x + first * c, c, x, c, 0, rows, side);
    else
        TL(tl_product_transposed)(count, end, r, x + first, c, x, c, 0, rows, side);
    mirror(job, side, first, count, gram);
}

/* a·I + b·S + c·S² */
static void take_polynomial(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const int64_t side = tl_shorter_side(matrix), end = first + count;
    const real *gram = gram_of(job, matrix), *rows = gram + first * side;
    const real a = (real)job->factors[0], b = (real)job->factors[1], c = (real)job->factors[2];
    real *polynomial = polynomial_of(job, matrix), *to = polynomial + first * side;
    TL(tl_product)(count, end, side, rows, side, gram, side, 0, to, side);
    for (int64_t i = 0; i < count; i++) {
        for (int64_t j = 0; j < end; j++)
            to[i * side + j] = c * to[i * side + j] + b * rows[i * side + j];
        to[i * side + first + i] += a;
    }
    mirror(job, side, first, count, polynomial);
}

static void apply(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const int64_t r = matrix->rows, c = matrix->cols;
    const real *x = x_of(job, matrix), *polynomial = polynomial_of(job, matrix);
    real *to = (job->flag ? direction_of(job, matrix) : work_of(job, matrix)) + first * c;
    if (r <= c)
        TL(tl_product)(count, c, r, polynomial + first * r, r, x, c, 0, to, c);
    else
        TL(tl_product)(count, c, c, x + first * c, c, polynomial, c, 0, to, c);
}

/* 0.2·√max(rows, cols): the mean square of the direction's numbers is about 0.2², as of Adam's. */
static void scale(const tl_matrix_job *job, const tl_matrix *matrix, int64_t first, int64_t count)
{
    const int64_t longer = matrix->rows > matrix->cols ? matrix->rows : matrix->cols;
    const real factor = (real)(MEAN * sqrt((double)longer));
    real *d = direction_of(job, matrix) + first * matrix->cols;
    for (int64_t i = 0; i < count * matrix->cols; i++)
        d[i] *= factor;
}

void TL(tl_muon_direct)(const talus_optimizer *optimizer, const void *gradient)
{
    tl_matrix_job job = {.optimizer = optimizer, .gradient = gradient, .flag = true};
    memcpy(job.factors, coefficients, sizeof coefficients);
    tl_matrix_run(job, tl_matrix_rows, look_ahead);
    normalize(&job);
    for (int k = 0; k < ITERATIONS; k++, job.flag = !job.flag) { /* an odd number of times */
        tl_matrix_job tall = job;
        tall.slab = APPLY_ROWS;
        tl_matrix_run(job, tl_matrix_shorter, multiply);
        tl_matrix_run(job, tl_matrix_shorter, take_polynomial);
        tl_matrix_run(tall, tl_matrix_rows, apply);
    }
    tl_matrix_run(job, tl_matrix_rows, scale);
}
