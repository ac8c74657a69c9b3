#include "data/categories.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 4

const char *tl_category(const tl_categories *categories, int64_t number)
{
    return categories->texts.bytes + categories->starts[number];
}

/* FNV-1a, 64 bits:  Fowler, Noll and Vo, The FNV non-cryptographic hash algorithm, 1991 */
static uint64_t hash(const char *text, size_t length)
{
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        sum = (sum ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return sum ^ sum >> 32;
}

/* The slot of a text: that which has its number, or the free one where it belongs. */
static int64_t *slot_of(const tl_categories *categories, const char *text, size_t length)
{
    const uint64_t mask = 2 * (uint64_t)categories->room - 1;
    for (uint64_t i = hash(text, length) & mask;; i = (i + 1) & mask) {
        int64_t *slot = &categories->slots[i];
        const char *there = *slot == 0 ? NULL : tl_category(categories, *slot - 1);
        if (there == NULL || (strncmp(there, text, length) == 0 && there[length] == '\0'))
            return slot;
    }
}

int64_t tl_category_find(const tl_categories *categories, const char *text, size_t length)
{
    return categories->count == 0 ? -1 : *slot_of(categories, text, length) - 1;
}

static talus_status fail_without_memory(const tl_categories *categories)
{
    return tl_fail(categories->context, TALUS_ERROR_MEMORY, "there is no memory for %lld categories",
                   (long long)categories->count + 1);
}

/* Gives every category its slot. */
static void fill_slots(tl_categories *categories)
{
    memset(categories->slots, 0, 2 * (size_t)categories->room * sizeof *categories->slots);
    for (int64_t k = 0; k < categories->count; k++) {
        const char *text = tl_category(categories, k);
        *slot_of(categories, text, strlen(text)) = k + 1;
    }
}

static talus_status grow(tl_categories *categories)
{
    int64_t room = categories->room == 0 ? FIRST_ROOM : 2 * categories->room;
    int64_t *starts = tl_allocate(categories->context, (size_t)room * sizeof *starts);
    int64_t *slots = tl_allocate(categories->context, 2 * (size_t)room * sizeof *slots);
    if (starts == NULL || slots == NULL) {
        tl_release(categories->context, starts);
        tl_release(categories->context, slots);
        return fail_without_memory(categories);
    }
    if (categories->count > 0)
        memcpy(starts, categories->starts, (size_t)categories->count * sizeof *starts);
    tl_release(categories->context, categories->starts);
    tl_release(categories->context, categories->slots);
    categories->starts = starts, categories->slots = slots, categories->room = room;
    fill_slots(categories);
    return TALUS_OK;
}

talus_status tl_category_add(tl_categories *categories, const char *text, size_t length)
{
    if (categories->count == categories->room) {
        talus_status status = grow(categories);
        if (status != TALUS_OK)
            return status;
    }
    const int64_t start = (int64_t)categories->texts.length;
    categories->texts.context = categories->context;
    tl_buffer_add(&categories->texts, text, length);
    tl_buffer_add(&categories->texts, "", 1);
    if (categories->texts.failed)
        return fail_without_memory(categories);
    *slot_of(categories, text, length) = categories->count + 1;
    categories->starts[categories->count++] = start;
    return TALUS_OK;
}

typedef struct sorted_text {
    const char *text;
    int64_t number;
} sorted_text;

static int by_bytes(const void *a, const void *b)
{
    return strcmp(((const sorted_text *)a)->text, ((const sorted_text *)b)->text);
}

talus_status tl_categories_sort(tl_categories *categories, const bool *keep, int64_t *new_numbers)
{
    int64_t kept = 0;
    sorted_text *sorted = tl_allocate(categories->context, (size_t)categories->count * sizeof *sorted);
    if (sorted == NULL)
        return fail_without_memory(categories);
    for (int64_t k = 0; k < categories->count; k++) {
        new_numbers[k] = -1;
        if (keep[k])
            sorted[kept++] = (sorted_text){tl_category(categories, k), k};
    }
    qsort(sorted, (size_t)kept, sizeof *sorted, by_bytes);
    for (int64_t k = 0; k < kept; k++) {
        new_numbers[sorted[k].number] = k;
        categories->starts[k] = sorted[k].text - categories->texts.bytes;
    }
    categories->count = kept;
    fill_slots(categories);
    tl_release(categories->context, sorted);
    return TALUS_OK;
}

void tl_categories_release(tl_categories *categories)
{
    tl_release(categories->context, categories->starts);
    tl_release(categories->context, categories->slots);
    tl_buffer_release(&categories->texts);
    *categories = (tl_categories){.context = categories->context};
}
