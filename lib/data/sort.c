#include "data/sort.h"

tl_keyed *tl_allocate_keyed(talus_context *context, int64_t count)
{
    int64_t bytes;
    tl_keyed *items = NULL;
    if (tl_multiply(count, 2 * (int64_t)sizeof *items, &bytes))
        items = tl_allocate(context, (size_t)bytes);
    if (items == NULL)
        (void)tl_fail(context, TALUS_ERROR_MEMORY, "there is no memory for sorting %lld numbers",
                      (long long)count);
    return items;
}

/* By one byte of the key after the other, the least first. */
void tl_sort_by_key(tl_keyed *items, int64_t count)
{
    tl_keyed *from = items, *to = items + count;
    for (int shift = 0; shift < 64; shift += 8) { /* eight times, so that they end where they began */
        int64_t place[256] = {0}, before = 0;
        for (int64_t i = 0; i < count; i++)
            place[from[i].key >> shift & 255]++;
        for (int byte = 0; byte < 256; byte++) {
            int64_t here = place[byte];
            place[byte] = before;
            before += here;
        }
        for (int64_t i = 0; i < count; i++)
            to[place[from[i].key >> shift & 255]++] = from[i];
        tl_keyed *sorted = to;
        to = from;
        from = sorted;
    }
}

int64_t tl_run_end(const tl_keyed *items, int64_t count, int64_t start)
{
    int64_t end = start + 1;
    while (end < count && items[end].key == items[start].key)
        end++;
    return end;
}
