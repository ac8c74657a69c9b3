#include "linalg/parallel_cholesky.h"

#include "linalg/blas_product.h"
#include "linalg/blas_threads.h"
#include "linalg/factor.h"

/* Tile column after tile column, looking right:
 *
 *     L_kk·L_kkᵀ = A_kk        L_ik = A_ik·L_kk⁻ᵀ        A_ij ← A_ij − L_ik·L_jkᵀ        k < j ≤ i
 *
 * The second is a task a tile, the third a task a tile of what remains. */
typedef struct job {
    real *a;
    int64_t n, lda, tile;
    int64_t first, end; /* of column k: its first row, and the row below its tile on the diagonal */
} job;

/* 128 are enough for a product to be fast, and leave the most tasks; larger matrices have enough of them anyway. */
static int64_t tile_of(int64_t n)
{
    return n <= 2048 ? 128 : 256;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static real *at(const job *j, int64_t row, int64_t col)
{
    return j->a + row * j->lda + col;
}

static void solve_tile(void *user, int64_t task, int worker)
{
    const job *j = user;
    const int64_t row = j->end + task * j->tile;
    (void)worker;
    TL(tl_lower_solve)
    (j->end - j->first, at(j, j->first, j->first), j->lda, false, smaller(j->tile, j->n - row),
     at(j, row, j->first), j->lda);
}

/* Tasks count the lower triangle of tiles by rows: row i of it begins at task i·(i + 1)/2. */
static void update_tile(void *user, int64_t task, int worker)
{
    const job *j = user;
    int64_t i = 0;
    while ((i + 1) * (i + 2) / 2 <= task)
        i++;
    const int64_t row = j->end + i * j->tile, col = j->end + (task - i * (i + 1) / 2) * j->tile;
    const int64_t rows = smaller(j->tile, j->n - row), cols = smaller(j->tile, j->n - col);
    (void)worker;
    if (row == col)
        TL(tl_subtract_square)
    (rows, j->end - j->first, at(j, row, j->first), j->lda, at(j, row, col), j->lda);
    else TL(tl_subtract_outer)(rows, cols, j->end - j->first, at(j, row, j->first), j->lda,
                               at(j, col, j->first), j->lda, at(j, row, col), j->lda);
}

int64_t TL(tl_parallel_cholesky)(tl_pool *pool, int64_t n, real *a, int64_t lda)
{
    job j = {.a = a, .n = n, .lda = lda, .tile = tile_of(n)};
    for (; j.first < n; j.first = j.end) {
        j.end = smaller(j.first + j.tile, n);
        int64_t failed = TL(tl_cholesky)(j.end - j.first, at(&j, j.first, j.first), lda);
        if (failed != 0)
            return j.first + failed;
        const int64_t tiles = (n - j.end + j.tile - 1) / j.tile;
        if (tiles == 0)
            return 0;
        tl_blas_run(pool, solve_tile, &j, tiles);
        tl_blas_run(pool, update_tile, &j, tiles * (tiles + 1) / 2);
    }
    return 0;
}
