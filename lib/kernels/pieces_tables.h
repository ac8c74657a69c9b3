/* What the tables of pieces.h list, of one compilation. */
#ifndef TL_KERNELS_PIECES_TABLES_H
#define TL_KERNELS_PIECES_TABLES_H

#include "kernels/pieces.h"
#include "kernels/variant.h"

void K(piece_product)(const tl_piece_product *product);
void K(split_left)(int pieces, int64_t rows, int64_t inner, const float *from, int64_t row_step,
                   int64_t inner_step, uint16_t *to, int64_t strip);
void K(split_right)(int pieces, int64_t inner, int64_t cols, const float *from, int64_t ld, uint16_t *to,
                    int64_t strip);

#endif
