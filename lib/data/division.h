/* Parts that a data set is divided into: which samples of a random order each of them gets. */
#ifndef TL_DATA_DIVISION_H
#define TL_DATA_DIVISION_H

#include "data/dataset.h"
#include "data/sort.h"

typedef struct tl_division {
    const talus_dataset *whole;
    talus_dataset *order; /* all samples, shuffled */
    uint8_t *part;        /* the number of the part that a sample of the order goes to */
} tl_division;

enum { TL_MOST_PARTS = 100 };

/* Checks the places of two results that a call sets: not NULL, not the same. names: as in its declaration. */
talus_status tl_check_places(const talus_dataset *whole, const char *call, const char *const names[2],
                             talus_dataset *const *first, talus_dataset *const *second);

/* Checks that stratified is 0, or 1 and the targets are labels. */
talus_status tl_check_stratified(const talus_dataset *whole, const char *call, int stratified);

/* Draws the order; all samples are in part 0. It must be ended, also after an error. */
talus_status tl_division_begin(const talus_dataset *whole, uint64_t seed, tl_division *division);

/* The samples of the order, sorted by label; each class stays in the order. NULL with a message if there is no memory. */
tl_keyed *tl_division_by_label(const tl_division *division);

/* Makes parts 0 … count−1, each in the order, if `status` is TALUS_OK. parts is set on success only. Returns the status, or that
 * of what failed. */
talus_status tl_division_end(tl_division *division, talus_status status, talus_dataset **parts, int count);

#endif
