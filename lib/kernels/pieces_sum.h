/* What all products of pieces have in common: which products there are, how the inner index is cut into stretches, and how
 * the sums of a stretch come into C. */
#ifndef TL_KERNELS_PIECES_SUM_H
#define TL_KERNELS_PIECES_SUM_H

#include "kernels/pieces.h"

/* The products of low pieces, in an order in which each shares a piece with the one before it. x1·y1 comes after them. */
enum { TL_LOW_PRODUCTS = 5 };
typedef struct tl_low_products {
    int count;
    struct {
        int left, right; /* pieces, from 0 */
    } of[TL_LOW_PRODUCTS];
} tl_low_products;
static const tl_low_products tl_low_products_of[TL_MOST_PIECES + 1] = {
    [2] = {2, {{1, 0}, {0, 1}}},
    [3] = {5, {{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}}},
};

/* Steps of the inner index that are summed at once: several short parts, or so many steps of one. */
typedef struct tl_stretch {
    int64_t part, step, parts, steps;
} tl_stretch;

enum { TL_STRETCH_STEPS = 16, TL_STRETCH_TILES = TL_STRETCH_STEPS / 2 * TL_MOST_PIECES };

static inline tl_stretch tl_stretch_from(const tl_piece_product *x, int64_t part, int64_t step)
{
    int64_t most = x->pieces == 1 ? TL_STRETCH_STEPS : TL_STRETCH_STEPS / 2;
    int64_t steps = x->steps - step, parts = x->steps < most ? most / x->steps : 1, left = x->parts - part;
    return (tl_stretch){part, step, parts < left ? parts : left, steps < most ? steps : most};
}

/* After the last, part is that of the end. */
static inline tl_stretch tl_stretch_after(const tl_piece_product *x, const tl_stretch *s)
{
    int64_t step = s->step + s->steps;
    return step < x->steps ? tl_stretch_from(x, s->part, step) : tl_stretch_from(x, s->part + s->parts, 0);
}

/* The sums of a stretch for a block of C, by rows. */
enum { TL_PIECE_SUMS = TL_PIECE_SIDE * TL_PIECE_SIDE };

static inline bool tl_sums_are_finite(const float *sums)
{
    float zero = 0;
    for (int i = 0; i < TL_PIECE_SUMS; i++)
        zero += 0 * sums[i];
    return zero == 0;
}

/* Those of first pieces alone, where a sum is not finite. */
static inline void tl_take_first(float *sums, const float *first)
{
    for (int i = 0; i < TL_PIECE_SUMS; i++)
        if (!(0 * sums[i] == 0))
            sums[i] = first[i];
}

/* The block at (i, j) of C ← sums, or C + sums. */
static inline void tl_sums_into_c(const tl_piece_product *x, int64_t i, int64_t j, bool add,
                                  const float *sums)
{
    const int64_t rows = x->m - i < TL_PIECE_SIDE ? x->m - i : TL_PIECE_SIDE;
    const int64_t cols = x->n - j < TL_PIECE_SIDE ? x->n - j : TL_PIECE_SIDE;
    for (int64_t r = 0; r < rows; r++, sums += TL_PIECE_SIDE) {
        float *c = x->c + (i + r) * x->ldc + j;
        if (cols == TL_PIECE_SIDE)
            for (int q = 0; q < TL_PIECE_SIDE; q++)
                c[q] = add ? c[q] + sums[q] : sums[q];
        else
            for (int64_t q = 0; q < cols; q++)
                c[q] = add ? c[q] + sums[q] : sums[q];
    }
}

#endif
