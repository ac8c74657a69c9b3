#include "base/json_text.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"

static void put_comma(tl_buffer *text)
{
    if (text->length > 0 && strchr("{[:", text->bytes[text->length - 1]) == NULL)
        tl_buffer_add_text(text, ",");
}

void tl_json_put_open(tl_buffer *text, char bracket)
{
    put_comma(text);
    tl_buffer_add(text, &bracket, 1);
}

void tl_json_put_close(tl_buffer *text, char bracket)
{
    tl_buffer_add(text, &bracket, 1);
}

void tl_json_put_key(tl_buffer *text, const char *key)
{
    tl_json_put_string(text, key);
    tl_buffer_add_text(text, ":");
}

static void put_character(tl_buffer *text, const char *from, size_t length)
{
    if (length == 0)
        tl_buffer_add_text(text, "\xEF\xBF\xBD");
    else if (*from == '"' || *from == '\\')
        tl_buffer_print(text, "\\%c", *from);
    else if ((unsigned char)*from < 0x20 || *from == 0x7F)
        tl_buffer_print(text, "\\u%04x", (unsigned)*from);
    else
        tl_buffer_add(text, from, length);
}

void tl_json_put_string(tl_buffer *text, const char *value)
{
    put_comma(text);
    tl_buffer_add_text(text, "\"");
    for (size_t left = strlen(value), length; left > 0; value += length, left -= length) {
        length = tl_utf8_length(value, left);
        put_character(text, value, length);
        length += length == 0;
    }
    tl_buffer_add_text(text, "\"");
}

static void put_word(tl_buffer *text, const char *word)
{
    put_comma(text);
    tl_buffer_add_text(text, word);
}

void tl_json_put_number(tl_buffer *text, double value)
{
    char number[TL_NUMBER_BYTES];
    tl_text_of_double(value, number);
    put_word(text, isnan(value) ? "null" : isinf(value) ? (value > 0 ? "1e999" : "-1e999") : number);
}

void tl_json_put_integer(tl_buffer *text, int64_t value)
{
    put_comma(text);
    tl_buffer_print(text, "%lld", (long long)value);
}

void tl_json_put_flag(tl_buffer *text, bool value)
{
    put_word(text, value ? "true" : "false");
}

void tl_json_put_null(tl_buffer *text)
{
    put_word(text, "null");
}
