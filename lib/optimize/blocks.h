/* Matrices that are 0 but for square blocks on their diagonal. Template header.
 *
 * A side of `length` numbers that is longer than was asked for is divided into `count` blocks, about equal; where they may be so long, in
 * units of 16 numbers, which fill the registers of products. The blocks stand one behind the other, each by rows. */
#ifndef TL_OPTIMIZE_BLOCKS_H
#define TL_OPTIMIZE_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef TL_PRECISION
#include "base/real.h"
#endif

typedef struct tl_blocks {
    int64_t length, count, unit;
} tl_blocks;

typedef struct tl_block {
    int64_t first, size; /* of the side */
    int64_t at;          /* where its numbers begin */
} tl_block;

enum { TL_BLOCK_UNIT = 16 };

static inline int64_t tl_blocks_units(tl_blocks blocks)
{
    return (blocks.length + blocks.unit - 1) / blocks.unit;
}

static inline tl_blocks tl_blocks_of(int64_t length, int64_t most)
{
    tl_blocks blocks = {length, 1, most < TL_BLOCK_UNIT ? 1 : TL_BLOCK_UNIT};
    const int64_t units = most / blocks.unit;
    if (length > most)
        blocks.count = (tl_blocks_units(blocks) + units - 1) / units;
    return blocks;
}

/* The last block takes what there is of its last unit. */
static inline int64_t tl_blocks_first(tl_blocks blocks, int64_t index)
{
    const int64_t units = tl_blocks_units(blocks), share = units / blocks.count, more = units % blocks.count,
                  first = (index * share + (index < more ? index : more)) * blocks.unit;
    return first < blocks.length ? first : blocks.length;
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
