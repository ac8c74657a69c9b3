#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_ROOM 256

/* Makes room for `count` more bytes; false if there is no memory. */
static bool make_room(tl_buffer *buffer, size_t count)
{
    size_t room = buffer->room == 0 ? FIRST_ROOM : buffer->room;
    while (room - buffer->length < count && room <= SIZE_MAX / 4)
        room *= 2;
    if (room == buffer->room)
        return true;
    char *larger = room - buffer->length < count ? NULL : tl_allocate(buffer->context, room);
    if (larger == NULL)
        return false;
    if (buffer->length > 0)
        memcpy(larger, buffer->bytes, buffer->length);
    tl_release(buffer->context, buffer->bytes);
    buffer->bytes = larger, buffer->room = room;
    return true;
}

void tl_buffer_add(tl_buffer *buffer, const void *bytes, size_t count)
{
    if (buffer->failed || count == 0)
        return;
    buffer->failed = !make_room(buffer, count);
    if (buffer->failed)
        return;
    memcpy(buffer->bytes + buffer->length, bytes, count);
    buffer->length += count;
}

void tl_buffer_add_text(tl_buffer *buffer, const char *text)
{
    tl_buffer_add(buffer, text, strlen(text));
}

void tl_buffer_print(tl_buffer *buffer, const char *format, ...)
{
    char text[TL_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tl_buffer_add(buffer, text, length < (int)sizeof text ? (size_t)length : sizeof text - 1);
}

talus_status tl_buffer_check(const tl_buffer *buffer, const char *what)
{
    if (!buffer->failed)
        return TALUS_OK;
    return tl_fail(buffer->context, TALUS_ERROR_MEMORY, "there is no memory for %s", what);
}

void tl_buffer_release(tl_buffer *buffer)
{
    tl_release(buffer->context, buffer->bytes);
    *buffer = (tl_buffer){.context = buffer->context};
}
