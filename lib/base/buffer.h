/* Bytes that are put together piece by piece. Memory that lacks is noticed once, at the end: until then nothing more is
 * added. */
#ifndef TL_BASE_BUFFER_H
#define TL_BASE_BUFFER_H

#include "base/context.h"

typedef struct tl_buffer {
    talus_context *context;
    char *bytes; /* length of them; NULL if none were added */
    size_t length, room;
    bool failed; /* there was no memory */
} tl_buffer;

void tl_buffer_add(tl_buffer *buffer, const void *bytes, size_t count);
void tl_buffer_add_text(tl_buffer *buffer, const char *text);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void tl_buffer_print(tl_buffer *buffer, const char *format, ...);

/* TALUS_ERROR_MEMORY if something could not be added; what names it all. */
talus_status tl_buffer_check(const tl_buffer *buffer, const char *what);
void tl_buffer_release(tl_buffer *buffer);

#endif
