/* Products of pieces by matrix units. A block of C of two strips by two stays in the tile registers 0 … 3 for a stretch; 4 and 5
 * hold tiles of the left, 6 and 7 of the right. So each tile that is loaded is multiplied twice. */
#include "base/cache.h"
#include "kernels/pieces_sum.h"
#include "kernels/pieces_tables.h"
#include "kernels/tiles.h"

enum { SIDE = TL_PIECE_SIDE, TILE = TL_PIECE_TILE };
_Static_assert(TILE * sizeof(uint16_t) == TL_TILE_ROWS * TL_TILE_BYTES, "a tile of pieces fills a register");
_Static_assert(TL_PIECE_SUMS * sizeof(float) == TL_TILE_ROWS * TL_TILE_BYTES, "and so do its sums");

/* The strips of a block at the beginning of a stretch; at an edge there is only one. */
typedef struct tile_block {
    const tl_piece_product *x;
    tl_stretch stretch;
    const uint16_t *left, *right;
    bool two_left, two_right;
} tile_block;

static inline void load_left(const tile_block *b, const uint16_t *left)
{
    tile_load(4, left);
    if (b->two_left)
        tile_load(5, left + b->x->left_strip);
}

static inline void load_right(const tile_block *b, const uint16_t *right)
{
    tile_load(6, right);
    if (b->two_right)
        tile_load(7, right + b->x->right_strip);
}

static inline void multiply(const tile_block *b)
{
    tile_multiply(0, 4, 6);
    if (b->two_right)
        tile_multiply(1, 4, 7);
    if (b->two_left)
        tile_multiply(2, 5, 6);
    if (b->two_left && b->two_right)
        tile_multiply(3, 5, 7);
}

/* The products of low pieces of a step. */
static inline void multiply_low(const tile_block *b, const tl_low_products *low, const uint16_t *left,
                                const uint16_t *right)
{
    for (int p = 0; p < low->count; p++) {
        if (p == 0 || low->of[p].left != low->of[p - 1].left)
            load_left(b, left + low->of[p].left * TILE);
        if (p == 0 || low->of[p].right != low->of[p - 1].right)
            load_right(b, right + low->of[p].right * TILE);
        multiply(b);
    }
}

/* All sums of a stretch, in four blocks of 16 × 16. */
static void multiply_stretch(const tile_block *b, const tl_low_products *low, float *sums)
{
    const int64_t parts = b->stretch.parts, steps = b->stretch.steps, step = b->x->pieces * TILE;
    tile_zero(0);
    tile_zero(1);
    tile_zero(2);
    tile_zero(3);
    for (int64_t part = 0; part < parts && low->count > 0; part++) {
        const uint16_t *left = b->left + part * b->x->left_part, *right = b->right + part * b->x->right_part;
        for (int64_t s = 0; s < steps; s++, left += step, right += step)
            multiply_low(b, low, left, right);
    }
    for (int64_t part = 0; part < parts; part++) {
        const uint16_t *left = b->left + part * b->x->left_part, *right = b->right + part * b->x->right_part;
        for (int64_t s = 0; s < steps; s++, left += step, right += step) {
            load_left(b, left);
            load_right(b, right);
            multiply(b);
        }
    }
    tile_store(0, sums);
    tile_store(1, sums + TL_PIECE_SUMS);
    tile_store(2, sums + 2 * TL_PIECE_SUMS);
    tile_store(3, sums + 3 * TL_PIECE_SUMS);
}

/* The block at (i, j) of C. */
static void multiply_block(const tile_block *b, int64_t i, int64_t j)
{
    static const tl_low_products none;
    enum { BLOCKS = 4 };
    _Alignas(TL_LINE_BYTES) float sums[BLOCKS * TL_PIECE_SUMS], first[BLOCKS * TL_PIECE_SUMS];
    const tl_piece_product *x = b->x;
    const bool add = x->add || b->stretch.part > 0 || b->stretch.step > 0;
    bool finite = true;
    multiply_stretch(b, &tl_low_products_of[x->pieces], sums);
    for (int q = 0; q < BLOCKS && x->pieces > 1; q++)
        finite = finite && tl_sums_are_finite(sums + q * TL_PIECE_SUMS);
    if (!finite)
        multiply_stretch(b, &none, first);
    for (int q = 0; q < BLOCKS; q++) {
        if (!finite)
            tl_take_first(sums + q * TL_PIECE_SUMS, first + q * TL_PIECE_SUMS);
        tl_sums_into_c(x, i + q / 2 * SIDE, j + q % 2 * SIDE, add, sums + q * TL_PIECE_SUMS);
    }
}

/* The left strips of a block stay in the first cache while those of the right go by. */
void K(piece_product)(const tl_piece_product *x)
{
    for (int64_t i = 0; i < x->m; i += 2 * SIDE)
        for (tl_stretch s = tl_stretch_from(x, 0, 0); s.part < x->parts; s = tl_stretch_after(x, &s)) {
            const int64_t from = s.step * x->pieces * TILE;
            tile_block b = {.x = x, .stretch = s, .two_left = x->m - i > SIDE};
            b.left = x->left + i / SIDE * x->left_strip + s.part * x->left_part + from;
            b.right = x->right + s.part * x->right_part + from;
            for (int64_t j = 0; j < x->n; j += 2 * SIDE, b.right += 2 * x->right_strip) {
                b.two_right = x->n - j > SIDE;
                multiply_block(&b, i, j);
            }
        }
}

void K(piece_begin)(void)
{
    tile_configure();
}

void K(piece_end)(void)
{
    tile_release();
}
