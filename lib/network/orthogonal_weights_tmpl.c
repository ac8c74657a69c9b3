/* Random orthogonal matrices. Mezzadri 2007, How to generate random matrices from the classical compact groups,
 * arXiv:math-ph/0609050, section 5: the Q of a Gaussian M = Q·R is uniform if the diagonal of R is positive, and the sign
 * that LAPACK leaves there is not. */
#include "base/real.h"
#include "linalg/factor.h"
#include "network/initialize.h"

static int64_t rank_of(const tl_part *part)
{
    return part->rows < part->cols ? part->rows : part->cols;
}

static int64_t work_of(const tl_part *part)
{
    return (part->rows <= part->cols ? TL(tl_rows_orthogonal_work)
                                     : TL(tl_columns_orthogonal_work))(part->rows, part->cols);
}

size_t TL(tl_orthogonal_room)(const tl_part *part)
{
    return (size_t)(2 * rank_of(part) + work_of(part)) * sizeof(real);
}

void TL(tl_orthogonalize)(const tl_part *part, double gain, void *parameters, void *room)
{
    const int64_t rows = part->rows, cols = part->cols, rank = rank_of(part), count = work_of(part);
    const bool wide = rows <= cols;
    real *q = (real *)parameters + part->offset, *factors = room, *tau = factors + rank, *work = tau + rank;
    (wide ? TL(tl_rows_factor) : TL(tl_columns_factor))(rows, cols, q, cols, tau, work, count);
    for (int64_t i = 0; i < rank; i++)
        factors[i] = (real)(q[i * cols + i] < 0 ? -gain : gain);
    (wide ? TL(tl_rows_form) : TL(tl_columns_form))(rows, cols, q, cols, tau, work, count);
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < cols; j++)
            q[i * cols + j] *= factors[wide ? i : j];
}
