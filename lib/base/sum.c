#include "base/sum.h"

#include <string.h>

/* Four sums side by side, each of every fourth word w:  h ← (h ⊕ w)·p,  p odd, so that different words make different h.
 * Fowler, Noll and Vo, http://www.isthe.com/chongo/tech/comp/fnv/ (FNV-1a, 64 bits), of words instead of bytes. */
static const uint64_t prime = UINT64_C(0x100000001b3);

enum { BLOCK = TL_SUM_WORDS * sizeof(uint64_t) };

tl_sum tl_sum_begin(void)
{
    return (tl_sum){.lanes = {0, 1, 2, 3}};
}

static void add_blocks(uint64_t lanes[TL_SUM_WORDS], const char *bytes, size_t blocks)
{
    for (size_t k = 0; k < blocks; k++) {
        uint64_t words[TL_SUM_WORDS];
        memcpy(words, bytes + k * BLOCK, BLOCK);
        for (int i = 0; i < TL_SUM_WORDS; i++)
            lanes[i] = (lanes[i] ^ words[i]) * prime;
    }
}

void tl_sum_add(tl_sum *sum, const void *bytes, size_t count)
{
    const char *from = bytes;
    const size_t waiting = (size_t)(sum->length % BLOCK);
    if (count == 0)
        return; /* bytes may be NULL */
    sum->length += count;
    if (waiting > 0) {
        const size_t now = count < BLOCK - waiting ? count : BLOCK - waiting;
        memcpy((char *)sum->words + waiting, from, now);
        if (waiting + now < BLOCK)
            return;
        add_blocks(sum->lanes, (const char *)sum->words, 1);
        from += now, count -= now;
    }
    add_blocks(sum->lanes, from, count / BLOCK);
    memcpy(sum->words, from + count / BLOCK * BLOCK, count % BLOCK);
}

uint64_t tl_sum_value(const tl_sum *sum)
{
    tl_sum end = *sum;
    const size_t waiting = (size_t)(end.length % BLOCK);
    memset((char *)end.words + waiting, 0, BLOCK - waiting);
    add_blocks(end.lanes, (const char *)end.words, 1);
    uint64_t value = end.length * prime;
    for (int i = 0; i < TL_SUM_WORDS; i++)
        value = (value ^ end.lanes[i]) * prime;
    return value;
}
