#include "optimize/blocks.h"

#include "linalg/blas_product.h"

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void TL(tl_blocks_left)(tl_blocks blocks, const real *d, bool transposed, int64_t cols, const real *b,
                        int64_t ldb, int64_t first, int64_t count, real *to, int64_t ldc)
{
    const int64_t end = first + count;
    for (int64_t i = 0; i < blocks.count; i++) {
        const tl_block block = tl_block_at(blocks, i);
        const int64_t from = first > block.first ? first : block.first,
                      rows = smaller(end, block.first + block.size) - from, row = from - block.first;
        if (rows <= 0)
            continue;
        const real *numbers = d + block.at, *right = b + block.first * ldb;
        real *c = to + (from - first) * ldc;
        if (transposed)
            TL(tl_product_transposed)
        (rows, cols, block.size, numbers + row, block.size, right, ldb, 0, c, ldc);
        else TL(tl_product)(rows, cols, block.size, numbers + row * block.size, block.size, right, ldb, 0, c,
                            ldc);
    }
}

void TL(tl_blocks_right)(tl_blocks blocks, const real *d, bool transposed, int64_t rows, const real *b,
                         real *to)
{
    const int64_t ld = blocks.length;
    for (int64_t i = 0; i < blocks.count; i++) {
        const tl_block block = tl_block_at(blocks, i);
        const real *numbers = d + block.at, *left = b + block.first;
        if (transposed)
            TL(tl_product_by_transposed)
        (rows, block.size, block.size, left, ld, numbers, block.size, 0, to + block.first, ld);
        else TL(tl_product)(rows, block.size, block.size, left, ld, numbers, block.size, 0, to + block.first,
                            ld);
    }
}
