/* Texts that the command puts together. */
#ifndef TALUS_COMMAND_TEXT_H
#define TALUS_COMMAND_TEXT_H

#include <stddef.h>

/* Takes as much as fits, with a 0 at the end; length counts all of it. */
typedef struct text_buffer {
    char *text;
    size_t capacity, length;
} text_buffer;

void put_text(text_buffer *to, const char *text);
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void put_format(text_buffer *to, const char *format, ...);
void put_json_string(text_buffer *to, const char *text);
void put_json_number(text_buffer *to, double number); /* null if it is not finite */

/* All bytes of a file with a 0 at the end, free it; NULL after a message. */
char *read_whole_file(const char *path);

#endif
