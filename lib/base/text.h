/* Numbers as text, the same in every locale. */
#ifndef TL_BASE_TEXT_H
#define TL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TL_NUMBER_BYTES 32

/* As few digits as read back to the same double: "0.1", "1e-8", "128", "nan". Returns the length of the text. */
size_t tl_text_of_double(double value, char text[TL_NUMBER_BYTES]);

/* The same that read back to the same float. */
size_t tl_text_of_float(float value, char text[TL_NUMBER_BYTES]);

/* The number that the whole text is; false if it is none. Doubles may be "nan", "inf" or too large for a double, which
 * gives an infinity; integers must fit. */
bool tl_text_to_double(const char *text, double *value);
bool tl_text_to_integer(const char *text, int64_t *value);

#endif
