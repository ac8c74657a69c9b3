/* The table of pieces of one compilation. */
#include "kernels/pieces_tables.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

extern const tl_piece_kernels K(piece_kernels);

const tl_piece_kernels K(piece_kernels) = {
    .name = TEXT(TL_VARIANT),
    .product = K(piece_product),
    .split_left = K(split_left),
    .split_right = K(split_right),
};
