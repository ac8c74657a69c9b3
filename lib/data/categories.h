/* The categories of a column: different texts, with a number each. */
#ifndef TL_DATA_CATEGORIES_H
#define TL_DATA_CATEGORIES_H

#include "base/buffer.h"

typedef struct tl_categories {
    talus_context *context;
    int64_t count;
    int64_t *starts; /* of their texts, which end with a 0, in `texts` */
    tl_buffer texts;
    int64_t room;   /* of starts */
    int64_t *slots; /* 2·room of them: a number plus 1, where its text belongs or behind; 0: none */
} tl_categories;

const char *tl_category(const tl_categories *categories, int64_t number);

/* The number of a text of `length` bytes with no 0 in it; −1 if it is none of them. */
int64_t tl_category_find(const tl_categories *categories, const char *text, size_t length);

/* Adds a text that is none of them and has no 0 in it; it has the number count − 1 then. TALUS_ERROR_MEMORY. */
talus_status tl_category_add(tl_categories *categories, const char *text, size_t length);

/* Sorts one or more by their bytes and leaves those out for which keep is false; new_numbers[k] becomes the new number of k, or −1.
 * TALUS_ERROR_MEMORY. */
talus_status tl_categories_sort(tl_categories *categories, const bool *keep, int64_t *new_numbers);

void tl_categories_release(tl_categories *categories);

#endif
