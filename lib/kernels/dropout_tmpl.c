#include "kernels/dropout.h"

#include <assert.h>
#include <stddef.h>

#include "base/philox.h"
#include "kernels/block.h"
#include "kernels/sum.h"
#include "kernels/wide.h"

/* The units whose elements of one sample come from one block: it has eight numbers of 16 bits. */
enum { GROUP = 8 };

typedef struct blocks {
    uint32_t word[4][TL_TILE_COLS + TL_WORDS];
} blocks;

/* tl_philox of the counters (sample + j, group, 0, 0) */
static void draw(blocks *b, int64_t cols, uint32_t sample, uint32_t group, const uint32_t key[2])
{
    tl_words lanes;
    for (int lane = 0; lane < TL_WORDS; lane++)
        lanes[lane] = (uint32_t)lane;
    for (int64_t j = 0; j < cols; j += TL_WORDS) {
        tl_words x[4] = {lanes + (sample + (uint32_t)j), (tl_words){0} + group, {0}, {0}};
        TL_UNROLL
        for (uint32_t round = 0; round < 10; round++) {
            tl_wide_product first = multiply_words(x[0], TL_PHILOX_MULTIPLIER_0);
            tl_wide_product second = multiply_words(x[2], TL_PHILOX_MULTIPLIER_1);
            x[0] = second.high ^ x[1] ^ (key[0] + round * TL_PHILOX_WEYL_0);
            x[1] = second.low;
            x[2] = first.high ^ x[3] ^ (key[1] + round * TL_PHILOX_WEYL_1);
            x[3] = first.low;
        }
        for (int word = 0; word < 4; word++)
            *(tl_words_at *)(b->word[word] + j) = x[word];
    }
}

/* A row of A, and of the slopes, whose random numbers are the 16 bits from `shift` on of these words. */
static inline void drop_row(const TL(tl_dropout_args) * x, const uint32_t *restrict word, int shift,
                            real *restrict a, real *restrict slope)
{
    const int32_t threshold = (int32_t)x->threshold;
    const real scale = x->scale;
    for (int64_t j = 0; j < x->cols; j++) {
        bool dropped = (int32_t)(word[j] >> shift & 0xFFFF) < threshold;
        a[j] = dropped ? 0 : a[j] * scale;
        if (slope != NULL)
            slope[j] = dropped ? 0 : slope[j] * scale;
    }
}

void K(drop)(const TL(tl_dropout_args) * x)
{
    blocks b;
    square_sums squares = {.rest = 0};
    assert(x->cols <= TL_TILE_COLS);
    for (int64_t i = 0; i < x->rows; i++) {
        int64_t unit = x->unit + i;
        if (i == 0 || unit % GROUP == 0)
            draw(&b, x->cols, (uint32_t)x->sample, (uint32_t)(unit / GROUP), x->key);
        real *a = x->a + i * x->ld;
        const uint32_t *word = b.word[unit % GROUP / 2];
        int shift = unit % 2 == 0 ? 0 : 16;
        if (x->slope == NULL)
            drop_row(x, word, shift, a, NULL);
        else
            drop_row(x, word, shift, a, x->slope + i * x->ld);
        add_squares(&squares, x->cols, a);
    }
    *x->squares += total_of(&squares);
}
