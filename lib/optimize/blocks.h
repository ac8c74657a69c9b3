/* Matrices that are 0 but for square blocks on their diagonal. Template header.
 *
 * A side of `length` numbers is divided into `count` blocks, about equal and none longer than was asked for. The blocks stand
 * one behind the other, each by rows. */
#ifndef TL_OPTIMIZE_BLOCKS_H
#define TL_OPTIMIZE_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef TL_PRECISION
#include "base/real.h"
#endif

typedef struct tl_blocks {
    int64_t length, count;
} tl_blocks;

typedef struct tl_block {
    int64_t first, size; /* of the side */
    int64_t at;          /* where its numbers begin */
} tl_block;

static inline tl_blocks tl_blocks_of(int64_t length, int64_t most)
{
    return (tl_blocks){length, (length + most - 1) / most};
}

static inline int64_t tl_blocks_first(tl_blocks blocks, int64_t index)
{
    return index * (blocks.length / blocks.count) +
           (index < blocks.length % blocks.count ? index : blocks.length % blocks.count);
}

/* Block `index`; number `count` begins where the last one ends. */
static inline tl_block tl_block_at(tl_blocks blocks, int64_t index)
{
    tl_block block = {0, 0, 0};
    for (int64_t i = 0; i <= index; i++) {
        block.at += block.size * block.size;
        block.first = tl_blocks_first(blocks, i);
        block.size = i < blocks.count ? tl_blocks_first(blocks, i + 1) - block.first : 0;
    }
    return block;
}

static inline int64_t tl_blocks_numbers(tl_blocks blocks)
{
    return tl_block_at(blocks, blocks.count).at;
}

#ifdef TL_PRECISION
/* Rows first … first + count − 1 of C = D·B, or Dᵀ·B, for D of blocks and B (length × cols); to points to the first of them. */
void TL(tl_blocks_left)(tl_blocks blocks, const real *d, bool transposed, int64_t cols, const real *b,
                        int64_t ldb, int64_t first, int64_t count, real *to, int64_t ldc);

/* C = B·D, or B·Dᵀ, for B (rows × length). */
void TL(tl_blocks_right)(tl_blocks blocks, const real *d, bool transposed, int64_t rows, const real *b,
                         real *to);
#endif

#endif
