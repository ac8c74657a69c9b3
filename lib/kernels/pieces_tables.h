/* What the tables of pieces.h list. TL_SPLITS is the variant whose functions cut numbers into pieces. */
#ifndef TL_KERNELS_PIECES_TABLES_H
#define TL_KERNELS_PIECES_TABLES_H

#include "kernels/pieces.h"
#include "kernels/variant.h"

#ifndef TL_SPLITS
#define TL_SPLITS TL_VARIANT
#endif
#define TL_SPLIT(name) TL_PASTE(name, TL_PRECISION, TL_SPLITS)

void K(piece_product)(const tl_piece_product *product);
void K(piece_begin)(void);
void K(piece_end)(void);
void TL_SPLIT(split_left)(int pieces, int64_t rows, int64_t inner, const float *from, int64_t row_step,
                          int64_t inner_step, uint16_t *to, int64_t strip);
void TL_SPLIT(split_right)(int pieces, int64_t inner, int64_t cols, const float *from, int64_t ld,
                           uint16_t *to, int64_t strip);

#endif
