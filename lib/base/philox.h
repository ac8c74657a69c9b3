/* Philox4x32-10, a counter-based generator of random numbers: block i of a stream is a function of the key and
 * i alone, so a number does not depend on who draws it, or when.
 * Source: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC11, 2011. */
#ifndef TL_BASE_PHILOX_H
#define TL_BASE_PHILOX_H

#include <stdint.h>

typedef struct tl_philox_block {
    uint32_t word[4];
} tl_philox_block;

/* The block of a counter (four words, least significant first) under a key (two words). */
tl_philox_block tl_philox(const uint32_t counter[4], const uint32_t key[2]);

#define TL_PHILOX_MULTIPLIER_0 0xD2511F53u
#define TL_PHILOX_MULTIPLIER_1 0xCD9E8D57u
#define TL_PHILOX_WEYL_0       0x9E3779B9u
#define TL_PHILOX_WEYL_1       0xBB67AE85u

/* What numbers are drawn for. A stream is (seed, purpose, item): item is a layer, an epoch, or 0. */
typedef enum tl_purpose {
    TL_PURPOSE_WEIGHTS = 1,
    TL_PURPOSE_SHUFFLE = 2,
    TL_PURPOSE_PARTS = 3,
    TL_PURPOSE_CHECK = 4,
    TL_PURPOSE_DROPOUT = 5,
    TL_PURPOSE_NOISE = 6,
    TL_PURPOSE_WINDOWS = 7,
    TL_PURPOSE_DIRECTION = 8
} tl_purpose;

/* Block `index` of a stream, as two 64-bit numbers. */
typedef struct tl_random_pair {
    uint64_t first, second;
} tl_random_pair;
tl_random_pair tl_random(uint64_t seed, tl_purpose purpose, uint32_t item, uint64_t index);

/* A number in (0, 1) from 64 random bits: the middle of one of 2⁵² equal cells. */
double tl_unit(uint64_t bits);

/* Two independent normal numbers of mean 0 and variance 1: √(−2·log u)·(cos 2πv, sin 2πv) of the two uniform u and v.
 * Source: Box and Muller, A note on the generation of random normal deviates, Ann. Math. Stat. 29(2), 1958. */
void tl_normal_pair(tl_random_pair bits, double pair[2]);

/* Puts count items into a random order, which follows from the stream alone.
 * Source: Fisher and Yates, Statistical tables, 1938; Durstenfeld, Algorithm 235: Random permutation,
 * CACM 7(7), 1964. */
void tl_shuffle(uint64_t seed, tl_purpose purpose, uint32_t item, int64_t count, int64_t *items);

#endif
