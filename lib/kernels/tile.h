/* The size of a tile that kernels can count on. */
#ifndef TL_KERNELS_TILE_H
#define TL_KERNELS_TILE_H

/* The most columns that a tile may have. */
#define TL_TILE_COLS 128

/* Products are fastest with multiples of so many rows. */
#define TL_BLOCK_ROWS 6

#endif
