/* The table of pieces of one compilation. */
#include "kernels/pieces_tables.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

extern const tl_piece_kernels K(piece_kernels);

const tl_piece_kernels K(piece_kernels) = {
    .name = TEXT(TL_VARIANT),
    .product = K(piece_product),
    .split_left = TL_SPLIT(split_left),
    .split_right = TL_SPLIT(split_right),
#ifdef TL_PIECES_BY_TILES
    .begin = K(piece_begin),
    .end = K(piece_end),
#endif
};
