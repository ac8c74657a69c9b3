/* A sum of 64 bits over bytes, however they are cut: it notices what happened to a file, not who meant it to. A changed bit
 * changes it. */
#ifndef TL_BASE_SUM_H
#define TL_BASE_SUM_H

#include <stddef.h>
#include <stdint.h>

#define TL_SUM_WORDS 4

typedef struct tl_sum {
    uint64_t lanes[TL_SUM_WORDS];
    uint64_t words[TL_SUM_WORDS]; /* the last bytes, until there are enough */
    uint64_t length;
} tl_sum;

tl_sum tl_sum_begin(void);
void tl_sum_add(tl_sum *sum, const void *bytes, size_t count);
uint64_t tl_sum_value(const tl_sum *sum); /* of the bytes so far; more may be added */

#endif
