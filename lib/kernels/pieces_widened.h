/* How pieces_product_tmpl.c multiplies two tiles: by multiply-adds of f32. Pieces are the upper halves of f32 numbers, so that a
 * shift or a mask widens them: those of the right while they are loaded, those of the left once for all strips of the right. */
typedef float left_number;
enum { LEFT_ROW = INNER }; /* of them in a row of a tile */

static void prepare(int64_t tiles, const uint16_t *left, left_number *to)
{
    for (int64_t i = 0; i < tiles * TILE; i++) {
        uint32_t bits = (uint32_t)left[i] << 16;
        memcpy(to + i, &bits, sizeof bits);
    }
}

/* C += A·B for half of the inner numbers, the even or the odd ones. */
INLINE void multiply_half(int rows, int odd, vector c[][VECTORS], const left_number *left,
                          const uint16_t *right)
{
    for (int pair = 0; pair < INNER / 2; pair++) {
        vector row[VECTORS];
        TL_UNROLL
        for (int v = 0; v < VECTORS; v++) {
            pairs both = *(const pairs_at *)(right + 2 * (pair * SIDE + v * TL_LANES));
            row[v] = (vector)(odd ? both & 0xffff0000u : both << 16);
        }
        TL_UNROLL
        for (int i = 0; i < rows; i++) {
            const float factor = left[i * LEFT_ROW + 2 * pair + odd];
            TL_UNROLL
            for (int v = 0; v < VECTORS; v++)
                c[i][v] += factor * row[v];
        }
    }
}

INLINE void multiply(int rows, vector c[][VECTORS], const left_number *left, const uint16_t *right)
{
    multiply_half(rows, 0, c, left, right);
    multiply_half(rows, 1, c, left, right);
}
