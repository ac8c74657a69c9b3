/* Numbers cut into pieces, by integers, so that the loops have no branches. */
#include <string.h>

#include "base/cache.h"
#include "kernels/array.h"
#include "kernels/pieces_tables.h"

enum { SIDE = TL_PIECE_SIDE, INNER = TL_PIECE_INNER, TILE = TL_PIECE_TILE };

#define INLINE __attribute__((always_inline)) static inline

/* Of f32: the bits of infinity; those from which on the nearest bf16 is infinite; those of a bf16, in the upper half; and
 * the first digit of a fraction, which makes a NaN quiet. */
enum { INFINITE = 0x7f800000, ROUNDS_UP = 0x7f7f8000, QUIET = 0x00400000 };
#define HIGH 0xffff0000u

INLINE uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

INLINE float number_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

INLINE int32_t size_of(uint32_t bits)
{
    return (int32_t)(bits & INT32_MAX);
}

/* The nearest bf16, ties to even, in the upper half of what comes; of numbers that are not NaN. */
INLINE uint32_t nearest(uint32_t bits)
{
    return bits + 0x7fff + (bits >> 16 & 1);
}

INLINE uint32_t quiet(uint32_t bits)
{
    return bits | (size_of(bits) > INFINITE ? QUIET : 0);
}

/* What is left of x, exactly; nothing of infinity and NaN. */
INLINE float rest_of(float x, uint32_t piece)
{
    float rest = x - number_of(piece);
    return size_of(piece) >= INFINITE ? 0 : rest;
}

/* The pieces of x, in upper halves. The first of several is cut off where it would become infinite. */
INLINE void cut(int pieces, float x, uint32_t piece[TL_MOST_PIECES])
{
    const uint32_t bits = bits_of(x);
    const int32_t last = pieces == 1 ? INFINITE : ROUNDS_UP - 1; /* that may be rounded */
    piece[0] = (size_of(bits) > last ? quiet(bits) : nearest(bits)) & HIGH;
    float rest = pieces > 1 ? rest_of(x, piece[0]) : 0;
    for (int s = 1; s < pieces; s++) {
        piece[s] = nearest(bits_of(rest)) & HIGH;
        rest -= number_of(piece[s]);
    }
}

/* A row of a left tile. */
INLINE void cut_row(int pieces, const float *restrict x, uint16_t *restrict to)
{
    for (int p = 0; p < INNER; p++) {
        uint32_t piece[TL_MOST_PIECES];
        cut(pieces, x[p], piece);
        for (int s = 0; s < pieces; s++)
            to[s * TILE + p] = (uint16_t)(piece[s] >> 16);
    }
}

/* Two numbers of 16 bits, the first in the lower half. */
typedef uint32_t pair_at __attribute__((aligned(sizeof(uint16_t)), may_alias));

/* Two rows, even and odd, as pairs. */
INLINE void cut_pairs(int pieces, const float *restrict even, const float *restrict odd, pair_at *restrict to)
{
    for (int j = 0; j < SIDE; j++) {
        uint32_t low[TL_MOST_PIECES], high[TL_MOST_PIECES];
        cut(pieces, even[j], low);
        cut(pieces, odd[j], high);
        for (int s = 0; s < pieces; s++)
            to[s * TILE / 2 + j] = low[s] >> 16 | high[s];
    }
}

/* `most` numbers from from[at] on: where they lie, or, where there are only `count` (or less than none), a copy with zeros. */
INLINE const float *padded(int most, const float *from, int64_t at, int64_t count, float *copy)
{
    if (count >= most)
        return from + at;
    for (int i = 0; i < most; i++)
        copy[i] = i < count ? from[at + i] : 0;
    return copy;
}

/* The left tile of row i and inner number p, where rows are contiguous. */
INLINE void left_tile(int pieces, int64_t rows, int64_t inner, const float *from, int64_t ld, int64_t i,
                      int64_t p, uint16_t *to)
{
    float copy[INNER];
    for (int r = 0; r < SIDE; r++)
        cut_row(pieces, padded(INNER, from, (i + r) * ld + p, i + r < rows ? inner - p : 0, copy),
                to + r * INNER);
}

/* The right tile of inner number p and column j. */
INLINE void right_tile(int pieces, int64_t cols, int64_t inner, const float *from, int64_t ld, int64_t j,
                       int64_t p, uint16_t *to)
{
    float even[SIDE], odd[SIDE];
    for (int q = 0; q < INNER; q += 2)
        cut_pairs(pieces, padded(SIDE, from, (p + q) * ld + j, p + q < inner ? cols - j : 0, even),
                  padded(SIDE, from, (p + q + 1) * ld + j, p + q + 1 < inner ? cols - j : 0, odd),
                  (pair_at *)(to + q * SIDE));
}

/* A left tile whose columns are contiguous is a right one that is turned: [pair][row] becomes [row][pair]. */
INLINE void turned_tile(int pieces, int64_t rows, int64_t inner, const float *from, int64_t ld, int64_t i,
                        int64_t p, uint16_t *to)
{
    _Alignas(TL_LINE_BYTES) uint16_t tiles[TL_MOST_PIECES * TILE];
    right_tile(pieces, rows, inner, from, ld, i, p, tiles);
    for (int s = 0; s < pieces; s++)
        K(transpose)(SIDE, SIDE, (const float *)(tiles + s * TILE), SIDE, (float *)(to + s * TILE), SIDE);
}

/* All tiles of an operand, by a function for one, in the order in which what they are made of lies: strip by strip where the
 * inner index runs along rows, else step by step. All but the sizes are constants where this is inlined. */
typedef void tile_cutter(int pieces, int64_t outer, int64_t inner, const float *from, int64_t ld, int64_t i,
                         int64_t p, uint16_t *to);

INLINE void cut_tiles(tile_cutter *cut_tile, bool along, int pieces, int64_t outer, int64_t inner,
                      const float *from, int64_t ld, uint16_t *to, int64_t strip)
{
    const int64_t strips = (outer + SIDE - 1) / SIDE, steps = (inner + INNER - 1) / INNER;
    for (int64_t a = 0; a < (along ? strips : steps); a++)
        for (int64_t b = 0; b < (along ? steps : strips); b++) {
            const int64_t i = along ? a : b, p = along ? b : a;
            cut_tile(pieces, outer, inner, from, ld, i * SIDE, p * INNER, to + i * strip + p * pieces * TILE);
        }
}

INLINE void cut_all(tile_cutter *cut_tile, bool along, int pieces, int64_t outer, int64_t inner,
                    const float *from, int64_t ld, uint16_t *to, int64_t strip)
{
    if (pieces == 1)
        cut_tiles(cut_tile, along, 1, outer, inner, from, ld, to, strip);
    else if (pieces == 2)
        cut_tiles(cut_tile, along, 2, outer, inner, from, ld, to, strip);
    else
        cut_tiles(cut_tile, along, 3, outer, inner, from, ld, to, strip);
}

void K(split_left)(int pieces, int64_t rows, int64_t inner, const float *from, int64_t row_step,
                   int64_t inner_step, uint16_t *to, int64_t strip)
{
    if (inner_step == 1)
        cut_all(left_tile, true, pieces, rows, inner, from, row_step, to, strip);
    else
        cut_all(turned_tile, false, pieces, rows, inner, from, inner_step, to, strip);
}

void K(split_right)(int pieces, int64_t inner, int64_t cols, const float *from, int64_t ld, uint16_t *to,
                    int64_t strip)
{
    cut_all(right_tile, false, pieces, cols, inner, from, ld, to, strip);
}
