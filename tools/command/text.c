#include "text.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_bytes(text_buffer *to, const char *bytes, size_t count)
{
    if (to->length + 1 < to->capacity) {
        size_t room = to->capacity - to->length - 1, fits = count < room ? count : room;
        memcpy(to->text + to->length, bytes, fits);
        to->text[to->length + fits] = '\0';
    }
    to->length += count;
}

void put_text(text_buffer *to, const char *text)
{
    put_bytes(to, text, strlen(text));
}

void put_format(text_buffer *to, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put_text(to, text);
}

void put_json_string(text_buffer *to, const char *text)
{
    put_text(to, "\"");
    for (; *text != '\0'; text++)
        if (*text == '"' || *text == '\\')
            put_format(to, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            put_format(to, "\\u%04x", (unsigned)*text);
        else
            put_bytes(to, text, 1);
    put_text(to, "\"");
}

void put_json_number(text_buffer *to, double number)
{
    if (isfinite(number))
        put_format(to, "%.10g", number);
    else
        put_text(to, "null");
}

char *read_whole_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t length = 0, room = 0, got = 1;
    if (file == NULL) {
        fprintf(stderr, "talus: \"%s\" cannot be opened: %s\n", path, strerror(errno));
        return NULL;
    }
    while (got > 0) {
        if (length + 1 >= room) {
            char *larger = realloc(text, room = 2 * room + 4096);
            if (larger == NULL)
                break;
            text = larger;
        }
        got = fread(text + length, 1, room - length - 1, file);
        length += got;
    }
    int failed = ferror(file) || got > 0;
    fclose(file);
    if (failed) {
        fprintf(stderr, "talus: \"%s\" cannot be read\n", path);
        free(text);
        return NULL;
    }
    text[length] = '\0';
    return text;
}
