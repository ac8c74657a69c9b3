/* Items in the order of their keys. */
#ifndef TL_DATA_SORT_H
#define TL_DATA_SORT_H

#include "base/context.h"

/* An item and what it is sorted by. */
typedef struct tl_keyed {
    uint64_t key;
    int64_t item;
} tl_keyed;

/* count items and the room that sorting them takes; NULL with a message if there is no memory. */
tl_keyed *tl_allocate_keyed(talus_context *context, int64_t count);

/* Radix sort. Equal keys keep their order. */
void tl_sort_by_key(tl_keyed *items, int64_t count);

/* The end of the run of equal keys that begins at start. */
int64_t tl_run_end(const tl_keyed *items, int64_t count, int64_t start);

#endif
