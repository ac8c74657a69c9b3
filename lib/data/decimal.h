/* Decimal numbers as tables hold them. */
#ifndef TL_DATA_DECIMAL_H
#define TL_DATA_DECIMAL_H

#include <stdbool.h>

/* Reads the number that the whole text is, the nearest double, the same in every locale: digits with or without a sign, a
 * point and an exponent; or inf or infinity in letters of any size, as a number too large for a double is. False if it is
 * none. The byte at end can be written to, and is as it was afterwards. */
bool tl_decimal_read(const char *text, char *end, double *value);

#endif
