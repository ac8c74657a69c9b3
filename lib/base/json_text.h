/* JSON put together in a buffer. Commas come of themselves: a value or a key that follows another is parted from it. */
#ifndef TL_BASE_JSON_TEXT_H
#define TL_BASE_JSON_TEXT_H

#include "base/buffer.h"

void tl_json_put_open(tl_buffer *text, char bracket);
void tl_json_put_close(tl_buffer *text, char bracket);
void tl_json_put_key(tl_buffer *text, const char *key);

/* A string must be UTF-8: what is not becomes U+FFFD. */
void tl_json_put_string(tl_buffer *text, const char *value);

/* With as few digits as give back the same double. NaN becomes null, and infinities become ±1e999, which reads as
 * infinite. */
void tl_json_put_number(tl_buffer *text, double value);
void tl_json_put_integer(tl_buffer *text, int64_t value);
void tl_json_put_flag(tl_buffer *text, bool value);
void tl_json_put_null(tl_buffer *text);

#endif
