/* The names of an enumeration's values. There is one table an enumeration, beside what else is known of its values. */
#ifndef TL_BASE_NAMES_H
#define TL_BASE_NAMES_H

#include <talus/enumeration.h>

typedef struct tl_names {
    int enumeration;              /* a talus_enumeration */
    int end;                      /* the values are 0 … end−1 */
    const char *(*of)(int value); /* the name of one of these; NULL for a number that is no value */
} tl_names;

/* The name of a value; "unknown". */
const char *tl_name(const tl_names *names, int value);

/* The value that has a name; −1. */
int tl_value(const tl_names *names, const char *name);

extern const tl_names tl_dtype_names, tl_instruction_set_names, tl_outcome_names, tl_status_names;

#endif
