/* Products of pieces by vector registers. Rows of a block of C stay in them for a stretch of the inner index. */
#include <string.h>

#include "base/cache.h"
#include "kernels/pieces_sum.h"
#include "kernels/pieces_tables.h"

enum { SIDE = TL_PIECE_SIDE, INNER = TL_PIECE_INNER, TILE = TL_PIECE_TILE };
enum { VECTORS = SIDE / TL_LANES }; /* in a row of C */

typedef float vector __attribute__((vector_size(TL_VECTOR_BYTES)));
typedef float vector_at __attribute__((vector_size(TL_VECTOR_BYTES), aligned(sizeof(float)), may_alias));
typedef uint32_t pairs __attribute__((vector_size(TL_VECTOR_BYTES)));
typedef uint32_t pairs_at __attribute__((vector_size(TL_VECTOR_BYTES), aligned(sizeof(uint16_t)), may_alias));

#define INLINE __attribute__((always_inline)) static inline

#ifdef TL_PIECES_BY_PAIRS
#include "kernels/pieces_pairs.h"
#else
#include "kernels/pieces_widened.h"
#endif
enum { LEFT_TILE = SIDE * LEFT_ROW };

/* A strip of the left, prepared, and one of the right, at the beginning of a stretch. */
typedef struct stretch_operands {
    const tl_piece_product *x;
    tl_stretch stretch;
    const left_number *left;
    const uint16_t *right;
} stretch_operands;

/* sums += C, C = 0 */
INLINE void move_sums(int rows, vector c[][VECTORS], float *sums)
{
    TL_UNROLL
    for (int i = 0; i < rows; i++) {
        TL_UNROLL
        for (int v = 0; v < VECTORS; v++) {
            *(vector_at *)(sums + i * SIDE + v * TL_LANES) += c[i][v];
            c[i][v] = (vector){0};
        }
    }
}

/* The rows of a block from `first` on. With three pieces the sum of first ones is moved after each step, which keeps the rounding
 * errors of long sums small. */
INLINE void some_rows(int first, int rows, const stretch_operands *o, const tl_low_products *low, float *sums)
{
    const int pieces = o->x->pieces;
    const int64_t parts = o->stretch.parts, steps = o->stretch.steps;
    vector c[SIDE][VECTORS];
    TL_UNROLL
    for (int i = 0; i < rows; i++) {
        TL_UNROLL
        for (int v = 0; v < VECTORS; v++)
            c[i][v] = (vector){0};
    }
    for (int64_t part = 0; part < parts && low->count > 0; part++) {
        const left_number *left = o->left + part * steps * pieces * LEFT_TILE + first * LEFT_ROW;
        const uint16_t *right = o->right + part * o->x->right_part;
        for (int64_t step = 0; step < steps; step++, left += pieces * LEFT_TILE, right += pieces * TILE)
            for (int p = 0; p < low->count; p++)
                multiply(rows, c, left + low->of[p].left * LEFT_TILE, right + low->of[p].right * TILE);
    }
    for (int64_t part = 0; part < parts; part++) {
        const left_number *left = o->left + part * steps * pieces * LEFT_TILE + first * LEFT_ROW;
        const uint16_t *right = o->right + part * o->x->right_part;
        for (int64_t step = 0; step < steps; step++, left += pieces * LEFT_TILE, right += pieces * TILE) {
            multiply(rows, c, left, right);
            if (pieces == TL_MOST_PIECES)
                move_sums(rows, c, sums + first * SIDE);
        }
    }
    move_sums(rows, c, sums + first * SIDE);
}

/* As many rows of C as fit into the registers. */
static void block(int64_t rows, const stretch_operands *o, const tl_low_products *low, float *sums)
{
    for (int i = 0; i < TL_PIECE_SUMS; i++)
        sums[i] = 0;
#if TL_VECTOR_BYTES == 64
    (void)rows;
    some_rows(0, SIDE, o, low, sums);
#elif TL_VECTOR_BYTES == 32
    some_rows(0, 6, o, low, sums);
    if (rows > 6)
        some_rows(6, 5, o, low, sums);
    if (rows > 11)
        some_rows(11, 5, o, low, sums);
#else
    for (int first = 0; first < SIDE && first < rows; first += 2)
        some_rows(first, 2, o, low, sums);
#endif
}

void K(piece_product)(const tl_piece_product *x)
{
    static const tl_low_products none;
    _Alignas(TL_LINE_BYTES) left_number left[TL_STRETCH_TILES * LEFT_TILE];
    _Alignas(TL_LINE_BYTES) float sums[TL_PIECE_SUMS], first[TL_PIECE_SUMS];
    for (int64_t i = 0; i < x->m; i += SIDE) {
        for (tl_stretch s = tl_stretch_from(x, 0, 0); s.part < x->parts; s = tl_stretch_after(x, &s)) {
            const int64_t from = s.step * x->pieces * TILE, rows = x->m - i;
            const bool add = x->add || s.part > 0 || s.step > 0;
            stretch_operands o = {x, s, left, x->right + s.part * x->right_part + from};
            const uint16_t *strip = x->left + i / SIDE * x->left_strip + s.part * x->left_part + from;
            const int64_t tiles = s.steps * x->pieces;
            for (int64_t part = 0; part < s.parts; part++)
                prepare(tiles, strip + part * x->left_part, left + part * tiles * LEFT_TILE);
            for (int64_t j = 0; j < x->n; j += SIDE, o.right += x->right_strip) {
                block(rows, &o, &tl_low_products_of[x->pieces], sums);
                if (x->pieces > 1 && !tl_sums_are_finite(sums)) {
                    block(rows, &o, &none, first);
                    tl_take_first(sums, first);
                }
                tl_sums_into_c(x, i, j, add, sums);
            }
        }
    }
}
