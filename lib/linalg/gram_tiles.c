#define TL_PRECISION 64 /* all of it */
#include "linalg/gram_tiles.h"

#include "linalg/blas_product.h"
#include "linalg/blas_threads.h"
#include "linalg/factor.h"

enum {
    TILE = 384
}; /* the most columns of a tile of A: two of J for 384 rows and more stay in the cache of a core */

static int64_t tiles_a_side(const tl_gram_block *block)
{
    const int64_t most = block->edge > 0 ? block->edge : TILE;
    return (block->parameters + most - 1) / most;
}

static int64_t edge(const tl_gram_block *block, int64_t tile)
{
    return block->parameters * tile / tiles_a_side(block);
}

/* g += Jᵀ·r in columns first … end − 1 */
static void add_gradient(const tl_gram_block *block, int64_t first, int64_t end)
{
    for (int64_t i = 0; block->residuals != NULL && i < block->rows; i++) {
        const double *row = block->jacobian + i * block->ld, r = block->residuals[i];
        for (int64_t c = first; c < end; c++)
            block->gradient[c] += r * row[c];
    }
}

/* Tile (i, j) of the lower triangle, i ≥ j, row by row. */
static void add_tile(void *job, int64_t task, int worker)
{
    const tl_gram_block *block = job;
    int64_t i = 0;
    (void)worker;
    while ((i + 1) * (i + 2) / 2 <= task)
        i++;
    const int64_t j = task - i * (i + 1) / 2, row = edge(block, i), col = edge(block, j);
    const int64_t rows = edge(block, i + 1) - row, cols = edge(block, j + 1) - col;
    double *to = block->normal + row * block->parameters + col;
    if (i > j) {
        tl_product_transposed_f64(rows, cols, block->rows, block->jacobian + row, block->ld,
                                  block->jacobian + col, block->ld, 1, to, block->parameters);
        return;
    }
    tl_gram_f64(block->rows, cols, block->jacobian + col, block->ld, 1, to, block->parameters);
    add_gradient(block, col, col + cols);
}

void tl_gram_add(talus_context *context, const tl_gram_block *block)
{
    const int64_t side = tiles_a_side(block), tasks = side * (side + 1) / 2;
    tl_blas_run(context->pool, add_tile, (void *)block, tasks);
}
