/* UTF-8 (RFC 3629). */
#ifndef TL_BASE_UTF8_H
#define TL_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TL_UTF8_BYTES 4 /* of a character at most */

/* The bytes of the character at the front of a text; 0 if it is not UTF-8: broken off, overlong, half of a pair, or above
 * U+10FFFF. */
size_t tl_utf8_length(const char *text, size_t count);

/* Whether a text is UTF-8 with no 0 in it. */
bool tl_utf8_is_text(const char *text, size_t count);

/* Writes a character, which must be one, and returns its bytes. */
size_t tl_utf8_encode(uint32_t character, char bytes[TL_UTF8_BYTES]);

#endif
