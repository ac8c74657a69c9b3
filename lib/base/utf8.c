#include "base/utf8.h"

/* The least character that needs so many bytes. */
static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

size_t tl_utf8_length(const char *text, size_t count)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (count == 0)
        return 0;
    if (bytes[0] < 0x80)
        return 1;
    size_t length = bytes[0] >= 0xF0 ? 4 : bytes[0] >= 0xE0 ? 3 : 2;
    if (bytes[0] < 0xC0 || bytes[0] > 0xF7 || count < length)
        return 0;
    uint32_t character = bytes[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
        character = character << 6 | (bytes[i] & 0x3F);
    }
    bool half = character >= 0xD800 && character < 0xE000;
    return character < least[length] || character > 0x10FFFF || half ? 0 : length;
}

bool tl_utf8_is_text(const char *text, size_t count)
{
    for (size_t length; count > 0; text += length, count -= length) {
        length = tl_utf8_length(text, count);
        if (length == 0 || *text == '\0')
            return false;
    }
    return true;
}

size_t tl_utf8_encode(uint32_t character, char bytes[TL_UTF8_BYTES])
{
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t length = 1;
    while (length < 4 && character >= least[length + 1])
        length++;
    if (length == 1) {
        bytes[0] = (char)character;
        return 1;
    }
    for (size_t i = length - 1; i > 0; i--, character >>= 6)
        bytes[i] = (char)(0x80 | (character & 0x3F));
    bytes[0] = (char)(first[length] | character);
    return length;
}
