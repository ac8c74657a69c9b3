/* Products of 32-bit numbers in vectors, with all 64 bits of them. */
#ifndef TL_KERNELS_WIDE_H
#define TL_KERNELS_WIDE_H

#include <stdint.h>

#include "kernels/variant.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

typedef uint32_t tl_words __attribute__((vector_size(TL_VECTOR_BYTES)));
typedef uint32_t tl_words_at __attribute__((vector_size(TL_VECTOR_BYTES), aligned(4), may_alias));
typedef uint64_t tl_wides __attribute__((vector_size(TL_VECTOR_BYTES)));
#define TL_WORDS ((int)(TL_VECTOR_BYTES / sizeof(uint32_t)))

/* The products of the lower halves of 64-bit lanes. Written as (x & mask)·(y & mask), gcc takes eight instructions for what
 * is one: a mask of dropout takes twice as long. */
static inline tl_wides multiply_halves(tl_wides x, tl_wides y)
{
#if defined __SSE2__ && TL_VECTOR_BYTES == 64
    return (tl_wides)_mm512_mul_epu32((__m512i)x, (__m512i)y);
#elif defined __SSE2__ && TL_VECTOR_BYTES == 32
    return (tl_wides)_mm256_mul_epu32((__m256i)x, (__m256i)y);
#elif defined __SSE2__
    return (tl_wides)_mm_mul_epu32((__m128i)x, (__m128i)y);
#else
    const tl_wides mask = (tl_wides){0} + 0xFFFFFFFFu;
    return (x & mask) * (y & mask);
#endif
}

/* The upper and lower 32 bits of the products with one factor. */
typedef struct tl_wide_product {
    tl_words high, low;
} tl_wide_product;

static inline tl_wide_product multiply_words(tl_words x, uint32_t factor)
{
    const tl_wides factors = (tl_wides)((tl_words){0} + factor), lower = (tl_wides){0} + 0xFFFFFFFFu;
    tl_wides even = multiply_halves((tl_wides)x, factors), odd = multiply_halves((tl_wides)x >> 32, factors);
    return (tl_wide_product){(tl_words)(even >> 32 | (odd & ~lower)), (tl_words)((even & lower) | odd << 32)};
}

#endif
