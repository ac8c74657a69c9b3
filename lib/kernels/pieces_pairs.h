/* How pieces_product_tmpl.c multiplies two tiles where an instruction multiplies pairs of bf16 and adds both products to an f32
 * number (AVX512_BF16). Tests define TL_EMULATED_PAIRS and link a function that does in plain C what it does. */
typedef uint32_t left_number; /* a pair */
enum { LEFT_ROW = INNER / 2 };

static void prepare(int64_t tiles, const uint16_t *left, left_number *to)
{
    memcpy(to, left, (size_t)(tiles * TILE) * sizeof *left);
}

#ifdef TL_EMULATED_PAIRS
void add_pair(int lanes, float *c, uint32_t left, const uint32_t *right);

INLINE vector with_pairs(vector c, uint32_t left, pairs right)
{
    add_pair(TL_LANES, (float *)&c, left, (const uint32_t *)&right);
    return c;
}
#else
#include <immintrin.h>

INLINE vector with_pairs(vector c, uint32_t left, pairs right)
{
    return (vector)_mm512_dpbf16_ps((__m512)c, (__m512bh)_mm512_set1_epi32((int)left), (__m512bh)right);
}
#endif

/* C += A·B */
INLINE void multiply(int rows, vector c[][VECTORS], const left_number *left, const uint16_t *right)
{
    for (int pair = 0; pair < INNER / 2; pair++) {
        TL_UNROLL
        for (int v = 0; v < VECTORS; v++) {
            const pairs row = *(const pairs_at *)(right + 2 * (pair * SIDE + v * TL_LANES));
            TL_UNROLL
            for (int i = 0; i < rows; i++)
                c[i][v] = with_pairs(c[i][v], left[i * LEFT_ROW + pair], row);
        }
    }
}
