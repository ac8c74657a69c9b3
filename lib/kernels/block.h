/* The sizes that products, and the plan that cuts them, count on. */
#ifndef TL_KERNELS_BLOCK_H
#define TL_KERNELS_BLOCK_H

/* Columns of tiles come in multiples of this, so that they fill vectors: the lanes of the widest. */
#define TL_COLUMN_STEP 16

/* The most columns that a tile may have. */
#define TL_TILE_COLS 128
_Static_assert(TL_TILE_COLS % TL_COLUMN_STEP == 0, "the widest tile fills vectors");

/* Products are fastest with multiples of so many rows: those of the block of C that stays in registers. */
#define TL_BLOCK_ROWS 6

/* An inner index is divided into pieces of multiples of this, so that unrolled steps leave no rest. */
#define TL_INNER_STEP 8

#endif
